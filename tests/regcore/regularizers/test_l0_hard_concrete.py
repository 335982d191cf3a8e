"""L0 by hard concrete gates."""

import math

import pytest
import torch
from training_runs import digits_program, digits_split, trained

from regcore.architectures.mlp import Mlp
from regcore.lanes import Finished, Fit
from regcore.regularizers.l0_hard_concrete import L0HardConcrete
from regcore.sites import Site

KEY = torch.tensor(12345, dtype=torch.int32)
MANY = (300, 300)
ONES = torch.ones(MANY)


def gates(log_odds):
    return L0HardConcrete().train(ONES, {"log_odds": torch.full(MANY, log_odds)}, {}, KEY)[0]


@pytest.fixture(scope="module")
def on_digits() -> list[Finished]:
    """Fits of rising strength."""
    rate = {"training.optimizer.learning_rate": 0.05}
    fits = [
        Fit(f"{place}", 0, 25, {**rate, "l0_hard_concrete.strength": strength})
        for place, strength in enumerate((1e-5, 3e-4, 3e-3))
    ]
    ends = trained(
        digits_program(["l0_hard_concrete"], Mlp(width=16, depth=1)), fits, 3, digits_split("digits-table")
    ).ends
    return [ends[fit.key] for fit in fits]


def test_gates_without_evidence_close_exactly_and_with_it_open_exactly() -> None:
    rule, weight = L0HardConcrete(), torch.full((2, 2), 3.0)
    assert torch.equal(rule.evaluate(weight, {"log_odds": torch.full((2, 2), -2.41)}, {}), torch.zeros(2, 2))
    assert torch.equal(rule.evaluate(weight, {"log_odds": torch.full((2, 2), 2.41)}, {}), weight)


def test_half_evidence_is_half_a_gate_in_evaluation() -> None:
    assert torch.equal(L0HardConcrete().evaluate(ONES, {"log_odds": torch.zeros(MANY)}, {}), 0.5 * ONES)


@pytest.mark.parametrize("log_odds", [-1.0, 0.0, 2.0])
def test_a_gate_is_open_as_often_as_the_penalty_says(log_odds) -> None:
    open_gates = (gates(log_odds) > 0).double().mean().item()
    rule = L0HardConcrete(strength=1.0)
    expected = rule.penalty(ONES, {"log_odds": torch.full(MANY, log_odds)}).item() / ONES.numel()
    assert open_gates == pytest.approx(expected, abs=5 * (0.25 / ONES.numel()) ** 0.5)


def test_the_penalty_is_the_formula_of_the_source() -> None:
    found = L0HardConcrete(strength=0.5).penalty(torch.ones(1), {"log_odds": torch.tensor([1.5])})
    expected = 0.5 / (1 + math.exp(-(1.5 - 2 / 3 * math.log(0.1 / 1.1))))
    assert found.item() == pytest.approx(expected)


def test_gates_lie_between_zero_and_one_and_reach_both() -> None:
    found = gates(0.0)
    assert (found.min().item(), found.max().item()) == (0.0, 1.0)
    assert ((found > 0) & (found < 1)).double().mean() > 0.3


def test_at_the_start_the_share_of_gates_said_has_no_evidence() -> None:
    weight = torch.ones(4, 3)
    own = L0HardConcrete(closed=0.2).parameters(Site("hidden.0", (4, 3)), weight)
    torch.testing.assert_close(own["log_odds"].sigmoid(), torch.full((4, 3), 0.8))


def test_on_digits_exact_zeros_rise_with_the_strength(on_digits) -> None:
    sparsity = [end.metrics["sparsity"] for end in on_digits]
    assert sparsity[0] < 0.01 < sparsity[1] < sparsity[2] / 2
    assert sparsity[2] > 0.4


def test_on_digits_the_sparsity_is_that_of_the_weights_that_layers_use(on_digits) -> None:
    weights = on_digits[2].weights.parameters
    used = []
    for path in ("hidden.0", "output"):
        own = {"log_odds": weights[f"{path}.l0_hard_concrete.log_odds"]}
        used.append(L0HardConcrete().evaluate(weights[f"{path}.weight"], own, {}).flatten())
    assert on_digits[2].metrics["sparsity"] == pytest.approx((torch.cat(used) == 0).double().mean().item())
    assert not any((weights[f"{path}.weight"] == 0).any() for path in ("hidden.0", "output"))


def test_on_digits_a_sparse_network_still_learns(on_digits) -> None:
    assert on_digits[2].value > 0.85
