"""A worker that is asked to leave does so within ten seconds and loses nobody's attempt."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from deployments import Deployment, deployment
from stored_studies import bundled, fit_rows, new_study, report_rows, run_rows

pytestmark = pytest.mark.slow

LONG_STUDY = {
    "model": {"kind": "mlp", "width": 16, "depth": 1},
    "training": {"epochs": 3_000, "batch_size": 32},
    "regularizers": [{"kind": "dropout", "rate": {"low": 0.0, "high": 0.6}}],
    "sampler": {"kind": "random"},
    "pruner": None,
    "budget": {"trials": 8},
}
LEAVES_WITHIN_SECONDS = 10.0


@pytest.fixture
def deployed(tmp_path: Path) -> Iterator[Deployment]:
    with deployment(tmp_path, f"test-{uuid.uuid4().hex}:") as deployed:
        yield deployed


@pytest.mark.parametrize("with_broker", [True, False], ids=["woken by a broker", "polling"])
def test_fits_of_a_worker_that_leaves_are_queued_again_as_they_were(deployed: Deployment, with_broker: bool) -> None:
    database = deployed.database
    study_id = new_study(database, LONG_STUDY, bundled("wine")).id
    worker = deployed.start(deployed.start_broker() if with_broker else "none", workers=1, lanes=4)[0]
    deployed.until(lambda: len(report_rows(database, study_id)) > 8)
    worker.ask_to_end()
    assert worker.wait(LEAVES_WITHIN_SECONDS), deployed.said
    assert worker.exit_code == 0, deployed.said
    assert [run["state"] for run in run_rows(database, study_id)] == ["closed"]
    assert {(fit["state"], fit["attempt"], fit["losses"]) for fit in fit_rows(database, study_id)} == {("queued", 0, 0)}
