"""Shake-Shake."""

import pytest
import torch

from regcore.regularizers.shake_shake import ShakeShake
from regcore.sites import Site
from regcore.testing.trainings import fit_of, ordinary, trained

KEY = torch.tensor(12345, dtype=torch.int32)
SITE = Site("block.0", (1,), 0, 1)
ROWS = 20_000
MODES = {"shake_shake": 0, "shake_even": 1, "even_even": 2}


def mixed(mode):
    """The output of branches of 1 and of 0, which is the first one's share, and the gradients of the two."""
    branches = torch.ones(ROWS, 1, requires_grad=True), torch.zeros(ROWS, 1, requires_grad=True)
    output = ShakeShake(mode=torch.tensor(MODES[mode])).train(branches, KEY, SITE)
    output.sum().backward()
    return output.detach(), branches[0].grad, branches[1].grad


def test_the_share_is_uniform_forward_and_another_backward() -> None:
    share, first, second = mixed("shake_shake")
    for values in (share, first):
        assert values.min() >= 0
        assert values.max() <= 1
        assert values.mean().item() == pytest.approx(0.5, abs=5 * (1 / 12 / ROWS) ** 0.5)
    torch.testing.assert_close(first + second, torch.ones(ROWS, 1))
    assert torch.corrcoef(torch.cat([share, first], 1).T)[0, 1].item() == pytest.approx(0.0, abs=5 / ROWS**0.5)


def test_even_modes_have_shares_of_one_half() -> None:
    share, first, second = mixed("shake_even")
    assert share.std() > 0.2
    assert torch.equal(first, torch.full((ROWS, 1), 0.5))
    share, first, second = mixed("even_even")
    assert torch.equal(share, torch.full((ROWS, 1), 0.5))
    assert torch.equal(first, torch.full((ROWS, 1), 0.5))
    assert torch.equal(second, torch.full((ROWS, 1), 0.5))


def test_evaluation_uses_the_mean_of_the_branches() -> None:
    branches = torch.tensor([[3.0]]), torch.tensor([[1.0]])
    assert ShakeShake(mode=torch.tensor(0)).evaluate(branches, SITE).item() == 2.0


def test_a_neighbour_without_it_trains_as_in_a_program_without_it_although_blocks_then_have_two_branches() -> None:
    shaking = fit_of("shaking", {"shake_shake.mode": "shake_shake", "l2.strength": 1e-2})
    plain = fit_of("plain", {"dropout.rate": 0.5})
    with_it = trained(("dropout", "l2", "shake_shake"), ordinary("table"), [shaking, plain])["plain"]
    assert with_it == trained(("dropout", "l2"), ordinary("table"), [plain])["plain"]
