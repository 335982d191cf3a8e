"""A broker that is killed, and comes back empty, costs nothing but time: the database owns the work."""

from __future__ import annotations

import os
import signal
import uuid
from pathlib import Path

import pytest
from deployments import deployment
from processes import descendants_of, needs_proc
from stored_studies import bundled, new_study, report_rows, state_of_study, trial_rows

from regtune.states import STUDY_ENDED

pytestmark = pytest.mark.slow

STUDY = {
    "model": {"kind": "mlp", "width": 16, "depth": 1},
    "training": {"epochs": 4, "batch_size": 32},
    "regularizers": [{"kind": "dropout", "rate": {"low": 0.0, "high": 0.6}}],
    "sampler": {"kind": "random"},
    "pruner": None,
    "budget": {"trials": 6},
}


def servers() -> list[int]:
    return [pid for pid in descendants_of(os.getpid()) if "broker.sock" in Path(f"/proc/{pid}/cmdline").read_text()]


@needs_proc
def test_studies_before_and_after_its_end_are_trained(tmp_path: Path) -> None:
    with deployment(tmp_path, f"test-{uuid.uuid4().hex}:") as deployed:
        deployed.start(deployed.start_broker(), workers=1, lanes=4)
        first = new_study(deployed.database, STUDY, bundled("wine")).id
        deployed.until(lambda: len(report_rows(deployed.database, first)) > 0)
        os.kill(servers()[0], signal.SIGKILL)
        second = new_study(deployed.database, STUDY, bundled("wine")).id
        deployed.until(lambda: {state_of_study(deployed.database, study) for study in (first, second)} <= STUDY_ENDED)
        for study_id in (first, second):
            assert [trial["state"] for trial in trial_rows(deployed.database, study_id)] == ["completed"] * 6
