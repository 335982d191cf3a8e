"""Ghost batch normalization."""

import pytest
import torch

from regcore.regularizers.batch_norm import BatchNorm
from regcore.regularizers.ghost_batch_norm import GhostBatchNorm, parts_of
from regcore.sites import Site


def drawn(*shape, seed=0):
    return 3 * torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) + 2


def started(rule, shape):
    site = Site("hidden.0", shape[1:])
    own = {name: value.double() for name, value in rule.parameters(site).items()}
    return own, {name: value.double() for name, value in rule.state(site).items()}


@pytest.mark.parametrize("shape", [(12, 5), (12, 5, 3, 2)], ids=["table", "image"])
def test_each_part_has_mean_zero_and_variance_one_in_each_feature(shape) -> None:
    rule = GhostBatchNorm(size=4, epsilon=1e-8)
    output, _ = rule.train(drawn(*shape), *started(rule, shape))
    for part in output.transpose(0, 1).reshape(5, 3, -1).unbind(1):
        torch.testing.assert_close(part.mean(1), torch.zeros(5, dtype=torch.float64), atol=1e-12, rtol=0)
        torch.testing.assert_close(part.var(1, correction=0), torch.ones(5, dtype=torch.float64))


def test_the_rows_of_one_part_do_not_see_those_of_another() -> None:
    rule, shape = GhostBatchNorm(size=4), (12, 5)
    changed = torch.cat([drawn(8, 5), drawn(4, 5, seed=1)])
    before, _ = rule.train(torch.cat([drawn(8, 5), drawn(4, 5, seed=2)]), *started(rule, shape))
    after, _ = rule.train(changed, *started(rule, shape))
    assert torch.equal(before[:8], after[:8])
    assert not torch.allclose(before[8:], after[8:])


@pytest.mark.parametrize("shape", [(12, 5), (12, 5, 3, 2)], ids=["table", "image"])
def test_one_part_is_batch_normalization(shape) -> None:
    rule, plain = GhostBatchNorm(size=7), BatchNorm()
    output, state = rule.train(drawn(*shape), *started(rule, shape))
    expected, running = plain.train(drawn(*shape), *started(plain, shape))
    torch.testing.assert_close((output, state), (expected, running))


def test_the_running_mean_follows_the_parts_one_after_the_other() -> None:
    """From 0 by half to a part of 4s and by half to one of 8s: 2, then 5."""
    rule = GhostBatchNorm(size=2, momentum=0.5)
    rows = torch.tensor([[4.0], [4.0], [8.0], [8.0]], dtype=torch.float64)
    _, state = rule.train(rows, *started(rule, (4, 1)))
    assert (state["mean"].item(), state["variance"].item()) == (5.0, 0.25)


def test_a_momentum_of_one_keeps_the_last_part() -> None:
    rule = GhostBatchNorm(size=2, momentum=1.0)
    rows = torch.tensor([[4.0], [4.0], [8.0], [8.0]], dtype=torch.float64)
    _, state = rule.train(rows, *started(rule, (4, 1)))
    assert state["mean"].item() == 8.0


@pytest.mark.parametrize(
    ("rows", "size", "parts"), [(128, 32, 4), (128, 100, 1), (100, 32, 2), (97, 8, 1), (16, 16, 1), (6, 2, 3)]
)
def test_parts_are_equal_and_have_enough_rows(rows, size, parts) -> None:
    assert parts_of(rows, size) == parts


def test_evaluation_uses_the_running_statistics() -> None:
    rule = GhostBatchNorm(size=4)
    own, state = started(rule, (12, 5))
    rows = drawn(12, 5)
    torch.testing.assert_close(rule.evaluate(rows, own, state)[:1], rule.evaluate(rows[:1], own, state))
    assert torch.allclose(rule.evaluate(rows, own, state), rows, rtol=1e-4)
