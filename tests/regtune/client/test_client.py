"""What each method asks of the server, and what it makes of the answer."""

from __future__ import annotations

import json
from pathlib import Path

import httpx2
import pytest
from scripted_server import STUDY_ID, ScriptedServer, page, study, trial

from regtune.client import Client, ProblemError

PATH = f"/studies/{STUDY_ID}"


def test_a_list_is_read_page_after_page(client: Client, server: ScriptedServer) -> None:
    server.on("GET", f"{PATH}/trials", page(trial(0), trial(1), token="next"), page(trial(2)))
    assert [row["number"] for row in client.trials(STUDY_ID)] == [0, 1, 2]
    assert server.requests[1].url.params["page_token"] == "next"


def test_nothing_is_asked_for_before_the_first_item_is(client: Client, server: ScriptedServer) -> None:
    client.studies()
    assert server.requests == []


def test_a_definition_is_sent_as_it_is(client: Client, server: ScriptedServer) -> None:
    server.on("POST", "/studies", study())
    client.create_study({"dataset": "wine", "budget": {"trials": 3}})
    assert json.loads(server.requests[0].content) == {"dataset": "wine", "budget": {"trials": 3}}


def test_validation_asks_to_store_nothing(client: Client, server: ScriptedServer) -> None:
    server.on("POST", "/studies", {"definition": {}, "space": {}, "warnings": []})
    client.validate_study({"dataset": "wine"})
    assert server.requests[0].url.params["validate_only"] == "true"


@pytest.mark.parametrize("mode", ["drain", "now"])
def test_stopping_says_how(mode: str, client: Client, server: ScriptedServer) -> None:
    server.on("POST", f"{PATH}:stop", study(state="stopping"))
    client.stop(STUDY_ID, mode)
    assert json.loads(server.requests[0].content) == {"mode": mode}


def test_an_upload_has_the_file_and_what_is_said_of_it(client: Client, server: ScriptedServer, tmp_path: Path) -> None:
    (tmp_path / "train.2.csv").write_text("x,y\n1,a\n")
    server.on("POST", "/datasets", httpx2.Response(201, json={"id": "01DATA"}))
    assert client.upload_dataset(tmp_path / "train.2.csv", target="y", task=None)["id"] == "01DATA"
    body = server.requests[0].content.decode()
    assert 'filename="train.2.csv"' in body
    assert "x,y\n1,a\n" in body
    assert '{"name": "train.2", "target": "y"}' in body


def test_an_id_cannot_reach_another_path(client: Client, server: ScriptedServer) -> None:
    server.on("GET", "/studies", page())
    with pytest.raises(ProblemError, match="there is no GET"):
        client.study("x/../../studies?page_size=1")
    assert server.requests[0].url.raw_path == b"/api/v1/studies/x%2F..%2F..%2Fstudies%3Fpage_size%3D1"


def test_a_curve_is_its_epochs(client: Client, server: ScriptedServer) -> None:
    server.on("GET", f"{PATH}/trials/3/curve", {"items": [{"epoch": 1, "validation_loss": 0.5}]})
    assert client.curve(STUDY_ID, 3) == [{"epoch": 1, "validation_loss": 0.5}]


def test_the_best_setting_can_be_read_as_text(client: Client, server: ScriptedServer) -> None:
    server.on("GET", f"{PATH}/best", httpx2.Response(200, text="dropout.rate: 0.25\n"))
    assert client.best_text(STUDY_ID, "yaml") == "dropout.rate: 0.25\n"
    assert server.requests[0].url.params["format"] == "yaml"


def test_a_deleted_study_has_no_answer_to_read(client: Client, server: ScriptedServer) -> None:
    server.on("DELETE", PATH, httpx2.Response(204))
    client.delete_study(STUDY_ID)
    assert server.requests[0].method == "DELETE"
