"""`regtune best`: the winning setting of a study."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from regtune.cli.options import AsJson, StudyId, Url
from regtune.cli.output import number, print_json, setting_rows, show, table

NAME = "best"


def command(
    study: StudyId,
    url: Url = None,
    as_format: Annotated[
        Literal["json", "yaml", "python"] | None, typer.Option("--format", help="Print it as the server writes it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the best setting of a study."""
    from regtune.client import Client

    if as_json and as_format not in (None, "json"):
        raise typer.BadParameter(f"--json and --format {as_format} ask for two things")
    with Client(url) as client:
        if as_format is not None:
            print(client.best_text(study, as_format).rstrip())
            return
        found = client.best(study)
    if as_json:
        print_json(found)
        return
    show(f"trial {found['number']}: {number(found['value'])}")
    show(table(("setting", ""), setting_rows(found["setting"])))
