"""Exponential moving average: m ← m + rate · (w − m) after each step."""

import pytest
import torch

from regcore.regularizers.ema import Ema

STEPS = torch.tensor(10)


def averaged(path, **values):
    """What evaluation uses after each of the weights of a path."""
    rule, state, found = Ema(**values), Ema().state({"w": torch.tensor([100.0])}), []
    for step, value in enumerate(path):
        parameters = {"w": torch.tensor([value])}
        state = rule.update(parameters, state, torch.tensor(step), STEPS)
        (members,) = rule.members(parameters, state)
        found.append(members["w"].item())
    return found


def test_it_begins_at_the_weights_of_the_first_step_and_follows_by_its_rate() -> None:
    assert averaged([1.0, 2.0, 3.0], rate=0.5) == [1.0, 1.5, 2.25]


def test_a_rate_of_one_is_the_weights_themselves_to_the_bit() -> None:
    path = torch.randn(5, generator=torch.Generator().manual_seed(0)).tolist()
    assert averaged(path, rate=1.0) == path


def test_each_fit_has_a_rate_of_its_own() -> None:
    def after_two(rate):
        rule, one = Ema(rate=rate), {"w": torch.tensor(1.0)}
        state = rule.update(one, rule.state(one), torch.tensor(0), STEPS)
        return rule.update({"w": torch.tensor(2.0)}, state, torch.tensor(1), STEPS)["w"]

    found = torch.func.vmap(after_two)(torch.tensor([0.25, 0.5, 1.0]))
    assert found.tolist() == pytest.approx([1.25, 1.5, 2.0])
