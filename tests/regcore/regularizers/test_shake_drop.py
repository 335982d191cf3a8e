"""ShakeDrop."""

import pytest
import torch

from regcore.regularizers.shake_drop import ShakeDrop
from regcore.sites import Site

KEY = torch.tensor(12345, dtype=torch.int32)
LAST = Site("block.3", (1,), index=3, count=4)
ROWS = 20_000


def shaken(rate, site=LAST, branch=None):
    return ShakeDrop(rate=rate).train((torch.ones(ROWS, 1) if branch is None else branch,), KEY, site)


@pytest.mark.parametrize(("index", "share"), [(0, 0.2), (3, 0.8)])
def test_a_block_is_shaken_the_more_often_the_deeper_it_lies(index, share) -> None:
    moved = (shaken(0.8, Site("block", (1,), index, 4)) != 1).double().mean().item()
    assert moved == pytest.approx(share, abs=5 * (share * (1 - share) / ROWS) ** 0.5)


def test_the_forward_factor_is_uniform_between_minus_one_and_one() -> None:
    output = shaken(1.0)
    assert output.abs().max() <= 1
    assert output.mean().item() == pytest.approx(0.0, abs=5 * (1 / 3 / ROWS) ** 0.5)
    assert output.square().mean().item() == pytest.approx(1 / 3, abs=5 * (4 / 45 / ROWS) ** 0.5)


def test_the_backward_factor_is_another_uniform_between_zero_and_one() -> None:
    branch = torch.ones(ROWS, 1, requires_grad=True)
    output = shaken(1.0, branch=branch)
    output.sum().backward()
    assert branch.grad.min() >= 0
    assert branch.grad.max() <= 1
    assert branch.grad.mean().item() == pytest.approx(0.5, abs=5 * (1 / 12 / ROWS) ** 0.5)
    together = torch.corrcoef(torch.cat([branch.grad, output.detach()], 1).T)[0, 1].item()
    assert together == pytest.approx(0.0, abs=5 / ROWS**0.5)


def test_evaluation_uses_the_mean_of_training() -> None:
    evaluated = ShakeDrop(rate=0.8).evaluate((torch.ones(1, 1),), LAST).item()
    assert evaluated == pytest.approx(0.2)
    assert shaken(0.8).mean().item() == pytest.approx(evaluated, abs=5 / ROWS**0.5)


def test_rate_zero_leaves_branches_alone() -> None:
    branch = torch.randn(10, 1, generator=torch.Generator().manual_seed(0))
    assert torch.equal(shaken(0.0, branch=branch), branch)
