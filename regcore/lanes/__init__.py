"""The lane engine: K fits of one program trained as one tensor program."""

from regcore.lanes.lanes import Lanes
from regcore.lanes.program import (
    Diverged,
    EndOfFit,
    EpochOfLane,
    Finished,
    Fit,
    Program,
    TickOfLanes,
    Weights,
)

__all__ = [
    "Diverged",
    "EndOfFit",
    "EpochOfLane",
    "Finished",
    "Fit",
    "Lanes",
    "Program",
    "TickOfLanes",
    "Weights",
]
