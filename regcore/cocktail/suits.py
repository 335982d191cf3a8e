"""Whether kinds can act on a model, its rows and its task."""

from __future__ import annotations

from torch import Tensor

from regcore.cocktail.errors import UnsuitedModel
from regcore.modules import ModuleArchitecture
from regcore.regularizers import find

_HOW = {
    "normalization": "a linear layer or Conv2d that is not the last one",
    "activation_noise": "a nonlinearity that is a module (torch.nn.ReLU(), not torch.relu) before the last layer",
    "activation_term": "a nonlinearity that is a module (torch.nn.ReLU(), not torch.relu) before the last layer",
    "reparametrization": "a torch.nn.Linear or Conv2d whose weight is its own and is trained",
    "branch": "a block of regcore.modules.Residual, or a Block with skip_connections",
    "shortcut": "a block of regcore.modules.Block",
    "channels": "a nonlinearity that is a module, after a Conv2d",
}


def refuse_unsuited(kinds: tuple[str, ...], architecture: ModuleArchitecture, rows: Tensor, task: str) -> None:
    """Refuses kinds that have no place in the model, or are not for its inputs or its task.

    Raises:
        UnsuitedModel: one of the kinds cannot act on it.
    """
    places = set(architecture.places.sorts)
    given = {place for kind in kinds if find(kind).place in places for place in find(kind).gives}
    sort = {2: "table", 4: "image"}.get(rows.dim())
    for kind in kinds:
        rule = find(kind)
        if rule.place and rule.place not in places | given:
            raise UnsuitedModel(kind, "a model without a place for it", _HOW.get(rule.place, rule.place))
        if sort not in rule.inputs and not (sort is None and {"table", "image"} <= set(rule.inputs)):
            raise UnsuitedModel(kind, f"inputs {tuple(rows.shape)}", f"{' or '.join(rule.inputs)} inputs")
        if task not in rule.tasks:
            raise UnsuitedModel(kind, f"the task {task}", " or ".join(rule.tasks))
