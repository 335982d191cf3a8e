"""Batch normalization."""

import pytest
import torch

from regcore.regularizers.batch_norm import BatchNorm
from regcore.sites import Site

SHAPES = pytest.mark.parametrize("shape", [(16, 5), (4, 5, 3, 2)], ids=["table", "image"])


def batch(shape, seed=0, dtype=torch.float64):
    return 3 * torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype) + 2


def started(rule, shape, dtype=torch.float64):
    site = Site("hidden.0", shape[1:])
    own = {name: value.to(dtype) for name, value in rule.parameters(site).items()}
    return own, {name: value.to(dtype) for name, value in rule.state(site).items()}


def reference(shape, **options):
    kind = torch.nn.BatchNorm1d if len(shape) == 2 else torch.nn.BatchNorm2d
    return kind(shape[1], dtype=torch.float64, **options)


@SHAPES
def test_it_normalizes_as_torch_does_with_its_gradients(shape) -> None:
    rule = BatchNorm(momentum=0.3, epsilon=1e-3)
    own, state = started(rule, shape)
    own = {"gain": batch(5, seed=7).requires_grad_(), "shift": batch(5, seed=8).requires_grad_()}
    theirs = reference(shape, momentum=0.3, eps=1e-3)
    theirs.weight.data, theirs.bias.data = own["gain"].detach().clone(), own["shift"].detach().clone()
    for seed in range(4):
        ours_in, theirs_in = (batch(shape, seed).requires_grad_() for _ in range(2))
        output, state = rule.train(ours_in, own, state)
        expected = theirs(theirs_in)
        weighting = batch(shape, seed=99)
        (output * weighting).sum().backward()
        (expected * weighting).sum().backward()
        torch.testing.assert_close(output, expected)
        torch.testing.assert_close(ours_in.grad, theirs_in.grad)
    torch.testing.assert_close(own["gain"].grad, theirs.weight.grad)
    torch.testing.assert_close(own["shift"].grad, theirs.bias.grad)
    torch.testing.assert_close(state["mean"], theirs.running_mean)
    torch.testing.assert_close(state["variance"], theirs.running_var)
    theirs.eval()
    torch.testing.assert_close(rule.evaluate(batch(shape, 9), own, state), theirs(batch(shape, 9)))


@SHAPES
def test_mapped_over_lanes_it_is_what_it_is_for_one_lane_with_its_gradients(shape) -> None:
    rule = BatchNorm(momentum=torch.tensor(0.3, dtype=torch.float64), epsilon=torch.tensor(1e-3, dtype=torch.float64))
    own, state = started(rule, shape)
    weighting = batch(shape, seed=99)

    def loss(activation):
        output, moved = rule.train(activation, own, state)
        return (output * weighting).sum(), (output, moved, rule.evaluate(activation, own, state))

    lanes = torch.stack([batch(shape), 2 * batch(shape)])
    gradients, beside = torch.func.vmap(torch.func.grad(loss, has_aux=True))(lanes)
    alone = (2 * batch(shape)).requires_grad_()
    value, beside_alone = loss(alone)
    torch.testing.assert_close(gradients[1], torch.autograd.grad(value, alone)[0])
    output, moved, evaluated = beside
    torch.testing.assert_close((output[1], evaluated[1]), (beside_alone[0], beside_alone[2]))
    torch.testing.assert_close({name: value[1] for name, value in moved.items()}, beside_alone[1])


@SHAPES
def test_each_feature_of_a_batch_has_mean_zero_and_variance_one(shape) -> None:
    rule = BatchNorm(epsilon=1e-8)
    output, _ = rule.train(batch(shape), *started(rule, shape))
    over = [axis for axis in range(len(shape)) if axis != 1]
    torch.testing.assert_close(output.mean(over), torch.zeros(5, dtype=torch.float64), atol=1e-12, rtol=0)
    torch.testing.assert_close(output.var(over, correction=0), torch.ones(5, dtype=torch.float64))


@SHAPES
def test_neither_scale_nor_shift_of_its_input_matters_in_training(shape) -> None:
    rule = BatchNorm(epsilon=1e-8)
    begin = started(rule, shape)
    torch.testing.assert_close(rule.train(10 * batch(shape) - 4, *begin)[0], rule.train(batch(shape), *begin)[0])


def test_the_running_variance_is_unbiased_and_the_one_that_normalizes_is_not() -> None:
    rule = BatchNorm(momentum=1.0, epsilon=1e-8)
    rows = torch.tensor([[-1.0], [1.0]], dtype=torch.float64)
    output, state = rule.train(rows, *started(rule, (2, 1)))
    torch.testing.assert_close(output, rows)
    assert state["variance"].item() == 2.0


def test_the_running_statistics_follow_by_the_momentum() -> None:
    rule = BatchNorm(momentum=0.25)
    _, state = rule.train(torch.tensor([[4.0], [4.0]]), *started(rule, (2, 1), torch.float32))
    assert (state["mean"].item(), state["variance"].item()) == (1.0, 0.75)


def test_evaluation_does_not_depend_on_the_batch() -> None:
    rule = BatchNorm()
    own, state = started(rule, (16, 5))
    rows = batch((16, 5))
    torch.testing.assert_close(rule.evaluate(rows, own, state)[:1], rule.evaluate(rows[:1], own, state))


def test_the_running_statistics_carry_no_gradient() -> None:
    rule = BatchNorm()
    _, state = rule.train(batch((16, 5)).requires_grad_(), *started(rule, (16, 5)))
    assert not any(value.requires_grad for value in state.values())


def test_a_constant_feature_becomes_its_shift() -> None:
    rule = BatchNorm()
    own, state = started(rule, (8, 5))
    output, _ = rule.train(torch.full((8, 5), 7.0, dtype=torch.float64), {**own, "shift": own["shift"] + 3}, state)
    assert torch.equal(output, torch.full_like(output, 3.0))


def test_a_batch_of_one_value_has_no_variance_and_shows_it() -> None:
    rule = BatchNorm()
    _, state = rule.train(batch((1, 5)), *started(rule, (1, 5)))
    assert torch.all(state["variance"].isnan())


def test_each_lane_has_its_own_statistics() -> None:
    lanes = torch.stack([batch((16, 5)), 100 * batch((16, 5), seed=1)])
    own, state = started(BatchNorm(), (16, 5))

    def train(rows, momentum, epsilon):
        return BatchNorm(momentum=momentum, epsilon=epsilon).train(rows, own, state)

    knobs = torch.tensor([0.1, 0.9], dtype=torch.float64), torch.tensor([1e-5, 1e-2], dtype=torch.float64)
    output, states = torch.func.vmap(train)(lanes, *knobs)
    for lane in range(2):
        alone, own_state = train(lanes[lane], knobs[0][lane], knobs[1][lane])
        torch.testing.assert_close(output[lane], alone)
        torch.testing.assert_close(states["variance"][lane], own_state["variance"])
