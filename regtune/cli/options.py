"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def named(study: str | None) -> str | None:
    """The id, which is not empty: a shell's variable that was never set is."""
    if study is not None and not study.strip():
        raise typer.BadParameter("the id is empty")
    return study


StudyId = Annotated[str, typer.Argument(help="Id of a study.", show_default=False, callback=named)]
StudyFile = Annotated[
    Path, typer.Argument(help="Study file, YAML or JSON.", exists=True, dir_okay=False, show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output, and nothing else there.")]
Url = Annotated[str | None, typer.Option("--url", help="The server (default: REGTUNE_URL, or http://127.0.0.1:8000).")]
TimeoutSeconds = Annotated[
    float | None, typer.Option("--timeout", min=0.0, help="Stop waiting after so many seconds; the study goes on.")
]
