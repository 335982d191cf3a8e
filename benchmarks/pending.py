"""How many suggestions a sampler that learns may have pending: what more of them cost in regret, and save in time.

`python -m benchmarks.pending` searches every problem of `benchmarks.suggest` with the sampler `tpe` under several
limits, a quarter of the finished trials or so many at least. Trials are not trained: two workers with 32 lanes each
take turns at a clock that is a model of a processor. A step takes 0.9 ms and 0.6 ms a lane, as compiled steps of width
128 about do; a trial has 12 to 50 epochs of 11 steps, by luck; and suggestions go to whoever has fewest lanes busy.
"""

from __future__ import annotations

import argparse
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmarks import machine
from benchmarks.paired import difference
from benchmarks.recorded import recorded_tables
from benchmarks.report import add_output, report, table, write
from benchmarks.searches import Problem
from benchmarks.surfaces import SURFACES
from service.coordinator import suggest
from service.coordinator.sampler import PastTrial, Point, Scored

LEAST = (10, 16, 32, 64)
BUDGETS = (32, 64, 128, 256)
SECONDS = (5, 10, 20)
_WORKERS, _LANES = 2, 32
_SECONDS_A_STEP, _SECONDS_A_LANE, _STEPS = 0.9e-3, 0.6e-3, 11


@dataclass
class Lane:
    """A trial in training."""

    number: int
    point: Point
    epochs_left: float


@dataclass(frozen=True)
class Run:
    """One search: by trials that have ended and by seconds, the regret; by trials, when they had ended."""

    problem: str
    seed: int
    least: int
    regrets: tuple[float, ...]
    seconds: tuple[float, ...]
    regrets_by_then: tuple[float, ...]


def main(words: Sequence[str] | None = None) -> None:
    """Runs all searches, prints the tables and writes the JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pending", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="instances of each problem")
    add_output(parser)
    options = parser.parse_args(words)
    speeds = [machine.speed()]
    runs = [run for seed in range(1, options.seeds + 1) for run in _runs(seed)]
    speeds.append(machine.speed())
    found = [_compared(least, runs) for least in LEAST]
    print(_tables(found))
    write(report({"limits": found, "runs": [asdict(run) for run in runs]}, speeds), options.output)


def _runs(seed: int) -> Iterator[Run]:
    problems: tuple[Problem, ...] = (*SURFACES, *recorded_tables())
    for problem in problems:
        for least in LEAST:
            yield searched(problem, seed, least)
    print(f"searches with seed {seed} done", flush=True)


def searched(problem: Problem, seed: int, least: int) -> Run:
    """A search in which at most a quarter of the finished trials are pending, or `least`."""
    sampler = suggest.build("tpe", problem.space, seed)
    lengths = np.random.default_rng(seed).integers(12, 51, size=max(BUDGETS))
    workers: list[list[Lane]] = [[] for _ in range(_WORKERS)]
    waiting: deque[Lane] = deque()
    ends: list[tuple[float, float]] = []
    now, made, lowest, regret = 0.0, 0, float("inf"), float("inf")
    while len(ends) < max(BUDGETS):
        while made < max(BUDGETS) and made - len(ends) < max(least, len(ends) // 4):
            waiting.append(Lane(made, sampler.suggest(made, made) or {}, float(lengths[made])))
            made += 1
        while waiting and min(map(len, workers)) < _LANES:
            min(workers, key=len).append(waiting.popleft())
        now += _until_one_ends(workers)
        for ended in [lane for lanes in workers for lane in lanes if lane.epochs_left < 1e-9]:
            reported = problem.reported(seed, ended.number, ended.point)
            if reported < lowest:
                lowest, regret = reported, problem.loss(seed, ended.point)
            sampler.learn([PastTrial(ended.number, True, ended.point, Scored(reported))])
            ends.append((now, regret))
        workers = [[lane for lane in lanes if lane.epochs_left >= 1e-9] for lanes in workers]
    return Run(
        problem=problem.name,
        seed=seed,
        least=least,
        regrets=tuple(ends[budget - 1][1] for budget in BUDGETS),
        seconds=tuple(ends[budget - 1][0] for budget in BUDGETS),
        regrets_by_then=tuple(next(after for at, after in reversed(ends) if at <= seconds) for seconds in SECONDS),
    )


def _until_one_ends(workers: Sequence[Sequence[Lane]]) -> float:
    """Trains all lanes until the first ends, and gives the seconds that it took."""
    busy = [(lanes, _STEPS * (_SECONDS_A_STEP + _SECONDS_A_LANE * len(lanes))) for lanes in workers if lanes]
    seconds = min(lane.epochs_left * an_epoch for lanes, an_epoch in busy for lane in lanes)
    for lanes, an_epoch in busy:
        for lane in lanes:
            lane.epochs_left -= seconds / an_epoch
    return seconds


def _compared(least: int, runs: Sequence[Run]) -> dict[str, Any]:
    """A limit beside the first one: differences of regret, as shares of the first one's after the least budget."""
    seconds = np.array([run.seconds for run in runs if run.least == least]).mean(axis=0)
    return {
        "least": least,
        "seconds_to_trials": {budget: round(float(at), 2) for budget, at in zip(BUDGETS, seconds, strict=True)},
        "after_trials": {
            budget: _difference(least, runs, lambda run, at=at: run.regrets[at]) for at, budget in enumerate(BUDGETS)
        },
        "after_seconds": {
            moment: _difference(least, runs, lambda run, at=at: run.regrets_by_then[at])
            for at, moment in enumerate(SECONDS)
        },
    }


def _difference(least: int, runs: Sequence[Run], regret_of: Any) -> dict[str, object]:
    of_problems = []
    for problem in dict.fromkeys(run.problem for run in runs):
        of_problem = [run for run in runs if run.problem == problem]
        usual = [run for run in of_problem if run.least == LEAST[0]]
        here = np.array([regret_of(run) for run in of_problem if run.least == least])
        unit = np.mean([run.regrets[0] for run in usual])
        of_problems.append((here - np.array([regret_of(run) for run in usual])) / unit)
    return difference(of_problems).to_json()


def _tables(found: Sequence[dict[str, Any]]) -> str:
    times = [(each["least"], *(f"{at:.1f}" for at in each["seconds_to_trials"].values())) for each in found]
    worth = [
        (
            each["least"],
            *(_shown(of_one) for of_one in (*each["after_trials"].values(), *each["after_seconds"].values())),
        )
        for each in found[1:]
    ]
    after = (*(f"{budget} trials" for budget in BUDGETS), *(f"{seconds} s" for seconds in SECONDS))
    return table(("at least", *(f"s to {budget} trials" for budget in BUDGETS)), times) + table(
        ("at least", *after), worth
    )


def _shown(found: dict[str, Any]) -> str:
    return f"{found['mean']:+.3f} ({found['low']:+.3f} to {found['high']:+.3f})"


if __name__ == "__main__":
    main()
