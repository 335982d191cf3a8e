"""What a suggestion costs, and what it is worth: our estimator beside Optuna's.

`python -m benchmarks.suggest --quick` takes a minute or two, the whole about half an hour. The cost is measured after
100, 1000 and 10,000 finished trials. The worth is the regret of whole searches on synthetic surfaces, with one trial
out at a time and with a batch; the machine holds no recorded tables of trials, so that no search runs on real ones.
Contestants take turns on every instance. `optuna` is Optuna's sampler as its users have it, and `optuna_tpe` the
sampler of that kind, which holds the program of a block and forgets old trials.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks import machine
from benchmarks.asking import cost, timings
from benchmarks.paired import difference
from benchmarks.searches import BUILDS, in_turn, regrets
from benchmarks.surfaces import SURFACES, Surface

OURS, THEIRS = "tpe", ("optuna_tpe", "optuna")
PASTS = (100, 1000, 10_000)


@dataclass(frozen=True)
class Run:
    """The regret that one search ended with."""

    kind: str
    surface: str
    pending: int
    seed: int
    regret: float


def main(words: Sequence[str] | None = None) -> None:
    """Runs the benchmark that the words describe, prints its tables and writes its JSON."""
    options = _options(words)
    torch.set_num_threads(1)
    speeds = [machine.gemm_gflops()]
    kinds = (OURS, *THEIRS)
    timed = [timing for finished in options.pasts for timing in timings(kinds, finished, options.rounds)]
    runs = list(_runs(options))
    speeds.append(machine.gemm_gflops())
    report = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine.description(),
        "gemm_gflops_before_and_after": [round(speed, 1) for speed in speeds],
        "trials": options.trials,
        "seeds": [options.first_seed, options.first_seed + options.seeds],
        "recorded_tables": "none: there are no recorded tables of trials to search on",
        "cost": [cost(kind, finished, timed) for finished in options.pasts for kind in kinds],
        "worth": [_worth(surface, pending, runs) for pending in options.pending for surface in options.surfaces],
        "on_the_whole": [_whole(options, pending, other, runs) for pending in options.pending for other in THEIRS],
        "timings": [asdict(timing) for timing in timed],
        "final_regrets": [
            {"surface": surface.name, "pending": pending, "kind": kind, "by_seed": _final(kind, surface, pending, runs)}
            for surface in options.surfaces
            for pending in options.pending
            for kind in BUILDS
            if _takes_part(kind, surface)
        ],
    }
    print(_table(report))
    if options.output:
        options.output.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        print(f"written to {options.output}")


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.suggest", description=__doc__)
    names = [surface.name for surface in SURFACES]
    parser.add_argument("--problems", nargs="+", choices=names, default=names, help="which surfaces")
    parser.add_argument("--seeds", type=int, default=20, help="instances of each surface")
    parser.add_argument("--first-seed", type=int, default=0, help="tune on others than you report on")
    parser.add_argument("--trials", type=int, default=100, help="trials of each search")
    parser.add_argument("--pending", type=int, nargs="+", default=[1, 8], help="suggestions that are out at a time")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each contestant while the cost is measured")
    parser.add_argument("--pasts", type=int, nargs="*", default=PASTS, help="finished trials when cost is measured")
    parser.add_argument("--quick", action="store_true", help="at most 3 seeds, 3 rounds, no past of 10,000")
    parser.add_argument("--output", type=Path, default=None, help="where the JSON goes")
    options = parser.parse_args(words)
    if options.quick:
        options.seeds, options.rounds, options.pasts = min(options.seeds, 3), 3, PASTS[:2]
    options.surfaces = [surface for surface in SURFACES if surface.name in options.problems]
    return options


def _runs(options: argparse.Namespace) -> Iterator[Run]:
    """Every contestant's search of every instance."""
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        began = time.perf_counter()
        for surface in options.surfaces:
            for pending in options.pending:
                for kind in in_turn([kind for kind in BUILDS if _takes_part(kind, surface)], seed):
                    found = regrets(BUILDS[kind], surface, seed, options.trials, pending)
                    yield Run(kind, surface.name, pending, seed, found[-1])
        print(f"searches with seed {seed}: {time.perf_counter() - began:.0f} s", flush=True)


