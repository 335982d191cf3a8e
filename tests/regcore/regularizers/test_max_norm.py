"""Max norm: each row of a weight is projected into a ball."""

import pytest
import torch
from training_runs import digits_program, digits_split, trained

from regcore.architectures.convnet import Convnet
from regcore.architectures.mlp import Mlp
from regcore.lanes import Fit
from regcore.regularizers.max_norm import MaxNorm
from regcore.regularizers.proximal_l1 import ProximalL1
from regcore.sites import Update

UPDATE = Update({}, torch.tensor(0.1), torch.tensor(0), {})


def after(weight, bound):
    return MaxNorm(bound=bound).apply({"weight": weight}, UPDATE)["weight"]


def test_a_long_row_is_scaled_to_the_bound_and_a_short_one_stays_to_the_bit() -> None:
    rows = torch.tensor([[3.0, 4.0], [0.3, -0.4], [0.0, 0.0]])
    found = after(rows, bound=1.0)
    torch.testing.assert_close(found[0], torch.tensor([0.6, 0.8]))
    assert torch.equal(found[1:], rows[1:])


def test_it_is_the_nearest_point_of_the_ball() -> None:
    row = torch.tensor([[1.0, 2.0, -2.0]])
    found = after(row, bound=1.5)
    points = torch.randn(5000, 3, generator=torch.Generator().manual_seed(0))
    inside = 1.5 * points / points.norm(dim=1, keepdim=True).clamp(min=1)
    assert torch.all((inside - row).norm(dim=1) >= (found - row).norm() - 1e-6)


def test_it_acts_after_what_shrinks() -> None:
    assert MaxNorm.order > ProximalL1.order


@pytest.mark.parametrize(
    ("name", "network"), [("digits-table", Mlp(width=16, depth=1)), ("digits", Convnet(width=4, depth=1))]
)
def test_on_digits_no_row_of_any_layer_is_longer_than_the_bound(name, network) -> None:
    rate = {"training.optimizer.learning_rate": 0.02}
    fits = [Fit("plain", 0, 4, rate), Fit("bounded", 0, 4, {**rate, "max_norm.bound": 0.5})]
    ends = trained(digits_program(["max_norm"], network), fits, 2, digits_split(name)).ends
    longest = {
        key: max(float(w.flatten(1).norm(dim=1).max()) for w in end.weights.parameters.values() if w.dim() > 1)
        for key, end in ends.items()
    }
    assert longest["bounded"] <= 0.5 * (1 + 1e-6)
    assert longest["plain"] > 1.0
