"""Epoch reports stored per second: ticks as workers record them, beside the plainest way to write the same rows.

`python -m benchmarks.ingest --quick` takes some seconds. `record_tick` writes a tick of all lanes in one transaction
with all that belongs to it: the lease, the study's counts, its event, its budget. The ceiling is what the database's
own driver manages with the same rows in one transaction a tick and nothing else: `executemany` into SQLite, `COPY` into
Postgres. Both write into the same table and take turns, in one thread. The rows of the ceiling are made beforehand;
`record_tick` makes its own of the reports.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import torch

from benchmarks import databases, machine
from benchmarks.machine import Speed
from benchmarks.report import add_output, report, spread, table, write
from benchmarks.running import Running, start_run
from benchmarks.turns import in_turn
from service.store.database import Database
from service.store.tables import reports
from service.store.ticks import Tick, record_tick

LANES = (32, 128)
GOALS = {"sqlite": 50_000, "postgres": 20_000}
_COLUMNS = tuple(column.name for column in reports.c)

Row = tuple[object, ...]


@dataclass(frozen=True)
class Turn:
    """Reports per second of one way to write, in one round."""

    database: str
    lanes: int
    way: str
    reports_per_second: float


Way = Callable[[Database, Running, Sequence[Tick]], float]
"""Writes the ticks of a run; the seconds that it took."""


def main(words: Sequence[str] | None = None) -> None:
    """Runs the benchmark that the words describe, prints its table and writes its JSON."""
    options = _options(words)
    torch.set_num_threads(1)
    found: list[Turn] = []
    speeds: list[Speed] = []
    with ExitStack() as stack:
        opened, missing = _opened(stack)
        for number in range(options.rounds):
            for name in opened:
                found += _round(name, opened[name], number, options)
            speeds.append(machine.speed())
            print(f"round {number + 1} of {options.rounds}", flush=True)
    summaries = [_summary(name, lanes, found) for name in opened for lanes in options.lanes]
    results = {
        "reports_of_a_turn": options.reports,
        "left_out": missing,
        "rates": summaries,
        "turns": [asdict(turn) for turn in found],
    }
    print(_table(summaries), *(f"{name} is left out: {reason}" for name, reason in missing.items()), sep="\n")
    write(report(results, speeds), options.output)


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ingest", description=__doc__)
    parser.add_argument("--lanes", type=int, nargs="+", default=LANES, help="reports of a tick")
    parser.add_argument("--reports", type=int, default=50_000, help="reports of a turn")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="10,000 reports, 3 rounds")
    add_output(parser)
    options = parser.parse_args(words)
    if options.quick:
        options.reports, options.rounds = min(options.reports, 10_000), min(options.rounds, 3)
    return options


def _opened(stack: ExitStack) -> tuple[dict[str, Database], dict[str, str]]:
    """The databases that there are, and why the others are not."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    opened = {"sqlite": stack.enter_context(databases.sqlite(folder))}
    try:
        opened["postgres"] = stack.enter_context(databases.postgres())
    except psycopg.OperationalError as error:
        reason = str(error).splitlines()[0]
        return opened, {"postgres": f"no server answers at {databases.POSTGRES_URL} or on this machine: {reason}"}
    return opened, {}


def _round(name: str, database: Database, number: int, options: argparse.Namespace) -> Iterator[Turn]:
    ways: dict[str, Way] = {"record_tick": _record, "raw": RAW[name]}
    for lanes in options.lanes:
        for way in in_turn(list(ways), number):
            running = start_run(database, lanes)
            ticks = running.ticks(max(1, options.reports // lanes))
            seconds = ways[way](database, running, ticks)
            yield Turn(name, lanes, way, len(ticks) * lanes / seconds)


def _record(database: Database, running: Running, ticks: Sequence[Tick]) -> float:
    began = time.perf_counter()
    for tick in ticks:
        record_tick(database, running.run, tick)
    return time.perf_counter() - began


def _execute_many(database: Database, running: Running, ticks: Sequence[Tick]) -> float:
    statement = f"INSERT INTO reports ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
    rows = [_rows(running, tick, str(datetime.now(UTC).replace(tzinfo=None))) for tick in ticks]
    began = time.perf_counter()
    for of_tick in rows:
        with database.write() as connection:
            connection.connection.cursor().executemany(statement, of_tick)
    return time.perf_counter() - began


def _copy(database: Database, running: Running, ticks: Sequence[Tick]) -> float:
    rows = [_rows(running, tick, datetime.now(UTC)) for tick in ticks]
    began = time.perf_counter()
    for of_tick in rows:
        with database.write() as connection:
            cursor: psycopg.Cursor[object] = connection.connection.cursor()  # type: ignore[assignment]
            with cursor.copy(f"COPY reports ({', '.join(_COLUMNS)}) FROM STDIN") as copying:
                for row in of_tick:
                    copying.write_row(row)
    return time.perf_counter() - began


RAW: dict[str, Way] = {"sqlite": _execute_many, "postgres": _copy}


def _rows(running: Running, tick: Tick, moment: object) -> list[Row]:
    """What `record_tick` would store of the tick's reports, in the order of the table's columns."""
    return [
        (
            *(epoch.fit_id, epoch.attempt, epoch.epoch),
            *(epoch.train_loss, "finite", epoch.validation_loss, "finite", epoch.objective, "finite"),
            *(json.dumps(dict(epoch.metrics)), tick.device_seconds, running.run.fence, moment),
        )
        for epoch in tick.epochs
    ]


def _summary(name: str, lanes: int, found: Sequence[Turn]) -> dict[str, Any]:
    """The rates of a database at a number of lanes, and ours as a share of the plainest way's in the same round."""
    rates = {
        way: [turn.reports_per_second for turn in found if (turn.database, turn.lanes, turn.way) == (name, lanes, way)]
        for way in ("record_tick", "raw")
    }
    return {
        "database": name,
        "lanes": lanes,
        **{way: spread(of_way, digits=0) for way, of_way in rates.items()},
        "share_of_raw": spread([ours / raw for ours, raw in zip(*rates.values(), strict=True)]),
        "goal": GOALS[name],
    }


def _table(summaries: Sequence[dict[str, Any]]) -> str:
    headings = ("database", "lanes", "record_tick, reports/s", "low–high", "raw, reports/s", "share of raw", "goal")
    rows = [
        (
            *(each["database"], each["lanes"]),
            *(
                f"{each['record_tick']['median']:.0f}",
                f"{each['record_tick']['low']:.0f}–{each['record_tick']['high']:.0f}",
            ),
            *(f"{each['raw']['median']:.0f}", f"{each['share_of_raw']['median']:.2f}", f"≥ {each['goal']}"),
        )
        for each in summaries
    ]
    return table(headings, rows)


if __name__ == "__main__":
    main()
