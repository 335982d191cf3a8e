"""Waiting for a condition, with a deadline, in place of sleeping for a while."""

import time
from collections.abc import Callable

import pytest


def wait_until(condition: Callable[[], bool], within_seconds: float = 60.0) -> None:
    """Looks at the condition until it holds; fails the test when the deadline passes."""
    deadline = time.monotonic() + within_seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"did not come about within {within_seconds:g} s")
        time.sleep(0.02)
