"""The optimizer of a loop: what it must be, and how it comes to train what kinds learn of their own."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn
from torch.optim import Optimizer

from regcore.cocktail.errors import LoopError, UnsuitedModel


def refuse_unsuited_optimizer(optimizer: Optimizer, learned: dict[str, nn.Parameter]) -> None:
    """Refuses an optimizer that decays weights, or trains others than these.

    Raises:
        UnsuitedModel: it does.
    """
    held = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
    missing = [name for name, parameter in learned.items() if id(parameter) not in held]
    if missing or len(held) != len(learned):
        got = f"one without {missing[0]}" if missing else "one that holds other parameters too"
        raise UnsuitedModel(
            "optimizer", got, "one of all the model's parameters that require a gradient, and no others"
        )
    for number, group in enumerate(optimizer.param_groups):
        if group.get("weight_decay", 0) != 0:
            raise UnsuitedModel(
                f"optimizer.param_groups[{number}]",
                f"weight_decay={group['weight_decay']}",
                "weight_decay=0: decay is a kind of its own, decoupled_weight_decay or l2",
            )
    learning_rate(optimizer)


def learning_rate(optimizer: Optimizer) -> float:
    """The learning rate of the next step.

    Raises:
        LoopError: parameters have different ones.
    """
    rates = {float(group["lr"]) for group in optimizer.param_groups}
    if len(rates) != 1:
        raise LoopError(f"the optimizer has the learning rates {sorted(rates)}; a setting's rules know one for all")
    return rates.pop()


def take_in(optimizer: Optimizer, own: Mapping[str, nn.Parameter]) -> None:
    """Have the optimizer train parameters besides its own.

    They join its first group: a group of theirs would be unknown to a schedule that was made before.
    """
    group = optimizer.param_groups[0]
    group["params"].extend(own.values())
    if "param_names" in group:
        group["param_names"].extend(own)


def let_go(optimizer: Optimizer, own: Mapping[str, nn.Parameter]) -> None:
    """The inverse of `take_in`."""
    leaving = {id(parameter) for parameter in own.values()}
    group = optimizer.param_groups[0]
    group["params"][:] = [parameter for parameter in group["params"] if id(parameter) not in leaving]
    if "param_names" in group:
        group["param_names"][:] = [name for name in group["param_names"] if name not in own]
    for parameter in own.values():
        optimizer.state.pop(parameter, None)
