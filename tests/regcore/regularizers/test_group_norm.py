"""Group normalization."""

import pytest
import torch

from regcore.regularizers.group_norm import GroupNorm, groups_of
from regcore.regularizers.layer_norm import LayerNorm
from regcore.sites import Site


def drawn(*shape, seed=0):
    return 3 * torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) + 2


def normalized(activation, groups, epsilon=1e-8):
    rule = GroupNorm(groups=groups, epsilon=epsilon)
    own = {name: value.double() for name, value in rule.parameters(Site("", activation.shape[1:])).items()}
    return rule.train(activation, own, {})[0]


def test_neighbouring_features_are_a_group() -> None:
    rows = torch.tensor([[1.0, 5.0, 100.0, 98.0]], dtype=torch.float64)
    expected = torch.tensor([[-1.0, 1.0, 1.0, -1.0]], dtype=torch.float64)
    torch.testing.assert_close(normalized(rows, groups=2), expected)


def test_each_group_of_each_row_has_mean_zero_and_variance_one() -> None:
    groups = normalized(drawn(4, 6, 3, 2), groups=3).reshape(4, 3, -1)
    torch.testing.assert_close(groups.mean(-1), torch.zeros(4, 3, dtype=torch.float64), atol=1e-12, rtol=0)
    torch.testing.assert_close(groups.var(-1, correction=0), torch.ones(4, 3, dtype=torch.float64))


@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 3, 2)], ids=["table", "image"])
def test_one_group_is_layer_normalization(shape) -> None:
    own = {"gain": drawn(6, seed=1), "shift": drawn(6, seed=2)}
    expected = LayerNorm(epsilon=1e-3).evaluate(drawn(*shape), own, {})
    torch.testing.assert_close(GroupNorm(groups=1, epsilon=1e-3).evaluate(drawn(*shape), own, {}), expected)


@pytest.mark.parametrize(
    ("features", "values", "most", "groups"),
    [
        (128, 128, 8, 8),
        (12, 12, 8, 6),  # 8 does not divide 12
        (8, 8, 8, 4),  # one value has no variance
        (8, 8 * 9, 8, 8),  # with pixels it has
        (7, 7, 6, 1),
        (1, 1, 8, 1),
    ],
)
def test_the_number_of_groups_divides_the_features_and_leaves_each_a_variance(features, values, most, groups) -> None:
    assert groups_of(features, values, most) == groups


def test_evaluation_is_training() -> None:
    rule, rows = GroupNorm(groups=2), drawn(4, 6)
    own = {"gain": drawn(6, seed=1), "shift": drawn(6, seed=2)}
    assert torch.equal(rule.evaluate(rows, own, {}), rule.train(rows, own, {})[0])
