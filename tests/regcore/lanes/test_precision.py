"""Precisions: what layers multiply is rounded, all else is not, and nothing of it reaches another program."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.utils import _pytree as pytree
from training_runs import MANY, MANY_KINDS, digits_program, digits_split, trained

from regcore.architectures.convnet import Convnet
from regcore.architectures.mlp import Mlp
from regcore.lanes import Finished, Fit, Program
from regcore.lanes.engines import Eager, in_precision
from regcore.lanes.fused import FusedProgram
from regcore.lanes.precision import Precision, lacking, switched
from regcore.lanes.settings import lane_settings
from regcore.lanes.step import Clock
from regcore.network import Architecture

CPU, GPU = torch.device("cpu"), torch.device("cuda")
SMALL = Mlp(width=16, depth=1)
LEARNING_RATE = "training.optimizer.learning_rate"


def rounded(architecture: Architecture = SMALL, named: tuple[str, ...] = ()) -> Program:
    return replace(digits_program(named, architecture), precision="bfloat16")


def fits(count: int, epochs: int = 3) -> list[Fit]:
    return [
        Fit(str(n), n, epochs, {LEARNING_RATE: 10 ** (-3 + n / 10), **(MANY if n % 2 else {})}) for n in range(count)
    ]


def switches() -> tuple[str, bool, bool]:
    """How products and convolutions are rounded, and whether convolutions add up in one order."""
    return torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32, torch.backends.cudnn.deterministic


def test_lanes_in_bfloat16_learn_and_are_not_those_of_float32() -> None:
    plain = [Fit("0", 0, 8, {LEARNING_RATE: 0.01})]
    coarse, exact = trained(rounded(), plain, lanes=1), trained(digits_program((), SMALL), plain, lanes=1)
    assert isinstance(coarse.ends["0"], Finished)
    assert coarse.ends["0"].value > 0.8
    assert coarse.losses("0") != exact.losses("0")
    assert coarse.losses("0") == pytest.approx(exact.losses("0"), rel=0.1)


@pytest.mark.parametrize("architecture", [SMALL, Convnet(width=4, depth=2)], ids=["mlp", "convnet"])
def test_five_lanes_in_bfloat16_equal_five_alone(architecture: Architecture) -> None:
    program = rounded(architecture, MANY_KINDS)
    together, alone = trained(program, fits(5), lanes=5), trained(program, fits(5), lanes=1)
    for key in together.epochs:
        assert together.losses(key) == pytest.approx(alone.losses(key), rel=1e-6)


def test_only_products_are_rounded() -> None:
    program = rounded(named=MANY_KINDS)
    fused = FusedProgram(program, digits_split(), CPU, Eager())
    lanes = fused.start(fits(2))
    first = torch.zeros(2, dtype=torch.int32)
    clock = Clock(first, 10 * torch.ones(2, dtype=torch.int64))
    rows = fused.order(lanes, first)[:, : fused.batch_size]
    after, losses = fused.step(lanes, lane_settings(program, fits(2), CPU), rows, clock)
    assert losses.dtype == torch.float32
    assert torch.bfloat16 not in {leaf.dtype for leaf in pytree.tree_leaves(after)}
    weight = after.state.parameters["output.weight"]
    assert not torch.equal(weight, weight.bfloat16().float())


@pytest.mark.parametrize(
    ("precision", "expected"), [("float32", ("highest", False, True)), ("tf32", ("high", True, True))]
)
def test_the_switches_of_a_gpu_are_those_of_the_program_that_runs(
    precision: Precision, expected: tuple[str, bool, bool]
) -> None:
    seen = []

    def one_lane(x: Tensor) -> Tensor:
        seen.append(switches())
        return x

    before = switches()
    engine = in_precision(Eager(), precision, GPU)
    engine.over_lanes(one_lane, own=1)(torch.ones(2))
    engine.advancing(lambda state: (one_lane(state), state), own=1)(torch.ones(2))
    assert seen == [expected] * 2
    assert switches() == before


def test_the_switches_are_put_back_when_a_step_raises() -> None:
    before = switches()
    with pytest.raises(RuntimeError, match="a regularizer"), switched("tf32"):
        raise RuntimeError("a regularizer")
    assert switches() == before


def test_a_processor_has_no_switches() -> None:
    eager = Eager()
    assert in_precision(eager, "float32", CPU) is eager


def test_a_processor_lacks_tf32_alone() -> None:
    assert lacking("tf32", CPU) == "only a GPU multiplies in tf32"
    assert lacking("bfloat16", CPU) is None
    assert lacking("float32", CPU) is None
