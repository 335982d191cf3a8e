"""Shortcuts for a network that has none."""

import pytest
import torch
from training_runs import digits_program, trained

from regcore.architectures.mlp import Mlp
from regcore.lanes import Fit
from regcore.regularizers.skip_connections import SkipConnections

SKIPPING = {"skip_connections.gate": True}


def losses(fit, *kinds, depth=9):
    program = digits_program(kinds, architecture=Mlp(width=16, depth=depth))
    return [epoch.train_loss for epoch in trained(program, [fit], lanes=1).epochs[fit.key]]


def test_a_block_adds_its_input() -> None:
    assert torch.equal(SkipConnections().join(torch.ones(2), torch.arange(2.0)), torch.tensor([1.0, 2.0]))


def test_a_deep_network_learns_faster_with_shortcuts() -> None:
    fast = {"training.optimizer.learning_rate": 1e-2}
    plain = losses(Fit("a", 0, 6, fast))
    skipping = losses(Fit("a", 0, 6, fast | SKIPPING), "skip_connections")
    assert skipping[-1] < 0.5 * plain[-1]


@pytest.mark.parametrize("kind", ["drop_path", "shake_drop"])
def test_without_shortcuts_a_branch_rule_changes_nothing(kind) -> None:
    fit = Fit("a", 0, 2, {f"{kind}.rate": 0.5})
    assert losses(fit, kind, "skip_connections") == losses(Fit("a", 0, 2, {}))
    fit = Fit("a", 0, 2, {f"{kind}.rate": 0.5, **SKIPPING})
    assert losses(fit, kind, "skip_connections") != losses(Fit("a", 0, 2, SKIPPING), "skip_connections")


@pytest.mark.parametrize("depth", [0, 1])
def test_a_network_without_blocks_has_no_shortcut(depth) -> None:
    assert losses(Fit("a", 0, 2, SKIPPING), "skip_connections", depth=depth) == losses(Fit("a", 0, 2, {}), depth=depth)
