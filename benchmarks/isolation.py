"""Isolation: by how much a fit's numbers depend on who trains beside it, measured against what is promised.

`python -m benchmarks.isolation --quick` takes a minute or two without the compiled engine's graphs. For each engine,
with all kinds of regularizers at once and with each alone, the same fits are trained alone, in company, with other
numbers of lanes, joined late and in another order; the largest relative difference of any loss or objective of any
epoch counts. A neighbour that diverges may change the others by nothing at all. Between engines the losses of the
first twenty steps are compared, one by one. The exit status is 1 where a promise is broken.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import torch

from benchmarks import machine
from benchmarks.loops import LEARNING_RATE
from benchmarks.report import add_output, report, table, write
from benchmarks.stepping import Stepping
from benchmarks.workload import rows
from regcore.architectures.mlp import Mlp
from regcore.hyper import Value
from regcore.lanes import Diverged, Fit, Lanes, Program
from regcore.lanes.engines import EngineName
from regcore.regularizers import find as find_regularizer
from regcore.regularizers import kinds

ENGINES: tuple[EngineName, ...] = ("eager", "compiled", "alone")
WITHIN, NOTHING, BETWEEN = 1e-6, 0.0, 1e-5
FIRST_STEPS = 20
COMPANY = 10
WILD_RATE = 1e30
"""A learning rate at which a plain network's loss is not finite after the first epoch."""

_SMALLEST = 1e-12

Curves = dict[str, list[float]]


@dataclass(frozen=True)
class Found:
    """The largest relative difference in one comparison, with the kinds of regularizers in use."""

    kinds: str
    engine: str
    comparison: str
    difference: float
    promise: float

    @property
    def kept(self) -> bool:
        """Whether the promise was kept; a difference that is not a number keeps none."""
        return self.difference <= self.promise


def main(words: Sequence[str] | None = None) -> int:
    """Runs the comparisons that the words describe, prints a table and writes its JSON; 1 for a broken promise."""
    options = _options(words)
    torch.set_num_threads(1)
    speeds = [machine.speed()]
    found: list[Found] = []
    for name in options.kinds:
        named = tuple(kinds()) if name == "all" else (name,)
        for engine in options.engines:
            found += [Found(name, engine, *each) for each in _within(named, engine, options.epochs)]
            print(f"{name}, {engine}: {max(each.difference for each in found):.1e} at most so far", flush=True)
        found += [Found(name, pair, "first steps", found, BETWEEN) for pair, found in _between(named, options.engines)]
    speeds.append(machine.speed())
    print(_table(found))
    broken = [each for each in found if not each.kept]
    for each in broken:
        print(f"broken: {each.comparison}, {each.engine}, {each.kinds}: {each.difference:.3e} > {each.promise:.0e}")
    results = {"epochs": options.epochs, "kept": not broken, "found": [asdict(each) for each in found]}
    write(report(results, speeds), options.output)
    return 1 if broken else 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.isolation", description=__doc__)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=ENGINES)
    names = ["all", *kinds()]
    parser.add_argument("--kinds", nargs="+", choices=names, default=names, help="regularizers, each apart, or all")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--quick", action="store_true", help="all kinds at once alone, 3 epochs")
    add_output(parser)
    options = parser.parse_args(words)
    if options.quick:
        options.kinds, options.epochs = ["all"], min(options.epochs, 3)
    return options


def _within(named: tuple[str, ...], engine: EngineName, epochs: int) -> Iterator[tuple[str, float, float]]:
    """Each comparison within an engine: its name, the largest difference, and what is promised."""
    fits = _fits(named, COMPANY, epochs)

    def curves(fits: Sequence[Fit], lanes: int, at_first: int = COMPANY) -> Curves:
        return _curves(Lanes(_program(named), rows(), lanes=lanes, engine=engine), fits, at_first)

    company = curves(fits, COMPANY)
    alone: Curves = {}
    for fit in fits:
        alone |= curves([fit], 1)
    yield "alone or in company", _largest(alone, company), WITHIN
    for lanes in (3, 7):
        yield f"{lanes} lanes or {COMPANY}", _largest(curves(fits, lanes), company), WITHIN
    yield "joined late", _largest(curves(fits, COMPANY, at_first=2), company), WITHIN
    yield "in another order", _largest(curves(fits[::-1], COMPANY), company), WITHIN
    wild = [*fits[:2], Fit("2", 2, epochs, {LEARNING_RATE: WILD_RATE}), *fits[3:]]
    beside = curves(wild, COMPANY)
    if len(beside["2"]) == len(company["2"]):
        raise RuntimeError(f"the fit with a learning rate of {WILD_RATE:g} did not diverge")
    others = company.keys() - {"2"}
    yield "a neighbour diverges", _largest(_of(beside, others), _of(company, others)), NOTHING


