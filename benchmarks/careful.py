"""The careful loop for any program of ours: one fit after the other, as one would write it to make a fit fast.

Tensors in memory, batches by index, torch's own layers, a fused optimizer, the gradient of the L1 term added in one
pass. With `channels_last` images are laid out as a processor's convolutions like them best.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.loops import add_l1_gradient
from regcore.architectures.convnet import Convnet
from regcore.architectures.mlp import Mlp
from regcore.data import Split
from regcore.hyper import Value
from regcore.lanes import Program

Values = Mapping[str, Value]


def train(program: Program, split: Split, values: Values, epochs: int, *, channels_last: bool = False) -> None:
    """Trains one fit; after each epoch its loss and accuracy on the validation rows are known."""
    inputs, targets = split.inputs_train, split.targets_train.argmax(dim=1)
    network = network_of(program, inputs[0], values)
    if channels_last:
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    weights = [weight for weight in network.parameters() if weight.dim() > 1]
    rate = float(values["training.optimizer.learning_rate"])
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.0, fused=True)
    steps = len(inputs) // program.batch_size
    for _ in range(epochs):
        network.train()
        order = torch.randperm(len(inputs))[: steps * program.batch_size]
        for batch in order.split(program.batch_size):
            optimizer.zero_grad(set_to_none=True)
            functional.cross_entropy(network(inputs[batch]), targets[batch]).backward()
            if "l1.strength" in values:
                add_l1_gradient(weights, float(values["l1.strength"]))
            optimizer.step()
        _evaluate(network, split)


def _evaluate(network: nn.Module, split: Split) -> tuple[float, float]:
    network.eval()
    expected = split.targets_validation.argmax(dim=1)
    with torch.inference_mode():
        logits = network(split.inputs_validation)
        loss = functional.cross_entropy(logits, expected)
        return float(loss), float((logits.argmax(dim=1) == expected).float().mean())


def network_of(program: Program, row: Tensor, values: Values) -> nn.Module:
    """The network of the program, of torch's own layers, for rows like this one.

    Raises:
        TypeError: the architecture is neither of the two that the loop knows.
    """
    architecture = program.architecture
    if isinstance(architecture, Mlp):
        return _mlp(architecture, row.numel(), program.outputs, values)
    if isinstance(architecture, Convnet):
        return _convnet(architecture, tuple(row.shape), program.outputs, values)
    raise TypeError(f"the careful loop has no network for {type(architecture).__name__}; it knows Mlp and Convnet")


def _mlp(architecture: Mlp, features: int, outputs: int, values: Values) -> nn.Module:
    layers: list[nn.Module] = [nn.Flatten()]
    for _ in range(architecture.depth):
        layers.append(nn.Linear(features, architecture.width))
        features = architecture.width
        if "batch_norm.momentum" in values:
            layers.append(nn.BatchNorm1d(features))
        layers += [nn.ReLU(), *_dropout(values)]
    return nn.Sequential(*layers, nn.Linear(features, outputs))


def _convnet(architecture: Convnet, shape: tuple[int, ...], outputs: int, values: Values) -> nn.Module:
    channels, height, width = shape
    layers: list[nn.Module] = []
    for block in range(architecture.depth):
        out = architecture.width * 2**block
        layers.append(nn.Conv2d(channels, out, 3, padding=1))
        channels = out
        if "batch_norm.momentum" in values:
            layers.append(nn.BatchNorm2d(channels))
        layers.append(nn.ReLU())
        if min(height, width) >= 2:
            layers.append(nn.MaxPool2d(2))
            height, width = height // 2, width // 2
        layers += _dropout(values)
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels * height * width, outputs))


def _dropout(values: Values) -> list[nn.Module]:
    return [nn.Dropout(float(values["dropout.rate"]))] if "dropout.rate" in values else []
