"""What the journeys share: a user's folder, a shell in it, and a real `regtune up`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from terminals import Terminal, service

from service.embedded.address import kept_port

CHECKOUT = Path(__file__).resolve().parents[2]
SHARED_DATA = CHECKOUT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder that holds the packages, `run` and README.md."""
    return CHECKOUT


@pytest.fixture(scope="module")
def make_terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Terminal]]:
    """Makes a user's folder, in which `.venv` is the environment that the tests run in, and keeps a port for it."""
    with ExitStack() as ports:

        def make() -> Terminal:
            folder = tmp_path_factory.mktemp("user")
            (folder / ".venv").symlink_to(sys.prefix, target_is_directory=True)
            # curl alone ends with 0 when it is told of an error.
            (folder / ".curlrc").write_text("fail-with-body\n")
            return Terminal(folder, ports.enter_context(kept_port("127.0.0.1", 0)))

        yield make


@pytest.fixture(scope="module")
def terminal(make_terminal: Callable[[], Terminal]) -> Iterator[Terminal]:
    """A user's folder with the service running beside it, two workers strong."""
    made = make_terminal()
    with service(made, f".venv/bin/regtune up --port {made.port} --workers 2 --data data"):
        yield made


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets, which a user's clone does not have."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"needs the real data sets in ../shared/data, and there is no {SHARED_DATA}")
    return SHARED_DATA
