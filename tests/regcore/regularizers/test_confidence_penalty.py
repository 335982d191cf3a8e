"""The confidence penalty: loss − β · entropy."""

import math

import torch
from training_runs import digits_program, digits_split, trained

from regcore.architectures.mlp import Mlp
from regcore.lanes import Fit
from regcore.lanes.ops import soft_cross_entropy
from regcore.regularizers.confidence_penalty import ConfidencePenalty

TARGETS = torch.tensor([[1.0, 0.0, 0.0, 0.0]], dtype=torch.float64)


def losses(logits, strength, targets=TARGETS):
    return ConfidencePenalty(strength=strength).losses(logits, targets, soft_cross_entropy)


def test_a_network_that_knows_nothing_is_paid_the_logarithm_of_the_classes() -> None:
    found = losses(torch.zeros(1, 4, dtype=torch.float64), strength=0.5)
    assert found.item() == math.log(4) - 0.5 * math.log(4)


def test_without_strength_the_loss_stays_to_the_bit() -> None:
    logits = torch.randn(9, 4, generator=torch.Generator().manual_seed(0))
    targets = TARGETS.float().expand(9, 4)
    assert torch.equal(losses(logits, 0.0, targets), soft_cross_entropy(logits, targets))


def test_a_certain_network_has_a_finite_gradient() -> None:
    logits = torch.tensor([[500.0, 0.0, 0.0, 0.0]]).requires_grad_()
    losses(logits, 1.0, TARGETS.float()).sum().backward()
    assert torch.all(logits.grad.isfinite())


def test_on_digits_predictions_are_less_confident() -> None:
    rate = {"training.optimizer.learning_rate": 0.01}
    fits = [Fit("plain", 0, 10, rate), Fit("unsure", 0, 10, {**rate, "confidence_penalty.strength": 0.5})]
    split = digits_split("digits-table")
    ends = trained(digits_program(["confidence_penalty"], Mlp(width=16, depth=0)), fits, 2, split).ends
    surest = {}
    for key, end in ends.items():
        weights = end.weights.parameters
        logits = split.inputs_validation @ weights["output.weight"].T + weights["output.bias"]
        surest[key] = logits.softmax(-1).amax(-1).mean().item()
    assert surest["unsure"] < surest["plain"] - 0.1
