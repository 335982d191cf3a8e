"""What a suggestion costs, and what it is worth: our estimator beside Optuna's.

`python -m benchmarks.suggest --quick` takes a minute or two, the whole about half an hour. The cost is measured after
100, 1000 and 10,000 finished trials. The worth is the regret of whole searches, with one trial out at a time and with a
batch, on synthetic surfaces and on recorded tables of trials of real networks (see `benchmarks.recorded`). Contestants
take turns on every instance. `optuna` is Optuna's sampler as its users have it, and `optuna_tpe` the sampler of that
kind, which holds the program of a block and forgets old trials.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from benchmarks import machine
from benchmarks.asking import cost, timings
from benchmarks.paired import difference
from benchmarks.recorded import recorded_tables
from benchmarks.report import add_output, report, table, write
from benchmarks.searches import BUILDS, Problem, regrets
from benchmarks.surfaces import SURFACES
from benchmarks.turns import in_turn

OURS, THEIRS = "tpe", ("optuna_tpe", "optuna")
PASTS = (100, 1000, 10_000)


@dataclass(frozen=True)
class Run:
    """The regret that one search ended with."""

    kind: str
    problem: str
    pending: int
    seed: int
    regret: float


def main(words: Sequence[str] | None = None) -> None:
    """Runs the benchmark that the words describe, prints its tables and writes its JSON."""
    options = _options(words)
    torch.set_num_threads(1)
    speeds = [machine.speed()]
    kinds = (OURS, *THEIRS)
    timed = [timing for finished in options.pasts for timing in timings(kinds, finished, options.rounds)]
    runs = list(_runs(options))
    speeds.append(machine.speed())
    results = {
        "trials": options.trials,
        "seeds": [options.first_seed, options.first_seed + options.seeds],
        "cost": [cost(kind, finished, timed) for finished in options.pasts for kind in kinds],
        "worth": [_worth(problem, pending, runs) for pending in options.pending for problem in options.searched],
        "on_the_whole": [
            {"of": name, **_whole(problems, pending, other, runs)}
            for name, problems in _kinds_of(options.searched).items()
            for pending in options.pending
            for other in THEIRS
        ],
        "timings": [asdict(timing) for timing in timed],
        "final_regrets": [
            {"problem": problem.name, "pending": pending, "kind": kind, "by_seed": _final(kind, problem, pending, runs)}
            for problem in options.searched
            for pending in options.pending
            for kind in BUILDS
            if _takes_part(kind, problem)
        ],
    }
    print(_tables(results))
    write(report(results, speeds), options.output)


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.suggest", description=__doc__)
    problems: tuple[Problem, ...] = (*SURFACES, *recorded_tables())
    names = [problem.name for problem in problems]
    parser.add_argument("--problems", nargs="+", choices=names, default=names, help="what to search")
    parser.add_argument("--recorded", action="store_true", help="the recorded tables alone")
    parser.add_argument("--seeds", type=int, default=20, help="instances of each problem")
    parser.add_argument("--first-seed", type=int, default=1, help="tune on others than you report on")
    parser.add_argument("--trials", type=int, default=100, help="trials of each search")
    parser.add_argument("--pending", type=int, nargs="+", default=[1, 8], help="suggestions that are out at a time")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each contestant while the cost is measured")
    parser.add_argument("--pasts", type=int, nargs="*", default=PASTS, help="finished trials when cost is measured")
    parser.add_argument("--quick", action="store_true", help="at most 3 seeds, 3 rounds, no past of 10,000")
    add_output(parser)
    options = parser.parse_args(words)
    if options.quick:
        options.seeds, options.rounds, options.pasts = min(options.seeds, 3), 3, PASTS[:2]
    chosen = [problem for problem in problems if problem.name in options.problems]
    options.searched = [problem for problem in chosen if problem in recorded_tables() or not options.recorded]
    drawn = [table.seed_of_draws for table in recorded_tables() if table in options.searched]
    if any(options.first_seed <= seed < options.first_seed + options.seeds for seed in drawn):
        parser.error(f"recorded tables were drawn with the seeds {set(drawn)}: search with others")
    return options


def _runs(options: argparse.Namespace) -> Iterator[Run]:
    """Every contestant's search of every instance."""
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        began = time.perf_counter()
        for problem in options.searched:
            for pending in options.pending:
                for kind in in_turn([kind for kind in BUILDS if _takes_part(kind, problem)], seed):
                    found = regrets(BUILDS[kind], problem, seed, options.trials, pending)
                    yield Run(kind, problem.name, pending, seed, found[-1])
        print(f"searches with seed {seed}: {time.perf_counter() - began:.0f} s", flush=True)


