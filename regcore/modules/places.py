"""Places: where in a module regularizers can act, found by running it once and noting what it calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import zip_longest

import torch
from torch import Tensor, nn
from torch.func import functional_call

from regcore.modules.blocks import Block, Residual
from regcore.modules.errors import UnsuitedModule

Call = tuple[str, int]
"""A call of a module in a pass: its path, and how many calls of it came before."""

LAYERS = (nn.Linear, nn.Conv2d)
NONLINEARITIES = (
    nn.CELU,
    nn.ELU,
    nn.GELU,
    nn.Hardsigmoid,
    nn.Hardswish,
    nn.Hardtanh,
    nn.LeakyReLU,
    nn.Mish,
    nn.PReLU,
    nn.ReLU,
    nn.ReLU6,
    nn.RReLU,
    nn.SELU,
    nn.SiLU,
    nn.Sigmoid,
    nn.Softplus,
    nn.Softsign,
    nn.Tanh,
)
POOLINGS = (nn.AvgPool2d, nn.MaxPool2d)
NORMALIZATIONS = (
    nn.modules.batchnorm._NormBase,
    nn.CrossMapLRN2d,
    nn.GroupNorm,
    nn.LayerNorm,
    nn.LocalResponseNorm,
    nn.RMSNorm,
)


@dataclass(frozen=True, slots=True)
class Places:
    """Where a module's layers, hidden activations and blocks are.

    `called` holds the paths of what is called; `normalized` the calls of layers whose outputs `[B, F]` or
    `[B, C, H, W]` are hidden; `activations` those of nonlinearities that are, or of the pooling right after one;
    `sorts` what an architecture calls its `sites`. `outputs` is how many the module has for a row.
    """

    called: frozenset[str]
    normalized: frozenset[Call]
    activations: frozenset[Call]
    sorts: tuple[str, ...]
    outputs: int


@dataclass(frozen=True, slots=True)
class _Event:
    """A call that has ended, with what went in and came out."""

    call: Call
    module: nn.Module
    inputs: Tensor
    output: Tensor


def find_places(model: nn.Module, rows: Tensor) -> Places:
    """The places of a module, from rows like those that it will see, at least two; leaves it as it was.

    Raises:
        UnsuitedModule: it does not make one row of outputs of each row.
    """
    events: list[_Event] = []
    with torch.no_grad(), undisturbed(rows.device), in_mode(model, training=True), _noting(model, events):
        buffers = {name: buffer.clone() for name, buffer in model.named_buffers()}
        logits = functional_call(model, buffers, (rows,))
    if not isinstance(logits, Tensor) or logits.dim() != 2 or len(logits) != len(rows):
        raise UnsuitedModule(
            f"a model gives a tensor [rows, outputs], got {_shown(logits)} for inputs {tuple(rows.shape)}; "
            "wrap it so that one tensor of that shape comes out"
        )
    last = max((at for at, event in enumerate(events) if isinstance(event.module, LAYERS)), default=-1)
    hidden = events[: max(last, 0)]
    activations = dict(_activations(hidden))
    normalized = [event.call for event in hidden if _normalizable(event)]
    return Places(
        frozenset(event.call[0] for event in events),
        frozenset(normalized),
        frozenset(activations),
        tuple(_sorts(events, bool(normalized), list(activations.values()))),
        logits.shape[1],
    )


@contextmanager
def undisturbed(device: torch.device) -> Iterator[None]:
    """While it lasts, what is drawn of torch's generators is put back."""
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        yield


@contextmanager
def in_mode(model: nn.Module, *, training: bool) -> Iterator[None]:
    """While it lasts, the module is in training or in evaluation; a mode that it is in already is left as it is."""
    if model.training == training:
        yield
        return
    before = {module: module.training for module in model.modules()}
    model.train(training)
    try:
        yield
    finally:
        for module, mode in before.items():
            module.training = mode


@contextmanager
def _noting(model: nn.Module, events: list[_Event]) -> Iterator[None]:
    calls: dict[str, int] = {}

    with ExitStack() as stack:
        for path, module in model.named_modules():

            def note(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor, path: str = path) -> None:
                events.append(_Event((path, calls.get(path, 0)), module, inputs[0], output))
                calls[path] = calls.get(path, 0) + 1

            if isinstance(module, (*LAYERS, *NONLINEARITIES, *POOLINGS, Block, Residual)):
                stack.callback(module.register_forward_hook(note).remove)
        yield


def _activations(events: list[_Event]) -> Iterator[tuple[Call, Tensor]]:
    """The calls after which a hidden activation is there, and what they gave."""
    for event, following in zip_longest(events, events[1:]):
        if not isinstance(event.module, NONLINEARITIES):
            continue
        pooled = following is not None and isinstance(following.module, POOLINGS) and following.inputs is event.output
        ended = following if following is not None and pooled else event
        yield ended.call, ended.output


def _normalizable(event: _Event) -> bool:
    return event.output.dim() == (4 if isinstance(event.module, nn.Conv2d) else 2) and isinstance(event.module, LAYERS)


def _sorts(events: list[_Event], normalized: bool, activations: list[Tensor]) -> Iterator[str]:
    called = [event.module for event in events]
    if normalized:
        yield "normalization"
    if activations:
        yield from ("activation_noise", "activation_term")
    if any(isinstance(module, LAYERS) for module in called):
        yield "reparametrization"
    if any(isinstance(module, Residual) for module in called):
        yield "branch"
    if any(isinstance(module, Block) for module in called):
        yield "shortcut"
    if any(activation.dim() == 4 for activation in activations):
        yield "channels"


def _shown(value: object) -> str:
    return f"{tuple(value.shape)}" if isinstance(value, Tensor) else type(value).__name__
