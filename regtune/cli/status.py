"""`regtune status`: one study, or all of them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from regtune.cli.options import AsJson, Url, named
from regtune.cli.output import number, print_json, show, table
from regtune.cli.summary import print_summary

NAME = "status"


def command(
    study: Annotated[str | None, typer.Argument(help="Id of a study; left out: all studies.", callback=named)] = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Show how a study stands, or list all studies."""
    from regtune.client import Client

    with Client(url) as client:
        found: Any = list(client.studies()) if study is None else client.study(study)
    if as_json:
        print_json(found)
    elif study is None:
        _list(found)
    else:
        print_summary(found)


def _list(studies: list[dict[str, Any]]) -> None:
    if not studies:
        show("There are no studies yet: regtune submit FILE starts one.")
        return
    rows = [
        (study["id"], study["state"], number((study["best"] or {}).get("value")), study["created_at"], study["name"])
        for study in studies
    ]
    show(table(("id", "state", "best", "created", "name"), rows))
