"""The fused program: what all lanes share, as functions over tensors with lanes as their first axis."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from regcore.lanes import stacking
from regcore.lanes.building import build
from regcore.lanes.engines import Engine, in_precision
from regcore.lanes.evaluation import Evaluated, Evaluation, Rows, lanes_at_once
from regcore.lanes.kinds import Kinds, kinds_of_lane
from regcore.lanes.metrics import RANKING
from regcore.lanes.network import Keys, Layout
from regcore.lanes.precision import factors_of
from regcore.lanes.program import Fit, Program
from regcore.lanes.randomness import fold, permutations, stream_key
from regcore.lanes.settings import LaneSettings, lane_settings
from regcore.lanes.step import Clock, LaneState, Step, lane_state
from regcore.lanes.turns import Part, wait_patiently
from regcore.optimizers import find as find_optimizer
from regcore.regularizers import find as find_regularizer
from regcore.schedules import find as find_schedule
from regcore.sites import Batch, Parameters, RememberingTerm, State, TrainingRows
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
        engine = in_precision(engine, program.precision, device)
        self.batch_size = min(program.batch_size, len(self.train_rows.inputs))
        self.steps_per_epoch = len(self.train_rows.inputs) // self.batch_size
        self._program = program
        self._known = _known(program, split, device)
        self._optimizer = find_optimizer(program.optimizer)
        self._schedule = find_schedule(program.schedule)
        self._layout = self._found_layout()
        self.engine = engine.suited(self._layout.convolves, device)
        self._place = {stream: place for place, stream in enumerate(self._layout.streams)}
        self._step = Step(program.architecture, self._layout, program.outputs, program.task == "regression")
        self._train = self.engine.advancing(self._one_lane, own=6)
        self._advance = self.engine.repeated(self._advanced)
        self.evaluation = Evaluation(program, self._layout, self.engine, self._known)
        # How many lanes end at once: all their rows that are ranked keep their logits meanwhile.
        ranked = self.train_rows if program.objective in RANKING else self.validation_rows
        self.lanes_at_once = lanes_at_once(len(ranked.inputs), program.outputs)

    def start(self, fits: Sequence[Fit]) -> FusedLanes:
        """Lanes as the fits begin, one each, on torch's default device; a fit starts alike whoever starts with it."""
        values = lane_settings(self._program, fits, torch.get_default_device()).values
        state = torch.func.vmap(self._started)(values, _keys(fits, self._layout.starts))
        best = Evaluated(state.parameters, state.state, state.averages)
        return FusedLanes(stacking.copied(state), stacking.copied(best), _keys(fits, self._layout.streams))

    def order(self, lanes: FusedLanes, epochs: Tensor) -> Tensor:
        """The training rows in the order of each lane's epoch, `[K, N]`; `epochs` `[K]` counts from 0, int32."""
        keys = fold(lanes.keys[:, self._place[_ORDER]], epochs)
        return permutations(keys, len(self.train_rows.inputs))

    def step(self, lanes: FusedLanes, settings: LaneSettings, rows: Tensor, clock: Clock) -> tuple[FusedLanes, Tensor]:
        """The lanes one step further, and their data losses `[K]`, from each lane's batch of rows `[K, B]`."""
        # One layout, for which one graph is compiled: what is recorded has rows of its own, which lie side by side.
        rows = rows.contiguous()
        state, losses = self._advance(lanes.state, settings.values, settings.masks, lanes.keys, rows, clock)
        return lanes._replace(state=state), losses

    def make_ready(self, while_waiting: Callable[[], None] = wait_patiently) -> None:
        """Does what the engine needs before a first step: it may compile, by training lanes that nobody asked for.

        What another process compiles is waited for; `while_waiting` is called meanwhile, and what it raises ends that.

        Raises:
            CannotCompile: the engine compiles, and this machine cannot.
        """
        # The step first: it takes most of the time, in which another process may begin with the evaluation.
        parts = [
            Part(f"step of {self._program}", self._train_nobody),
            Part(f"evaluation of {self._program}", self._evaluate_nobody),
        ]
        self.engine.make_ready(parts, self.device, while_waiting)

    def _train_nobody(self) -> None:
        lanes, settings = self._nobody()
        first = torch.zeros(len(lanes.keys), dtype=torch.int32, device=self.device)
        clock = Clock(first, self.steps_per_epoch * torch.ones_like(first, dtype=torch.int64))
        self.step(lanes, settings, self.order(lanes, first)[:, : self.batch_size], clock)

    def _evaluate_nobody(self) -> None:
        lanes, settings = self._nobody()
        self.evaluation.measure(lanes.now, settings, self.validation_rows, self.evaluation.of_epoch)

    def _nobody(self) -> tuple[FusedLanes, LaneSettings]:
        count = min(self.engine.least_lanes + 1, self.engine.most_lanes or 2**31)
        fits = [Fit(key="nobody", seed=seed, epochs=1, values={}) for seed in range(count)]
        settings = lane_settings(self._program, fits, self.device, spare=self.engine.spares)
        return stacking.moved(self.start(fits), self.device), settings

    def sparsity(self, lanes: Evaluated, settings: LaneSettings) -> Tensor:
        """The share of penalized weights that are exactly zero as layers use them, `[K]`."""
        used = self.evaluation.weights(lanes, settings, self.validation_rows)
        weights = torch.cat([weight.flatten(start_dim=1) for weight in used.values()], dim=1)
        return (weights == 0).double().mean(1)

    def keep_best(self, lanes: FusedLanes, improved: Tensor) -> FusedLanes:
        """The lanes with the present weights as their best where `improved`, bool `[K]`."""
        return lanes._replace(best=stacking.choose(improved, lanes.now, lanes.best))

    def _advanced(
        self,
        state: LaneState,
        values: dict[str, Tensor],
        masks: dict[str, Tensor | None],
        streams: Tensor,
        rows: Tensor,
        clock: Clock,
    ) -> tuple[LaneState, Tensor]:
        keys = fold(streams, clock.step[:, None])
        advanced: tuple[LaneState, Tensor] = self._train(state, values, masks, keys, rows, clock)
        return advanced

    def _one_lane(
        self,
        lane: LaneState,
        values: dict[str, Tensor],
        masks: dict[str, Tensor | None],
        keys: Tensor,
        rows: Tensor,
        clock: Clock,
    ) -> tuple[LaneState, Tensor]:
        kinds = kinds_of_lane(self._program.kinds, {**self._program.fixed, **values}, masks, self._known)
        batch = Batch(self.train_rows.inputs[rows], self.train_rows.targets[rows])
        return self._step(lane, batch, kinds, self._training(values), lambda stream: keys[self._place[stream]], clock)

    def _training(self, values: Mapping[str, Tensor]) -> tuple[Optimizer, Schedule]:
        optimizer = {name: values[f"training.optimizer.{name}"] for name in self._optimizer.hyperparameters}
        schedule = {name: values[f"training.schedule.{name}"] for name in self._schedule.hyperparameters}
        return self._optimizer(**optimizer), self._schedule(**schedule)

    def _found_layout(self) -> Layout:
        values = lane_settings(self._program, [Fit("layout", 0, 1, {})], torch.get_default_device()).values
        first = {name: value[0] for name, value in values.items()}
        found = self._built(first, lambda name: torch.tensor(stream_key(0, name), dtype=torch.int32), Layout())[2]
        found.streams += [*self._program.kinds, _ORDER]
        found.starts += [f"start/{member.kind}" for member in self._every_kind(first).of(RememberingTerm)]
        found.factors = factors_of(self._program.precision)
        return found

    def _started(self, values: Mapping[str, Tensor], keys: Tensor) -> LaneState:
        """What one fit starts with, from its values and the keys `[S]` of the draws by which it starts."""
        place = {name: at for at, name in enumerate(self._layout.starts)}
        parameters, state, _ = self._built(values, lambda name: keys[place[name]], self._layout)
        started = lane_state(self._every_kind(values), parameters, state, self._layout, lambda name: keys[place[name]])
        return started._replace(moments=self._optimizer().start(parameters))

    def _built(self, values: Mapping[str, Tensor], key_of: Keys, layout: Layout) -> tuple[Parameters, State, Layout]:
        shape = tuple(self.train_rows.inputs.shape[1:])
        kinds = self._every_kind(values)
        return build(self._program.architecture, kinds, shape, self._program.outputs, key_of, layout)

    def _every_kind(self, values: Mapping[str, Tensor]) -> Kinds:
        """All kinds of the program, as though the lane used every one."""
        named = {**self._program.fixed, **values}
        return kinds_of_lane(self._program.kinds, named, dict.fromkeys(self._program.kinds), self._known)


def _known(program: Program, split: Split, device: torch.device) -> dict[str, dict[str, Tensor]]:
    """What each kind found in the training rows, on the device."""
    rows = TrainingRows(split.inputs_train, split.targets_train, split.columns, split.categorical)
    found = {kind: find_regularizer(kind).prepare(rows) for kind in program.kinds}
    return {kind: {name: value.to(device) for name, value in tensors.items()} for kind, tensors in found.items()}


def _keys(fits: Sequence[Fit], streams: Sequence[str]) -> Tensor:
    """The keys of the fits' streams, int32 `[K, S]`."""
    return torch.tensor([[stream_key(fit.seed, stream) for stream in streams] for fit in fits], dtype=torch.int32)
