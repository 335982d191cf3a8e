"""What a sampler is told of stored trials: exact values, cut ones behind them, and nothing of those that failed."""

from __future__ import annotations

import math

import pytest
from ledger_driver import Driver, completed, definition_of, failed

from regcore.catalog import load
from regtune.space import Dimension, SearchSpace, space_of
from service.coordinator.history import past_trial, point_of
from service.coordinator.sampler import Censored, Lost, Outcome, Pending, Scored
from service.store.database import Database
from service.store.outcomes import FitEnded
from service.store.trials import history


@pytest.fixture
def driver(sqlite_database: Database) -> Driver:
    return Driver(sqlite_database)


def outcomes(driver: Driver, study_id: str, metric: str) -> list[Outcome]:
    definition = definition_of(objective={"metric": metric})
    space, direction = space_of(definition, load()), definition.objective.direction
    return [past_trial(space, direction, row).outcome for row in history(driver.database, study_id).trials]


@pytest.mark.parametrize(("metric", "sign"), [("accuracy", -1.0), ("log_loss", 1.0)])
def test_each_end_is_the_outcome_that_it_is(driver: Driver, metric: str, sign: float) -> None:
    study_id = driver.study_with_trials(5, objective={"metric": metric}, pruner={"kind": "asha"})
    run, fits = driver.start(study_id, 4)
    ends: list[FitEnded] = [
        completed(fits[0], 0.5),
        completed(fits[1], 0.25, "pruner", 4),
        failed(fits[2]),
        completed(fits[3], math.nan, "pruner", 1),
    ]
    driver.tick(run, 1, ended=ends)
    assert outcomes(driver, study_id, metric) == [
        Scored(sign * 0.5),
        Censored(4, sign * 0.25),
        Lost(),
        Lost(),
        Pending(),
    ]


EXCLUSIVE = SearchSpace(
    (Dimension("mixup.gate", "flag"), Dimension("cutmix.gate", "flag", conditions={"mixup.gate": False}))
)


def test_a_gate_that_does_not_exist_is_no_part_of_the_point() -> None:
    assert point_of(EXCLUSIVE, {"mixup.gate": True, "cutmix.gate": False}) == {"mixup.gate": True}


def test_a_setting_with_two_gates_that_exclude_one_another_lies_outside() -> None:
    assert point_of(EXCLUSIVE, {"mixup.gate": True, "cutmix.gate": True}) is None
