"""`regtune coordinate` as a process: it coordinates until it is asked to end, and then ends quickly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping

import pytest
from ledger_driver import Driver
from waiting import wait_until

from service.coordinator.command import main
from service.store.database import Database
from service.store.suggestions import acquire_suggest_lease

COMMAND = "import sys; from service.coordinator.command import main; sys.exit(main([]))"


@pytest.fixture
def driver(database: Database) -> Driver:
    return Driver(database)


@pytest.fixture
def process(driver: Driver) -> Iterator[subprocess.Popen[str]]:
    url = driver.database.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    started = start({"REGTUNE_DATABASE_URL": url, "REGTUNE_BROKER_URL": "none"})
    yield started
    started.kill()
    started.communicate()


def start(environment: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND],
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_it_suggests_until_it_is_asked_to_end_and_gives_up_its_leases(
    driver: Driver, process: subprocess.Popen[str], asked: signal.Signals
) -> None:
    study_id = driver.study(sampler={"kind": "tpe"})
    wait_until(lambda: len(driver.trials(study_id)) == 10)
    process.send_signal(asked)
    started = time.monotonic()
    _, log = process.communicate(timeout=10.0)
    assert time.monotonic() - started < 2.0
    assert process.returncode == 0
    assert "Traceback" not in log
    assert acquire_suggest_lease(driver.database, study_id, "another", 30.0) is not None


def test_a_wrong_setting_is_said_and_ends_it_with_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REGTUNE_DATABASE_URL", "mysql://there")
    assert main([]) == 2
    assert "mysql" in capsys.readouterr().err
