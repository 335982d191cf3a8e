"""What a suggestion costs a sampler that has learned from many trials."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.report import spread
from benchmarks.searches import BUILDS
from benchmarks.surfaces import SURFACES, Surface
from benchmarks.turns import in_turn
from service.coordinator import suggest
from service.coordinator.sampler import PastTrial, Point, Sampler, Scored

SURFACE = "programs"
SUGGESTIONS = {"tpe": 32, "optuna_tpe": 4, "optuna": 4}
"""How many suggestions a turn takes: enough to be measured, and no more than patience allows."""


@dataclass(frozen=True)
class Timing:
    """Milliseconds that one suggestion took, its result told, in one round after `finished` trials."""

    kind: str
    finished: int
    cpu_milliseconds: float
    wall_milliseconds: float


def timings(kinds: Sequence[str], finished: int, rounds: int) -> Iterator[Timing]:
    """Every contestant's turns after the same past, each round beginning with another one."""
    surface = next(surface for surface in SURFACES if surface.name == SURFACE)
    past = [_ended(surface, number, _random_point(surface, number)) for number in range(finished)]
    samplers = {kind: BUILDS[kind](surface.space, 0) for kind in kinds}
    for sampler in samplers.values():
        sampler.learn(past)
        _ask_and_tell(sampler, surface, finished)
    for turn in range(rounds):
        for kind in in_turn(kinds, turn):
            count = SUGGESTIONS[kind]
            first = finished + 1 + count * turn
            cpu, wall = time.process_time(), time.perf_counter()
            for number in range(first, first + count):
                _ask_and_tell(samplers[kind], surface, number)
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            yield Timing(kind, finished, 1e3 * cpu / count, 1e3 * wall / count)
        print(f"cost after {finished} trials, round {turn + 1}", flush=True)


def _ask_and_tell(sampler: Sampler, surface: Surface, number: int) -> None:
    point = sampler.suggest(number, number)
    if point is not None:
        sampler.learn([_ended(surface, number, point)])


def _random_point(surface: Surface, number: int) -> Point:
    return suggest.build("random", surface.space, 0).suggest(number, number) or {}


def _ended(surface: Surface, number: int, point: Point) -> PastTrial:
    return PastTrial(number, sampled=True, point=point, outcome=Scored(surface.loss(0, point)))


def cost(kind: str, finished: int, timings: Sequence[Timing]) -> dict[str, Any]:
    """Median over the rounds, lowest and highest."""
    cpu = [each.cpu_milliseconds for each in timings if (each.kind, each.finished) == (kind, finished)]
    wall = [each.wall_milliseconds for each in timings if (each.kind, each.finished) == (kind, finished)]
    return {
        "kind": kind,
        "finished": finished,
        "cpu_milliseconds": spread(cpu, 3),
        "wall_milliseconds": spread(wall, 3),
    }
