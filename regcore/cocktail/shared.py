"""The state of the one fit that a loop is: its parameters and buffers are the model's own, and change in place."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from regcore.cocktail.start import Start
from regcore.lanes import stacking
from regcore.lanes.evaluation import Evaluated
from regcore.lanes.step import LaneState
from regcore.sites import Parameters

_BUFFERS = "buffers/"


class SharedLane:
    """A fit that shares its tensors with a model; `own` are the parameters that kinds learn besides the model's."""

    def __init__(self, start: Start) -> None:
        model = start.architecture.model
        self.of_model = {name: value for name, value in model.named_parameters() if value.requires_grad}
        self.own = {
            name: nn.Parameter(value.clone())
            for name, value in start.lane.parameters.items()
            if name not in self.of_model
        }
        self._device = start.device
        self._buffers = dict(model.named_buffers())
        every = {**self.of_model, **self.own}
        self.state = start.lane._replace(parameters={name: every[name] for name in start.lane.parameters})
        self._share_buffers()

    @property
    def values(self) -> Parameters:
        """The parameters without a record of what is done with them, sharing their memory."""
        return {name: value.detach() for name, value in self.state.parameters.items()}

    @property
    def gradients(self) -> Parameters:
        """The parameters' gradients, 0 where there is none."""
        return {
            name: torch.zeros_like(value) if value.grad is None else value.grad
            for name, value in self.state.parameters.items()
        }

    @gradients.setter
    def gradients(self, gradients: Parameters) -> None:
        for name, value in self.state.parameters.items():
            value.grad = gradients[name].detach()

    @property
    def evaluated(self) -> Evaluated:
        """What evaluation needs of the fit as it is, sharing its memory."""
        return Evaluated(self.values, self.state.state, self.state.averages)

    def follow(self, after: LaneState, now: Parameters, counters: dict[str, Tensor]) -> None:
        """Become the fit after a step; `now` are the parameters as they are, `counters` whole numbers of the model."""
        for name, value in after.parameters.items():
            if value is not now[name]:
                self.state.parameters[name].copy_(value)
        self.state = after._replace(parameters=self.state.parameters)
        self._share_buffers()
        for name, value in counters.items():
            self._buffers[name].copy_(value)

    def put(self, evaluated: Evaluated) -> None:
        """Have these parameters, state and averages; what terms and rules remember stays."""
        kept = stacking.copied(evaluated)
        for name, value in kept.parameters.items():
            self.state.parameters[name].copy_(value)
        self.state = self.state._replace(state=kept.state, averages=kept.averages)
        self._share_buffers()

    def state_dict(self) -> dict[str, Any]:
        """What there is of the fit beside the model's own parameters and buffers."""
        state = {name: value for name, value in self.state.state.items() if not name.startswith(_BUFFERS)}
        own = {name: value.detach() for name, value in self.own.items()}
        return {
            "parameters": stacking.copied(own),
            "state": stacking.copied(state),
            "rules": stacking.copied(self.state.rules),
            "averages": stacking.copied(self.state.averages),
        }

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """The inverse of `state_dict`; the model's own parameters and buffers stay as they are."""
        read = stacking.copied(
            stacking.moved({name: saved[name] for name in ("parameters", "state", "rules", "averages")}, self._device)
        )
        for name, value in read["parameters"].items():
            self.own[name].copy_(value)
        state = {**self.state.state, **read["state"]}
        self.state = self.state._replace(state=state, rules=read["rules"], averages=read["averages"])

    def _share_buffers(self) -> None:
        """Have the model's buffers be what the fit's state holds of them, and hold them in its place."""
        state = dict(self.state.state)
        for name, buffer in self._buffers.items():
            if _BUFFERS + name in state:
                buffer.copy_(state[_BUFFERS + name])
                state[_BUFFERS + name] = buffer
        self.state = self.state._replace(state=state)
