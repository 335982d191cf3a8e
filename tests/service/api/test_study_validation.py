"""`validate_only`: what a study would be, with nothing stored."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from answers import document_of, errors_of
from fastapi.testclient import TestClient

VALIDATE = "/api/v1/studies?validate_only=true"
STUDY = {
    "dataset": "digits",
    "training": {"optimizer": {"kind": "adam", "learning_rate": {"low": 1e-3, "high": 1e-2}}},
    "regularizers": [{"kind": "dropout", "rate": {"low": 0.0, "high": 0.5}, "gate": "search"}, {"kind": "l2"}],
}


def test_it_answers_with_the_definition_that_a_study_would_have(client: TestClient) -> None:
    would_be = document_of(client.post(VALIDATE, json=STUDY))["definition"]
    study = document_of(client.post("/api/v1/studies", json=STUDY), 201)
    would_be.pop("resolved")
    assert {key: study[key] for key in would_be} == would_be


def test_it_shows_the_space_that_would_be_searched(client: TestClient) -> None:
    answer = document_of(client.post(VALIDATE, json=STUDY))
    dimensions = {one["name"]: one for one in answer["space"]["dimensions"]}
    assert dimensions.keys() == {"training.optimizer.learning_rate", "dropout.gate", "dropout.rate", "l2.strength"}
    rate = dimensions["dropout.rate"]
    assert (rate["low"], rate["high"], rate["log"]) == (0.0, 0.5, False)


def test_it_gives_the_warnings_that_the_study_would_carry(client: TestClient) -> None:
    answer = document_of(client.post(VALIDATE, json=STUDY))
    assert answer["warnings"]
    assert answer["warnings"] == document_of(client.post("/api/v1/studies", json=STUDY), 201)["warnings"]


def test_the_forecast_is_null_until_one_is_measured(client: TestClient) -> None:
    answer = document_of(client.post(VALIDATE, json=STUDY))
    assert answer.keys() == {"definition", "space", "warnings", "forecast"}
    assert answer["forecast"] is None


def test_it_stores_nothing_even_under_a_key(client: TestClient, stored_rows: Callable[[], dict[str, int]]) -> None:
    before = stored_rows()
    response = client.post(VALIDATE, json=STUDY, headers={"Idempotency-Key": "k"})
    document_of(response)
    assert stored_rows() == before
    assert not {"location", "etag"} & response.headers.keys()


def test_a_key_that_only_validated_may_still_create(client: TestClient) -> None:
    headers = {"Idempotency-Key": "k"}
    client.post(VALIDATE, json={"dataset": "wine"}, headers=headers)
    assert document_of(client.post("/api/v1/studies", json=STUDY, headers=headers), 201)["reused"] is False


def test_it_refuses_what_a_submission_refuses(client: TestClient) -> None:
    wrong = {**STUDY, "sampler": {"kind": "gp"}, "seeds": 3}
    errors = errors_of(client.post(VALIDATE, json=wrong))
    assert errors == errors_of(client.post("/api/v1/studies", json=wrong))
    assert errors == [("/sampler/kind", "not_available"), ("/seeds", "unknown_key")]


def test_the_definition_may_be_submitted_as_it_was_answered(client: TestClient) -> None:
    would_be = document_of(client.post(VALIDATE, json=STUDY))["definition"]
    would_be.pop("resolved")
    study = document_of(client.post("/api/v1/studies", json=would_be), 201)
    first = document_of(client.post("/api/v1/studies", json=STUDY), 201)
    assert study["definition_digest"] == first["definition_digest"]


@pytest.mark.parametrize("word", ["maybe", "2", ""])
def test_anything_but_yes_or_no_is_refused(client: TestClient, word: str) -> None:
    response = client.post(f"/api/v1/studies?validate_only={word}", json=STUDY)
    assert errors_of(response) == [("/query/validate_only", "bool_parsing")]
