"""What a loop starts with: the model as an architecture, the kinds that act on it, and what they learn and remember."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from regcore.cocktail.errors import UnsuitedModel
from regcore.cocktail.setting import Setting
from regcore.cocktail.streams import Streams
from regcore.cocktail.suits import refuse_unsuited
from regcore.cocktail.targets import Task, soft_targets
from regcore.lanes import Fit, Program, stacking
from regcore.lanes.building import Building, built
from regcore.lanes.engines import find as find_engine
from regcore.lanes.evaluation import Evaluation
from regcore.lanes.kinds import Kinds, Known, kinds_of_lane
from regcore.lanes.network import Layout
from regcore.lanes.settings import lane_settings
from regcore.lanes.step import LaneState, Step, lane_state
from regcore.modules import ModuleArchitecture
from regcore.modules.places import undisturbed
from regcore.regularizers import find
from regcore.sites import Parameters, State, TrainingRows

_FEWEST_ROWS = 2


@dataclass(frozen=True)
class Start:
    """What a loop starts with; `lane` is the state of the one fit that it is, without any optimizer's.

    `rows` are two like those that the model sees.
    """

    architecture: ModuleArchitecture
    rows: Tensor
    fit: Fit
    kinds: Kinds
    layout: Layout
    step: Step
    evaluation: Evaluation
    streams: Streams
    lane: LaneState

    @property
    def program(self) -> Program:
        """What the fit would share with others in the lane engine."""
        return self.evaluation.program

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        return self.streams.device


def start(setting: Setting, seed: int, model: nn.Module, rows: tuple[Tensor, ...], task: Task) -> Start:
    """What the loop starts with, from the model as it is; `rows` are those of training, or some of them.

    Raises:
        UnsuitedModel: the setting cannot act on this model or these rows.
        regcore.modules.UnsuitedModule: the model is no network of one input and one row of outputs each.
    """
    inputs = rows[0]
    if len(inputs) < _FEWEST_ROWS:
        raise UnsuitedModel("rows", f"{len(inputs)} rows", f"{_FEWEST_ROWS} at least")
    few = inputs[:_FEWEST_ROWS]
    architecture = ModuleArchitecture(model, few)
    refuse_unsuited(setting.kinds, architecture, inputs, task)
    outputs = architecture.places.outputs
    soft = soft_targets(rows[1], task, outputs)
    known = {kind: find(kind).prepare(TrainingRows(inputs, soft, *rows[2:])) for kind in setting.kinds}

    program, fit = _program(setting, architecture, task), Fit("loop", seed, 1, setting.values)
    kinds = _kinds(program, fit, known, inputs.device)
    streams = Streams(seed, inputs.device)
    parameters, state, layout = _built(architecture, kinds, streams, few, Layout())
    # Once more with what was found, as in the lane engine: a kind may ask how many places there are.
    parameters, state, _ = _built(architecture, kinds, streams, few, layout)
    regression = task == "regression"
    return Start(
        architecture,
        few,
        fit,
        kinds,
        layout,
        Step(architecture, layout, outputs, regression),
        Evaluation(program, layout, find_engine("alone"), known),
        streams,
        stacking.copied(lane_state(kinds, parameters, state, layout, streams.key)),
    )


def _program(setting: Setting, architecture: ModuleArchitecture, task: Task) -> Program:
    """The program of one lane that the loop is; optimizer, schedule and batches are the loop's own."""
    return Program(
        architecture=architecture,
        optimizer="sgd",
        schedule="constant",
        batch_size=1,
        kinds=setting.kinds,
        task=task,
        objective="rmse" if task == "regression" else "log_loss",
        direction="minimize",
        outputs=architecture.places.outputs,
        fixed=setting.fixed,
    )


def _kinds(program: Program, fit: Fit, known: Known, device: torch.device) -> Kinds:
    settings = lane_settings(program, [fit], device)
    values = {name: column[0] for name, column in settings.values.items()}
    return kinds_of_lane(program.kinds, {**program.fixed, **values}, settings.masks, known)


def _built(
    architecture: ModuleArchitecture, kinds: Kinds, streams: Streams, rows: Tensor, layout: Layout
) -> tuple[Parameters, State, Layout]:
    given = {name: value.detach() for name, value in architecture.model.named_parameters()}
    building = Building(kinds, streams.key, layout, given)
    with torch.no_grad(), torch.device(rows.device), undisturbed(rows.device):
        return built(building, architecture, rows, architecture.places.outputs)
