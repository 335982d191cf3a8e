"""Two loops that train one setting an epoch at a time: a typical one and a careful one.

The typical one is what the tutorials of its libraries teach; the careful one does by hand what one would to make a
single training fast. Both are classifiers with dropout, an L1 term and decoupled weight decay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from regcore.data import Split

Setting = Mapping[str, float]
Score = Callable[[Tensor, Tensor], Tensor]
"""Of logits `[N, C]` and classes `[N]`, the sum of the rows' scores."""

LEARNING_RATE = "training.optimizer.learning_rate"
DROPOUT = "dropout.rate"
L1 = "l1.strength"
DECAY = "decoupled_weight_decay.strength"


@dataclass(frozen=True)
class Training:
    """What all settings share: the rows, the network, its epochs, and how the validation rows are scored."""

    split: Split
    width: int
    depth: int
    epochs: int
    batch_size: int
    score: Score


Loop = Callable[[Training, Setting], Iterator[float]]
"""Trains a setting; gives the mean score of the validation rows after each epoch."""


def hits(logits: Tensor, classes: Tensor) -> Tensor:
    """How many rows' largest logit is that of their class."""
    return (logits.argmax(dim=1) == classes).sum()


def losses(logits: Tensor, classes: Tensor) -> Tensor:
    """The sum of −log p(class), in nats."""
    return functional.cross_entropy(logits, classes, reduction="sum")


def typical(training: Training, setting: Setting) -> Iterator[float]:
    """DataLoader, `nn.Module`, AdamW, the L1 term added to the loss."""
    train, validation = _loaders(training)
    model = _network(training, setting[DROPOUT])
    optimizer = torch.optim.AdamW(model.parameters(), lr=setting[LEARNING_RATE], weight_decay=setting[DECAY])
    for _ in range(training.epochs):
        model.train()
        for inputs, classes in train:
            optimizer.zero_grad()
            loss = functional.cross_entropy(model(inputs), classes)
            penalty = sum(weight.abs().sum() for weight in model.parameters() if weight.dim() > 1)
            (loss + setting[L1] * penalty).backward()
            optimizer.step()
        yield _score_of_loader(model, validation, training.score)


def careful(training: Training, setting: Setting) -> Iterator[float]:
    """Tensors in memory, batches by index, a fused optimizer, the gradient of the L1 term added by hand."""
    inputs, classes, validation, expected = _tensors(training.split)
    model = _network(training, setting[DROPOUT])
    weights = [weight for weight in model.parameters() if weight.dim() > 1]
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=setting[LEARNING_RATE], weight_decay=setting[DECAY], fused=True
    )
    batch_size = min(training.batch_size, len(inputs))
    for _ in range(training.epochs):
        model.train()
        order = torch.randperm(len(inputs))[: len(inputs) // batch_size * batch_size]
        for batch in order.split(batch_size):
            optimizer.zero_grad(set_to_none=True)
            functional.cross_entropy(model(inputs[batch]), classes[batch]).backward()
            add_l1_gradient(weights, setting[L1])
            optimizer.step()
        model.eval()
        with torch.inference_mode():
            score = float(training.score(model(validation), expected)) / len(expected)
        yield score


LOOPS: dict[str, Loop] = {"typical": typical, "careful": careful}


def _tensors(split: Split) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    return (
        split.inputs_train.flatten(start_dim=1),
        split.targets_train.argmax(dim=1),
        split.inputs_validation.flatten(start_dim=1),
        split.targets_validation.argmax(dim=1),
    )


def _network(training: Training, dropout: float) -> nn.Module:
    layers: list[nn.Module] = []
    features = training.split.inputs_train[0].numel()
    for _ in range(training.depth):
        layers += [nn.Linear(features, training.width), nn.ReLU(), nn.Dropout(dropout)]
        features = training.width
    return nn.Sequential(*layers, nn.Linear(features, training.split.targets_train.shape[1]))


def _loaders(training: Training) -> tuple[DataLoader[tuple[Tensor, ...]], DataLoader[tuple[Tensor, ...]]]:
    inputs, classes, validation, expected = _tensors(training.split)
    batch_size = min(training.batch_size, len(inputs))
    return (
        DataLoader(TensorDataset(inputs, classes), batch_size=batch_size, shuffle=True, drop_last=True),
        DataLoader(TensorDataset(validation, expected), batch_size=batch_size),
    )


def _score_of_loader(model: nn.Module, loader: DataLoader[tuple[Tensor, ...]], score: Score) -> float:
    model.eval()
    total, rows = 0.0, 0
    with torch.no_grad():
        for inputs, classes in loader:
            total += float(score(model(inputs), classes))
            rows += len(classes)
    return total / rows


def add_l1_gradient(weights: Sequence[Tensor], strength: float) -> None:
    """Adds strength·sign(w) to the gradients: what an L1 term in the loss adds, in fewer passes over the weights."""
    with torch.no_grad():
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        torch._foreach_add_(gradients, torch._foreach_sign(list(weights)), alpha=strength)