def _between(named: tuple[str, ...], engines: Sequence[EngineName]) -> Iterator[tuple[str, float]]:
    """Each pair of engines, and the largest relative difference of their first steps' losses."""
    fits = _fits(named, COMPANY, FIRST_STEPS)
    losses = {engine: _first_losses(named, fits, engine) for engine in engines}
    for place, one in enumerate(engines):
        for other in engines[place + 1 :]:
            yield f"{one} and {other}", _largest(losses[one], losses[other])


def _first_losses(named: tuple[str, ...], fits: Sequence[Fit], engine: EngineName) -> Curves:
    groups = [[fit] for fit in fits] if engine == "alone" else [list(fits)]
    found: Curves = {}
    for group in groups:
        steps = Stepping(_program(named), rows(), group, engine).steps(FIRST_STEPS)
        found |= {fit.key: column.tolist() for fit, column in zip(group, steps.T, strict=True)}
    return found


def _fits(named: Sequence[str], count: int, epochs: int) -> list[Fit]:
    """Fits that differ in seed, length, learning rate, and in whether they use the kinds at all."""
    values: dict[str, Value] = {}
    for kind in named:
        values |= {f"{kind}.{name}": knob.default for name, knob in find_regularizer(kind).hyperparameters.items()}
    return [
        Fit(str(n), n, epochs - n % 2, {LEARNING_RATE: 10 ** (-3 + n / 10), **(values if n % 3 else {})})
        for n in range(count)
    ]


def _program(named: tuple[str, ...]) -> Program:
    return Program(
        architecture=Mlp(width=32, depth=2),
        optimizer="adamw",
        schedule="constant",
        batch_size=128,
        kinds=named,
        task="classification",
        objective="balanced_accuracy",
        direction="maximize",
        outputs=10,
    )


def _curves(lanes: Lanes, fits: Sequence[Fit], at_first: int) -> Curves:
    """Losses and objectives of every epoch, by fit; `at_first` fits enter before the first epoch, the others after."""
    curves: Curves = {fit.key: [] for fit in fits}
    waiting, room = list(fits), at_first
    while waiting or lanes.busy:
        count = min(room, lanes.free)
        entering, waiting = waiting[:count], waiting[count:]
        lanes.fill(entering)
        tick = lanes.advance(seconds=600.0)
        room = len(fits)
        for epoch in tick.epochs if tick else ():
            curves[epoch.key] += [epoch.train_loss, epoch.validation_loss, epoch.objective]
        for end in tick.ended if tick else ():
            if isinstance(end.outcome, Diverged) and end.outcome.epoch > 1:
                raise RuntimeError(f"fit {end.key} diverged after some epochs: {end.outcome.reason}")
    return curves


def _of(curves: Curves, keys: set[str]) -> Curves:
    return {key: curves[key] for key in keys}


def _largest(some: Mapping[str, Sequence[float]], others: Mapping[str, Sequence[float]]) -> float:
    """The largest relative difference; infinite where one has numbers that the other has not, or that are none."""
    if any(len(some[key]) != len(others[key]) for key in others):
        return math.inf
    one = torch.tensor([value for key in others for value in some[key]], dtype=torch.float64)
    other = torch.tensor([value for key in others for value in others[key]], dtype=torch.float64)
    largest = float(((one - other).abs() / other.abs().clamp(min=_SMALLEST)).max())
    return largest if math.isfinite(largest) else math.inf


def _table(found: Sequence[Found]) -> str:
    """A line for each engine and comparison: the largest difference over all kinds, and the kinds it was found with."""
    lines = dict.fromkeys((each.engine, each.comparison, each.promise) for each in found)
    lines_of = {line: [e for e in found if (e.engine, e.comparison, e.promise) == line] for line in lines}
    by_difference: Callable[[Found], float] = lambda each: each.difference  # noqa: E731
    worst = {line: max(of_line, key=by_difference) for line, of_line in lines_of.items()}
    rows_of_table = [
        (*line[:2], f"{each.difference:.1e}", each.kinds, f"≤ {line[2]:.0e}", "kept" if each.kept else "broken")
        for line, each in worst.items()
    ]
    return table(("engine", "comparison", "largest difference", "found with", "promise", ""), rows_of_table)


if __name__ == "__main__":
    sys.exit(main())
