"""Blocks of trial numbers that share the program part of their settings."""

from __future__ import annotations

from collections.abc import Mapping

from regtune.setting import Value
from regtune.space import SearchSpace
from service.coordinator.draws import PROGRAM_BLOCK_TRIALS
from service.coordinator.sampler import PastTrial


class ProgramBlocks:
    """The program part that each block of 32 numbers holds: as its first sampled trial drew it.

    A dimension behind a gate that was false there is held once a later trial of the block has drawn it.
    """

    def __init__(self, space: SearchSpace) -> None:
        self._names = tuple(at.name for at in space.dimensions if at.per == "program")
        self._held: dict[int, dict[str, Value]] = {}

    def take(self, trial: PastTrial) -> None:
        """Takes in a trial; a baseline, or one whose setting lies outside the space, holds nothing."""
        if not trial.sampled or trial.point is None:
            return
        held = self._held.setdefault(trial.number // PROGRAM_BLOCK_TRIALS, {})
        for name in self._names:
            if name in trial.point:
                held.setdefault(name, trial.point[name])

    def held(self, number: int) -> Mapping[str, Value]:
        """What the block of a trial number holds; empty before its first sampled trial."""
        return self._held.get(number // PROGRAM_BLOCK_TRIALS, {})
