"""A taped function gives the numbers of the function itself, to the bit, and is replayed only where that is so."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from training_runs import digits_program, digits_split, trained

from regcore.architectures.convnet import Convnet
from regcore.architectures.mlp import Mlp
from regcore.lanes import Fit
from regcore.lanes.taped import Taped
from regcore.network import Architecture
from regcore.testing.settings import combinable, defaults_of


@pytest.fixture(autouse=True)
def _taped_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regcore.lanes.taped._CALLS_BEFORE", 0)


class Counted:
    """A function, and how many times it was called."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.calls = 0
        self._function = function

    def __call__(self, *arguments: Any) -> Any:
        self.calls += 1
        return self._function(*arguments)


def called(function: Callable[..., Any], times: int = 6) -> tuple[list[Any], list[Any], int]:
    """What a function and its taped form give, call by call, and how often the taped form called it."""
    counted = Counted(function)
    taped = Taped(counted)
    generator = torch.Generator().manual_seed(1)
    rows = [torch.randn(4, 3, generator=generator) for _ in range(times)]
    return [function(row.clone()) for row in rows], [taped(row.clone()) for row in rows], counted.calls


def assert_equal(expected: list[Any], found: list[Any]) -> None:
    assert all(torch.equal(one, other) for one, other in zip(expected, found, strict=True))


@pytest.mark.parametrize(
    ("inputs", "architecture"),
    [("table", Mlp(width=8, depth=2)), ("image", Convnet(width=4, depth=1))],
    ids=["mlp", "cnn"],
)
def test_lanes_of_every_kind_are_replayed_to_the_same_bits(
    inputs: str, architecture: Architecture, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_up: list[object] = []
    monkeypatch.setattr("regcore.lanes.taped._log.info", lambda message, reason: given_up.append(reason))
    named, split = combinable(inputs), digits_split("digits-table" if inputs == "table" else "digits")
    program, setting = (
        digits_program(named, architecture),
        {k: v for kind in named for k, v in defaults_of(kind).items()},
    )
    fits = [Fit(str(n), n, 1, setting if n else {}) for n in range(2)]
    taped = trained(program, fits, lanes=2, split=split)
    monkeypatch.setattr("regcore.lanes.taped._CALLS_BEFORE", 10**9)
    mapped = trained(program, fits, lanes=2, split=split)
    assert {key: taped.losses(key) for key in taped.epochs} == {key: mapped.losses(key) for key in mapped.epochs}
    assert given_up == []


def test_a_tape_is_made_at_one_call_checked_at_the_next_and_replayed_ever_after() -> None:
    expected, found, calls = called(lambda x: torch.sin(x) * 2.0)
    assert_equal(expected, found)
    assert calls == 2


def test_every_shape_has_a_tape_of_its_own() -> None:
    taped = Taped(lambda x: x.reshape(-1).cumsum(0))
    for rows in (2, 3, 2, 3, 2, 3, 2, 3):
        x = torch.arange(rows * 2.0).reshape(rows, 2)
        assert torch.equal(taped(x), x.reshape(-1).cumsum(0))


def test_what_is_changed_in_place_is_made_anew_at_every_call() -> None:
    def function(x: Tensor) -> Tensor:
        total = torch.zeros(3)
        view = total.view(3, 1)
        view.add_(x.sum(0)[:, None])
        return total.add_(torch.ones(3).mul_(2.0))

    expected, found, calls = called(function)
    assert_equal(expected, found)
    assert calls == 2


def test_a_result_may_be_an_argument_or_several_things_at_once() -> None:
    taped = Taped(lambda x, beside: {"x": x, "parts": (*torch.split(x, 2), None), "beside": beside["it"] + 1})
    for number in range(5):
        x = torch.full((4,), float(number))
        found = taped(x, {"it": x})
        assert found["x"] is x
        assert torch.equal(found["parts"][1], x[2:])
        assert found["parts"][2] is None
        assert torch.equal(found["beside"], x + 1)


def test_what_is_not_a_number_is_equal_to_itself() -> None:
    _, _, calls = called(lambda x: torch.log(-x.abs()))
    assert calls == 2


def test_a_function_that_reads_a_number_is_called_every_time() -> None:
    expected, found, calls = called(lambda x: x * 2 if float(x.sum()) > 0 else x * 3)
    assert_equal(expected, found)
    assert calls >= len(expected)


def test_a_function_that_computes_elsewhere_is_called_every_time() -> None:
    expected, found, calls = called(lambda x: x + torch.from_numpy(x.numpy() * 2))
    assert_equal(expected, found)
    assert calls >= len(expected)
