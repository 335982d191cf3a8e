"""What lanes need is what they are seen to take: tensors by torch's own count, and nothing beyond bounds."""

import gc
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import pytest
import torch
from torch.profiler import ProfilerActivity, profile
from training_runs import digits_program, digits_split, trained

from regcore.architectures.convnet import Convnet
from regcore.architectures.mlp import Mlp
from regcore.data import Split
from regcore.lanes import Fit, Program
from regcore.lanes.engines import EngineName
from regcore.lanes.memory import Need, Ranking, need_of
from regcore.network import Architecture

KINDS = ("batch_norm", "dropout", "l1")
USED: Mapping[str, float] = {"batch_norm.momentum": 0.1, "dropout.rate": 0.2, "l1.strength": 1e-5}
CPU = torch.device("cpu")


@cache
def split() -> Split:
    """Two batches of digits: what is measured is measured operation by operation, which takes its time."""
    whole = digits_split()
    return replace(whole, inputs_train=whole.inputs_train[:256], targets_train=whole.targets_train[:256])


def program(architecture: Architecture, objective: str = "balanced_accuracy") -> Program:
    return digits_program(KINDS, architecture, objective=objective)


def peak_bytes(of: Program, lanes: int, engine: EngineName) -> int:
    """The most that tensors hold at once while fits train and end together; every other one uses no kind."""
    fits = [Fit(str(number), number, 1, {} if number % 2 else USED) for number in range(lanes)]
    gc.collect()
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True, acc_events=True) as seen:
        trained(of, fits, lanes, split(), engine)
    assert seen.profiler is not None
    events = [event for event in seen.profiler.kineto_results.events() if event.name() == "[memory]"]
    alive = most = 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        alive += event.nbytes()
        most = max(most, alive)
    return most


@pytest.mark.parametrize("architecture", [Mlp(width=64, depth=1), Convnet(width=2, depth=1)], ids=repr)
def test_a_lane_takes_what_the_formula_says(architecture: Architecture) -> None:
    of = program(architecture)
    need = need_of(of, split(), "eager", CPU)
    more = peak_bytes(of, 6, "eager") - peak_bytes(of, 2, "eager")
    assert more == pytest.approx(need.bytes(6) - need.bytes(2), rel=0.2)


def test_a_fit_that_trains_alone_takes_what_the_formula_says() -> None:
    of = program(Mlp(width=256, depth=1))
    assert peak_bytes(of, 1, "alone") == pytest.approx(need_of(of, split(), "alone", CPU).bytes(1), rel=0.2)


def test_what_is_rehearsed_takes_no_memory() -> None:
    enormous = need_of(program(Mlp(width=4096, depth=3)), split(), "eager", CPU)
    parameters = 64 * 4096 + 2 * 4096**2
    # Four times what is learned is held, the best weights and two moments among it.
    assert enormous.holds > 16 * parameters
    assert enormous.most_fits(2**30) == 0


def test_rows_that_lie_on_another_device_are_counted_once() -> None:
    here = need_of(program(Mlp(width=8, depth=1)), split(), "eager", CPU)
    there = need_of(program(Mlp(width=8, depth=1)), split(), "eager", torch.device("cuda"))
    rows = len(split().targets_train) + len(split().targets_validation)
    assert (here.shared, there.shared) == (0, rows * (64 + 10) * 4)


def test_a_fit_that_trains_by_itself_has_a_silent_neighbour_where_the_engine_trains_many() -> None:
    of = program(Mlp(width=8, depth=1))
    eager, alone = (need_of(of, split(), engine, CPU) for engine in ("eager", "alone"))
    assert eager.bytes(1) == eager.bytes(2) < eager.bytes(3)
    assert alone.bytes(1) < alone.bytes(2)


def test_ranking_is_bounded_however_many_lanes_there_are() -> None:
    ranking = Ranking(logits=1000, lanes_at_once=3, kept=10)
    assert [ranking.bytes(lanes) for lanes in (1, 3, 100)] == [14_010, 42_030, 43_000]


def test_as_many_fits_have_room_as_bytes_say() -> None:
    need = Need(shared=50, holds=10, work=20, least_lanes=2, rankings=(Ranking(3, 2, 0),))
    assert [need.bytes(fits) for fits in (1, 2, 4, 5, 6)] == [154, 154, 174, 200, 230]
    assert [need.most_fits(free) for free in (153, 154, 199, 200, 230)] == [0, 2, 4, 5, 6]
