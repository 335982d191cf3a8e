"""Plain loops beside the lane engine: torch modules equal to architectures, trained on the same batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from regcore.architectures.convnet import Convnet
from regcore.architectures.mlp import Mlp
from regcore.cocktail import Attached, Cocktail
from regcore.data import Split
from regcore.hyper import Value
from regcore.lanes import Fit, Program
from regcore.lanes.engines import find as find_engine
from regcore.lanes.fused import FusedLanes, FusedProgram
from regcore.lanes.settings import lane_settings
from regcore.lanes.step import Clock
from regcore.modules import Block, Residual
from regcore.network import Architecture, Network
from regcore.regularizers import find
from regcore.sites import TrainingRows

STEPS = 20
_ROWS, BATCH, OUTPUTS = 64, 16, 3
_SHAPES = {"table": (5,), "image": (1, 8, 8)}
_WIDTH = 8
_RATES = {"sgd": 0.05, "adamw": 3e-3}
_EPSILON = 1e-6  # so that Adam makes no steps of rounding errors, which gradients before a normalization often are


class MlpModule(nn.Module):
    """The architecture `mlp` with two hidden layers."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.ModuleList([nn.Linear(_SHAPES["table"][0], _WIDTH), nn.Linear(_WIDTH, _WIDTH)])
        self.nonlinearity = nn.ReLU()
        self.output = nn.Linear(_WIDTH, OUTPUTS)

    def forward(self, inputs: Tensor) -> Tensor:
        hidden = inputs
        for layer in self.hidden:
            hidden = self.nonlinearity(layer(hidden))
        return self.output(hidden)


class ConvnetModule(nn.Module):
    """The architecture `convnet` with two blocks."""

    def __init__(self) -> None:
        super().__init__()
        self.block = nn.ModuleList([nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 8, 3, padding=1)])
        self.nonlinearity, self.pool = nn.ReLU(), nn.MaxPool2d(2)
        self.output = nn.Linear(8 * 2 * 2, OUTPUTS)

    def forward(self, inputs: Tensor) -> Tensor:
        hidden = inputs
        for layer in self.block:
            hidden = self.pool(self.nonlinearity(layer(hidden)))
        return self.output(hidden.flatten(start_dim=1))


