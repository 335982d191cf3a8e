"""A compiled step that is called directly gives the numbers of the compiled function, and is one only where it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from regcore.lanes import direct
from regcore.lanes.compiling import compiled_graph
from regcore.lanes.direct import Direct

State = dict[str, Tensor]


def step(state: State, by: Tensor) -> Tensor:
    """A step in place, and its loss."""
    state["weight"].sub_(state["weight"].sin() * by)
    return state["weight"].square().sum(1)


compiled_step = compiled_graph(step)


def called(compiled: Callable[..., Any], lanes: int) -> tuple[list[Tensor], int]:
    """The losses of some steps, and how many of them went through the compiled function."""
    through: list[int] = []

    def counted(*arguments: Any) -> Any:
        through.append(1)
        return compiled(*arguments)

    advance, state = Direct(counted), {"weight": torch.linspace(0, 1, lanes * 3).reshape(lanes, 3)}
    return [advance(state, torch.full((lanes, 1), 0.1 * number)).clone() for number in range(8)], len(through)


def stepped(lanes: int) -> list[Tensor]:
    """The losses of the same steps without a graph."""
    state = {"weight": torch.linspace(0, 1, lanes * 3).reshape(lanes, 3)}
    return [step(state, torch.full((lanes, 1), 0.1 * number)) for number in range(8)]


@pytest.mark.parametrize("lanes", [2, 5])
def test_a_graph_is_called_directly_once_it_was_found_and_checked(lanes: int) -> None:
    losses, through = called(compiled_step, lanes)
    torch.testing.assert_close(losses, stepped(lanes))
    assert through == 4


def test_what_calls_no_graph_is_called_every_time() -> None:
    losses, through = called(step, 2)
    assert all(map(torch.equal, losses, stepped(2)))
    assert through == 8


def test_a_graph_that_was_taken_for_another_is_not_called_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    find = direct._graph_of

    def mistaken(call: Any, tensors: Any) -> Any:
        graph = find(call, tensors)
        assert graph is not None
        graph.places[-1], graph.constants[-1] = None, torch.full((2, 1), 0.7)
        return graph

    monkeypatch.setattr(direct, "_graph_of", mistaken)
    losses, through = called(compiled_step, 2)
    torch.testing.assert_close(losses, stepped(2))
    assert through == 8