def _takes_part(kind: str, surface: Surface) -> bool:
    """Plain Optuna knows no program part, and would search another space than the others."""
    return kind != "optuna" or all(at.per == "lane" for at in surface.space)


def _worth(surface: Surface, pending: int, runs: Sequence[Run]) -> dict[str, Any]:
    """Mean final regrets on one surface, relative to random search's, and the paired differences."""
    kinds = [kind for kind in BUILDS if _takes_part(kind, surface)]
    found = {kind: _relative(kind, surface, pending, runs) for kind in kinds}
    return {
        "surface": surface.name,
        "dimensions": len(surface.space),
        "pending": pending,
        "regret": {kind: round(float(values.mean()), 4) for kind, values in found.items()},
        "median_regret": {kind: round(float(np.median(values)), 4) for kind, values in found.items()},
        "differences": {
            other: difference([found[OURS] - found[other]]).to_json() for other in THEIRS if other in found
        },
    }


def _relative(kind: str, surface: Surface, pending: int, runs: Sequence[Run]) -> np.ndarray[Any, Any]:
    """Final regrets by seed, divided by the mean of random search's on the surface."""
    return np.array(_final(kind, surface, pending, runs)) / statistics.mean(_final("random", surface, pending, runs))


def _final(kind: str, surface: Surface, pending: int, runs: Sequence[Run]) -> list[float]:
    wanted = (kind, surface.name, pending)
    return [run.regret for run in runs if (run.kind, run.surface, run.pending) == wanted]


def _whole(options: argparse.Namespace, pending: int, other: str, runs: Sequence[Run]) -> dict[str, Any]:
    """All surfaces together: the mean difference, and how many surfaces were won, lost and tied."""
    surfaces = [surface for surface in options.surfaces if _takes_part(other, surface)]
    found = [_relative(OURS, surface, pending, runs) - _relative(other, surface, pending, runs) for surface in surfaces]
    verdicts = [difference([runs_of_one]).verdict for runs_of_one in found]
    return {
        "pending": pending,
        "against": other,
        "difference": difference(found).to_json() if found else None,
        "surfaces": {verdict: verdicts.count(verdict) for verdict in ("won", "lost", "tied")},
        "share_of_runs_won": round(float(np.mean(np.concatenate(found) < 0)), 3) if found else None,
    }


def _table(report: dict[str, Any]) -> str:
    """Markdown tables: the cost, the worth on each surface, and the whole."""
    lines = ["", "| finished | sampler | CPU ms | wall ms |", "|---|---|---|---|"]
    for row in report["cost"]:
        cpu, wall = row["cpu_milliseconds"]["median"], row["wall_milliseconds"]["median"]
        lines.append(f"| {row['finished']} | {row['kind']} | {cpu:.2f} | {wall:.2f} |")
    lines += ["", "| pending | surface | tpe | optuna_tpe | optuna | tpe − optuna_tpe |", "|---|---|---|---|---|---|"]
    for row in report["worth"]:
        cells = " | ".join(f"{row['regret'][kind]:.3f}" if kind in row["regret"] else "–" for kind in (OURS, *THEIRS))
        lines.append(f"| {row['pending']} | {row['surface']} | {cells} | {_shown(row['differences']['optuna_tpe'])} |")
    lines += ["", "| pending | against | difference | won | lost | tied |", "|---|---|---|---|---|---|"]
    for row in report["on_the_whole"]:
        counts = " | ".join(str(row["surfaces"][verdict]) for verdict in ("won", "lost", "tied"))
        shown = _shown(row["difference"]) if row["difference"] else "–"
        lines.append(f"| {row['pending']} | {row['against']} | {shown} | {counts} |")
    return "\n".join([*lines, ""])


def _shown(found: dict[str, Any]) -> str:
    return f"{found['mean']:+.3f} ({found['low']:+.3f} to {found['high']:+.3f}) {found['verdict']}"


if __name__ == "__main__":
    main()
