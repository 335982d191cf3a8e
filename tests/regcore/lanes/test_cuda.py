"""What only a GPU has: graphs that are really captured, and products in tf32."""

from dataclasses import replace
from functools import partial

import pytest
import torch
from devices import ON_CUDA
from training_runs import MANY, MANY_KINDS, Run, digits_program, trained

from regcore.architectures.convnet import Convnet
from regcore.architectures.mlp import Mlp
from regcore.lanes import Finished, Fit, Lanes
from regcore.lanes.engines import Engine, EngineName
from regcore.lanes.graphs import CudaRecorder, Replaying
from regcore.lanes.precision import Precision
from regcore.network import Architecture

pytestmark = list(ON_CUDA)

LEARNING_RATE = "training.optimizer.learning_rate"
SHALLOW = Mlp(width=32, depth=1)


@pytest.fixture(autouse=True)
def _on_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training_runs.Lanes", partial(Lanes, device="cuda"))


@pytest.fixture
def recorders(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The recordings of all recorders, counted as they are made."""
    made: list[int] = []
    record = CudaRecorder.record

    def counted(self: CudaRecorder, run: object) -> object:
        made.append(1)
        return record(self, run)  # type: ignore[arg-type]

    monkeypatch.setattr(CudaRecorder, "record", counted)
    return made


def fits(count: int = 10) -> list[Fit]:
    """Fits that differ in seed, length, learning rate, and in whether they use any kind."""
    return [
        Fit(str(n), n, 3 - n % 2, {LEARNING_RATE: 10 ** (-3 + n / 10), **(MANY if n % 3 else {})}) for n in range(count)
    ]


def unrecorded(engine: Engine, device: torch.device) -> Engine:
    """The engine with the lanes of its buckets, and every kernel launched by the host."""
    replaying = Replaying(engine, CudaRecorder(device))
    replaying.repeated = lambda advance: advance  # type: ignore[method-assign]
    return replaying


def assert_equal_to_the_bit(some: Run, others: Run) -> None:
    assert some.epochs.keys() == others.epochs.keys()
    for key in some.epochs:
        assert some.losses(key) == others.losses(key)


@pytest.mark.parametrize("engine", ["eager", "compiled"])
@pytest.mark.parametrize("architecture", [SHALLOW, Convnet(width=4, depth=2)], ids=["mlp", "convnet"])
def test_what_is_captured_is_equal_to_what_is_launched(
    engine: EngineName, architecture: Architecture, recorders: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    program = digits_program(MANY_KINDS, architecture)
    replayed = trained(program, fits(), lanes=10, engine=engine)
    assert recorders
    monkeypatch.setattr("regcore.lanes.lanes.on_device", unrecorded)
    assert_equal_to_the_bit(replayed, trained(program, fits(), lanes=10, engine=engine))


def test_refilling_captures_nothing_anew(recorders: list[int]) -> None:
    trained(digits_program(MANY_KINDS, SHALLOW), fits(), lanes=3)
    assert len(recorders) == 2


def test_compiled_lanes_of_one_bucket_are_equal_in_any_order() -> None:
    program = digits_program(MANY_KINDS, SHALLOW)
    forward = trained(program, fits(8), lanes=8, engine="compiled")
    assert_equal_to_the_bit(forward, trained(program, fits(8)[::-1], lanes=8, engine="compiled"))


@pytest.mark.parametrize("precision", ["tf32", "bfloat16"])
def test_coarser_products_train_and_leave_the_next_program_exact(precision: Precision) -> None:
    program = digits_program((), SHALLOW)
    before = trained(program, fits(3), lanes=3)
    coarse = trained(replace(program, precision=precision), fits(3), lanes=3)
    assert all(isinstance(end, Finished) for end in coarse.ends.values())
    assert coarse.losses("0") != before.losses("0")
    assert_equal_to_the_bit(trained(program, fits(3), lanes=3), before)
