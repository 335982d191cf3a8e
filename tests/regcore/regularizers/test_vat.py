"""Virtual adversarial training: KL(p(x) ‖ p(x + r)) in the worst direction r."""

import math

import pytest
import torch
from asked_passes import drawn, passes_of
from torch.nn import functional

from regcore.regularizers.vat import Vat
from regcore.sites import TrainingRows

INPUTS, TARGETS = drawn(5, 2), torch.eye(2, dtype=torch.float64)[[0, 1, 0, 0, 1]]
WEIGHT = torch.tensor([[3.0, 0.0], [0.0, 1.0]], dtype=torch.float64)


def network(inputs, number=0):
    return inputs @ WEIGHT.T


def asked(rule, network=network, rows=None):
    rule.known = Vat.prepare(rows or TrainingRows(INPUTS, TARGETS))
    return passes_of(network, INPUTS, TARGETS)


def term(rule, network=network, rows=None):
    passes = asked(rule, network, rows)
    return rule.loss(passes) - passes.first.loss


def divergence(inputs):
    given = network(INPUTS).softmax(1)
    return functional.kl_div(network(inputs).log_softmax(1), given, reduction="none").sum(1)


def circle(radius):
    """The divergences of each row in directions all around."""
    angles = torch.linspace(0, 2 * math.pi, 721, dtype=torch.float64)
    around = radius * torch.stack([angles.cos(), angles.sin()], 1)
    return torch.stack([divergence(INPUTS + direction) for direction in around])


def test_it_is_the_divergence_in_the_direction_in_which_predictions_change_most() -> None:
    """Near x the worst direction and its opposite are equally bad; the power method may end at either."""
    found = term(Vat(radius=0.01, strength=1.0, iterations=5)).item()
    assert found == pytest.approx(circle(0.01).max(0).values.mean().item(), rel=0.03)
    assert found > 2 * circle(0.01).mean().item() * (1 - 0.2)


def test_more_iterations_come_closer_to_the_worst() -> None:
    one, several = (term(Vat(radius=0.1, iterations=n)) for n in (1, 4))
    assert one <= several * (1 + 1e-2)


def test_every_row_is_moved_by_the_radius() -> None:
    seen = []
    term(Vat(radius=0.3), lambda inputs, number: seen.append(inputs) or network(inputs))
    torch.testing.assert_close((seen[-1] - INPUTS).norm(dim=1), torch.full((5,), 0.3, dtype=torch.float64))


def test_targets_play_no_part() -> None:
    rule = Vat()
    passes = asked(rule)
    others = passes_of(network, INPUTS, TARGETS.flip(1))
    torch.testing.assert_close(rule.loss(passes) - passes.first.loss, rule.loss(others) - others.first.loss)


def test_the_columns_of_a_category_stay_as_they_are() -> None:
    seen = []
    rows = TrainingRows(INPUTS, TARGETS, torch.tensor([0, 1]), torch.tensor([True, False]))
    term(Vat(radius=0.3), lambda inputs, number: seen.append(inputs) or network(inputs), rows)
    assert torch.equal(seen[-1][:, 0], INPUTS[:, 0])
    torch.testing.assert_close((seen[-1] - INPUTS)[:, 1].abs(), torch.full((5,), 0.3, dtype=torch.float64))


def test_a_network_that_predicts_the_same_everywhere_costs_nothing() -> None:
    assert term(Vat(), lambda inputs, number: 0 * (inputs @ WEIGHT.T)) == 0


def test_without_strength_the_loss_stays_to_the_bit() -> None:
    rule = Vat(strength=0.0)
    passes = asked(rule)
    assert torch.equal(rule.loss(passes), passes.first.loss)


def test_the_prediction_at_the_inputs_counts_as_given() -> None:
    weight = WEIGHT.clone().requires_grad_()
    rule, seen = Vat(radius=0.5), []
    passes = asked(rule, lambda inputs, number: seen.append(inputs) or inputs @ weight.T)
    found = torch.autograd.grad(rule.loss(passes) - passes.first.loss, weight)[0]
    given = network(INPUTS).softmax(1)
    moved = functional.kl_div((seen[-1] @ weight.T).log_softmax(1), given, reduction="batchmean")
    torch.testing.assert_close(found, torch.autograd.grad(moved, weight)[0])
