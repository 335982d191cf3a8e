"""A scripted server, and a client of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from scripted_server import ScriptedServer

from regtune.client import Client


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of whoever runs the tests, and quick polls."""
    for name in ("REGTUNE_URL", "REGTUNE_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("regtune.client.following._POLL_SECONDS", 0.001)
    monkeypatch.setattr("regtune.client.transport._FIRST_PAUSE_SECONDS", 0.001)


@pytest.fixture
def server() -> ScriptedServer:
    return ScriptedServer()


@pytest.fixture
def client(server: ScriptedServer) -> Iterator[Client]:
    with Client("http://service.test", transport=server.transport) as client:
        yield client
