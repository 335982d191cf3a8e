"""Checks of a kind at its site, outside of any training."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from regcore.lanes.kinds import Masked
from regcore.lanes.ops import soft_cross_entropy
from regcore.regularizers import find
from regcore.sites import (
    ActivationNoise,
    ActivationTerm,
    Batch,
    BatchTransform,
    LossRule,
    LossTerm,
    Normalization,
    Regularizer,
    Reparametrization,
    Site,
    TrainingRows,
)
from regcore.testing.settings import settings_of

_SHAPES = {"table": (6, 4), "image": (3, 2, 5, 5)}
_OFF = torch.tensor(False)


def gradients_are_those_of_the_forward(kind: str, inputs: str) -> None:
    """Its gradients equal finite differences in float64, at the sites whose backward is the derivative of forward."""
    for setting in settings_of(kind):
        named = {name.removeprefix(f"{kind}."): value for name, value in setting.items()}
        rule = find(kind)(**{name: value for name, value in named.items() if name in find(kind).hyperparameters})
        rule.known = rule.prepare(_rows(inputs))
        forward, values = _forward(rule, _SHAPES[inputs])
        if not values:
            return
        required = tuple(value.double().requires_grad_() for value in values)
        if not torch.autograd.gradcheck(forward, required, atol=1e-8, rtol=1e-4, raise_exception=False):
            raise AssertionError(f"the gradients of {rule} are not those of its forward pass")


def unused_leaves_hostile_values_alone(kind: str, inputs: str) -> None:
    """Where a lane does not use it, values that it could not bear pass to the bit, and so do their gradients."""
    rule = find(kind)()
    shape = _SHAPES[inputs]
    for fill in (0.0, 1e30, -1e30, 1e-40, torch.inf):
        value = torch.full(shape, fill).requires_grad_()
        passed = _unused(kind, rule, value)
        if passed is None:
            return
        (gradient,) = torch.autograd.grad(passed.sum(), value)
        if not (torch.equal(passed, value) and torch.equal(gradient, torch.ones(shape))):
            raise AssertionError(f"{rule}, unused, makes {passed} of {fill}, with the gradient {gradient}")


def _unused(kind: str, rule: Regularizer, value: Tensor) -> Tensor | None:
    """What the engine makes of a value at the site of a lane that does not use the rule; None at other sites."""
    site = Site("hidden.0", tuple(value.shape[1:]))
    if isinstance(rule, ActivationNoise):
        noise = rule
        return Masked(kind, noise, _OFF).change(value, lambda used: noise.apply(used, _key(), site))
    if isinstance(rule, Normalization):
        norm = rule
        own, state = norm.parameters(site), norm.state(site)
        return Masked(kind, norm, _OFF).change(value, lambda used: norm.train(used, own, state)[0])
    return None


def _forward(rule: Regularizer, shape: tuple[int, ...]) -> tuple[Callable[..., Tensor], tuple[Tensor, ...]]:
    """A function of tensors that the rule is at its site, and tensors to differentiate it at; none for other sites."""
    values, weight, targets = _drawn(*shape), _drawn(4, 3), _drawn(shape[0], 3).softmax(-1)
    site, layer = Site("hidden.0", shape[1:]), Site("hidden.0", (4, 3))
    if isinstance(rule, LossTerm):
        return lambda weight: rule.penalty({"weight": weight}), (weight,)
    if isinstance(rule, ActivationTerm):
        return rule.penalty, (values,)
    if isinstance(rule, ActivationNoise):
        return lambda values: rule.apply(values, _key(), site), (values,)
    if isinstance(rule, BatchTransform):
        rule.known = rule.prepare(TrainingRows(values, targets))
        return lambda values: rule.apply(Batch(values, targets), _key()).inputs, (values,)
    if isinstance(rule, LossRule):
        return lambda logits: rule.mean(rule.losses(logits, targets, soft_cross_entropy).mean()), (_drawn(shape[0], 3),)
    if isinstance(rule, Normalization):
        own, state = rule.parameters(site), rule.state(site)

        def train(values: Tensor, *own_values: Tensor) -> Tensor:
            return rule.train(values, dict(zip(own, own_values, strict=True)), state)[0]

        return train, (values, *own.values())
    if isinstance(rule, Reparametrization):
        own, state = rule.parameters(layer, weight), rule.state(layer, weight, _key())

        def reparametrized(weight: Tensor, *own_values: Tensor) -> Tensor:
            return rule.train(weight, dict(zip(own, own_values, strict=True)), state, _key())[0]

        return reparametrized, (weight, *own.values())
    return lambda: torch.zeros(()), ()


def _rows(inputs: str) -> TrainingRows:
    shape = _SHAPES[inputs]
    return TrainingRows(_drawn(*shape).float(), torch.nn.functional.one_hot(torch.arange(shape[0]) % 3).float())


def _drawn(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def _key() -> Tensor:
    return torch.tensor(4711, dtype=torch.int32)
