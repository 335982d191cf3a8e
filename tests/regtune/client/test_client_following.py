"""Following a study to its end, and waiting for it."""

from __future__ import annotations

import httpx2
import pytest
from scripted_server import STUDY_ID, ScriptedServer, problem, study

from regtune.client import Client, ProblemError, ServerUnreachable, StudyTimeout

PATH = f"/studies/{STUDY_ID}"
RUNNING = httpx2.Response(200, json=study(state="running", version=3), headers={"ETag": '"3"'})
GONE = httpx2.ReadError("cut off")


def test_only_changes_are_given_and_the_end_is_the_last(client: Client, server: ScriptedServer) -> None:
    server.on("GET", PATH, RUNNING, httpx2.Response(304), httpx2.Response(304), study())
    assert [seen["state"] for seen in client.follow(STUDY_ID)] == ["running", "completed"]


def test_it_asks_for_what_it_does_not_know_yet(client: Client, server: ScriptedServer) -> None:
    server.on("GET", PATH, RUNNING, study())
    client.wait(STUDY_ID)
    asked = [request.headers.get("If-None-Match") for request in server.requests]
    assert asked == [None, '"3"']


@pytest.mark.parametrize("state", ["completed", "stopped", "failed"])
def test_waiting_ends_with_the_study_however_it_ended(state: str, client: Client, server: ScriptedServer) -> None:
    server.on("GET", PATH, RUNNING, study(state=state))
    assert client.wait(STUDY_ID)["state"] == state


def test_waiting_is_over_when_its_time_is(client: Client, server: ScriptedServer) -> None:
    server.on("GET", PATH, RUNNING)
    with pytest.raises(StudyTimeout, match=rf"{STUDY_ID} had not ended after 0\.01 s; it goes on"):
        client.wait(STUDY_ID, timeout_seconds=0.01)


def test_a_server_that_restarts_meanwhile_is_waited_for(
    client: Client, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("regtune.client.transport._PATIENCE_SECONDS", 0.0)
    server.on("GET", PATH, RUNNING, GONE, problem(503), GONE, study())
    assert client.wait(STUDY_ID)["state"] == "completed"


def test_a_server_that_never_answered_is_not_waited_for(
    client: Client, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("regtune.client.transport._PATIENCE_SECONDS", 0.0)
    server.on("GET", PATH, GONE)
    with pytest.raises(ServerUnreachable):
        client.wait(STUDY_ID)
    assert len(server.requests) == 1


def test_a_server_that_does_not_come_back_is_given_up(
    client: Client, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("regtune.client.transport._PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr("regtune.client.following._AWAY_SECONDS", 0.01)
    server.on("GET", PATH, RUNNING, GONE)
    with pytest.raises(ServerUnreachable):
        client.wait(STUDY_ID)


def test_a_study_that_is_deleted_meanwhile_ends_the_waiting(client: Client, server: ScriptedServer) -> None:
    server.on("GET", PATH, RUNNING, problem(404, "there is no such study"))
    with pytest.raises(ProblemError, match="there is no such study"):
        client.wait(STUDY_ID)
