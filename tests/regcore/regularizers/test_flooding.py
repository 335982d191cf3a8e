"""Flooding: the loss of a batch does not stay below a level."""

import torch
from training_runs import digits_program, digits_split, trained

from regcore.architectures.mlp import Mlp
from regcore.lanes import Fit
from regcore.regularizers.flooding import Flooding


def flooded(loss, level):
    return Flooding(level=level).mean(torch.tensor(loss))


def test_a_loss_above_the_level_stays_to_the_bit() -> None:
    assert flooded(0.3, level=0.1) == torch.tensor(0.3)


def test_a_loss_below_the_level_is_as_far_above_it() -> None:
    torch.testing.assert_close(flooded(0.25, level=1.0), torch.tensor(1.75))


def test_it_is_the_formula_of_the_source() -> None:
    losses = torch.linspace(0, 1, 101, dtype=torch.float64)
    found = torch.func.vmap(Flooding(level=0.3).mean)(losses)
    torch.testing.assert_close(found, (losses - 0.3).abs() + 0.3)


def test_below_the_level_the_gradient_is_turned_round() -> None:
    slopes = torch.func.vmap(torch.func.grad(Flooding(level=0.3).mean))(torch.tensor([0.1, 0.29, 0.31, 2.0]))
    assert slopes.tolist() == [-1.0, -1.0, 1.0, 1.0]


def test_without_a_level_any_loss_stays_also_a_negative_one() -> None:
    assert [flooded(loss, 0.0).item() for loss in (-0.5, 0.0, 0.5)] == [-0.5, 0.0, 0.5]


def test_on_digits_the_training_loss_of_no_epoch_is_below_the_level() -> None:
    rate = {"training.optimizer.learning_rate": 0.02}
    fits = [Fit("plain", 0, 15, rate), Fit("flooded", 0, 15, {**rate, "flooding.level": 0.2})]
    run = trained(digits_program(["flooding"], Mlp(width=32, depth=1)), fits, 2, digits_split("digits-table"))
    losses = {key: [epoch.train_loss for epoch in epochs] for key, epochs in run.epochs.items()}
    assert min(losses["plain"]) < 0.1
    assert min(losses["flooded"]) >= 0.2
    assert max(losses["flooded"][5:]) < 0.4
