"""Trials per second at equal work on equal cores: lanes, compiled and eager, the whole service, and two loops.

`python -m benchmarks.throughput --quick` takes a few minutes. The contestants take turns in every round, so that a
busy machine slows all of them alike; what counts are the ratios within a round. The machine's own speed is measured
in the same rounds. What a process loads or compiles first is not in the time. Seconds from different machines or days
say nothing beside each other.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch

from benchmarks import machine, whole_service
from benchmarks.contestants import trials_per_second
from benchmarks.machine import Speed
from benchmarks.processes import Team
from benchmarks.report import add_output, report, spread, table, write
from benchmarks.turns import in_turn
from benchmarks.workload import Workload

WIDTHS = (64, 128, 256, 512)
OURS = ("compiled", "eager", "service")
OTHERS = ("typical", "careful")

Turn = Callable[[Workload, int], float]
"""Trials per second of a contestant at a workload, in the round with this number."""


@dataclass(frozen=True)
class Round:
    """One round at one width: trials per second by contestant, and the machine's speed beside them."""

    width: int
    trials_per_second: dict[str, float]
    speed: Speed


def main(words: Sequence[str] | None = None) -> None:
    """Runs the benchmark that the words describe, prints its table and writes its JSON."""
    options = _options(words)
    torch.set_num_threads(1)
    found: list[Round] = []
    with ExitStack() as stack:
        turns = _turns(stack, options)
        for number in range(options.rounds):
            for width in options.widths:
                found.append(_round(turns, _workload(options, width), number))
                print(f"round {number + 1}, width {width}: {_rates(found[-1])}", flush=True)
    summaries = [_summary(width, [one for one in found if one.width == width], options) for width in options.widths]
    results = {
        "cores": options.cores,
        "workload": {key: value for key, value in asdict(_workload(options, 0)).items() if key != "width"},
        "widths": summaries,
        "rounds": [asdict(one) for one in found],
    }
    print(_table(summaries))
    write(report(results, [one.speed for one in found]), options.output)


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.throughput", description=__doc__)
    parser.add_argument("--widths", type=int, nargs="+", default=WIDTHS, help="units of the hidden layers")
    parser.add_argument("--trials", type=int, default=96, help="trials of each contestant in a round")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cores", type=int, default=1, help="processes of each contestant, one thread each")
    parser.add_argument("--lanes", type=int, default=32, help="fits that a process of ours trains at once")
    parser.add_argument("--no-service", action="store_true", help="leave the whole service out")
    parser.add_argument("--quick", action="store_true", help="48 trials, 3 rounds, widths 64 and 128")
    add_output(parser)
    options = parser.parse_args(words)
    if options.quick:
        options.trials, options.rounds, options.widths = 48, 3, WIDTHS[:2]
    return options


def _workload(options: argparse.Namespace, width: int) -> Workload:
    return Workload(
        width=width, depth=2, epochs=options.epochs, batch_size=128, trials=options.trials, lanes=options.lanes
    )


def _turns(stack: ExitStack, options: argparse.Namespace) -> dict[str, Turn]:
    """The contestants, started and waiting."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    turns: dict[str, Turn] = {}
    for name in (*OTHERS, "compiled", "eager"):
        team = stack.enter_context(Team(options.cores))
        turns[name] = partial(_turn, team, name, options.cores, folder)
    if not options.no_service:
        url = stack.enter_context(whole_service.running_service(folder / "data", options.cores, options.lanes))
        whole_service.warm_up(url, options.cores, options.lanes)
        turns["service"] = lambda workload, number: whole_service.trials_per_second(
            url, workload, f"throughput {workload.width}, round {number}"
        )
    return turns


def _turn(team: Team, name: str, cores: int, folder: Path, workload: Workload, number: int) -> float:
    return trials_per_second(team, name, cores, workload, f"sqlite:///{folder}/{workload.width}-{number}.db")


def _round(turns: dict[str, Turn], workload: Workload, number: int) -> Round:
    """Every contestant's turn, each round beginning with another one."""
    rates = {name: turns[name](workload, number) for name in in_turn(list(turns), number)}
    return Round(workload.width, rates, machine.speed())


def _summary(width: int, rounds: Sequence[Round], options: argparse.Namespace) -> dict[str, Any]:
    """Medians over the rounds of one width, and the ratios within a round: median, lowest, highest."""
    names = [name for name in (*OTHERS, *OURS) if name in rounds[0].trials_per_second]
    peak = statistics.median(one.speed.gemm_gflops for one in rounds) * options.cores
    rates = {name: statistics.median(one.trials_per_second[name] for one in rounds) for name in names}
    work = _workload(options, width).floating_point_operations() / 1e9
    return {
        "width": width,
        "trials_per_second": {name: round(rate, 3) for name, rate in rates.items()},
        "share_of_gemm_peak": {name: round(rate * work / peak, 4) for name, rate in rates.items()},
        "ratios": {
            f"{ours} / {other}": spread([r.trials_per_second[ours] / r.trials_per_second[other] for r in rounds])
            for ours in OURS
            for other in OTHERS
            if ours in names
        },
        "gemm_gflops": spread([one.speed.gemm_gflops for one in rounds], 1),
        "stream_gigabytes_per_second": spread([one.speed.stream_gigabytes_per_second for one in rounds], 1),
    }


def _rates(one: Round) -> str:
    return ", ".join(f"{name} {rate:.2f}/s" for name, rate in one.trials_per_second.items())


def _table(summaries: Sequence[dict[str, Any]]) -> str:
    """A line for each width and pair."""
    rows = [
        (summary["width"], pair, f"{ratio['median']:.2f}×", f"{ratio['low']:.2f}–{ratio['high']:.2f}")
        for summary in summaries
        for pair, ratio in summary["ratios"].items()
    ]
    return table(("width", "ratio", "median", "low–high"), rows)


if __name__ == "__main__":
    main()
