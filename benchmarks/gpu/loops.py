"""The careful loop on a GPU: one network at a time, tensors in memory, a fused optimizer; and the same, captured."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.gpu.work import BATCH, SETTING, Case
from regcore.architectures.mlp import Mlp
from regcore.lanes.graphs import Recorder

_LEARNING_RATE = 1e-3


class CarefulLoop:
    """Every call is a step of one network. Its rows are chosen on the device, as its captured form needs them."""

    def __init__(self, case: Case, device: torch.device) -> None:
        split = case.split
        self._inputs, self._targets = split.inputs_train.to(device), split.targets_train.argmax(1).to(device)
        self._model = _network(case).to(device)
        self._weights = [weight for weight in self._model.parameters() if weight.dim() > 1]
        self._optimizer = torch.optim.AdamW(
            self._model.parameters(),
            lr=_LEARNING_RATE,
            weight_decay=SETTING["decoupled_weight_decay.strength"],
            fused=True,
            capturable=device.type == "cuda",
        )
        self._order = torch.randperm(len(self._inputs)).to(device)
        self._steps = len(self._inputs) // BATCH
        self._done = 0
        self._batch = self._order[:BATCH].clone()

    def __call__(self) -> Tensor:
        self.take_batch()
        return self.train()

    def captured(self, recorder: Recorder) -> _Captured:
        """The same loop, whose step is recorded once."""
        return _Captured(self, recorder)

    def take_batch(self) -> None:
        """Copies the rows of the next batch to where a step finds them."""
        at = self._done % self._steps * BATCH
        self._batch.copy_(self._order[at : at + BATCH])
        self._done += 1

    def train(self) -> Tensor:
        """A step on the batch at hand."""
        self._optimizer.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(self._model(self._inputs[self._batch]), self._targets[self._batch])
        loss.backward()
        with torch.no_grad():
            for weight in self._weights:
                if weight.grad is not None:
                    weight.grad.add_(weight.sign(), alpha=SETTING["l1.strength"])
        self._optimizer.step()
        return loss.detach()


class _Captured:
    def __init__(self, loop: CarefulLoop, recorder: Recorder) -> None:
        self._loop = loop
        self._recording = recorder.record(loop.train)

    def __call__(self) -> Tensor:
        self._loop.take_batch()
        self._recording.replay()
        return self._recording.result


def _network(case: Case) -> nn.Module:
    architecture, outputs = case.architecture, case.split.targets_train.shape[1]
    row = case.split.inputs_train.shape[1:]
    layers: list[nn.Module] = []
    width, depth = int(getattr(architecture, "width")), int(getattr(architecture, "depth"))  # noqa: B009
    rate = SETTING["dropout.rate"]
    if isinstance(architecture, Mlp):
        units = row.numel()
        for _ in range(depth):
            layers += [nn.Linear(units, width), nn.ReLU(), nn.Dropout(rate)]
            units = width
        return nn.Sequential(*layers, nn.Linear(units, outputs))
    channels, side = row[0], row[1]
    for block in range(depth):
        layers += [nn.Conv2d(channels, width * 2**block, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(rate)]
        channels, side = width * 2**block, side // 2
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels * side * side, outputs))
