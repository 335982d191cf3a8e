"""Checks that train: a kind in lanes of the engine, on small data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest

import torch
from torch import Tensor

from regcore.data import Split
from regcore.hyper import Value
from regcore.lanes import Diverged, EpochOfLane, Finished, Fit, Lanes, Program
from regcore.testing.network import SmallNetwork
from regcore.testing.settings import fixed_of, off_setting_of, settings_of

Curves = dict[str, list[EpochOfLane]]
"""The epochs of each fit, by the fit's key."""

TOLERANCE = 1e-6
"""By what share a fit's losses may differ between lanes: the engine's promise."""

_OUTPUTS = 3
_EPOCHS = 3
_SHAPES = {"table": (5,), "image": (1, 6, 6)}


def lanes_equal_fits_alone(kind: str, inputs: str) -> None:
    """A fit's curve is the same beside fits of other settings as alone."""
    fits = _fits(kind)
    together = trained((kind,), ordinary(inputs), fits)
    for fit in fits:
        _assert_close(fit.key, together[fit.key], trained((kind,), ordinary(inputs), [fit])[fit.key])


def order_of_lanes_is_irrelevant(kind: str, inputs: str) -> None:
    """A fit's curve does not depend on its lane."""
    fits = _fits(kind)
    forwards, backwards = (trained((kind,), ordinary(inputs), order) for order in (fits, fits[::-1]))
    for fit in fits:
        _assert_close(fit.key, forwards[fit.key], backwards[fit.key])


def absent_and_masked_and_off_are_the_same(kind: str, inputs: str) -> None:
    """A fit without the kind is the same to the bit whether the program knows it, neighbours use it, or it is off."""
    off = off_setting_of(kind)
    plain, neighbour, using = fit_of("plain", {}), fit_of("neighbour", {}), fit_of("neighbour", settings_of(kind)[0])
    for split in (ordinary(inputs), hostile(inputs)):
        absent = trained((), split, [plain, neighbour])["plain"]
        if len(absent) < _EPOCHS:
            raise AssertionError("the plain fit diverges, so that nothing can be compared with it")
        others = {
            "unused": trained((kind,), split, [plain, neighbour]),
            "masked": trained((kind,), split, [plain, using]),
        }
        if off is not None:
            others["off"] = trained((kind,), split, [fit_of("plain", off), using])
            others["off in every lane"] = trained((kind,), split, [fit_of("plain", off), fit_of("neighbour", off)])
        for how, curves in others.items():
            if curves["plain"] != absent:
                raise AssertionError(f"{kind} {how} changes a fit: {curves['plain']} instead of {absent}")


def diverged_neighbour_changes_nothing(kind: str, inputs: str) -> None:
    """A neighbour whose loss becomes infinite leaves a fit that uses the kind unchanged, to the bit."""
    fit, calm = fit_of("fit", settings_of(kind)[0]), fit_of("neighbour", settings_of(kind)[0])
    wild = fit_of("neighbour", {**settings_of(kind)[0], "training.optimizer.learning_rate": 1e35})
    expected = trained((kind,), ordinary(inputs), [fit, calm])["fit"]
    found = trained((kind,), ordinary(inputs), [fit, wild])
    if len(found["neighbour"]) == _EPOCHS:
        raise AssertionError(f"the neighbour that was to diverge did not: {found['neighbour']}")
    if found["fit"] != expected:
        raise AssertionError(f"a diverged neighbour changes a fit with {kind}: {found['fit']} instead of {expected}")


def range_ends_stay_finite(kind: str, inputs: str) -> None:
    """No setting at the ends of its ranges diverges within a few steps."""
    for fit, outcome in zip(_fits(kind), _outcomes(kind, ordinary(inputs), _fits(kind)), strict=True):
        if isinstance(outcome, Diverged):
            raise AssertionError(f"{fit.values} diverges: {outcome.reason}")


def ordinary(inputs: str) -> Split:
    """Standard normal rows of three classes."""
    generator = torch.Generator().manual_seed(0)
    return _split(*(torch.randn(rows, *_SHAPES[inputs], generator=generator) for rows in (50, 20)))


def hostile(inputs: str) -> Split:
    """Rows that are all zero, rows that are all the same, and rows of large values."""
    generator = torch.Generator().manual_seed(1)
    train = torch.randn(50, *_SHAPES[inputs], generator=generator)
    train[0::3], train[1::3], train[2::3] = 0.0, 7.0, 1e3 * train[2::3]
    return _split(train, train[:20])


def trained(kinds: tuple[str, ...], split: Split, fits: Sequence[Fit]) -> Curves:
    """The curves of fits that train together in a program of these kinds."""
    curves: Curves = {fit.key: [] for fit in fits}
    lanes = _filled(kinds, split, fits)
    while lanes.busy:
        tick = lanes.advance()
        for epoch in tick.epochs if tick else ():
            curves[epoch.key].append(epoch)
    return curves


def fit_of(key: str, setting: Mapping[str, Value], seed: int = 0) -> Fit:
    """A fit of a few epochs with a moderate learning rate."""
    training = {"training.optimizer.learning_rate": 1e-2, "training.optimizer.momentum": 0.5}
    return Fit(key=key, seed=seed, epochs=_EPOCHS, values={**training, **setting})


def _outcomes(kind: str, split: Split, fits: Sequence[Fit]) -> list[Finished | Diverged]:
    outcomes: dict[str, Finished | Diverged] = {}
    lanes = _filled((kind,), split, fits)
    while lanes.busy:
        tick = lanes.advance()
        outcomes.update({end.key: end.outcome for end in tick.ended} if tick else {})
    return [outcomes[fit.key] for fit in fits]


def _filled(kinds: tuple[str, ...], split: Split, fits: Sequence[Fit]) -> Lanes:
    program = Program(
        architecture=SmallNetwork(),
        optimizer="sgd",
        schedule="constant",
        batch_size=16,
        kinds=kinds,
        task="classification",
        objective="accuracy",
        direction="maximize",
        outputs=_OUTPUTS,
        fixed={name: value for kind in kinds for name, value in fixed_of(kind).items()},
    )
    lanes = Lanes(program, split, lanes=len(fits))
    lanes.fill(fits)
    return lanes


def _fits(kind: str) -> list[Fit]:
    """A fit of each setting worth trying, and a plain one, each with a seed of its own."""
    settings: list[Mapping[str, Value]] = [*settings_of(kind), {}]
    return [fit_of(f"{number}", setting, seed=number) for number, setting in enumerate(settings)]


def _split(train: Tensor, validation: Tensor) -> Split:
    targets = (torch.nn.functional.one_hot(torch.arange(len(rows)) % _OUTPUTS).float() for rows in (train, validation))
    return Split(train, next(targets), validation, next(targets))


def _assert_close(key: str, found: Sequence[EpochOfLane], expected: Sequence[EpochOfLane]) -> None:
    for one, other in zip_longest(found, expected):
        if (
            one is None
            or other is None
            or not (_near(one, other, "train_loss") and _near(one, other, "validation_loss"))
        ):
            raise AssertionError(f"fit {key} is not the same: {one} instead of {other}")


def _near(one: EpochOfLane, other: EpochOfLane, loss: str) -> bool:
    found, expected = getattr(one, loss), getattr(other, loss)
    return bool(abs(found - expected) <= TOLERANCE * abs(expected))
