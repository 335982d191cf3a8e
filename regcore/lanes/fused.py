"""The fused program: what all lanes share, as functions over tensors with lanes as their first axis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from regcore.lanes import stacking
from regcore.lanes.building import build
from regcore.lanes.engines import Engine
from regcore.lanes.evaluation import Evaluated, Evaluation, Rows
from regcore.lanes.kinds import Kinds, kinds_of_lane
from regcore.lanes.network import Layout
from regcore.lanes.program import Fit, Program
from regcore.lanes.randomness import fold, permutation, stream_key
from regcore.lanes.settings import LaneSettings, lane_settings
from regcore.lanes.step import Clock, LaneState, Step
from regcore.optimizers import find as find_optimizer
from regcore.schedules import find as find_schedule
from regcore.sites import Batch, WeightAverage, WeightRule
from regcore.training import Optimizer, Schedule

if TYPE_CHECKING:
    # scikit-learn and polars come with it, which one who only writes or tries a regularizer need not load
    from regcore.data import Split

_ORDER = "order"


class FusedLanes(NamedTuple):
    """K lanes: what they train, what their best epochs were, and the keys of their streams `[K, S]`."""

    state: LaneState
    best: Evaluated
    keys: Tensor

    @property
    def now(self) -> Evaluated:
        """What evaluation needs of the lanes as they are."""
        return Evaluated(self.state.parameters, self.state.state, self.state.averages)


class FusedProgram:
    """Starts, trains and evaluates lanes of one program on one split, held on one device."""

    def __init__(self, program: Program, split: Split, device: torch.device, engine: Engine) -> None:
        self.device = device
        self.train_rows = Rows(split.inputs_train.to(device), split.targets_train.to(device), split.target_scale)
        self.validation_rows = Rows(
            split.inputs_validation.to(device), split.targets_validation.to(device), split.target_scale
        )
        engine.take_rows(self.train_rows.inputs)
        self.batch_size = min(program.batch_size, len(self.train_rows.inputs))
        self.steps_per_epoch = len(self.train_rows.inputs) // self.batch_size
        self._program = program
        self._optimizer = find_optimizer(program.optimizer)
        self._schedule = find_schedule(program.schedule)
        self._layout = self._found_layout()
        self.engine = engine.suited(self._layout.convolves, device)
        self._place = {stream: place for place, stream in enumerate(self._layout.streams)}
        self._step = Step(program.architecture, self._layout, program.outputs, program.task == "regression")
        self._train = self.engine.advancing(self._one_lane, own=6)
        self.evaluation = Evaluation(program, self._layout, self.engine)

    def start(self, fit: Fit) -> FusedLanes:
        """One lane (without the lane axis) as the fit begins, on the CPU."""
        state, streams = self._built(fit, self._layout)
        keys = torch.tensor([stream_key(fit.seed, stream) for stream in streams.streams], dtype=torch.int32)
        return FusedLanes(state, Evaluated(state.parameters, state.state, state.averages), keys)

    def order(self, lanes: FusedLanes, epochs: Tensor) -> Tensor:
        """The training rows in the order of each lane's epoch, `[K, N]`; `epochs` `[K]` counts from 0, int32."""
        keys = fold(lanes.keys[:, self._place[_ORDER]], epochs)
        return torch.func.vmap(lambda key: permutation(key, len(self.train_rows.inputs)))(keys)

    def step(self, lanes: FusedLanes, settings: LaneSettings, rows: Tensor, clock: Clock) -> tuple[FusedLanes, Tensor]:
        """The lanes one step further, and their data losses `[K]`, from each lane's batch of rows `[K, B]`."""
        keys = fold(lanes.keys, clock.step[:, None])
        state, losses = self._train(lanes.state, settings.values, settings.masks, keys, rows, clock)
        return lanes._replace(state=state), losses

    def make_ready(self) -> None:
        """Does what the engine needs before a first step: it may compile, by training lanes that nobody asked for.

        Raises:
            CannotCompile: the engine compiles, and this machine cannot.
        """
        self.engine.make_ready(self._train_for_nobody, self.device)

    def _train_for_nobody(self) -> None:
        count = min(self.engine.least_lanes + 1, self.engine.most_lanes or 2**31)
        fits = [Fit(key="nobody", seed=seed, epochs=1, values={}) for seed in range(count)]
        lanes = stacking.moved(stacking.stack([self.start(fit) for fit in fits]), self.device)
        settings = lane_settings(self._program, fits, self.device, spare=self.engine.spares)
        first = torch.zeros(len(fits), dtype=torch.int32, device=self.device)
        clock = Clock(first, self.steps_per_epoch * torch.ones_like(first, dtype=torch.int64))
        rows = self.order(lanes, first)[:, : self.batch_size]
        trained, _ = self.step(lanes, settings, rows, clock)
        self.evaluation.logits(trained.now, settings, self.validation_rows.inputs)

    def sparsity(self, lanes: Evaluated) -> Tensor:
        """The share of penalized weights that are exactly zero, `[K]`."""
        weights = torch.cat([lanes.parameters[name].flatten(start_dim=1) for name in self._layout.weights], dim=1)
        return (weights == 0).double().mean(1)

    def keep_best(self, lanes: FusedLanes, improved: Tensor) -> FusedLanes:
        """The lanes with the present weights as their best where `improved`, bool `[K]`."""
        return lanes._replace(best=stacking.choose(improved, lanes.now, lanes.best))

    def _one_lane(
        self,
        lane: LaneState,
        values: dict[str, Tensor],
        masks: dict[str, Tensor | None],
        keys: Tensor,
        rows: Tensor,
        clock: Clock,
    ) -> tuple[LaneState, Tensor]:
        kinds = kinds_of_lane(self._program.kinds, {**self._program.fixed, **values}, masks)
        batch = Batch(self.train_rows.inputs[rows], self.train_rows.targets[rows])
        return self._step(lane, batch, kinds, self._training(values), lambda stream: keys[self._place[stream]], clock)

    def _training(self, values: Mapping[str, Tensor]) -> tuple[Optimizer, Schedule]:
        optimizer = {name: values[f"training.optimizer.{name}"] for name in self._optimizer.hyperparameters}
        schedule = {name: values[f"training.schedule.{name}"] for name in self._schedule.hyperparameters}
        return self._optimizer(**optimizer), self._schedule(**schedule)

    def _found_layout(self) -> Layout:
        return self._built(Fit(key="layout", seed=0, epochs=1, values={}), Layout())[1]

    def _built(self, fit: Fit, layout: Layout) -> tuple[LaneState, Layout]:
        """What a fit starts with, every kind of the program included, and the layout that building it found."""
        values = {
            name: value[0] for name, value in lane_settings(self._program, [fit], torch.device("cpu")).values.items()
        }
        named = {**self._program.fixed, **values}
        kinds: Kinds = kinds_of_lane(self._program.kinds, named, dict.fromkeys(self._program.kinds))
        shape = tuple(self.train_rows.inputs.shape[1:])
        parameters, state, found = build(
            self._program.architecture, kinds, shape, self._program.outputs, fit.seed, layout
        )
        found.streams += [*self._program.kinds, _ORDER]
        rules = {member.kind: member.rule.state(parameters) for member in kinds.of(WeightRule)}
        averages = {member.kind: member.rule.state(parameters) for member in kinds.of(WeightAverage)}
        return LaneState(parameters, state, self._optimizer().start(parameters), rules, averages), found
