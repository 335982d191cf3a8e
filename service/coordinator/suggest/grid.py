"""Grid search: every combination once, programs in turn, until none is left.

Choices and flags give all their values, integers every whole number of their range, and a real gives five values,
evenly spaced on its scale with both ends. What does not exist beside other gates does not multiply: a gate with n
combinations behind it counts n + 1, and so do n gates that exclude one another and have nothing behind them. Within a
program the combinations come in an order shuffled by the study's seed, so that a budget smaller than the grid is spent
all over it; every program is visited for 32 combinations before the first is visited again, so that lanes are not
scattered.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from regtune.setting import Value
from regtune.space import Dimension, SearchSpace
from service.coordinator.branches import Branches
from service.coordinator.combinations import Axis, Combination, shuffled
from service.coordinator.draws import PROGRAM_BLOCK_TRIALS, draw, options_of, place, seed_from
from service.coordinator.sampler import Point, Sampler

POINTS_OF_A_REAL = 5


def build(space: SearchSpace, seed: int) -> Sampler:
    """The sampler of a study with this space and seed."""
    return GridSampler(space, seed)


@dataclass(frozen=True, slots=True)
class Visit:
    """A stretch of at most 32 combinations of one program; `start` is the rank of its first."""

    start: int
    program: dict[str, Value]
    lanes: Combination
    first_lane: int
    count: int


class GridSampler(Sampler):
    """Addresses the grid by rank; no more of it is held than the visits so far."""

    def __init__(self, space: SearchSpace, seed: int) -> None:
        self._seed = seed
        self._space = space
        self._axes = {at.name: Axis(at.name, _values(at)) for at in space.dimensions}
        self._visits: list[Visit] = []
        self._visits_ahead = self._all_visits()

    def suggest(self, number: int, rank: int) -> Point | None:
        """The `rank`-th combination; None past the last."""
        while not self._visits or rank >= self._visits[-1].start + self._visits[-1].count:
            following = next(self._visits_ahead, None)
            if following is None:
                return None
            self._visits.append(following)
        visit = self._visits[bisect_right(self._visits, rank, key=lambda visit: visit.start) - 1]
        lane_seed = seed_from(self._seed, "grid", *(f"{name}={value}" for name, value in visit.program.items()))
        lane = shuffled(visit.first_lane + rank - visit.start, visit.lanes.size, lane_seed)
        values = visit.program | visit.lanes.at(lane)
        # A program value may stand in `values` that does not exist beside the gates of this lane.
        return draw(self._space, lambda at: values[at.name])

    def _all_visits(self) -> Iterator[Visit]:
        programs = self._programs()
        program_seed = seed_from(self._seed, "grid")
        start = first_lane = 0
        while True:
            start_of_round = start
            for index in range(programs.size):
                program = programs.at(shuffled(index, programs.size, program_seed))
                lanes = self._lanes(program)
                count = min(lanes.size - first_lane, PROGRAM_BLOCK_TRIALS)
                if count > 0:
                    yield Visit(start, program, lanes, first_lane, count)
                    start += count
            if start == start_of_round:
                return
            first_lane += PROGRAM_BLOCK_TRIALS

    def _programs(self) -> Combination:
        """The program parts; a lane's gate does not reach here, so what hangs on it counts as if it existed."""
        own = [at for at in self._space if at.per == "program"]
        return Branches(self._axes, lambda gate, value: True).of(own, {})

    def _lanes(self, program: Mapping[str, Value]) -> Combination:
        """What is left to choose in a program."""

        def holds(gate: str, value: bool) -> bool:
            # Programs that differ only in what a lane's gate leaves out are one: the first of them holds it.
            left_out = (at.name for at in self._space if at.conditions.get(gate, value) != value)
            return all(program[name] == self._axes[name].values[0] for name in left_out if name in program)

        gates = {at.name: program.get(at.name) is True for at in self._space if at.per == "program"}
        return Branches(self._axes, holds).of([at for at in self._space if at.per == "lane"], gates)


def _values(dimension: Dimension) -> Sequence[Value]:
    if dimension.low is None or dimension.high is None:
        return options_of(dimension)
    if dimension.type == "integer":
        return range(round(dimension.low), round(dimension.high) + 1)
    inner = (place(dimension, index / (POINTS_OF_A_REAL - 1)) for index in range(1, POINTS_OF_A_REAL - 1))
    return (float(dimension.low), *inner, float(dimension.high))
