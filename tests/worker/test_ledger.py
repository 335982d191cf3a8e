"""A run waits for a database that is away for a moment, as long as its lease may still hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from service.store.claims import ClaimedFit
from service.store.database import Database, open_database
from service.store.runs import Run
from worker.ledger import RunLedger
from worker.renewal import LeaseNotRenewed

AWAY = OperationalError("SELECT 1", {}, Exception("the server closed the connection"))
RUN = Run("run", "study", 1)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return open_database(f"sqlite:///{tmp_path / 'unused.db'}")


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.ledger._PAUSE_SECONDS", 0.0)


def test_a_database_that_comes_back_is_waited_for(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def claim(database: Database, run: Run, count: int) -> tuple[ClaimedFit, ...]:
        calls.append(count)
        if len(calls) < 3:
            raise AWAY
        return ()

    monkeypatch.setattr("worker.ledger.claim", claim)
    assert RunLedger(database, RUN, lambda: None, patience_seconds=60.0).claim(4) == ()
    assert calls == [4, 4, 4]


def test_waiting_ends_with_the_lease(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def claim(database: Database, run: Run, count: int) -> tuple[ClaimedFit, ...]:
        raise AWAY

    def lost() -> None:
        raise LeaseNotRenewed(3.0, 3.0)

    monkeypatch.setattr("worker.ledger.claim", claim)
    with pytest.raises(LeaseNotRenewed):
        RunLedger(database, RUN, lost, patience_seconds=60.0).claim(4)


def test_an_error_that_stays_is_raised_as_it_is(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def claim(database: Database, run: Run, count: int) -> tuple[ClaimedFit, ...]:
        raise AWAY

    monkeypatch.setattr("worker.ledger.claim", claim)
    with pytest.raises(OperationalError, match="the server closed the connection"):
        RunLedger(database, RUN, lambda: None, patience_seconds=0.0).claim(4)
