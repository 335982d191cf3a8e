"""Peers: the same study by Optuna, Ray Tune, Syne Tune, Hyperopt and the whole service, on the same cores.

`python -m benchmarks.peers --quick` takes a minute or two. The same space, network, rows, epochs and number of trials
for all; nothing is pruned. The others train with the careful loop, not the typical one. Contestants take turns in every
round. A tool that is not installed is left out, and the report says why; none is needed for anything else
(`pip install "ray[tune]" syne-tune hyperopt`, best in an environment of its own). Best scores tell that everyone
searched, not who searches better: for that see `benchmarks.suggest`.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from benchmarks import machine, whole_service
from benchmarks.data_sets import split_of
from benchmarks.loops import Training, losses
from benchmarks.machine import Speed
from benchmarks.report import add_output, report, spread, table, write
from benchmarks.tools import TOOLS, Outcome, Question
from benchmarks.turns import in_turn
from benchmarks.workload import Workload

OURS = "service"
PACKAGES = ("optuna", "ray", "syne-tune", "hyperopt")


@dataclass(frozen=True)
class Turn:
    """What one contestant's search came to in one round."""

    contestant: str
    round: int
    outcome: Outcome


def main(words: Sequence[str] | None = None) -> None:
    """Runs the benchmark that the words describe, prints its table and writes its JSON."""
    options = _options(words)
    torch.set_num_threads(1)
    workload = Workload(options.width, 2, options.epochs, 128, options.trials, options.lanes)
    found: list[Turn] = []
    speeds: list[Speed] = []
    missing: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with whole_service.running_service(folder / "data", options.cores, options.lanes) as url:
            whole_service.warm_up(url, options.cores, options.lanes)
            turns = _turns(workload, options, url, folder)
            for number in range(options.rounds):
                for contestant in in_turn([each for each in turns if each not in missing], number):
                    try:
                        found.append(Turn(contestant, number, turns[contestant](number)))
                    except ImportError as error:
                        missing[contestant] = str(error)
                        continue
                    print(f"round {number + 1}, {contestant}: {found[-1].outcome}", flush=True)
                speeds.append(machine.speed())
    summaries = [_summary(contestant, found) for contestant in turns if contestant not in missing]
    print(_table(summaries), *(f"{name} is left out: {reason}" for name, reason in missing.items()), sep="\n")
    results = {
        "cores": options.cores,
        "workload": asdict(workload),
        "peers": _versions(),
        "left_out": missing,
        "contestants": summaries,
        "turns": [asdict(turn) for turn in found],
    }
    write(report(results, speeds), options.output)


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--tools", nargs="+", choices=list(TOOLS), default=list(TOOLS), help="beside the service")
    parser.add_argument("--trials", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--cores", type=int, default=2, help="processes of each contestant, one thread each")
    parser.add_argument("--lanes", type=int, default=32, help="fits that a process of ours trains at once")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="8 trials of 2 epochs, one round")
    add_output(parser)
    options = parser.parse_args(words)
    if options.quick:
        options.trials, options.epochs, options.rounds = 8, 2, 1
    if options.trials % options.cores:
        parser.error(f"{options.trials} trials do not divide among {options.cores} cores")
    return options


def _turns(
    workload: Workload, options: argparse.Namespace, url: str, folder: Path
) -> dict[str, Callable[[int], Outcome]]:
    """The contestants, by what runs a search of theirs in the round with a number."""
    document = {
        **whole_service.study_of(workload, "peers"),
        "objective": {"metric": "log_loss", "direction": "minimize"},
    }
    split = split_of(folder / "data", document)
    training = Training(split, workload.width, workload.depth, workload.epochs, workload.batch_size, losses)

    def with_tool(tool: str, number: int) -> Outcome:
        own = folder / f"{tool} {number}".replace(" ", "-")
        own.mkdir()
        return TOOLS[tool](Question(training, workload.trials, options.cores, own))

    def with_service(number: int) -> Outcome:
        done = whole_service.completed(url, {**document, "name": f"peers, round {number}"}, workload)
        return Outcome(done.seconds, workload.trials, done.best)

    return {OURS: with_service, **{tool: partial(with_tool, tool) for tool in options.tools}}


def _versions() -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found


def _summary(contestant: str, found: Sequence[Turn]) -> dict[str, Any]:
    """Rates, seconds and scores of a contestant, and by how much the service was faster in the same round."""
    of_contestant = [turn for turn in found if turn.contestant == contestant]
    ours = {turn.round: turn.outcome.seconds for turn in found if turn.contestant == OURS}
    seconds = [turn.outcome.seconds for turn in of_contestant]
    return {
        "contestant": contestant,
        "trials_per_second": spread([turn.outcome.trials / turn.outcome.seconds for turn in of_contestant], digits=3),
        "seconds": spread(seconds),
        "best_log_loss": spread([turn.outcome.best for turn in of_contestant], digits=4),
        "seconds_over_services": spread([turn.outcome.seconds / ours[turn.round] for turn in of_contestant]),
    }


def _table(summaries: Sequence[dict[str, Any]]) -> str:
    rows = [
        (
            *(each["contestant"], f"{each['trials_per_second']['median']:.2f}", f"{each['seconds']['median']:.1f}"),
            f"{each['seconds']['low']:.1f}–{each['seconds']['high']:.1f}",
            f"{each['best_log_loss']['median']:.4f}",
            f"{each['seconds_over_services']['median']:.2f}×",
        )
        for each in summaries
    ]
    return table(("who", "trials/s", "seconds", "low–high", "best log loss", "service is faster by"), rows)


if __name__ == "__main__":
    main()
