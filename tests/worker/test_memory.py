"""What a worker needs of memory: under 1 GB for 32 lanes of a network of two layers of 128, with well-known methods."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from deployments import deployment
from processes import needs_proc, peak_memory_bytes
from stored_studies import bundled, fit_rows, new_study, state_of_study

from regtune.states import STUDY_ENDED

pytestmark = pytest.mark.slow

LANES = 32
KINDS = (
    *("l1", "proximal_l1", "l2", "elastic_net", "weight_regularization", "decoupled_weight_decay", "dropout"),
    *("batch_norm", "early_stopping", "rotation", "scaling", "flip", "crop"),
)
STUDY = {
    "model": {"kind": "mlp", "width": 128, "depth": 2},
    "training": {"epochs": 2, "batch_size": 128},
    "regularizers": [{"kind": kind} for kind in KINDS],
    "sampler": {"kind": "random"},
    "pruner": None,
    "budget": {"trials": LANES},
}


@needs_proc
def test_a_worker_with_32_lanes_stays_under_a_gigabyte(tmp_path: Path) -> None:
    with deployment(tmp_path, f"test-{uuid.uuid4().hex}:") as deployed:
        study_id = new_study(deployed.database, STUDY, bundled("digits")).id
        # One that polls trains in its main process.
        (worker,) = deployed.start("none", workers=1, lanes=LANES)

        def training() -> int:
            return sum(fit["state"] == "running" for fit in fit_rows(deployed.database, study_id))

        deployed.until(lambda: training() == LANES)
        deployed.until(lambda: state_of_study(deployed.database, study_id) in STUDY_ENDED)
        assert state_of_study(deployed.database, study_id) == "completed"
        assert peak_memory_bytes(worker.pid) < 1e9
