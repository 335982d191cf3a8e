"""The engine against a loop in plain torch: same start, same rows, same curves, whatever a step is made of."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from torch import Tensor
from torch.nn import functional
from training_runs import digits_program, digits_split, trained

from regcore.architectures.convnet import Convnet
from regcore.architectures.mlp import Mlp
from regcore.data import Split
from regcore.lanes import Finished, Fit, Program
from regcore.lanes.engines import Eager
from regcore.lanes.fused import FusedProgram
from regcore.network import Architecture

EPOCHS = 4
RATES = {"adamw": 3e-3, "sgd": 0.05}
KINDS = {
    "l2.strength": 1e-2,
    "decoupled_weight_decay.strength": 1.0,
    "proximal_l1.strength": 0.05,
    "batch_norm.momentum": 0.2,
    "batch_norm.epsilon": 1e-3,
}
Weights = Mapping[str, Tensor]
Normalize = Callable[[str, Tensor], Tensor]


def mlp(weights: Weights, rows: Tensor, normalize: Normalize) -> Tensor:
    hidden = rows.flatten(start_dim=1)
    for layer in range(2):
        path = f"hidden.{layer}"
        linear = functional.linear(hidden, weights[f"{path}.weight"], weights[f"{path}.bias"])
        hidden = normalize(path, linear).relu()
    return functional.linear(hidden, weights["output.weight"], weights["output.bias"])


def convnet(weights: Weights, rows: Tensor, normalize: Normalize) -> Tensor:
    hidden = rows
    for block in range(2):
        path = f"block.{block}"
        convolved = functional.conv2d(hidden, weights[f"{path}.weight"], weights[f"{path}.bias"], padding=1)
        hidden = functional.max_pool2d(normalize(path, convolved).relu(), 2)
    return functional.linear(hidden.flatten(start_dim=1), weights["output.weight"], weights["output.bias"])


NETWORKS: dict[str, tuple[Architecture, Callable[[Weights, Tensor, Normalize], Tensor]]] = {
    "mlp": (Mlp(width=32, depth=2), mlp),
    "convnet": (Convnet(width=4, depth=2), convnet),
}


def reference(
    program: Program, fit: Fit, split: Split, forward: Callable[[Weights, Tensor, Normalize], Tensor]
) -> list[float]:
    """Training and validation loss of each epoch in turn, by torch's own layers and optimizers, a line a step."""
    base = RATES[program.optimizer]
    fused = FusedProgram(program, split, torch.device("cpu"), Eager())
    start = fused.start([fit])
    weights = {name: value[0].clone().requires_grad_() for name, value in start.state.parameters.items()}
    penalized = [name for name, value in weights.items() if value.dim() > 1]
    sites = {name.rpartition(".batch_norm.")[0] for name in weights if ".batch_norm." in name}
    running = {site: (torch.zeros_like(gain(weights, site)), torch.ones_like(gain(weights, site))) for site in sites}

    def normalizing(training: bool) -> Normalize:
        def normalize(site: str, hidden: Tensor) -> Tensor:
            if site not in running:
                return hidden
            own = gain(weights, site), weights[f"{site}.batch_norm.shift"]
            momentum, epsilon = KINDS["batch_norm.momentum"], KINDS["batch_norm.epsilon"]
            return functional.batch_norm(hidden, *running[site], *own, training, momentum, epsilon)

        return normalize

    kind = {"adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}[program.optimizer]
    optimizer = kind(weights.values(), lr=base, weight_decay=0.0)
    curve, step, steps = [], 0, EPOCHS * fused.steps_per_epoch
    for epoch in range(EPOCHS):
        order = fused.order(start, torch.tensor([epoch], dtype=torch.int32))[0]
        losses = []
        for rows in order[: fused.steps_per_epoch * program.batch_size].split(program.batch_size):
            rate = base * 0.5 * (1 + math.cos(math.pi * step / steps))
            optimizer.param_groups[0]["lr"] = rate
            optimizer.zero_grad()
            logits = forward(weights, split.inputs_train[rows], normalizing(True))
            loss = functional.cross_entropy(logits, split.targets_train[rows])
            penalty = 0.5 * KINDS["l2.strength"] * sum(weights[name].square().sum() for name in penalized)
            (loss + penalty).backward()
            before = {name: weights[name].detach().clone() for name in penalized}
            optimizer.step()
            with torch.no_grad():
                for name in penalized:
                    decayed = weights[name] - rate * KINDS["decoupled_weight_decay.strength"] * before[name]
                    weights[name].copy_(functional.softshrink(decayed, rate * KINDS["proximal_l1.strength"]))
            losses.append(loss.item())
            step += 1
        with torch.no_grad():
            logits = forward(weights, split.inputs_validation, normalizing(False))
            curve += [sum(losses) / len(losses), functional.cross_entropy(logits, split.targets_validation).item()]
    return curve


def gain(weights: Weights, site: str) -> Tensor:
    return weights[f"{site}.batch_norm.gain"]


@pytest.mark.parametrize(
    ("network", "optimizer", "normalized"),
    [
        ("mlp", "adamw", False),
        ("convnet", "adamw", False),
        # Adam makes steps of the rounding errors that are the gradients of biases before a normalization.
        ("mlp", "sgd", True),
        ("convnet", "sgd", True),
    ],
)
def test_a_lane_is_trained_as_a_plain_loop_would(network: str, optimizer: str, normalized: bool) -> None:
    architecture, forward = NETWORKS[network]
    setting = {name: value for name, value in KINDS.items() if normalized or not name.startswith("batch_norm")}
    kinds = list(dict.fromkeys(name.partition(".")[0] for name in setting))
    program = digits_program(kinds, architecture, schedule="cosine", optimizer=optimizer)
    fit = Fit("a", 7, EPOCHS, {**setting, "training.optimizer.learning_rate": RATES[optimizer]})
    got = trained(program, [fit], lanes=1).losses("a")
    assert got == pytest.approx(reference(program, fit, digits_split(), forward), rel=2e-5)


def test_rows_come_in_another_order_every_epoch() -> None:
    fused = FusedProgram(digits_program(), digits_split(), torch.device("cpu"), Eager())
    lanes = fused.start([Fit("a", 0, 2, {}), Fit("b", 1, 2, {})])
    first, second = (fused.order(lanes, torch.full((2,), epoch, dtype=torch.int32)) for epoch in (0, 1))
    everything = torch.arange(len(digits_split().inputs_train))
    for order in (*first, *second):
        assert torch.equal(order.sort().values, everything)
    assert not torch.equal(first[0], second[0])
    assert not torch.equal(first[0], first[1])


def test_noise_is_another_one_at_every_step() -> None:
    """Rows that are all alike, and weights that hardly move: what differs between epochs is the noise."""
    split = digits_split()
    alike = replace(
        split,
        inputs_train=split.inputs_train[:1].expand(128, -1, -1, -1),
        targets_train=split.targets_train[:1].expand(128, -1),
    )
    values = {"dropout.rate": 0.5, "training.optimizer.learning_rate": 1e-6}
    run = trained(digits_program(["dropout"], optimizer="sgd"), [Fit("a", 0, 4, values)], 1, alike)
    losses = [epoch.train_loss for epoch in run.epochs["a"]]
    assert min(abs(a - b) for a, b in pairwise(losses)) > 1e-4


def test_the_weights_and_statistics_kept_give_the_lowest_validation_loss() -> None:
    """Batch normalization's running statistics too: with those of another epoch the loss would be another."""
    values = {"batch_norm.momentum": 0.5, "early_stopping.patience": 3, "training.optimizer.learning_rate": 0.02}
    run = trained(digits_program(["batch_norm", "early_stopping"]), [Fit("a", 0, 60, values)], lanes=1)
    outcome = run.ends["a"]
    assert isinstance(outcome, Finished)
    losses = [epoch.validation_loss for epoch in run.epochs["a"]]
    assert outcome.metrics["log_loss"] == pytest.approx(min(losses), rel=1e-5)
    assert outcome.metrics["log_loss"] < 0.99 * losses[-1]
