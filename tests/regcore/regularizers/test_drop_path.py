"""Stochastic depth."""

import pytest
import torch

from regcore.regularizers.drop_path import DropPath
from regcore.sites import Site

KEY = torch.tensor(12345, dtype=torch.int32)
LAST = Site("block.3", (4,), index=3, count=4)
ROWS = 20_000


def dropped(rate, site=LAST, branch=None):
    return DropPath(rate=rate).train((torch.ones(ROWS, 4) if branch is None else branch,), KEY, site)


@pytest.mark.parametrize(("index", "share"), [(0, 0.1), (1, 0.2), (3, 0.4)])
def test_a_block_is_skipped_the_more_often_the_deeper_it_lies(index, share) -> None:
    skipped = (dropped(0.4, Site("block", (4,), index, 4)) == 0).all(1).double().mean().item()
    assert skipped == pytest.approx(share, abs=5 * (share * (1 - share) / ROWS) ** 0.5)


def test_a_row_is_skipped_whole_or_divided_by_the_probability_of_keeping() -> None:
    output = dropped(0.75)
    assert set(output.unique().tolist()) == {0.0, 4.0}
    assert torch.equal(output.amin(1), output.amax(1))


def test_evaluation_and_rate_zero_leave_branches_alone() -> None:
    branch = torch.randn(10, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(DropPath(rate=0.5).evaluate((branch,), LAST), branch)
    assert torch.equal(dropped(0.0, branch=branch), branch)


def test_images_are_skipped_whole() -> None:
    output = dropped(0.5, branch=torch.ones(50, 2, 3, 3))
    assert all(len(row.unique()) == 1 for row in output)
