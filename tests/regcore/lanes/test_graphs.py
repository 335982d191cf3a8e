"""Recorded steps: the same numbers, from the same memory, recorded once for each bucket of lane counts."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from simulated_graphs import SimulatedRecorder
from torch import Tensor
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode
from training_runs import MANY, MANY_KINDS, Run, digits_program, digits_split, trained

from regcore.architectures.convnet import Convnet
from regcore.architectures.mlp import Mlp
from regcore.lanes import Diverged, Finished, Fit, Lanes, stacking
from regcore.lanes.engines import Eager, Engine, find
from regcore.lanes.fused import FusedProgram
from regcore.lanes.graphs import Recording, Replayed, Replaying, bucket, on_device
from regcore.lanes.settings import lane_settings
from regcore.lanes.step import Clock
from regcore.network import Architecture

LEARNING_RATE = "training.optimizer.learning_rate"
SMALL = Mlp(width=8, depth=1)
FEW = {"dropout.rate": 0.3, "batch_norm.momentum": 0.1, "l1.strength": 1e-5, "early_stopping.patience": 2}
PROGRAM = digits_program(["batch_norm", "dropout", "early_stopping", "l1"], SMALL)


def fits(count: int, epochs: int = 3) -> list[Fit]:
    """Fits that differ in seed, length, learning rate, and in whether they use the values at all."""
    return [
        Fit(str(n), n, epochs - n % 2, {LEARNING_RATE: 10 ** (-3 + n / 10), **(FEW if n % 3 else {})})
        for n in range(count)
    ]


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> SimulatedRecorder:
    """A recorder for all engines, as on a GPU."""
    recorder = SimulatedRecorder()

    def replaying(engine: Engine, device: torch.device) -> Engine:
        return Replaying(engine, recorder)

    monkeypatch.setattr("regcore.lanes.lanes.on_device", replaying)
    return recorder


def assert_same(some: Run, others: Run) -> None:
    """In every loss, and in the weights that are kept."""
    assert some.epochs.keys() == others.epochs.keys()
    for key in some.epochs:
        assert some.losses(key) == pytest.approx(others.losses(key), rel=1e-6)
        end, other = some.ends[key], others.ends[key]
        assert isinstance(end, Finished)
        assert isinstance(other, Finished)
        assert (end.best_epoch, end.value) == (other.best_epoch, pytest.approx(other.value))
        for name, weight in end.weights.parameters.items():
            torch.testing.assert_close(weight, other.weights.parameters[name], rtol=1e-4, atol=1e-6)


def test_replayed_lanes_train_as_others_do(recorder: SimulatedRecorder) -> None:
    """Ten at once, in two buckets as lanes end; with batch statistics, masks and best epochs."""
    replayed = trained(PROGRAM, fits(10), lanes=10)
    steps = recorder.replays
    assert steps == 3 * (len(digits_split().inputs_train) // PROGRAM.batch_size)
    assert_same(replayed, _plain(fits(10)))


def test_refilling_and_coming_back_to_a_bucket_record_nothing_anew(recorder: SimulatedRecorder) -> None:
    """Ten fits pass through three lanes: three and two busy ones at the end take two buckets, and two recordings."""
    replayed = trained(PROGRAM, fits(10), lanes=3)
    assert recorder.recordings == 2
    assert_same(replayed, _plain(fits(10)))


def test_a_bucket_is_left_and_entered_again(recorder: SimulatedRecorder) -> None:
    lanes = Lanes(PROGRAM, digits_split(), lanes=8)
    ran = Run()
    for entering in (fits(1, epochs=2), fits(4)[1:], fits(5, epochs=2)[4:]):
        lanes.fill(entering)
        while lanes.busy:
            tick = lanes.advance()
            assert tick is not None
            for epoch in tick.epochs:
                ran.epochs.setdefault(epoch.key, []).append(epoch)
    assert recorder.recordings == 2
    plain = _plain([*fits(1, epochs=2), *fits(4)[1:], *fits(5, epochs=2)[4:]])
    for key in plain.epochs:
        assert ran.losses(key) == pytest.approx(plain.losses(key), rel=1e-6)


@pytest.mark.parametrize("architecture", [SMALL, Convnet(width=4, depth=2)], ids=["mlp", "convnet"])
def test_many_kinds_can_be_recorded(recorder: SimulatedRecorder, architecture: Architecture) -> None:
    some = [Fit(str(n), n, 1, MANY if n else {}) for n in range(2)]
    replayed = trained(digits_program(MANY_KINDS, architecture), some, lanes=2)
    assert recorder.recordings == 1
    assert_same(replayed, _plain(some, architecture=architecture, named=MANY_KINDS))


def test_a_lane_that_diverges_changes_replayed_neighbours_by_nothing(recorder: SimulatedRecorder) -> None:
    wild = fits(4)
    wild[2] = Fit("2", 2, 3, {LEARNING_RATE: 1e30, "l1.strength": 1e30})
    beside, calm = trained(PROGRAM, wild, lanes=4), trained(PROGRAM, fits(4), lanes=4)
    assert isinstance(beside.ends["2"], Diverged)
    for key in ("0", "1", "3"):
        assert beside.losses(key) == calm.losses(key)


def test_a_step_that_cannot_be_recorded_is_taken_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    def advance(state: Tensor, by: Tensor) -> tuple[Tensor, Tensor]:
        return state + by, by.sum()

    class Refusing:
        def record(self, run: Callable[[], Tensor]) -> Recording:
            raise RuntimeError("operation not permitted when stream is capturing")

    replayed = Replayed(advance, Refusing())
    state, total = replayed(torch.zeros(2), torch.ones(2))
    assert (state.tolist(), float(total)) == ([1.0, 1.0], 2.0)
    assert "cannot be recorded" in caplog.text


def test_what_runs_out_of_memory_while_recording_is_not_called_again() -> None:
    class Full:
        def record(self, run: Callable[[], Tensor]) -> Recording:
            raise torch.OutOfMemoryError("out of memory")

    replayed = Replayed(lambda state: (state, state), Full())
    with pytest.raises(torch.OutOfMemoryError):
        replayed(torch.zeros(2))


def test_a_result_is_the_callers_own() -> None:
    replayed = Replayed(lambda state, by: (state + by, state * 10), SimulatedRecorder())
    state, first = replayed(torch.zeros(2), torch.ones(2))
    _, second = replayed(state, torch.ones(2))
    assert (first.tolist(), second.tolist()) == ([0.0, 0.0], [10.0, 10.0])


@pytest.mark.parametrize(
    ("lanes", "holds"), [(1, 2), (2, 2), (3, 8), (8, 8), (9, 32), (33, 128), (129, 256), (512, 512), (513, 1024)]
)
def test_a_bucket_holds_the_lanes_with_the_least_to_spare(lanes: int, holds: int) -> None:
    assert bucket(lanes) == holds


def test_no_bucket_is_wider_than_the_room_for_lanes() -> None:
    replaying = Replaying(Eager(), SimulatedRecorder())
    assert [replaying.width(lanes, most=100) for lanes in (2, 20, 90, 100)] == [2, 32, 100, 100]
    assert replaying.width(1, most=1) == 2


def test_a_processor_records_nothing() -> None:
    eager = find("eager")
    assert on_device(eager, torch.device("cpu")) is eager


class _OfTheHost(TorchDispatchMode):
    """Notes operations of a device that read more of the host than a plain number, for which it would have to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def __torch_dispatch__(self, function: Any, types: Any, arguments: Any = (), named: Any = None) -> Any:
        result = function(*arguments, **(named or {}))
        leaves = [leaf for leaf in pytree.tree_leaves((arguments, named, result)) if isinstance(leaf, Tensor)]
        kinds_of_memory = {leaf.device.type for leaf in leaves}
        # A number is passed to these when they are launched, as any other argument.
        is_arithmetic = function.overloadpacket in (torch.ops.aten.add, torch.ops.aten.mul)
        if len(kinds_of_memory) > 1 and not (is_arithmetic and all(x.dim() == 0 for x in leaves if x.is_cpu)):
            self.found.add(str(function))
        return result


