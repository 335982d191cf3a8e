"""Recorded tables of trials, and searches on them."""

import json

import numpy as np
import pytest

from benchmarks.recorded import FOLDER, NEIGHBOURS, Recorded, recorded_tables
from benchmarks.recording import STUDIES, record
from benchmarks.searches import BUILDS, regrets

GATED = {
    "table": "gated",
    "seed_of_draws": 0,
    "dimensions": [
        {
            "name": "l1.gate",
            "type": "flag",
            "low": None,
            "high": None,
            "log": False,
            "choices": [],
            "per": "lane",
            "conditions": {},
        },
        {
            "name": "l1.strength",
            "type": "real",
            "low": 0.0,
            "high": 1.0,
            "log": False,
            "choices": [],
            "per": "lane",
            "conditions": {"l1.gate": True},
        },
    ],
    "trials": [
        *([True, 0.1 * place, float(place)] for place in range(10)),
        *([False, None, 20.0 + place] for place in range(NEIGHBOURS)),
        [True, 1.0, None],
    ],
}


def test_a_point_is_worth_the_mean_of_its_nearest_neighbours() -> None:
    table = Recorded(GATED)
    least = np.mean([0, 1, 2, 3, 4])
    assert table.loss(1, {"l1.gate": True, "l1.strength": 0.5}) == pytest.approx(np.mean([3, 4, 5, 6, 7]) - least)
    assert table.loss(1, {"l1.gate": False}) == pytest.approx(np.mean([20, 21, 22, 23, 24]) - least)


def test_a_trial_that_diverged_counts_as_the_worst_that_did_not() -> None:
    at_the_end = Recorded(GATED).loss(1, {"l1.gate": True, "l1.strength": 1.0})
    assert at_the_end == pytest.approx(np.mean([24, 9, 8, 7, 6]) - np.mean([0, 1, 2, 3, 4]))


def test_a_table_is_kept_for_every_study_with_its_own_settings() -> None:
    kept = {table["table"]: table for table in (json.loads(path.read_text()) for path in FOLDER.glob("*.json"))}
    assert kept.keys() == STUDIES.keys()
    assert all(len(table["trials"]) >= 500 for table in kept.values())
    again = record("wine", 3)
    assert again["dimensions"] == kept["wine"]["dimensions"]
    assert [row[:-1] for row in again["trials"]] == [row[:-1] for row in kept["wine"]["trials"][:3]]


@pytest.mark.parametrize("table", recorded_tables(), ids=lambda table: table.name)
def test_a_search_ends_at_a_regret_that_is_not_negative(table: Recorded) -> None:
    found = regrets(BUILDS["tpe"], table, seed=1, trials=15, pending=4)
    assert len(found) == 15
    assert 0 <= found[-1] <= found[0]
