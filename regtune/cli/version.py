"""`regtune version`: which regtune this is."""

from __future__ import annotations

import platform
from importlib.metadata import version

from regtune.cli.options import AsJson
from regtune.cli.output import print_json

NAME = "version"


def command(as_json: AsJson = False) -> None:
    """Print the versions of regtune and Python."""
    versions = {"regtune": version("regtune"), "python": platform.python_version()}
    if as_json:
        print_json(versions)
    else:
        print(", ".join(f"{name} {of}" for name, of in versions.items()))
