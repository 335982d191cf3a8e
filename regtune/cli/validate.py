"""`regtune validate`: say what a study would be, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regtune.cli.options import AsJson, StudyFile, Url
from regtune.cli.output import note, print_json, show, table
from regtune.cli.submit import read

NAME = "validate"


def command(file: StudyFile, url: Url = None, as_json: AsJson = False) -> None:
    """Check a study file without starting it.

    A data set that the file gives as a path is uploaded, for its columns matter.
    """
    from regtune.client import Client

    with Client(url) as client:
        resolved = client.validate_study(read(client, file))
    if as_json:
        print_json(resolved)
        return
    rows = [
        (dimension["name"], dimension["type"], _conditions(dimension), _range(dimension))
        for dimension in resolved["space"]["dimensions"]
    ]
    if rows:
        show(table(("searched", "type", "only if", "range"), rows))
    for warning in resolved["warnings"]:
        note(f"warning: {warning}")
    searched = f"{len(rows)} {'dimension' if len(rows) == 1 else 'dimensions'}" if rows else "nothing"
    show(f"valid: searches {searched} in {resolved['definition']['budget']['trials']} trials")


def _conditions(dimension: Mapping[str, Any]) -> str:
    return ", ".join(gate if needed else f"not {gate}" for gate, needed in dimension["conditions"].items())


def _range(dimension: Mapping[str, Any]) -> str:
    if dimension["type"] == "flag":
        return "yes or no"
    if dimension["type"] == "choice":
        return ", ".join(map(str, dimension["choices"]))
    return f"{dimension['low']:g} to {dimension['high']:g}{', logarithmic' if dimension['log'] else ''}"
