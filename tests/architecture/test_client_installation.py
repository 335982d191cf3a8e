"""`pip install regtune` without an extra: the client, the words and the CLI work on the base dependencies alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.metadata import packages_distributions, requires

import pytest
from packaging.requirements import Requirement

ONLY = """
import sys
from importlib.abc import MetaPathFinder

absent = set({absent!r})

class NotInstalled(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in absent:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
        return None

sys.meta_path.insert(0, NotInstalled())
"""
OURS = "regtune"


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def with_their_own(names: set[str]) -> set[str]:
    """The distributions and all that they need on this machine, extras left out."""
    found: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name in found:
            continue
        found.add(name)
        for line in requires(name) or ():
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                left.append(canonical(needed.name))
    return found


@pytest.fixture(scope="module")
def client_only(fresh_python: Callable[[str], str]) -> Callable[[str], str]:
    """Runs code as if nothing beyond the base dependencies were installed."""
    installed = with_their_own({OURS})
    absent = sorted(
        package
        for package, owners in packages_distributions().items()
        if not installed & {canonical(owner) for owner in owners}
    )
    return lambda code: fresh_python(ONLY.format(absent=absent) + code)


def test_the_check_itself_hides_what_is_not_a_base_dependency(client_only: Callable[[str], str]) -> None:
    printed = client_only("try:\n    import torch\nexcept ModuleNotFoundError as error:\n    print(error)")
    assert printed.strip() == "No module named 'torch'"


def test_the_client_can_be_imported(client_only: Callable[[str], str]) -> None:
    assert client_only("from regtune import Client\nprint(Client.__name__)").strip() == "Client"


def test_the_commands_can_be_listed(client_only: Callable[[str], str]) -> None:
    printed = client_only("import sys\nfrom regtune.cli.main import main\nsys.argv = ['regtune', '--help']\nmain()")
    assert "submit" in printed


def test_a_study_can_be_parsed(client_only: Callable[[str], str]) -> None:
    code = "import regtune.study, regtune.space, regtune.pruning, regtune.budget, regtune.states\nprint('parsed')"
    assert client_only(code).strip() == "parsed"
