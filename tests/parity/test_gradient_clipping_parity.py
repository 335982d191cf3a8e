"""Gradient clipping beside torch's clip_grad_norm_ and clip_grad_value_, and pytorch_optimizer's agc."""

import pytest
import torch

from regcore.regularizers.gradient_clipping import GradientClipping

SHAPES = {"0.weight": (6, 4), "0.bias": (6,), "1.weight": (3, 6, 2, 2), "1.bias": (3,)}
KEY = torch.tensor(0, dtype=torch.int32)


def drawn(seed, scale):
    generator = torch.Generator().manual_seed(seed)
    return {name: scale * torch.randn(shape, generator=generator) for name, shape in SHAPES.items()}


PARAMETERS = drawn(0, 0.3)


def ours(gradients, **values):
    return GradientClipping(**values).gradients(gradients, PARAMETERS, torch.tensor(0), KEY)


def by_torch(clip, gradients):
    parameters = {name: value.clone().requires_grad_() for name, value in PARAMETERS.items()}
    for name, parameter in parameters.items():
        parameter.grad = gradients[name].clone()
    clip(list(parameters.values()))
    return {name: parameter.grad for name, parameter in parameters.items()}


@pytest.mark.parametrize("scale", [1e-3, 0.1, 10.0])
def test_by_norm_it_is_clip_grad_norm(scale) -> None:
    """To float32's own tolerance, as below."""
    gradients = drawn(1, scale)
    theirs = by_torch(lambda parameters: torch.nn.utils.clip_grad_norm_(parameters, 0.7), gradients)
    torch.testing.assert_close(ours(gradients, method="norm", limit=0.7), theirs)


@pytest.mark.parametrize("scale", [0.1, 10.0])
def test_by_value_it_is_clip_grad_value(scale) -> None:
    gradients = drawn(1, scale)
    theirs = by_torch(lambda parameters: torch.nn.utils.clip_grad_value_(parameters, 0.7), gradients)
    torch.testing.assert_close(ours(gradients, method="value", limit=0.7), theirs, rtol=0, atol=0)


@pytest.mark.parametrize("scale", [1e-3, 0.1, 10.0])
@pytest.mark.parametrize("name", ["0.weight", "0.bias", "1.weight"])
def test_adaptive_is_agc(name, scale) -> None:
    agc = pytest.importorskip(
        "pytorch_optimizer.optimizer.agc", reason="pytorch_optimizer comes with the group parity"
    ).agc
    gradients = drawn(1, scale)
    found = ours(gradients, method="adaptive", ratio=0.01)[name]
    torch.testing.assert_close(found, agc(PARAMETERS[name], gradients[name], agc_clip_val=0.01))
