"""The verdicts of pruning: keep a trial, or stop it for a reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keep:
    """The trial is among those to keep."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The trial is not among those to keep; the reason is for people."""

    reason: str
