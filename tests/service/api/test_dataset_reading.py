"""Data sets that are there: listed beside the bundled ones, read, profiled and deleted."""

from __future__ import annotations

import pytest
from answers import document_of, problem_of
from fastapi.testclient import TestClient

from regcore import catalog

DATASETS = "/api/v1/datasets"
BUNDLED = [one.name for one in catalog.load().datasets]


def uploaded(client: TestClient, name: str, rows: int = 12) -> str:
    table = "a,y\n" + "".join(f"{row},{row % 2}\n" for row in range(rows))
    meta = f'{{"name": "{name}", "target": "y", "task": "classification"}}'
    answer = client.post(DATASETS, files={"file": ("a.csv", table)}, data={"meta": meta})
    return str(document_of(answer, 201)["id"])


def test_the_bundled_ones_are_there_from_the_start(client: TestClient) -> None:
    items = document_of(client.get(DATASETS))["items"]
    assert [item["name"] for item in items] == BUNDLED
    assert all(item["bundled"] and item["state"] == "ready" for item in items)


def test_uploads_come_before_the_bundled_ones_newest_first(client_on_either: TestClient) -> None:
    for name in ("first", "second"):
        uploaded(client_on_either, name)
    items = document_of(client_on_either.get(DATASETS))["items"]
    assert [item["name"] for item in items] == ["second", "first", *BUNDLED]


def test_bundled_ones_come_on_the_last_page_alone(client: TestClient) -> None:
    for rows in (12, 14, 16):
        uploaded(client, "mine", rows)
    first = document_of(client.get(DATASETS, params={"page_size": 2}))
    last = document_of(client.get(DATASETS, params={"page_size": 2, "page_token": first["next_page_token"]}))
    assert [item["version"] for item in first["items"]] == [3, 2]
    assert [item["name"] for item in last["items"]] == ["mine", *BUNDLED]
    assert last["next_page_token"] is None


@pytest.mark.parametrize("name", ["mine", "iris"])
def test_a_name_finds_its_versions(name: str, client: TestClient) -> None:
    uploaded(client, "mine")
    items = document_of(client.get(DATASETS, params={"name": name}))["items"]
    assert [item["name"] for item in items] == [name]


def test_a_bundled_one_is_read_by_its_name(client: TestClient) -> None:
    assert document_of(client.get(f"{DATASETS}/digits"))["shape"] == [1, 8, 8]


def test_the_profile_tells_of_each_column(client: TestClient) -> None:
    profile = document_of(client.get(f"{DATASETS}/{uploaded(client, 'mine')}/profile"))
    assert "a" in {column["name"] for column in profile["columns"]}


def test_a_deleted_one_is_gone_and_its_name_is_free(client_on_either: TestClient) -> None:
    where = f"{DATASETS}/{uploaded(client_on_either, 'mine')}"
    assert client_on_either.delete(where).status_code == 204
    problem_of(client_on_either.get(where), 404)
    problem_of(client_on_either.delete(where), 404)
    assert uploaded(client_on_either, "mine") not in where


def test_a_study_on_a_deleted_one_is_still_there(client: TestClient) -> None:
    dataset = uploaded(client, "mine")
    study = document_of(client.post("/api/v1/studies", json={"dataset": dataset, "budget": {"trials": 4}}), 201)
    client.delete(f"{DATASETS}/{dataset}")
    assert document_of(client.get(f"/api/v1/studies/{study['id']}"))["dataset_digest"] == study["dataset_digest"]


def test_a_bundled_one_cannot_be_deleted(client: TestClient) -> None:
    assert "bundled" in problem_of(client.delete(f"{DATASETS}/iris"), 409)["detail"]


def test_a_bundled_one_has_no_profile(client: TestClient) -> None:
    assert "bundled" in problem_of(client.get(f"{DATASETS}/iris/profile"), 404)["detail"]


@pytest.mark.parametrize("path", ["nothing", "nothing/profile", "%00", "é"])
def test_what_is_not_there_is_a_404(path: str, client_on_either: TestClient) -> None:
    problem_of(client_on_either.get(f"{DATASETS}/{path}"), 404)
