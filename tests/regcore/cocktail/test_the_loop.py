"""The loop: what its calls do, in what order they come, and what is left of it."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from regcore.cocktail import Attached, Cocktail, LoopError, Trained
from regcore.hyper import Value

ROWS = torch.randn(16, 5, generator=torch.Generator().manual_seed(0))
CLASSES = torch.arange(16) % 3


class Loop:
    """A loop of a small model, and its parts."""

    def __init__(self, setting: dict[str, Value], model: nn.Module | None = None, rate: float = 0.1) -> None:
        torch.manual_seed(1)
        self.model = model or nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3))
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=rate)
        self.attached: Attached = Cocktail.from_setting(setting).attach(
            self.model, self.optimizer, rows=(ROWS, CLASSES), steps=10
        )

    def step(self) -> Tensor:
        self.optimizer.zero_grad()
        loss = self.attached.loss(ROWS, CLASSES)
        loss.backward()
        self.optimizer.step()
        return loss


def test_without_any_kind_it_is_a_plain_loop() -> None:
    loop, plain = Loop({}), Loop({}).model
    optimizer = torch.optim.SGD(plain.parameters(), lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        functional.cross_entropy(plain(ROWS), CLASSES).backward()
        optimizer.step()
        loop.step()
    torch.testing.assert_close(loop.model.state_dict(), plain.state_dict())


def test_the_loss_has_the_terms_that_the_data_loss_has_not() -> None:
    loop = Loop({"l2.strength": 0.1})
    squares = sum(value.square().sum() for value in loop.model.parameters() if value.dim() > 1)
    loss = loop.attached.loss(ROWS, CLASSES)
    torch.testing.assert_close(loop.attached.data_loss, functional.cross_entropy(loop.model(ROWS), CLASSES).detach())
    torch.testing.assert_close(loss, loop.attached.data_loss + 0.05 * squares)


def test_decay_follows_the_learning_rate_of_the_step() -> None:
    loop = Loop({"decoupled_weight_decay.strength": 0.5}, rate=0.0)
    before = loop.model[0].weight.detach().clone()
    loop.step()
    assert torch.equal(loop.model[0].weight, before)
    loop.optimizer.param_groups[0]["lr"] = 1.0
    gradient_step = Loop({})
    gradient_step.optimizer.param_groups[0]["lr"] = 1.0
    gradient_step.step()
    loop.step()
    torch.testing.assert_close(loop.model[0].weight, gradient_step.model[0].weight - 0.5 * before)


def test_a_schedule_made_before_goes_on_working() -> None:
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)
    attached = Cocktail.from_setting({"batch_norm.momentum": 0.1}).attach(
        model, optimizer, rows=(ROWS, CLASSES), steps=2
    )
    attached.loss(ROWS, CLASSES).backward()
    optimizer.step()
    schedule.step()
    assert [group["lr"] for group in optimizer.param_groups] == [0.05]


def test_what_a_kind_learns_is_trained() -> None:
    loop = Loop({"batch_norm.momentum": 0.1})
    before = {name: value.clone() for name, value in loop.attached.state_dict()["fit"]["parameters"].items()}
    assert sorted(before) == ["0.batch_norm.gain", "0.batch_norm.shift"]
    loop.step()
    after = loop.attached.state_dict()["fit"]["parameters"]
    assert not torch.equal(after["0.batch_norm.gain"], before["0.batch_norm.gain"])


def test_the_model_s_own_statistics_follow_once_a_step() -> None:
    model = nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8, momentum=0.1), nn.ReLU(), nn.Linear(8, 3))
    loop = Loop({"l2.strength": 1e-3}, model)
    expected = 0.1 * model[0](ROWS).mean(0)
    loop.step()
    torch.testing.assert_close(model[1].running_mean, expected)
    assert model[1].num_batches_tracked == 1


def test_prediction_leaves_the_mode_of_every_part() -> None:
    model = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3))
    loop = Loop({"dropout.rate": 0.5}, model)
    assert torch.equal(loop.attached.predict(ROWS), loop.attached.predict(ROWS))
    assert all(module.training for module in model.modules())


def test_a_stopping_rule_says_why() -> None:
    loop = Loop({"early_stopping.patience": 2})
    answers = []
    for loss in (1.0, 0.8, 0.9, 0.9):
        loop.step()
        answers.append(loop.attached.stops(loss))
    assert answers == [None, None, None, "the validation loss has not improved for 2 epochs"]


def test_the_best_epoch_can_be_taken_back() -> None:
    loop = Loop({"batch_norm.momentum": 0.3})
    predictions = []
    for loss in (1.0, 0.5, 0.7):
        loop.step()
        predictions.append(loop.attached.predict(ROWS))
        loop.attached.stops(loss)
    loop.attached.take_best()
    torch.testing.assert_close(loop.attached.predict(ROWS), predictions[1])


def test_after_detaching_the_optimizer_is_as_it_was() -> None:
    loop = Loop({"batch_norm.momentum": 0.1, "decoupled_weight_decay.strength": 1.0})
    loop.step()
    loop.attached.detach()
    assert loop.optimizer.param_groups[0]["params"] == list(loop.model.parameters())
    before = loop.model[0].weight.detach().clone()
    loop.optimizer.zero_grad()
    loop.optimizer.step()
    assert torch.equal(loop.model[0].weight, before)


def test_a_model_whose_weights_hold_everything_is_left_plain() -> None:
    loop = Loop({"dropout.rate": 0.5, "l2.strength": 1e-3})
    loop.step()
    assert loop.attached.detach() is loop.model


def test_what_a_normalization_learned_is_saved_with_what_is_left() -> None:
    first, second = Loop({"batch_norm.momentum": 0.3}), Loop({"batch_norm.momentum": 0.3})
    first.step()
    trained, fresh = first.attached.detach(), second.attached.detach()
    assert isinstance(trained, Trained)
    assert not torch.allclose(fresh(ROWS), trained(ROWS))
    fresh.load_state_dict(trained.state_dict())
    torch.testing.assert_close(fresh(ROWS), trained(ROWS))


def test_soft_targets_are_those_of_their_classes() -> None:
    loop = Loop({})
    soft = functional.one_hot(CLASSES, 3).float()
    assert torch.equal(loop.attached.loss(ROWS, CLASSES), loop.attached.loss(ROWS, soft))


def test_a_regression_has_a_squared_error() -> None:
    model, numbers = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 1)), ROWS.sum(1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    attached = Cocktail.from_setting({}).attach(model, optimizer, rows=(ROWS, numbers), steps=1, task="regression")
    expected = functional.mse_loss(model(ROWS)[:, 0], numbers)
    torch.testing.assert_close(attached.loss(ROWS, numbers), expected)


def test_a_step_without_a_loss_is_refused() -> None:
    loop = Loop({})
    with pytest.raises(LoopError, match="steps without a loss"):
        loop.optimizer.step()


def test_a_step_with_a_closure_is_refused() -> None:
    loop = Loop({})
    with pytest.raises(LoopError, match="closure"):
        loop.optimizer.step(lambda: loop.attached.loss(ROWS, CLASSES))


def test_gradients_of_two_batches_are_refused() -> None:
    loop = Loop({})
    loop.attached.loss(ROWS, CLASSES).backward()
    with pytest.raises(LoopError, match="gradients from before this loss"):
        loop.attached.loss(ROWS, CLASSES).backward()


def test_a_batch_may_be_left_out() -> None:
    loop, other = Loop({"dropout.rate": 0.5}), Loop({"dropout.rate": 0.5})
    loop.attached.loss(ROWS + 1, CLASSES)
    loop.step()
    other.step()
    torch.testing.assert_close(loop.model.state_dict(), other.model.state_dict())


def test_more_steps_than_were_said_are_refused() -> None:
    loop = Loop({})
    for _ in range(10):
        loop.step()
    with pytest.raises(LoopError, match="all 10 steps have been taken"):
        loop.step()


def test_a_batch_that_is_too_small_is_refused() -> None:
    loop = Loop({"batch_norm.momentum": 0.1})
    with pytest.raises(LoopError, match=r"batch_norm needs batches of 2 rows at least, got 1; .*drop_last=True"):
        loop.attached.loss(ROWS[:1], CLASSES[:1])


def test_several_learning_rates_are_refused() -> None:
    model = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3))
    groups = [{"params": model[0].parameters(), "lr": 0.1}, {"params": model[2].parameters(), "lr": 0.2}]
    with pytest.raises(LoopError, match=r"the learning rates \[0\.1, 0\.2\]"):
        Cocktail.from_setting({}).attach(model, torch.optim.SGD(groups), rows=(ROWS, CLASSES), steps=1)


def test_an_epoch_without_a_step_is_refused() -> None:
    with pytest.raises(LoopError, match="an epoch ends without a step"):
        Loop({}).attached.stops(1.0)


def test_there_is_no_best_epoch_before_the_first() -> None:
    with pytest.raises(LoopError, match="no best epoch"):
        Loop({}).attached.take_best()


class Words(nn.Module):
    """A transformer of three words a row."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
        self.embedding = nn.Linear(5, 24)
        self.output = nn.Linear(8, 3)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.output(self.layer(self.embedding(inputs).unflatten(1, (3, 8))).mean(1))


@pytest.mark.parametrize("kind", ["ema", "weight_norm"])
def test_a_transformer_is_predicted_with_by_the_weights_that_it_has_come_to(kind: str) -> None:
    loop = Loop({f"{kind}.gate": True}, Words())
    for _ in range(3):
        loop.step()
    predicted = loop.attached.predict(ROWS)
    assert not torch.allclose(predicted, loop.model.eval()(ROWS), atol=1e-4)
    torch.testing.assert_close(loop.attached.detach().eval()(ROWS), predicted)