def _takes_part(kind: str, problem: Problem) -> bool:
    """Plain Optuna knows no program part, and would search another space than the others."""
    return kind != "optuna" or all(at.per == "lane" for at in problem.space)


def _worth(problem: Problem, pending: int, runs: Sequence[Run]) -> dict[str, Any]:
    """Mean final regrets on one problem, relative to random search's, and the paired differences."""
    kinds = [kind for kind in BUILDS if _takes_part(kind, problem)]
    found = {kind: _relative(kind, problem, pending, runs) for kind in kinds}
    return {
        "problem": problem.name,
        "dimensions": len(problem.space),
        "pending": pending,
        "regret": {kind: round(float(values.mean()), 4) for kind, values in found.items()},
        "median_regret": {kind: round(float(np.median(values)), 4) for kind, values in found.items()},
        "differences": {
            other: difference([found[OURS] - found[other]]).to_json() for other in THEIRS if other in found
        },
    }


def _relative(kind: str, problem: Problem, pending: int, runs: Sequence[Run]) -> np.ndarray[Any, Any]:
    """Final regrets by seed, divided by the mean of random search's on the problem."""
    return np.array(_final(kind, problem, pending, runs)) / statistics.mean(_final("random", problem, pending, runs))


def _final(kind: str, problem: Problem, pending: int, runs: Sequence[Run]) -> list[float]:
    wanted = (kind, problem.name, pending)
    return [run.regret for run in runs if (run.kind, run.problem, run.pending) == wanted]


def _kinds_of(searched: Sequence[Problem]) -> dict[str, list[Problem]]:
    """All problems together, and where there are both, the surfaces and the tables by themselves."""
    surfaces: list[Problem] = [problem for problem in searched if problem in SURFACES]
    tables = [problem for problem in searched if problem not in SURFACES]
    parts = {"surfaces": surfaces, "recorded tables": tables} if surfaces and tables else {}
    return {"all": [*surfaces, *tables], **parts}


def _whole(searched: Sequence[Problem], pending: int, other: str, runs: Sequence[Run]) -> dict[str, Any]:
    """Problems together: the mean difference, and how many of them were won, lost and tied."""
    problems = [problem for problem in searched if _takes_part(other, problem)]
    found = [_relative(OURS, problem, pending, runs) - _relative(other, problem, pending, runs) for problem in problems]
    verdicts = [difference([runs_of_one]).verdict for runs_of_one in found]
    return {
        "pending": pending,
        "against": other,
        "difference": difference(found).to_json() if found else None,
        "problems": {verdict: verdicts.count(verdict) for verdict in ("won", "lost", "tied")},
        "share_of_runs_won": round(float(np.mean(np.concatenate(found) < 0)), 3) if found else None,
    }


def _tables(results: dict[str, Any]) -> str:
    """The cost, the worth on each problem, and the whole."""
    costs = [
        (
            *(row["finished"], row["kind"]),
            *(f"{row['cpu_milliseconds']['median']:.2f}", f"{row['wall_milliseconds']['median']:.2f}"),
        )
        for row in results["cost"]
    ]
    worths = [
        (
            *(row["pending"], row["problem"]),
            *(f"{row['regret'][kind]:.3f}" if kind in row["regret"] else "–" for kind in (OURS, *THEIRS)),
            _shown(row["differences"]["optuna_tpe"]),
        )
        for row in results["worth"]
    ]
    wholes = [
        (
            *(row["of"], row["pending"], row["against"]),
            _shown(row["difference"]) if row["difference"] else "–",
            *(row["problems"][verdict] for verdict in ("won", "lost", "tied")),
        )
        for row in results["on_the_whole"]
    ]
    return (
        table(("finished", "sampler", "CPU ms", "wall ms"), costs)
        + table(("pending", "problem", OURS, *THEIRS, f"{OURS} − {THEIRS[0]}"), worths)
        + table(("of", "pending", "against", "difference", "won", "lost", "tied"), wholes)
    )


def _shown(found: dict[str, Any]) -> str:
    return f"{found['mean']:+.3f} ({found['low']:+.3f} to {found['high']:+.3f}) {found['verdict']}"


if __name__ == "__main__":
    main()
