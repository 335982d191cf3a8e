"""Budgets: when all is spent, and what is named as the reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regtune.budget import Spent, exhausted
from regtune.study import Budget

FULL = Budget(trials=10, epochs=100, device_seconds=60.0, wall_seconds=120.0, failed_trials=3)
LIMITS = {
    "trials": (10, "budget_trials"),
    "epochs": (100, "budget_epochs"),
    "device_seconds": (60.0, "budget_device"),
    "wall_seconds": (120.0, "budget_wall"),
    "failed_trials": (3, "too_many_failures"),
}


def test_nothing_spent_exhausts_nothing() -> None:
    assert exhausted(FULL, Spent()) is None


@pytest.mark.parametrize(("what", "limit", "reason"), [(what, *rest) for what, rest in LIMITS.items()])
def test_spending_a_limit_exactly_exhausts_it(what: str, limit: Any, reason: str) -> None:
    assert exhausted(FULL, replace(Spent(), **{what: limit})) == reason


@pytest.mark.parametrize(("what", "limit"), [(what, limit) for what, (limit, _) in LIMITS.items()])
def test_a_little_less_than_a_limit_leaves_room(what: str, limit: Any) -> None:
    less = limit - 1 if isinstance(limit, int) else limit - 0.001
    assert exhausted(FULL, replace(Spent(), **{what: less})) is None


@given(
    epochs=st.integers(0, 10**9),
    device=st.floats(0, 1e9),
    wall=st.floats(0, 1e9),
    failed=st.integers(0, 10**6),
)
def test_what_has_no_limit_never_runs_out(epochs: int, device: float, wall: float, failed: int) -> None:
    unlimited = Budget(trials=10, failed_trials=None)
    assert exhausted(unlimited, Spent(9, epochs, device, wall, failed)) is None


def test_failures_are_named_before_the_trials_that_they_used_up() -> None:
    assert exhausted(FULL, Spent(trials=10, failed_trials=3)) == "too_many_failures"
