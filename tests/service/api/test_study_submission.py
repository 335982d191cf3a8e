"""Submitting a study: the resolved definition, how it stands at first, and where it is found again."""

from __future__ import annotations

from typing import Any

import pytest
from answers import document_of
from contract_study import DEFAULTS
from fastapi.testclient import TestClient
from stored_datasets import classified_rows, regressed_rows

from service.store.database import Database

STUDIES = "/api/v1/studies"
CONTRACT: dict[str, Any] = {**DEFAULTS, "name": "breast_cancer", "dataset": "breast_cancer"}
"""The contract's study with its defaults, less the regularizers."""

AT_FIRST = {
    "version": 1,
    "state": "queued",
    "phase": "search",
    "stop_reason": None,
    "waiting": None,
    "best": None,
    "baseline": None,
    "winner": None,
    "started_at": None,
    "finished_at": None,
    "reused": False,
}
NOTHING_YET = {
    **dict.fromkeys(("queued", "running", "completed", "pruned", "failed", "cancelled"), 0),
    **dict.fromkeys(("epochs_run", "epochs_saved", "device_seconds"), 0),
    **dict.fromkeys(("trials_per_second", "eta_seconds")),
}


def submitted(client: TestClient, **study: Any) -> dict[str, Any]:
    return document_of(client.post(STUDIES, json=study), 201)


def test_a_study_of_which_only_the_data_is_named_gets_the_defaults_of_the_contract(client: TestClient) -> None:
    study = submitted(client, dataset="breast_cancer")
    assert {key: study[key] for key in CONTRACT} == CONTRACT


def test_the_defaults_of_the_contract_may_be_written_out(client: TestClient) -> None:
    study = submitted(client, **CONTRACT)
    assert {key: study[key] for key in CONTRACT} == CONTRACT


def test_what_is_left_out_and_what_is_written_out_is_the_same_question(client: TestClient) -> None:
    short, long = submitted(client, dataset="breast_cancer"), submitted(client, **CONTRACT)
    assert short["definition_digest"] == long["definition_digest"]
    assert short["id"] != long["id"]


def test_a_new_study_is_queued_and_has_done_nothing(client: TestClient) -> None:
    study = submitted(client, dataset="breast_cancer")
    assert {key: study[key] for key in AT_FIRST} == AT_FIRST
    assert study["progress"] == NOTHING_YET


def test_a_study_has_the_keys_of_the_contract_and_no_others(client: TestClient) -> None:
    stands = {"id", "progress", "definition_digest", "dataset_digest", "versions", "warnings", "created_at"}
    assert submitted(client, dataset="wine").keys() == CONTRACT.keys() | AT_FIRST.keys() | stands | {"regularizers"}


def test_a_study_is_found_where_its_location_says_under_its_first_version(client: TestClient) -> None:
    response = client.post(STUDIES, json={"dataset": "wine"})
    study = document_of(response, 201)
    assert response.headers["location"] == f"{STUDIES}/{study['id']}"
    assert response.headers["etag"] == '"1"'
    found = document_of(client.get(response.headers["location"]))
    assert {**found, "reused": False} == study


def test_times_are_in_utc_as_rfc_3339_has_them(client: TestClient) -> None:
    assert submitted(client, dataset="wine")["created_at"].endswith("Z")


def test_a_study_says_what_it_was_made_with(client: TestClient) -> None:
    study = submitted(client, dataset="wine")
    assert study["versions"].keys() == {"regtune", "catalog"}
    (wine,) = [one for one in client.get("/api/v1/datasets").json()["items"] if one["name"] == "wine"]
    assert study["dataset_digest"] == wine["digest"]


def test_left_out_regularizers_are_the_recommended_ones(client: TestClient) -> None:
    study = {"dataset": "digits", "model": {"kind": "resnet"}}
    named = submitted(client, **study, regularizers="recommended")["regularizers"]
    (preset,) = [one for one in client.get("/api/v1/presets").json()["items"] if one["name"] == "recommended"]
    assert submitted(client, **study)["regularizers"] == named
    assert [use["kind"] for use in named] == [use["kind"] for use in preset["regularizers"]]


def test_a_preset_leaves_out_what_does_not_suit_the_data(client: TestClient) -> None:
    kinds = {use["kind"] for use in submitted(client, dataset="wine")["regularizers"]}
    assert not kinds & {"rotation", "scaling", "flip", "crop"}


def test_a_hyperparameter_left_out_is_as_the_catalogue_has_it(client: TestClient) -> None:
    study = submitted(client, dataset="digits", regularizers=[{"kind": "early_stopping"}, {"kind": "dropout"}])
    assert [use["gate"] for use in study["regularizers"]] == ["on", "on"]
    kind = client.get("/api/v1/regularizers/early_stopping").json()
    fixed = {knob["name"]: knob["default"] for knob in kind["hyperparameters"] if knob["search"] is None}
    assert {name: study["regularizers"][0][name] for name in fixed} == fixed
    rate = client.get("/api/v1/regularizers/dropout").json()["hyperparameters"][0]
    assert study["regularizers"][1]["rate"] == {"low": rate["search"][0], "high": rate["search"][1], "log": rate["log"]}


@pytest.mark.parametrize(
    ("dataset", "objective"),
    [
        ("wine", {"metric": "balanced_accuracy", "direction": "maximize"}),
        ("diabetes", {"metric": "rmse", "direction": "minimize"}),
    ],
)
def test_the_objective_left_out_is_the_one_of_the_task(
    client: TestClient, dataset: str, objective: dict[str, str]
) -> None:
    assert submitted(client, dataset=dataset)["objective"] == objective


def test_one_objective_may_stand_in_a_list(client: TestClient) -> None:
    study = submitted(client, dataset="diabetes", objectives=[{"metric": "r2"}])
    assert study["objective"] == {"metric": "r2", "direction": "maximize"}


@pytest.mark.parametrize("reference", ["{id}", "mine", "mine@{digest}"])
def test_an_uploaded_data_set_is_found_by_id_by_name_and_by_digest(
    client: TestClient, sqlite_database: Database, reference: str
) -> None:
    row = classified_rows(sqlite_database, "mine", no=40, yes=60)
    study = submitted(client, dataset=reference.format(id=row.id, digest=row.digest))
    assert study["dataset_digest"] == row.digest


def test_a_name_means_its_newest_version(client: TestClient, sqlite_database: Database) -> None:
    classified_rows(sqlite_database, "mine", no=40, yes=60)
    newest = regressed_rows(sqlite_database, "mine", rows=300)
    study = submitted(client, dataset="mine")
    assert study["dataset_digest"] == newest.digest
    assert study["objective"]["metric"] == "rmse"


def test_a_study_warns_of_what_its_user_would_want_to_know(client: TestClient) -> None:
    (warning,) = submitted(client, dataset="wine", regularizers=[{"kind": "l2"}], training={"batch_size": 64})[
        "warnings"
    ]
    assert "early_stopping" in warning
