"""RMS normalization."""

import pytest
import torch

from regcore.regularizers.rms_norm import RmsNorm
from regcore.sites import Site

SHAPES = pytest.mark.parametrize("shape", [(4, 6), (4, 6, 3, 2)], ids=["table", "image"])


def drawn(shape, seed=0):
    return 3 * torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) + 2


def normalized(activation, **values):
    rule = RmsNorm(**values)
    own = {name: value.double() for name, value in rule.parameters(Site("", activation.shape[1:])).items()}
    return rule.train(activation, own, {})[0]


def test_a_row_is_divided_by_its_root_mean_square() -> None:
    """(1, 7): √((1 + 49) / 2) = 5."""
    row = torch.tensor([[1.0, 7.0]], dtype=torch.float64)
    torch.testing.assert_close(normalized(row, epsilon=1e-8), row / 5)


@SHAPES
def test_each_row_has_a_root_mean_square_of_one_and_keeps_its_direction(shape) -> None:
    rows = drawn(shape)
    flat = normalized(rows, epsilon=1e-8).flatten(start_dim=1)
    torch.testing.assert_close(flat.square().mean(1), torch.ones(4, dtype=torch.float64))
    along = torch.nn.functional.cosine_similarity(flat, rows.flatten(start_dim=1))
    torch.testing.assert_close(along, torch.ones(4, dtype=torch.float64))


@SHAPES
def test_the_scale_of_a_row_does_not_matter_and_its_shift_does(shape) -> None:
    rows = drawn(shape)
    torch.testing.assert_close(normalized(10 * rows, epsilon=1e-8), normalized(rows, epsilon=1e-8))
    assert not torch.allclose(normalized(rows + 4), normalized(rows))


def test_rows_do_not_see_each_other_and_evaluation_is_training() -> None:
    rows, own = drawn((4, 6)), {"gain": drawn((6,), seed=1)}
    output, _ = RmsNorm().train(rows, own, {})
    torch.testing.assert_close(RmsNorm().evaluate(rows[:1], own, {}), output[:1])


def test_a_row_of_zeros_stays_and_has_a_finite_gradient() -> None:
    zeros = torch.zeros(2, 5, dtype=torch.float64).requires_grad_()
    output = normalized(zeros)
    output.sum().backward()
    assert torch.equal(output, torch.zeros_like(output))
    assert torch.all(zeros.grad.isfinite())
