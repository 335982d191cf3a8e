"""`regtune stop`: end a study before its budget does."""

from __future__ import annotations

from typing import Annotated

import typer

from regtune.cli.options import AsJson, StudyId, Url
from regtune.cli.output import print_json
from regtune.cli.summary import print_summary

NAME = "stop"


def command(
    study: StudyId,
    url: Url = None,
    now: Annotated[bool, typer.Option("--now", help="Cancel running trials instead of letting them end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Stop a study; what it has found stays."""
    from regtune.client import Client

    with Client(url) as client:
        stopped = client.stop(study, "now" if now else "drain")
    if as_json:
        print_json(stopped)
    else:
        print_summary(stopped)
