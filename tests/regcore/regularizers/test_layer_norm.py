"""Layer normalization."""

import pytest
import torch

from regcore.regularizers.layer_norm import LayerNorm
from regcore.sites import Site

SHAPES = pytest.mark.parametrize("shape", [(4, 6), (4, 6, 3, 2)], ids=["table", "image"])


def drawn(shape, seed=0):
    return 3 * torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) + 2


def normalized(activation, **values):
    rule = LayerNorm(**values)
    own = {name: value.double() for name, value in rule.parameters(Site("", activation.shape[1:])).items()}
    return rule.train(activation, own, {})[0]


def test_a_row_of_two_becomes_minus_one_and_one() -> None:
    rows = torch.tensor([[1.0, 5.0], [7.0, 3.0]], dtype=torch.float64)
    expected = torch.tensor([[-1.0, 1.0], [1.0, -1.0]], dtype=torch.float64)
    torch.testing.assert_close(normalized(rows, epsilon=1e-8), expected)


@SHAPES
def test_each_row_has_mean_zero_and_variance_one(shape) -> None:
    flat = normalized(drawn(shape), epsilon=1e-8).flatten(start_dim=1)
    torch.testing.assert_close(flat.mean(1), torch.zeros(4, dtype=torch.float64), atol=1e-12, rtol=0)
    torch.testing.assert_close(flat.var(1, correction=0), torch.ones(4, dtype=torch.float64))


@SHAPES
def test_rows_do_not_see_each_other(shape) -> None:
    rows = drawn(shape)
    torch.testing.assert_close(normalized(rows)[:1], normalized(rows[:1]))


@SHAPES
def test_neither_scale_nor_shift_of_a_row_matters(shape) -> None:
    torch.testing.assert_close(normalized(10 * drawn(shape) - 4, epsilon=1e-8), normalized(drawn(shape), epsilon=1e-8))


def test_evaluation_is_training() -> None:
    rule, rows = LayerNorm(), drawn((4, 6))
    own = {"gain": drawn((6,), seed=1), "shift": drawn((6,), seed=2)}
    assert torch.equal(rule.evaluate(rows, own, {}), rule.train(rows, own, {})[0])


def test_gain_and_shift_are_those_of_a_feature_or_channel() -> None:
    own = {"gain": torch.tensor([0.0, 1.0]).double(), "shift": torch.tensor([5.0, 0.0]).double()}
    images = LayerNorm().evaluate(drawn((4, 2, 3, 3)), own, {})
    assert torch.equal(images[:, 0], torch.full((4, 3, 3), 5.0).double())
    assert images[:, 1].std() > 0.1


def test_a_constant_row_becomes_the_shift() -> None:
    assert torch.equal(normalized(torch.full((2, 5), 7.0).double()), torch.zeros(2, 5).double())
