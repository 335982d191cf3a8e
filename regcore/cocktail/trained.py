"""What a loop leaves behind: the plain model where its weights can hold it all, else a module around it."""

from __future__ import annotations

from torch import Tensor, nn

from regcore.cocktail.start import Start
from regcore.lanes.evaluation import Evaluated
from regcore.lanes.network import LaneNetwork
from regcore.sites import Branch, Normalization, Parameters, Shortcut, WeightAverage

_BUFFERS = "buffers/"


class Trained(nn.Module):
    """A model with what kinds have learned and remembered of it, in evaluation.

    All of it is among the module's buffers, so that it is saved, loaded and moved with the model.
    """

    def __init__(self, start: Start, evaluated: Evaluated) -> None:
        super().__init__()
        self.model = start.architecture.model
        self._evaluation = start.evaluation
        self._kinds = start.kinds
        sets = {"parameters": evaluated.parameters, "state": evaluated.state}
        sets |= {f"averages/{kind}": values for kind, values in evaluated.averages.items()}
        self._names = {group: list(values) for group, values in sets.items()}
        for group, values in sets.items():
            for name, value in values.items():
                self.register_buffer(_attribute(group, name), value)

    def forward(self, inputs: Tensor) -> Tensor:
        """The outputs `[N, outputs]`."""
        sets = {
            group: {name: self.get_buffer(_attribute(group, name)) for name in names}
            for group, names in self._names.items()
        }
        averages = {
            group.removeprefix("averages/"): values for group, values in sets.items() if group.startswith("averages/")
        }
        evaluated = Evaluated(sets["parameters"], sets["state"], averages)
        return self._evaluation.logits(evaluated, self._kinds, inputs)


def plain(start: Start, evaluated: Evaluated) -> nn.Module | None:
    """The model itself with the weights that evaluation uses; None where more is left of the kinds than those."""
    if any(True for site in (Normalization, Branch, Shortcut) for _ in start.kinds.of(site)):
        return None
    members = [
        member
        for average in start.kinds.of(WeightAverage)
        for member in average.rule.members(
            {**evaluated.parameters, **evaluated.state}, evaluated.averages[average.kind]
        )
    ]
    if len(members) > 1:
        return None
    everything = {**evaluated.parameters, **evaluated.state, **(members[0] if members else {})}
    model = start.architecture.model
    parameters = {name: everything[name] for name in evaluated.parameters}
    state = {name: everything[name] for name in evaluated.state}
    used = _used_weights(start, Evaluated(parameters, state, {}))
    for name, value in model.named_parameters():
        if name in parameters:
            value.copy_(used.get(name, parameters[name]))
    for name, buffer in model.named_buffers():
        if _BUFFERS + name in state:
            buffer.copy_(state[_BUFFERS + name])
    return model


def _used_weights(start: Start, evaluated: Evaluated) -> Parameters:
    """The weights as layers use them in evaluation, by the names of the learned ones."""
    network = LaneNetwork(start.kinds, evaluated.parameters, evaluated.state, start.layout, keys=None)
    start.architecture.forward(network, start.rows, start.program.outputs)
    return network.weights


def _attribute(group: str, name: str) -> str:
    """A name for a buffer, in which torch allows no dot."""
    return f"{group}/{name}".replace(".", ":")
