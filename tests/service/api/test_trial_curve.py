"""A trial's curve: one point an epoch over all attempts, thinned and narrowed where asked for."""

from __future__ import annotations

import math
from typing import Any

import pytest
from answers import document_of, errors_of, message_of
from fastapi.testclient import TestClient
from ledger_driver import Driver, report

from service.store.claims import ClaimedFit
from service.store.database import Database
from service.store.leases import expire_leases
from service.store.reports import EpochReport


@pytest.fixture
def ledger(sqlite_database: Database) -> Driver:
    """A hand on what is stored."""
    return Driver(sqlite_database)


def epoch(fit: ClaimedFit, number: int, loss: float = 0.5) -> EpochReport:
    return EpochReport(fit.id, fit.attempt, number, loss, loss + 1, 0.8, {"accuracy": 0.75, "log_loss": loss})


def trained(ledger: Driver, epochs: int) -> str:
    """The URL of the curve of a trial that has trained so many epochs."""
    study_id = ledger.study_with_trials(1)
    run, (fit,) = ledger.start(study_id, 1)
    ledger.tick(run, 1, [epoch(fit, number, loss=number / 100) for number in range(1, epochs + 1)])
    return f"/api/v1/studies/{study_id}/trials/0/curve"


def points(client: TestClient, url: str) -> list[dict[str, Any]]:
    answer = document_of(client.get(url))
    assert answer.keys() == {"items"}
    items: list[dict[str, Any]] = answer["items"]
    return items


def test_a_trial_that_has_not_begun_has_no_points(client: TestClient, ledger: Driver) -> None:
    assert points(client, trained(ledger, 0)) == []


def test_a_point_has_the_losses_the_objective_and_what_was_measured(client: TestClient, ledger: Driver) -> None:
    first, second = points(client, trained(ledger, 2))
    assert first == {
        "epoch": 1,
        "train_loss": 0.01,
        "validation_loss": 1.01,
        "objective": 0.8,
        "accuracy": 0.75,
        "log_loss": 0.01,
    }
    assert second["epoch"] == 2


def test_a_curve_is_never_paged(client: TestClient, ledger: Driver) -> None:
    assert [point["epoch"] for point in points(client, trained(ledger, 600))] == list(range(1, 601))


@pytest.mark.parametrize(
    ("most", "epochs"),
    [(2, [1, 10]), (4, [1, 4, 7, 10]), (9, [1, 2, 3, 4, 5, 7, 8, 9, 10]), (10, [*range(1, 11)]), (99, [*range(1, 11)])],
)
def test_a_thinned_curve_keeps_its_ends_and_evenly_some_between(
    client: TestClient, ledger: Driver, most: int, epochs: list[int]
) -> None:
    found = points(client, f"{trained(ledger, 10)}?max_points={most}")
    assert [point["epoch"] for point in found] == epochs


@pytest.mark.parametrize(
    ("most", "code"), [("1", "greater_than_equal"), ("10001", "less_than_equal"), ("x", "int_parsing")]
)
def test_a_number_of_points_that_makes_no_curve_is_refused(
    client: TestClient, ledger: Driver, most: str, code: str
) -> None:
    assert errors_of(client.get(f"{trained(ledger, 1)}?max_points={most}")) == [("/query/max_points", code)]


def test_one_metric_stands_alone_beside_the_losses_and_the_objective(client: TestClient, ledger: Driver) -> None:
    (point,) = points(client, f"{trained(ledger, 1)}?metric=accuracy")
    assert point.keys() == {"epoch", "train_loss", "validation_loss", "objective", "accuracy"}


def test_a_metric_that_was_not_measured_gives_none(client: TestClient, ledger: Driver) -> None:
    (point,) = points(client, f"{trained(ledger, 1)}?metric=auroc")
    assert point.keys() == {"epoch", "train_loss", "validation_loss", "objective"}


def test_a_metric_that_there_is_not_is_refused_with_the_nearest(client: TestClient, ledger: Driver) -> None:
    response = client.get(f"{trained(ledger, 1)}?metric=acuracy")
    assert errors_of(response) == [("/query/metric", "unknown_name")]
    assert '"accuracy"' in message_of(response)


def test_numbers_that_are_not_finite_are_null(client: TestClient, ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    run, (fit,) = ledger.start(study_id, 1)
    numbers = (math.nan, math.inf, -math.inf)
    ledger.tick(run, 1, [epoch(fit, at, loss=number) for at, number in enumerate(numbers, start=1)])
    for point in points(client, f"/api/v1/studies/{study_id}/trials/0/curve"):
        assert [point[name] for name in ("train_loss", "validation_loss", "log_loss")] == [None, None, None]
        assert point["objective"] == 0.8


def test_a_second_attempt_replaces_the_epochs_that_it_trained_again(client: TestClient, ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    run, (fit,) = ledger.start(study_id, 1)
    ledger.tick(run, 1, [epoch(fit, at, loss=0.1) for at in (1, 2, 3)])
    ledger.expire(run)
    expire_leases(ledger.database)
    next_run, (again,) = ledger.start(study_id, 1)
    ledger.tick(next_run, 1, [epoch(again, at, loss=0.2) for at in (1, 2)])
    found = points(client, f"/api/v1/studies/{study_id}/trials/0/curve")
    assert [(point["epoch"], point["train_loss"]) for point in found] == [(1, 0.2), (2, 0.2)]


def test_a_curve_belongs_to_its_trial_alone(client: TestClient, ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    run, (first, second) = ledger.start(study_id, 2)
    ledger.tick(run, 1, [report(first, 1, loss=0.1), report(second, 1, loss=0.9)])
    (point,) = points(client, f"/api/v1/studies/{study_id}/trials/1/curve")
    assert point["train_loss"] == 0.9
