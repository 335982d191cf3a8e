"""The engines: what is promised within each, and that all three train the same network."""

from collections import Counter

import pytest
import torch
from simulated_graphs import RepeatingRecorder
from torch._dynamo.utils import counters
from torch._inductor import config as code_settings
from training_runs import MANY, MANY_KINDS, Run, digits_program, digits_split, trained

from regcore.architectures.convnet import Convnet
from regcore.architectures.mlp import Mlp
from regcore.lanes import Diverged, Fit, Lanes, Program
from regcore.lanes.compiling import check_compiler, compiled_graph
from regcore.lanes.errors import CannotCompile
from regcore.lanes.graphs import Replaying
from regcore.lanes.randomness import fold, uniform

LEARNING_RATE = "training.optimizer.learning_rate"
SHALLOW = Mlp(width=32, depth=1)  # compiles in half the time of two layers
FEW = {"dropout.rate": 0.3, "batch_norm.momentum": 0.1, "l1.strength": 1e-5}


def fits(count: int = 10, epochs: int = 3, values: dict = FEW) -> list[Fit]:
    """Fits that differ in seed, length, learning rate, and in whether they use the values at all."""
    return [
        Fit(str(n), n, epochs - n % 2, {LEARNING_RATE: 10 ** (-3 + n / 10), **(values if n % 3 else {})})
        for n in range(count)
    ]


def few(architecture: Mlp | Convnet | None = None) -> Program:
    return digits_program(["batch_norm", "dropout", "l1"], architecture or SHALLOW)


def graphs() -> int:
    return Counter(counters["stats"])["unique_graphs"]


def assert_equal_to_the_bit(some: Run, others: Run) -> None:
    assert some.epochs.keys() == others.epochs.keys()
    for key in some.epochs:
        assert some.losses(key) == others.losses(key)


def assert_first_epochs_agree(some: Run, others: Run, key: str) -> None:
    """In the losses of the first eight steps; later, rounding has been amplified, soonest by running statistics."""
    assert some.epochs[key][0].train_loss == pytest.approx(others.epochs[key][0].train_loss, rel=2e-6)


@pytest.fixture(scope="module")
def compiled() -> Run:
    return trained(few(), fits(), lanes=10, engine="compiled")


@pytest.mark.parametrize("lanes", [1, 3, 8])
def test_compiled_lanes_are_equal_to_the_bit_in_any_company(compiled: Run, lanes: int) -> None:
    """Refilled, alone with a silent neighbour, and all at once."""
    assert_equal_to_the_bit(trained(few(), fits(), lanes=lanes, engine="compiled"), compiled)


def test_compiled_lanes_that_are_replayed_are_equal_to_the_bit(compiled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three lanes and then two, recorded in a bucket each, as on a GPU."""
    recorder = RepeatingRecorder()
    monkeypatch.setattr("regcore.lanes.lanes.on_device", lambda engine, device: Replaying(engine, recorder))
    assert_equal_to_the_bit(trained(few(), fits(), lanes=3, engine="compiled"), compiled)
    assert recorder.recordings == 2


def test_the_order_of_compiled_lanes_is_irrelevant(compiled: Run) -> None:
    assert_equal_to_the_bit(trained(few(), fits()[::-1], lanes=10, engine="compiled"), compiled)


def test_a_diverged_lane_changes_its_compiled_neighbours_by_nothing(compiled: Run) -> None:
    wild = fits()
    wild[3] = Fit("3", 3, 3, {LEARNING_RATE: 10.0, "training.optimizer.epsilon": 1e-12, "l1.strength": 1e30})
    beside = trained(few(), wild, lanes=10, engine="compiled")
    assert isinstance(beside.ends["3"], Diverged)
    for key in compiled.epochs.keys() - {"3"}:
        assert beside.losses(key) == compiled.losses(key)


def test_one_graph_serves_every_number_of_lanes_and_units(compiled: Run) -> None:
    before = graphs()
    for lanes, width in ((2, 32), (5, 48), (9, 40)):
        trained(few(Mlp(width=width, depth=1)), fits(lanes, epochs=1), lanes=lanes, engine="compiled")
    assert graphs() == before


def test_many_kinds_compile_and_lanes_stay_apart() -> None:
    values = dict(MANY)
    program = digits_program(MANY_KINDS, SHALLOW)
    together = trained(program, fits(6, values=values), lanes=6, engine="compiled")
    assert_equal_to_the_bit(trained(program, fits(6, values=values), lanes=2, engine="compiled"), together)
    eager = trained(program, fits(6, values=values), lanes=6)
    for key in together.epochs:
        assert_first_epochs_agree(together, eager, key)


@pytest.mark.parametrize("architecture", [None, Convnet(width=4, depth=2)], ids=["mlp", "convnet"])
def test_alone_follows_the_eager_engine(architecture: Convnet | None) -> None:
    eager = trained(few(architecture), fits(4), lanes=4)
    alone = trained(few(architecture), fits(4), lanes=1, engine="alone")
    for key in eager.epochs:
        assert_first_epochs_agree(alone, eager, key)


def test_compiled_convolutions_train_one_lane_at_a_time_and_follow_the_eager_engine() -> None:
    program = digits_program(["dropout"], Convnet(width=2, depth=1))
    three = fits(3, epochs=1, values={"dropout.rate": 0.3})
    assert Lanes(program, digits_split(), lanes=16, engine="compiled").free == 1
    compiled, eager = trained(program, three, lanes=3, engine="compiled"), trained(program, three, lanes=3)
    assert_equal_to_the_bit(trained(program, three[::-1], lanes=3, engine="compiled"), compiled)
    for key in eager.epochs:
        assert_first_epochs_agree(compiled, eager, key)


def test_compiled_follows_the_eager_engine(compiled: Run) -> None:
    eager = trained(few(), fits(), lanes=10)
    for key in eager.epochs:
        assert_first_epochs_agree(compiled, eager, key)


def test_a_compiled_draw_is_the_eager_one() -> None:
    """Integers above 2^24 are where a graph of lanes could round."""
    keys = torch.tensor([-(2**31), -7, 0, 12_345_678, 2**31 - 1], dtype=torch.int32)

    def drawn(key: torch.Tensor) -> torch.Tensor:
        return uniform(fold(fold(key, 3), key), (64,))

    over_lanes = torch.func.vmap(drawn)
    assert torch.equal(compiled_graph(over_lanes)(keys), over_lanes(keys))


def test_alone_has_one_lane_and_trains_one_fit_after_the_other() -> None:
    lanes = Lanes(few(), digits_split(), lanes=16, engine="alone")
    assert lanes.free == 1
    assert_equal_to_the_bit(
        trained(few(), fits(3), lanes=16, engine="alone"), trained(few(), fits(3)[::-1], lanes=1, engine="alone")
    )


def test_without_a_compiler_the_reason_names_what_to_install() -> None:
    with code_settings.patch({"cpp.cxx": ("no-such-compiler",)}):
        with pytest.raises(CannotCompile, match=r"no C\+\+ compiler was found"):
            check_compiler(torch.device("cpu"))
        with pytest.raises(CannotCompile, match=r"no C\+\+ compiler was found"):
            Lanes(few(), digits_split(), lanes=2, engine="compiled")
