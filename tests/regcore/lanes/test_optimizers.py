"""Each optimizer equals torch's own on the same gradients, with hyperparameters that differ by lane."""

import pytest
import torch

from regcore.optimizers import find, kinds
from regcore.schedules import find as find_schedule

STEPS, LANES = 20, 3
RATES = torch.tensor([1e-3, 1e-2, 0.3])
TORCH = {
    "adam": lambda w, lane: torch.optim.Adam([w], lr=RATES[lane].item(), betas=(0.8, 0.95)),
    "adamw": lambda w, lane: torch.optim.AdamW([w], lr=RATES[lane].item(), betas=(0.8, 0.95), weight_decay=0.0),
    "sgd": lambda w, lane: torch.optim.SGD([w], lr=RATES[lane].item(), momentum=0.9, nesterov=lane == 2),
}
VALUES = {
    "adam": {"beta1": torch.full((LANES,), 0.8), "beta2": torch.full((LANES,), 0.95)},
    "adamw": {"beta1": torch.full((LANES,), 0.8), "beta2": torch.full((LANES,), 0.95)},
    "sgd": {"momentum": torch.full((LANES,), 0.9), "nesterov": torch.tensor([False, False, True])},
}


def gradient(weight: torch.Tensor, step: int) -> torch.Tensor:
    return weight * (1.0 + 0.1 * step) - 0.5


@pytest.mark.parametrize("kind", kinds())
def test_an_optimizer_equals_torchs_own(kind: str) -> None:
    start = torch.linspace(-1.0, 1.0, 7)

    def one_lane(rate: torch.Tensor, values: dict[str, torch.Tensor]) -> torch.Tensor:
        optimizer = find(kind)(learning_rate=rate, **values)
        parameters = {"w": start}
        moments = optimizer.start(parameters)
        for step in range(STEPS):
            gradients = {"w": gradient(parameters["w"], step)}
            parameters, moments = optimizer.update(parameters, gradients, moments, torch.tensor(step), rate)
        return parameters["w"]

    together = torch.func.vmap(one_lane)(RATES, VALUES[kind])
    for lane in range(LANES):
        weight = torch.nn.Parameter(start.clone())
        reference = TORCH[kind](weight, lane)
        for step in range(STEPS):
            weight.grad = gradient(weight.detach(), step)
            reference.step()
        torch.testing.assert_close(together[lane], weight.detach(), rtol=2e-5, atol=1e-6)


def test_the_cosine_falls_from_one_to_nothing() -> None:
    factors = find_schedule("cosine")().factor(torch.tensor([0.0, 0.5, 1.0]))
    torch.testing.assert_close(factors, torch.tensor([1.0, 0.5, 0.0]))


def test_the_constant_schedule_changes_nothing() -> None:
    assert find_schedule("constant")().factor(torch.tensor([0.0, 0.9])).tolist() == [1.0, 1.0]
