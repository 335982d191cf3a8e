"""Stochastic weight averaging: the mean of the weights of the last part of the training."""

import pytest
import torch

from regcore.regularizers.swa import Swa


def averaged(path, **values):
    """What evaluation uses after each of the weights of a path."""
    rule, found = Swa(**values), []
    state = rule.state({"w": torch.tensor([100.0])})
    for step, value in enumerate(path):
        parameters = {"w": torch.tensor([value])}
        state = rule.update(parameters, state, torch.tensor(step), torch.tensor(len(path)))
        (members,) = rule.members(parameters, state)
        found.append(members["w"].item())
    return found


def test_until_it_starts_evaluation_uses_the_weights_and_then_their_mean() -> None:
    path = [10.0, 20.0, 1.0, 3.0, 8.0]
    assert averaged(path, start=0.4) == pytest.approx([10.0, 20.0, 1.0, 2.0, 4.0])


def test_it_may_average_only_every_so_many_steps() -> None:
    path = [10.0, 20.0, 1.0, 3.0, 8.0, 9.0]
    assert averaged(path, start=1 / 3, every=2) == pytest.approx([10.0, 20.0, 1.0, 1.0, 4.5, 4.5])


def test_from_the_start_on_it_is_the_mean_of_all() -> None:
    assert averaged([4.0, 6.0, 11.0], start=0.0) == pytest.approx([4.0, 5.0, 7.0])


def test_a_start_at_the_end_is_the_weights_themselves_to_the_bit() -> None:
    path = torch.randn(7, generator=torch.Generator().manual_seed(0)).tolist()
    assert averaged(path, start=1.0) == path


def test_weights_that_are_not_averaged_leave_the_mean_to_the_bit() -> None:
    path = torch.randn(200, generator=torch.Generator().manual_seed(0)).tolist()
    assert len(set(averaged(path, start=0.0, every=100)[100:])) == 1


def test_each_fit_has_a_start_of_its_own() -> None:
    def after_two(start):
        rule, one = Swa(start=start), {"w": torch.tensor(1.0)}
        state = rule.update(one, rule.state(one), torch.tensor(0), torch.tensor(2))
        two = {"w": torch.tensor(2.0)}
        return rule.members(two, rule.update(two, state, torch.tensor(1), torch.tensor(2)))[0]["w"]

    assert torch.func.vmap(after_two)(torch.tensor([0.0, 0.5, 1.0])).tolist() == [1.5, 2.0, 2.0]
