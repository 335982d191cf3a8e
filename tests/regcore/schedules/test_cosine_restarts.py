"""Cosine restarts: half a cosine in each of several cycles, each longer than the one before."""

import math

import pytest
import torch

from regcore.schedules.cosine_restarts import CosineRestarts


def factors(steps, **values):
    return torch.func.vmap(CosineRestarts(**values).factor)(torch.arange(steps) / torch.tensor(steps)).tolist()


def by_torch(steps, first, growth):
    parameter = torch.nn.Parameter(torch.zeros(()))
    optimizer = torch.optim.SGD([parameter], lr=1.0)
    schedule = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=first, T_mult=growth)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return found


@pytest.mark.parametrize(("steps", "cycles", "first", "growth"), [(105, 3, 15, 2), (40, 4, 10, 1), (52, 3, 4, 3)])
def test_it_is_torchs_warm_restarts(steps, cycles, first, growth) -> None:
    """The first are 15, 30 and 60 epochs of 105."""
    expected = by_torch(steps, first, growth)
    assert factors(steps, cycles=cycles, growth=float(growth)) == pytest.approx(expected, abs=1e-5)


def test_one_cycle_is_a_cosine() -> None:
    assert factors(4, cycles=1) == pytest.approx(
        [(1 + math.cos(math.pi * share)) / 2 for share in (0, 0.25, 0.5, 0.75)]
    )


@pytest.mark.parametrize("cycles", [1, 2, 16])
@pytest.mark.parametrize("growth", [1.0, 1.37, 4.0])
def test_a_fit_begins_at_the_full_rate_and_ends_near_nothing(cycles, growth) -> None:
    found = factors(10_000, cycles=cycles, growth=growth)
    assert found[0] == 1.0
    assert min(found) >= 0.0
    assert found[-1] < 1e-3


def test_each_fit_has_cycles_of_its_own() -> None:
    def factor(cycles, growth):
        return CosineRestarts(cycles=cycles, growth=growth).factor(torch.tensor(0.5))

    found = torch.func.vmap(factor)(torch.tensor([1, 2, 3]), torch.tensor([1.0, 1.0, 1.0]))
    assert found.tolist() == pytest.approx([0.5, 1.0, 0.5], abs=1e-6)
