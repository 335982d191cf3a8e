"""A fit's curve does not depend on its neighbours, its lane, when it joined, or how many lanes there are."""

import pytest
from training_runs import MANY, MANY_KINDS, digits_program, digits_split, trained

from regcore.architectures.convnet import Convnet
from regcore.lanes import Diverged, Finished, Fit
from regcore.network import Architecture

pytestmark = pytest.mark.usefixtures("on_each_device")

TEN = range(10)
LEARNING_RATE = "training.optimizer.learning_rate"


def fits(values: dict[str, float | int | str], count: int = 10, epochs: int = 4) -> list[Fit]:
    """Fits that differ in seed, length, learning rate, and in whether they use the values at all."""
    return [
        Fit(str(n), n, epochs - n % 2, {LEARNING_RATE: 10 ** (-3 + n / 10), **(values if n % 3 else {})})
        for n in range(count)
    ]


def assert_ten_together_equal_ten_alone(
    kinds_named: list[str], values: dict, architecture: Architecture | None
) -> None:
    program = digits_program(kinds_named, architecture)
    together = trained(program, fits(values), lanes=10)
    alone = trained(program, fits(values), lanes=1)
    assert set(together.epochs) == {str(n) for n in TEN}
    for key, epochs in alone.epochs.items():
        assert len(together.epochs[key]) == len(epochs)
        assert together.losses(key) == pytest.approx(alone.losses(key), rel=1e-6)


@pytest.mark.parametrize("architecture", [None, Convnet(width=4, depth=2)], ids=["mlp", "convnet"])
def test_ten_lanes_of_many_kinds_at_once_equal_ten_alone(architecture: Architecture | None) -> None:
    assert_ten_together_equal_ten_alone(MANY_KINDS, dict(MANY), architecture)


def test_a_lane_that_is_refilled_trains_like_a_first_one() -> None:
    program = digits_program(["dropout"])
    refilled = trained(program, fits({"dropout.rate": 0.3}), lanes=3)
    together = trained(program, fits({"dropout.rate": 0.3}), lanes=10)
    for n in TEN:
        assert refilled.losses(str(n)) == pytest.approx(together.losses(str(n)), rel=1e-6)


def test_the_order_of_lanes_is_irrelevant() -> None:
    program = digits_program(["dropout", "batch_norm"])
    values = {"dropout.rate": 0.3, "batch_norm.momentum": 0.1}
    forward = trained(program, fits(values), lanes=10)
    backward = trained(program, fits(values)[::-1], lanes=10)
    for n in TEN:
        assert forward.losses(str(n)) == backward.losses(str(n))


def test_a_lane_that_diverges_changes_its_neighbours_by_nothing() -> None:
    """The same company twice: once the third diverges, once it trains with care; the others are equal to the bit."""
    program = digits_program(["batch_norm", "l2"], optimizer="sgd")
    values = {"batch_norm.momentum": 0.1, "l2.strength": 1e-4}

    def company(rate_of_third: float) -> list[Fit]:
        return [Fit(str(n), n, 4, {**values, LEARNING_RATE: rate_of_third if n == 2 else 0.05}) for n in range(5)]

    # without batch normalization, so that a huge step does lead to infinities
    wild = company(10.0)
    wild[2] = Fit("2", 2, 4, {LEARNING_RATE: 10.0, "l2.strength": 0.1, "training.optimizer.momentum": 0.999})
    diverging = trained(program, wild, lanes=5)
    calm = trained(program, company(0.05), lanes=5)
    outcome = diverging.ends["2"]
    assert isinstance(outcome, Diverged)
    assert outcome.epoch >= 1
    assert len(diverging.epochs.get("2", [])) == outcome.epoch - 1
    for n in (0, 1, 3, 4):
        assert diverging.losses(str(n)) == calm.losses(str(n))


def test_adding_a_kind_that_a_fit_does_not_use_changes_nothing() -> None:
    plain = [Fit(str(n), n, 3, {}) for n in range(4)]
    narrow = trained(digits_program(), plain, lanes=4)
    wide = trained(digits_program(MANY_KINDS), plain, lanes=4)
    for n in range(4):
        assert narrow.losses(str(n)) == wide.losses(str(n))


def test_the_split_is_not_written_to() -> None:
    before = digits_split().inputs_train.clone()
    trained(digits_program(MANY_KINDS), fits(dict(MANY), count=2, epochs=2), lanes=2)
    assert digits_split().inputs_train.equal(before)


def test_ranking_a_few_lanes_at_a_time_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    program, fits = digits_program(["dropout"], objective="auroc"), [Fit(str(seed), seed, 1, {}) for seed in range(3)]
    at_once = trained(program, fits, lanes=3)
    monkeypatch.setattr("regcore.lanes.evaluation._RANKED_BYTES", 1)
    one_by_one = trained(program, fits, lanes=3)
    assert [one_by_one.losses(fit.key) for fit in fits] == [at_once.losses(fit.key) for fit in fits]
    for fit in fits:
        some, others = one_by_one.ends[fit.key], at_once.ends[fit.key]
        assert isinstance(some, Finished)
        assert isinstance(others, Finished)
        assert some.metrics == others.metrics
