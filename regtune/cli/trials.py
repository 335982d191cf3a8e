"""`regtune trials`: the trials of a study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regtune.cli.options import AsJson, StudyId, Url
from regtune.cli.output import number, print_json, show, table, value_text

NAME = "trials"


def command(study: StudyId, url: Url = None, as_json: AsJson = False) -> None:
    """List the trials of a study."""
    from regtune.client import Client

    with Client(url) as client:
        found = list(client.trials(study))
    if as_json:
        print_json(found)
    elif not found:
        show("There are no trials yet.")
    else:
        show(table(("trial", "state", "value", "stopped by", "setting"), map(_row, found)))


def _row(trial: Mapping[str, Any]) -> tuple[object, ...]:
    stop = trial["stop"]
    stopped_by = "" if stop is None else f"{stop['by']} at {stop['epoch']}"
    setting = ", ".join(f"{name}={value_text(value)}" for name, value in trial["setting"].items())
    return trial["number"], trial["state"], number(trial["value"]), stopped_by, setting
