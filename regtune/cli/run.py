"""`regtune run`: submit a study, follow it to its end, print what came out."""

from __future__ import annotations

import typer

from regtune.cli.exits import FAILED, INTERRUPTED
from regtune.cli.following import follow
from regtune.cli.options import AsJson, StudyFile, TimeoutSeconds, Url
from regtune.cli.output import note, print_json
from regtune.cli.submit import submitted
from regtune.cli.summary import print_summary

NAME = "run"


def command(file: StudyFile, url: Url = None, timeout: TimeoutSeconds = None, as_json: AsJson = False) -> None:
    """Submit a study file, follow it, print its result.

    Interrupting ends the following, not the study.
    """
    from regtune.client import Client

    with Client(url) as client:
        study = submitted(client, file)
        note(f"study {study['id']} at {client.url}/api/v1/studies/{study['id']}")
        try:
            study = follow(client.follow(study["id"], timeout))
        except KeyboardInterrupt:
            note(f"The study goes on: regtune status {study['id']} shows it, regtune stop {study['id']} ends it.")
            raise typer.Exit(INTERRUPTED) from None
    if as_json:
        print_json(study)
    else:
        print_summary(study)
    if study["state"] == "failed" or study["best"] is None:
        note(f"The study has no result to use: regtune trials {study['id']} shows how its trials ended.")
        raise typer.Exit(FAILED)