@pytest.mark.parametrize("architecture", [SMALL, Convnet(width=4, depth=2)], ids=["mlp", "convnet"])
def test_a_step_of_every_kind_reads_nothing_of_the_host(architecture: Architecture) -> None:
    """On torch's device without memory, where any reading of a value raises; copies between devices are noted."""
    program = digits_program(MANY_KINDS, architecture)
    fused = FusedProgram(program, digits_split(), torch.device("meta"), Replaying(Eager(), SimulatedRecorder()))
    some = [Fit(str(n), n, 1, {}) for n in range(3)]
    lanes = stacking.moved(fused.start(some), fused.device)
    settings = lane_settings(program, some, fused.device, spare=False)
    clock = Clock(*torch.zeros(2, 3, dtype=torch.int32, device=fused.device))
    rows = torch.zeros(3, fused.batch_size, dtype=torch.int64, device=fused.device)
    with _OfTheHost() as watched:
        fused.step(lanes, settings, rows, clock)
    assert watched.found == set()


def _plain(some: list[Fit], architecture: Architecture = SMALL, named: tuple[str, ...] = PROGRAM.kinds) -> Run:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("regcore.lanes.lanes.on_device", lambda engine, device: engine)
        return trained(digits_program(named, architecture), some, lanes=len(some))
