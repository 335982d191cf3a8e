"""Turns: contestants go one after the other, so that a busy machine slows all alike, and none is always first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

Contestant = TypeVar("Contestant")


def in_turn(contestants: Sequence[Contestant], turn: int) -> list[Contestant]:
    """The contestants in order, each turn beginning with another one."""
    first = turn % len(contestants)
    return [*contestants[first:], *contestants[:first]]
