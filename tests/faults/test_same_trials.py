"""How many workers and lanes there are changes how long a study takes, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from deployments import deployment
from stored_studies import bundled, new_study, state_of_study, trial_rows

from regtune.states import STUDY_ENDED

pytestmark = pytest.mark.slow

STUDY = {
    "seed": 11,
    "model": {"kind": "mlp", "width": 16, "depth": 1},
    "training": {"epochs": 8, "batch_size": 32, "optimizer": {"learning_rate": {"low": 1e-4, "high": 1e-1}}},
    "regularizers": [
        {"kind": "dropout", "rate": {"low": 0.0, "high": 0.6}, "gate": "search"},
        {"kind": "batch_norm", "gate": "search"},
        {"kind": "l1", "strength": {"low": 1e-6, "high": 1e-2, "log": True}},
        {"kind": "early_stopping", "patience": 2},
    ],
    "sampler": {"kind": "random"},
    "pruner": None,
    "budget": {"trials": 24},
}


def trials_of(folder: Path, workers: int, lanes: int) -> list[dict[str, Any]]:
    """The trials of the study, trained by so many workers that poll the database."""
    folder.mkdir()
    with deployment(folder, "unused:") as deployed:
        study_id = new_study(deployed.database, STUDY, bundled("wine")).id
        deployed.start("none", workers, lanes)
        deployed.until(lambda: state_of_study(deployed.database, study_id) in STUDY_ENDED)
        return trial_rows(deployed.database, study_id)


def test_one_worker_with_one_lane_and_two_with_sixteen_give_the_same_trials(tmp_path: Path) -> None:
    alone = trials_of(tmp_path / "alone", workers=1, lanes=1)
    many = trials_of(tmp_path / "many", workers=2, lanes=16)
    for column in ("number", "state", "setting", "best_epoch", "attempt"):
        assert [trial[column] for trial in many] == [trial[column] for trial in alone], column
    for column in ("value", "value_last"):
        assert [trial[column] for trial in many] == pytest.approx([trial[column] for trial in alone], rel=1e-6), column
    assert [trial["stop"]["epoch"] for trial in many] == [trial["stop"]["epoch"] for trial in alone]
