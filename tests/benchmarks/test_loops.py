"""The two loops that a user would write."""

import pytest
import torch

from benchmarks.loops import DECAY, DROPOUT, L1, LEARNING_RATE, LOOPS, Training, hits, losses
from benchmarks.workload import rows

SETTING = {LEARNING_RATE: 0.01, DROPOUT: 0.0, L1: 1e-3, DECAY: 0.1}


def test_the_careful_loop_trains_the_same_network_as_the_typical_one() -> None:
    """Each epoch is one batch of all rows, so that the order of rows makes no difference."""
    training = Training(rows(), width=16, depth=2, epochs=5, batch_size=100_000, score=losses)
    curves = {}
    for name, loop in LOOPS.items():
        torch.manual_seed(0)
        curves[name] = list(loop(training, SETTING))
    assert len(curves["typical"]) == 5
    assert curves["careful"] == pytest.approx(curves["typical"], rel=1e-4)


@pytest.mark.parametrize("name", list(LOOPS))
def test_a_loop_learns_the_digits(name: str) -> None:
    torch.manual_seed(0)
    training = Training(rows(), width=32, depth=1, epochs=6, batch_size=64, score=hits)
    accuracies = list(LOOPS[name](training, SETTING | {L1: 1e-6}))
    assert accuracies[-1] > 0.85
