"""`regtune trials`: the trials of a study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from regtune.cli.options import AsJson, StudyId, Url
from regtune.cli.output import number, print_json, show, table, value_text

if TYPE_CHECKING:
    from regtune.client import Client

NAME = "trials"


def command(study: StudyId, url: Url = None, as_json: AsJson = False) -> None:
    """List the trials of a study, and why some failed."""
    from regtune.client import Client

    with Client(url) as client:
        found = list(client.trials(study))
        if not as_json:
            found = [_with_error(client, study, trial) for trial in found]
    if as_json:
        print_json(found)
    elif not found:
        show("There are no trials yet.")
    else:
        show(table(("trial", "state", "value", "ended by", "setting"), map(_row, found)))


def _with_error(client: Client, study_id: str, trial: dict[str, Any]) -> dict[str, Any]:
    """A failed trial with the reason, which stands in the whole trial only."""
    return client.trial(study_id, trial["number"]) if trial["state"] == "failed" else trial


def _row(trial: Mapping[str, Any]) -> tuple[object, ...]:
    stop, error = trial["stop"], trial.get("error")
    ended_by = "" if stop is None else f"{stop['by']} at {stop['epoch']}"
    if error is not None:
        ended_by = error["message"]
    setting = ", ".join(f"{name}={value_text(value)}" for name, value in trial["setting"].items())
    return trial["number"], trial["state"], number(trial["value"]), ended_by, setting
