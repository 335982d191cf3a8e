"""A worker that is killed costs nothing but time: every trial ends once, and no epoch is missing or doubled."""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from deployments import Deployment, deployment, training_process_of
from processes import needs_proc
from stored_studies import bundled, new_study, report_rows, run_rows, state_of_study, trial_rows

from regtune.states import STUDY_ENDED
from service.store.reports import curve

pytestmark = pytest.mark.slow

REDIS_URL = os.environ.get("REGTUNE_TEST_REDIS_URL", "redis://127.0.0.1:6379")
TRIALS = 64
EPOCHS = 12
STUDY = {
    "seed": 3,
    "model": {"kind": "mlp", "width": 16, "depth": 1},
    "training": {"epochs": EPOCHS, "batch_size": 64},
    "regularizers": [
        {"kind": "dropout", "rate": {"low": 0.0, "high": 0.6}, "gate": "search"},
        {"kind": "l2", "strength": {"low": 1e-6, "high": 1e-2, "log": True}},
        {"kind": "early_stopping", "patience": 4},
    ],
    "sampler": {"kind": "random"},
    "budget": {"trials": TRIALS},
}


@pytest.fixture
def key_prefix() -> str:
    return f"test-{uuid.uuid4().hex}:"


@pytest.fixture(params=["embedded", "grown", "polling"])
def kind(request: pytest.FixtureRequest) -> str:
    """What a deployment stands on: SQLite and a broker of its own, Postgres and Redis, or SQLite and no broker."""
    found: str = request.param
    return found


@pytest.fixture
def deployed(kind: str, tmp_path: Path, key_prefix: str, request: pytest.FixtureRequest) -> Iterator[Deployment]:
    url = request.getfixturevalue("postgres_url") if kind == "grown" else None
    with deployment(tmp_path, key_prefix, url) as deployed:
        yield deployed


@pytest.fixture
def broker_url(kind: str, deployed: Deployment, key_prefix: str) -> Iterator[str]:
    if kind == "polling":
        yield "none"
    elif kind == "embedded":
        yield deployed.start_broker()
    else:
        with a_redis() as server:
            yield REDIS_URL
            keys = list(server.scan_iter(f"{key_prefix}*"))
            if keys:
                server.delete(*keys)


@contextmanager
def a_redis() -> Iterator[redis.Redis]:
    """The Redis of this machine; where there is none the test is skipped, but not in CI."""
    with redis.Redis.from_url(REDIS_URL, socket_connect_timeout=2, socket_timeout=5) as server:
        try:
            server.ping()
        except redis.RedisError:
            if os.environ.get("CI") == "true":
                raise
            pytest.skip(f"needs a Redis at {REDIS_URL} (REGTUNE_TEST_REDIS_URL)")
        yield server


@needs_proc
def test_killing_a_training_process_loses_and_doubles_nothing(deployed: Deployment, broker_url: str) -> None:
    database = deployed.database
    study_id = new_study(database, STUDY, bundled("digits-table")).id
    workers = deployed.start(broker_url, workers=2, lanes=4)

    def both_train() -> bool:
        open_runs = [run for run in run_rows(database, study_id) if run["state"] == "open" and run["tick"] > 0]
        return len(open_runs) == 2

    deployed.until(both_train)
    # A worker that polls trains in its main process.
    os.kill(training_process_of(workers[0]) or workers[0].pid, signal.SIGKILL)
    deployed.until(lambda: state_of_study(database, study_id) in STUDY_ENDED)

    trials = trial_rows(database, study_id)
    assert [trial["number"] for trial in trials] == list(range(TRIALS))
    assert {trial["state"] for trial in trials} <= {"completed", "pruned"}
    assert [run["state"] for run in run_rows(database, study_id)].count("lost") == 1
    assert any(trial["attempt"] == 1 for trial in trials)
    with database.read() as connection:
        for trial in trials:
            epochs = [point.epoch for point in curve(connection, study_id, trial["number"])]
            assert epochs == list(range(1, trial["stop"]["epoch"] + 1)), trial["number"]
    written = [(row["trial_number"], row["attempt"], row["epoch"]) for row in report_rows(database, study_id)]
    assert len(written) == len(set(written))
