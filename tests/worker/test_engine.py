"""Which engine a run trains with: the bound one, or the one chosen by what compiling would save and is able to."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from training_runs import digits_program, digits_split

from regcore.architectures.convnet import Convnet
from regcore.architectures.mlp import Mlp
from regcore.catalog import load
from regcore.lanes.choice import Work, choose, choose_uncompiled, most_lanes, work_of
from regcore.lanes.errors import CannotCompile
from regcore.lanes.memory import Need, need_of
from regtune.dataset import bundled_facts
from regtune.study import StudyDefinition, parse_study
from worker.engine import DoesNotFit, EngineMissing, Limits, Plan, plan_of
from worker.room import Room

MUCH = Room(10**12)
SMALL = Work(steps=1_000, parameters=9_000, convolutional=False, pixels=64, device="cpu")
LONG = replace(SMALL, steps=1_000_000)


class Binding:
    """A program in the database: bound already, or by the first to ask."""

    def __init__(self, engine: Any = None) -> None:
        self.engine = engine
        self.said: list[tuple[str, str, str | None]] = []

    def bind(self, engine: Any, reason: str, warning: str | None) -> Any:
        self.said.append((engine, reason, warning))
        self.engine = self.engine or engine
        return self.engine


def definition(trials: int, epochs: int = 50) -> StudyDefinition:
    document = {"dataset": "digits", "budget": {"trials": trials}, "training": {"epochs": epochs}}
    catalog = load()
    parsed = parse_study(document, catalog, lambda name: bundled_facts(catalog.dataset(name)), lambda: ["digits"])
    return parsed.definition


def plan(
    binding: Binding, trials: int = 8, bound: Any = None, architecture: Any = None, room: Room = MUCH, lanes: int = 16
) -> Plan:
    def program() -> Any:
        return digits_program([], architecture or Mlp(width=32, depth=1))

    limits = Limits("cpu", lanes, room)
    return plan_of(program, digits_split(), definition(trials), limits, bound, binding.bind)


def need(engine: Any = "eager") -> Need:
    program = digits_program([], Mlp(width=32, depth=1))
    return need_of(program, digits_split(), engine, torch.device("cpu"))


@pytest.fixture
def no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise CannotCompile("no C++ compiler was found")

    monkeypatch.setattr("regcore.lanes.compiling.compile_by", refuse)


@pytest.fixture
def quick_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regcore.lanes.compiling.compile_by", lambda *_: None)


@pytest.mark.parametrize(
    ("work", "engine"),
    [
        (SMALL, "eager"),
        (LONG, "compiled"),
        (replace(SMALL, parameters=300_000), "eager"),
        (replace(SMALL, parameters=2_000_000), "alone"),
        (replace(LONG, parameters=2_000_000), "compiled"),
        (replace(SMALL, convolutional=True), "eager"),
        (replace(SMALL, convolutional=True, pixels=784), "alone"),
        (replace(LONG, convolutional=True), "compiled"),
        (replace(LONG, convolutional=True, pixels=784, device="cuda"), "compiled"),
        (replace(SMALL, parameters=300_000, device="cuda"), "eager"),
    ],
)
def test_the_work_decides(work: Work, engine: str) -> None:
    assert choose(work).engine == engine


def test_without_a_compiler_the_widest_layers_train_alone_and_others_together() -> None:
    assert choose_uncompiled(replace(LONG, parameters=300_000), "it is missing").engine == "eager"
    assert choose_uncompiled(replace(LONG, parameters=2_000_000), "it is missing").engine == "alone"


def test_wide_layers_train_few_at_once() -> None:
    wide, wider = (replace(SMALL, parameters=parameters) for parameters in (100_000, 300_000))
    assert (most_lanes(SMALL, "eager"), most_lanes(wide, "eager"), most_lanes(wider, "eager")) == (None, 8, 4)
    assert most_lanes(wider, "compiled") == 8


def test_an_engine_that_trains_one_lane_is_given_one() -> None:
    convolutional = replace(LONG, convolutional=True)
    assert (most_lanes(SMALL, "alone"), most_lanes(convolutional, "compiled")) == (1, 1)
    assert most_lanes(replace(convolutional, device="cuda"), "compiled") is None


def test_work_is_counted_from_the_network_and_the_split() -> None:
    work = work_of(digits_program([], Mlp(width=32, depth=1)), digits_split(), "cpu", fits=10, epochs=4)
    assert (work.steps, work.parameters, work.convolutional) == (10 * 4 * 8, 64 * 32 + 32 + 32 * 10 + 10, False)
    images = work_of(digits_program([], Convnet(width=4, depth=1)), digits_split(), "cpu", fits=1, epochs=1)
    assert (images.convolutional, images.pixels) == (True, 64)


def test_a_short_study_binds_the_eager_engine_and_warns_of_nothing() -> None:
    binding = Binding()
    assert plan(binding).lanes == 16
    ((engine, reason, warning),) = binding.said
    assert (engine, warning) == ("eager", None)
    assert "compiling would save" in reason


@pytest.mark.usefixtures("quick_compiler")
def test_a_long_study_binds_the_compiled_engine() -> None:
    binding = Binding()
    plan(binding, trials=20_000)
    assert [(engine, warning) for engine, _, warning in binding.said] == [("compiled", None)]


@pytest.mark.usefixtures("no_compiler")
def test_a_compiler_that_is_missing_before_the_engine_is_bound_makes_it_eager_with_a_warning() -> None:
    binding = Binding()
    plan(binding, trials=20_000)
    ((engine, reason, warning),) = binding.said
    assert engine == "eager"
    assert "no C++ compiler was found" in reason
    assert warning == "trained without compiling, which is slower: no C++ compiler was found"


@pytest.mark.usefixtures("no_compiler")
def test_a_worker_that_cannot_compile_leaves_a_program_bound_to_it() -> None:
    with pytest.raises(EngineMissing, match="no worker that can compile has come yet: no C"):
        plan(Binding(), bound="compiled")


@pytest.mark.usefixtures("no_compiler")
def test_what_another_worker_has_bound_meanwhile_counts() -> None:
    with pytest.raises(EngineMissing):
        plan(Binding("compiled"))
    assert plan(Binding("alone")).lanes == 1


def test_a_bound_engine_is_kept_whatever_would_be_chosen() -> None:
    binding = Binding()
    assert plan(binding, bound="alone").lanes == 1
    assert plan(binding, trials=20_000, bound="eager").lanes == 16
    assert binding.said == []


def test_memory_says_how_many_fits_train_at_once() -> None:
    # A worker fills four fifths of what is free.
    assert plan(Binding(), room=Room(need().bytes(5) * 10 // 8 + 100)).lanes == 5


def test_workers_on_one_device_divide_its_memory() -> None:
    free = need().bytes(12) * 10 // 8 + 100
    assert plan(Binding(), room=Room(free)).lanes == 12
    assert plan(Binding(), room=Room(free, workers=3)).lanes == 4


def test_a_worker_that_shares_too_little_tries_one_fit() -> None:
    assert plan(Binding(), room=Room(need().bytes(2), workers=8)).lanes == 1


def test_the_lanes_that_a_worker_can_hold_are_a_limit_whatever_is_free() -> None:
    assert plan(Binding(), lanes=3).lanes == 3


def test_where_nobody_can_tell_what_is_free_the_worker_trains_as_many_as_it_was_told() -> None:
    assert plan(Binding(), room=Room(None)).lanes == 16


def test_where_one_fit_fits_and_no_silent_neighbour_it_trains_alone() -> None:
    binding = Binding()
    assert plan(binding, room=Room(need("alone").bytes(1))).lanes == 1
    assert [(engine, reason) for engine, reason, _ in binding.said] == [("alone", "memory holds one fit at a time")]


def test_one_fit_that_has_no_room_is_refused_with_the_bytes_needed_and_had() -> None:
    needed = need("alone").bytes(1)
    with pytest.raises(DoesNotFit, match=rf"one fit needs {needed} bytes .*, and {needed - 1} \("):
        plan(Binding(), room=Room(needed - 1))


def test_a_program_far_too_large_is_refused_without_being_built() -> None:
    binding = Binding()
    with pytest.raises(DoesNotFit):
        plan(binding, architecture=Mlp(width=4096, depth=4), room=Room(2**30))
    assert binding.said == []


def test_a_network_that_cannot_be_rehearsed_is_trained_by_as_many_as_the_worker_was_told() -> None:
    class LooksAtNumbers(Mlp):
        def forward(self, network: Any, inputs: Any, outputs: int) -> Any:
            if inputs.device.type == "meta":
                inputs.sum().item()
            return super().forward(network, inputs, outputs)

    assert plan(Binding(), architecture=LooksAtNumbers(width=8, depth=1), room=Room(2**30)).lanes == 16
