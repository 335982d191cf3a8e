"""Lookahead: every k steps φ ← φ + α (w − φ) and w ← φ."""

import pytest
import torch

from regcore.regularizers.lookahead import Lookahead
from regcore.sites import Update

START = {"weight": torch.tensor([[1.0, -2.0]]), "bias": torch.tensor([0.5])}


def path(steps, start=START, **values):
    """The weights after each step, when the optimizer adds 1 to every weight at each."""
    rule = Lookahead(**values)
    weights, state, found = start, rule.state(start), []
    for step in range(steps):
        update = Update(weights, torch.tensor(0.1), torch.tensor(step), state)
        weights = rule.apply({name: weight + 1 for name, weight in weights.items()}, update)
        state = rule.remember(weights, update)
        found.append(weights)
    return found


def test_every_k_steps_the_weights_go_back_part_of_the_way_to_where_they_met_last() -> None:
    biases = [weights["bias"].item() - 0.5 for weights in path(7, every=3, share=0.5)]
    assert biases == [1.0, 2.0, 1.5, 2.5, 3.5, 3.0, 4.0]


def test_it_acts_on_biases_and_weights_alike() -> None:
    for name, start in START.items():
        assert torch.equal(path(3, every=3, share=0.5)[-1][name], start + 1.5)


@pytest.mark.parametrize("every", [1, 3])
def test_a_share_of_one_leaves_every_step_as_it_is_to_the_bit(every) -> None:
    start = {"weight": torch.randn(5, 4, generator=torch.Generator().manual_seed(0))}
    expected = start["weight"]
    for weights in path(4, start, every=every, share=1.0):
        expected = expected + 1
        assert torch.equal(weights["weight"], expected)


def test_each_fit_has_steps_and_share_of_its_own() -> None:
    def after_three_steps(every, share):
        return path(3, every=every, share=share)[-1]["bias"]

    found = torch.func.vmap(after_three_steps)(torch.tensor([1, 2, 3]), torch.tensor([0.5, 0.5, 0.25]))
    torch.testing.assert_close(found[:, 0] - 0.5, torch.tensor([1.5, 2.0, 0.75]))


def test_it_comes_after_every_other_rule_on_the_weights() -> None:
    assert (Lookahead.order, Lookahead.scope) == (3, "all")
