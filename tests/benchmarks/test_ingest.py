"""Reports per second: the benchmark writes what a worker would, on every database that answers."""

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from benchmarks import ingest
from benchmarks.databases import POSTGRES_URL
from benchmarks.running import start_run
from service.store.database import Database
from service.store.tables import reports
from service.store.ticks import record_tick

NO_SERVER = "postgresql://postgres@127.0.0.1:1/postgres"


def test_both_ways_to_write_are_measured_and_a_database_that_is_not_there_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(POSTGRES_URL, NO_SERVER)
    output = tmp_path / "ingest.json"
    ingest.main(["--lanes", "4", "--reports", "12", "--rounds", "2", "--output", str(output)])
    found = json.loads(output.read_text())
    assert "no server answers" in found["left_out"]["postgres"]
    assert [(rate["database"], rate["lanes"]) for rate in found["rates"]] == [("sqlite", 4)]
    assert [turn["way"] for turn in found["turns"]] == ["record_tick", "raw", "raw", "record_tick"]


def test_the_plainest_way_stores_the_rows_that_record_tick_stores(database: Database) -> None:
    way = ingest.RAW["sqlite" if database.engine.dialect.name == "sqlite" else "postgres"]
    rows = {}
    for name in ("ours", "raw"):
        running = start_run(database, lanes=3)
        ticks = running.ticks(2)
        if name == "ours":
            for tick in ticks:
                record_tick(database, running.run, tick)
        else:
            way(database, running, ticks)
        of_run = select(reports).where(reports.c.fit_id.in_([fit.id for fit in running.fits]))
        with database.read() as connection:
            found = connection.execute(of_run.order_by(reports.c.epoch, reports.c.train_loss)).mappings().all()
        same = ("epoch", "attempt", "train_loss", "validation_loss_kind", "objective", "metrics", "fence")
        rows[name] = [[row[column] for column in same] for row in found]
    assert len(rows["ours"]) == 6
    assert rows["raw"] == rows["ours"]


def test_a_tick_leaves_a_row_for_each_lane(sqlite_database: Database) -> None:
    running = start_run(sqlite_database, lanes=5)
    for tick in running.ticks(3):
        record_tick(sqlite_database, running.run, tick)
    with sqlite_database.read() as connection:
        assert connection.execute(select(func.count()).select_from(reports)).scalar_one() == 15
