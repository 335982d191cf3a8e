"""The best setting of a study, as JSON and as YAML, from the first trial with a value on."""

from __future__ import annotations

import math
from typing import Any

import pytest
import yaml
from answers import document_of, errors_of, problem_of
from fastapi.testclient import TestClient
from ledger_driver import Driver, completed, failed

from service.store.database import Database


@pytest.fixture
def ledger(database: Database) -> Driver:
    """A hand on what is stored, on either database."""
    return Driver(database)


def valued(ledger: Driver, *values: float, **study: Any) -> str:
    """The URL of the best setting of a study whose trials have ended with these values."""
    study_id = ledger.study_with_trials(len(values) + 1, **study)
    run, claimed = ledger.start(study_id, len(values))
    ledger.tick(run, 1, [], [completed(fit, value) for fit, value in zip(claimed, values, strict=True)])
    return f"/api/v1/studies/{study_id}/best"


def test_there_is_no_best_before_a_trial_has_a_value(client_on_either: TestClient, ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    url = f"/api/v1/studies/{study_id}/best"
    assert "no trial has ended with a value" in problem_of(client_on_either.get(url), 404)["detail"]
    run, (fit,) = ledger.start(study_id, 1)
    ledger.tick(run, 1, [], [failed(fit)])
    problem_of(client_on_either.get(url), 404)


def test_a_value_that_is_no_number_is_never_the_best(client_on_either: TestClient, ledger: Driver) -> None:
    problem_of(client_on_either.get(valued(ledger, math.nan, math.inf, -math.inf)), 404)
    assert document_of(client_on_either.get(valued(ledger, math.nan, 0.1)))["number"] == 1


@pytest.mark.parametrize(("direction", "number"), [("maximize", 1), ("minimize", 0)])
def test_the_best_is_so_in_the_study_s_direction_the_earliest_of_equals(
    client_on_either: TestClient, ledger: Driver, direction: str, number: int
) -> None:
    url = valued(ledger, 0.5, 0.9, 0.9, 0.5, objective={"metric": "accuracy", "direction": direction})
    assert document_of(client_on_either.get(url)) == {
        "number": number,
        "value": (0.5, 0.9)[number],
        "setting": {"dropout.rate": number / 1000},
    }


def test_json_is_the_format_unless_told_otherwise(client_on_either: TestClient, ledger: Driver) -> None:
    url = valued(ledger, 0.9)
    assert document_of(client_on_either.get(f"{url}?format=json")) == document_of(client_on_either.get(url))


def test_yaml_says_the_same_as_json(client_on_either: TestClient, ledger: Driver) -> None:
    url = valued(ledger, 0.5, 0.9)
    response = client_on_either.get(f"{url}?format=yaml")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("application/yaml")
    assert yaml.safe_load(response.text) == document_of(client_on_either.get(url))
    assert response.text.startswith("number: 1\n")


def test_a_script_is_refused_until_it_is_available(client_on_either: TestClient, ledger: Driver) -> None:
    response = client_on_either.get(f"{valued(ledger, 0.9)}?format=python")
    assert errors_of(response) == [("/query/format", "not_available")]


def test_a_format_that_there_is_not_is_refused(client_on_either: TestClient, ledger: Driver) -> None:
    response = client_on_either.get(f"{valued(ledger, 0.9)}?format=xml")
    assert errors_of(response) == [("/query/format", "literal_error")]
