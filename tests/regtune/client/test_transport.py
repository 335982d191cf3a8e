"""How requests are sent, repeated and given up."""

from __future__ import annotations

import socket
import time

import httpx2
import pytest
from scripted_server import STUDY_ID, ScriptedServer, page, problem, study

from regtune.client import Client, ProblemError, ServerUnreachable

PATH = f"/studies/{STUDY_ID}"
AWAY = httpx2.Response(503, json={"status": 503, "title": "Away"})


def test_a_read_is_repeated_while_the_service_is_away(client: Client, server: ScriptedServer) -> None:
    server.on("GET", PATH, AWAY, httpx2.ReadError("cut off"), study())
    assert client.study(STUDY_ID)["id"] == STUDY_ID
    assert len(server.requests) == 3


def test_a_study_is_created_once_however_often_it_is_sent(client: Client, server: ScriptedServer) -> None:
    server.on("POST", "/studies", httpx2.ReadError("cut off"), AWAY, study())
    client.create_study({"dataset": "wine"})
    keys = [request.headers["Idempotency-Key"] for request in server.requests]
    assert len(keys) == 3
    assert len(set(keys)) == 1


def test_two_studies_have_keys_of_their_own(client: Client, server: ScriptedServer) -> None:
    server.on("POST", "/studies", study())
    client.create_study({"dataset": "wine"})
    client.create_study({"dataset": "wine"})
    first, second = (request.headers["Idempotency-Key"] for request in server.requests)
    assert first != second


def test_a_change_whose_answer_is_lost_is_not_sent_again(client: Client, server: ScriptedServer) -> None:
    server.on("POST", f"{PATH}:stop", httpx2.ReadError("cut off"))
    with pytest.raises(ServerUnreachable, match="cut off"):
        client.stop(STUDY_ID)
    assert len(server.requests) == 1


def test_a_change_that_did_not_leave_is_sent_again(client: Client, server: ScriptedServer) -> None:
    server.on("POST", f"{PATH}:stop", httpx2.ConnectError("refused"), study())
    assert client.stop(STUDY_ID)["id"] == STUDY_ID


def test_a_refusal_is_an_error_with_its_pointers(client: Client, server: ScriptedServer) -> None:
    server.on("POST", "/studies", problem(422, "invalid", ("/regularizers/0/rate/high", "1.5 is above 0.95")))
    with pytest.raises(ProblemError, match=r"/regularizers/0/rate/high: 1\.5 is above 0\.95") as refused:
        client.create_study({"dataset": "wine"})
    assert (refused.value.status, refused.value.errors[0].code) == (422, "refused")


def test_a_refusal_without_pointers_says_its_detail(client: Client) -> None:
    with pytest.raises(ProblemError, match="there is no GET"):
        client.study("unknown")


@pytest.mark.parametrize("status", [200, 404, 502])
def test_another_web_server_is_told_from_ours(status: int, client: Client, server: ScriptedServer) -> None:
    server.on("GET", PATH, httpx2.Response(status, text="<html>Welcome</html>"))
    with pytest.raises(ServerUnreachable, match="something else answers there"):
        client.study(STUDY_ID)


def test_the_key_is_shown_to_the_server(server: ScriptedServer) -> None:
    server.on("GET", "/studies", page())
    with Client("http://service.test", "secret", transport=server.transport) as client:
        list(client.studies())
    assert server.requests[0].headers["Authorization"] == "Bearer secret"


def test_where_nobody_listens_it_gives_up_within_seconds_and_says_where_it_looked() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        began = time.monotonic()
        with Client(url) as client, pytest.raises(ServerUnreachable) as away:
            client.study(STUDY_ID)
    assert time.monotonic() - began < 5
    assert str(away.value).startswith(f"regtune does not answer at {url}: Connection refused; ")


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://proxy.invalid:3128")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with Client(url) as client, pytest.raises(ServerUnreachable, match="Connection refused"):
            client.study(STUDY_ID)