class BlocksModule(nn.Module):
    """A layer, a block, a residual block, and an output layer."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Linear(_SHAPES["table"][0], _WIDTH), nn.ReLU())
        self.block = Block(nn.Sequential(nn.Linear(_WIDTH, _WIDTH), nn.ReLU()))
        self.residual = Residual(nn.Sequential(nn.Linear(_WIDTH, _WIDTH), nn.ReLU(), nn.Linear(_WIDTH, _WIDTH)))
        self.joined = nn.ReLU()
        self.output = nn.Linear(_WIDTH, OUTPUTS)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.output(self.joined(self.residual(self.block(self.stem(inputs)))))


class ImageBlocksModule(BlocksModule):
    """The same for images, with convolutions."""

    def __init__(self) -> None:
        super().__init__()

        def convolution(channels: int = _WIDTH) -> nn.Conv2d:
            return nn.Conv2d(channels, _WIDTH, 3, padding=1)

        self.stem = nn.Sequential(convolution(channels=1), nn.ReLU())
        self.block = Block(nn.Sequential(convolution(), nn.ReLU()))
        self.residual = Residual(nn.Sequential(convolution(), nn.ReLU(), convolution()))

    def forward(self, inputs: Tensor) -> Tensor:
        return self.output(self.joined(self.residual(self.block(self.stem(inputs)))).mean((-2, -1)))


class Blocks(Architecture):
    """Both as an architecture."""

    def forward(self, network: Network, inputs: Tensor, outputs: int) -> Tensor:
        def layer(path: str, hidden: Tensor) -> Tensor:
            affine = network.convolution if hidden.dim() == 4 else network.linear
            return network.normalization(path, affine(path, hidden, _WIDTH))

        def hidden_layer(path: str, hidden: Tensor) -> Tensor:
            return network.activation(path, layer(path, hidden).relu())

        stem = hidden_layer("stem.0", network.inputs(inputs))
        block = network.block("block", stem, lambda suffix: hidden_layer(f"block.branch.0{suffix}", stem))

        def branch(suffix: str) -> Tensor:
            inner = hidden_layer(f"residual.branch.0{suffix}", block)
            return layer(f"residual.branch.2{suffix}", inner)

        joined = network.activation("residual", network.residual("residual", block, branch).relu())
        return network.linear("output", joined.mean((-2, -1)) if joined.dim() == 4 else joined, outputs)


NETWORKS: dict[str, tuple[type[nn.Module], Architecture, str]] = {
    "mlp": (MlpModule, Mlp(width=_WIDTH, depth=2), "table"),
    "convnet": (ConvnetModule, Convnet(width=4, depth=2), "image"),
    "blocks": (BlocksModule, Blocks(), "table"),
    "image_blocks": (ImageBlocksModule, Blocks(), "image"),
}
"""Modules and the architectures that they are, with their sort of inputs."""


def rows_of(sort: str) -> Split:
    """Standard normal rows of three classes, of the sort of inputs named."""
    generator = torch.Generator().manual_seed(0)
    train, validation = (torch.randn(rows, *_SHAPES[sort], generator=generator) for rows in (_ROWS, 32))
    targets = (nn.functional.one_hot(torch.arange(len(rows)) % OUTPUTS).float() for rows in (train, validation))
    return Split(train, next(targets), validation, next(targets))


@dataclass
class Engine:
    """The lane engine with one fit, step by step."""

    fused: FusedProgram
    fit: Fit
    lanes: FusedLanes

    @classmethod
    def of(cls, network: str, setting: Mapping[str, Value], optimizer: str, seed: int = 3) -> Engine:
        _, architecture, sort = NETWORKS[network]
        kinds = tuple(dict.fromkeys(name.partition(".")[0] for name in setting))
        fixed = {
            f"{kind}.{name}": setting.get(f"{kind}.{name}", knob.default)
            for kind in kinds
            for name, knob in find(kind).hyperparameters.items()
            if knob.per == "program"
        }
        program = Program(
            architecture,
            optimizer,
            "constant",
            BATCH,
            kinds,
            "classification",
            "log_loss",
            "minimize",
            OUTPUTS,
            fixed,
        )
        fused = FusedProgram(program, rows_of(sort), torch.device("cpu"), find_engine("eager"))
        values = {**setting, "training.optimizer.learning_rate": _RATES[optimizer]}
        if optimizer == "adamw":
            values["training.optimizer.epsilon"] = _EPSILON
        fit = Fit("fit", seed, STEPS // fused.steps_per_epoch, values)
        return cls(fused, fit, fused.start([fit]))

    def batches(self) -> Iterator[Tensor]:
        """The rows of each step, `[B]`."""
        for epoch in range(self.fit.epochs):
            order = self.fused.order(self.lanes, torch.tensor([epoch], dtype=torch.int32))[0]
            yield from order.split(BATCH)

    def losses(self) -> list[float]:
        """The data losses of all steps."""
        settings = lane_settings(self.fused.evaluation.program, [self.fit], torch.device("cpu"))
        losses = []
        for step, rows in enumerate(self.batches()):
            clock = Clock(torch.tensor([step], dtype=torch.int32), torch.tensor([STEPS]))
            self.lanes, loss = self.fused.step(self.lanes, settings, rows[None], clock)
            losses.append(loss.item())
        return losses

    def predictions(self) -> Tensor:
        """The logits of the validation rows as the fit now is, `[N, C]`."""
        settings = lane_settings(self.fused.evaluation.program, [self.fit], torch.device("cpu"))
        chunks = self.fused.evaluation.chunks(self.lanes.now, settings, self.fused.validation_rows)
        return torch.cat([logits[0] for _, logits in chunks])


@dataclass
class Loop:
    """A loop in plain torch on the engine's batches, from the engine's weights."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    attached: Attached
    split: Split

    @classmethod
    def beside(
        cls, engine: Engine, network: str, setting: Mapping[str, Value], optimizer: str, seed: int | None = None
    ) -> Loop:
        module, _, sort = NETWORKS[network]
        model, split = module(), rows_of(sort)
        start = {name: value[0] for name, value in engine.lanes.state.parameters.items()}
        model.load_state_dict({name: start[name] for name in model.state_dict()})
        torch_optimizer: torch.optim.Optimizer = (
            torch.optim.AdamW(model.parameters(), lr=_RATES["adamw"], eps=_EPSILON, weight_decay=0.0)
            if optimizer == "adamw"
            else torch.optim.SGD(model.parameters(), lr=_RATES["sgd"])
        )
        attached = Cocktail.from_setting(setting, seed=engine.fit.seed if seed is None else seed).attach(
            model, torch_optimizer, rows=TrainingRows(split.inputs_train, split.targets_train), steps=STEPS
        )
        return cls(model, torch_optimizer, attached, split)

    def step(self, rows: Tensor) -> float:
        """One step on these rows: its data loss."""
        self.optimizer.zero_grad()
        self.attached.loss(self.split.inputs_train[rows], self.split.targets_train[rows].argmax(-1)).backward()
        self.optimizer.step()
        return self.attached.data_loss.item()
