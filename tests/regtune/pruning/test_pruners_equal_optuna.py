"""Cross-trial pruners decide as Optuna's do, epoch after epoch, on the same curves told in the same order."""

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random
from typing import Any

import optuna
import pytest

from regtune.metrics import Direction
from regtune.pruning.curves import Curves
from regtune.pruning.peers import AtEpochs, Peers
from regtune.pruning.pruner import Pruner, cross_trial_pruner
from regtune.pruning.verdicts import Stop

EPOCHS = 18
TRIALS = 24
AT_ONCE = 5
SEEDS = 4

Curve = list[float]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    yield
    optuna.logging.set_verbosity(before)


def random_curves(random: Random) -> list[Curve]:
    """Curves that rise or fall with noise, rounded so that ties are common; some values are not numbers."""
    curves = []
    for _ in range(TRIALS):
        level, slope = random.uniform(0, 2), random.uniform(-0.1, 0.1)
        curve = [round(level + slope * epoch + random.gauss(0, 0.2), 1) for epoch in range(EPOCHS)]
        curves.append([math.nan if random.random() < 0.03 else value for value in curve])
    if random.random() < 0.3:
        curves[random.randrange(TRIALS)] = [math.nan] * EPOCHS
    return curves


class Ours:
    """A study of trials that are judged one at a time."""

    def __init__(self, pruner: Pruner) -> None:
        self._pruner = pruner
        self._comparison = pruner.compares_with(EPOCHS)
        self._peers = Peers()

    def prunes(self, trial: int, curve: Curve) -> bool:
        if isinstance(self._comparison, AtEpochs) and len(curve) in self._comparison.epochs:
            self._peers.add(str(trial), len(curve), curve[-1])
        falling = [-float(epoch) for epoch in range(len(curve))]
        (verdict,) = self._pruner.prune(Curves.of([curve], [falling]), self._peers)
        return isinstance(verdict, Stop)

    def completed(self, trial: int, curve: Curve) -> None:
        if not isinstance(self._comparison, AtEpochs):
            for epoch, value in enumerate(curve, start=1):
                self._peers.add(str(trial), epoch, value)


class Optunas:
    """The same study with Optuna; steps count epochs from 1."""

    def __init__(self, pruner: optuna.pruners.BasePruner, direction: Direction) -> None:
        self._study = optuna.create_study(
            direction=direction, pruner=pruner, sampler=optuna.samplers.RandomSampler(seed=0)
        )
        self._trials: dict[int, optuna.Trial] = {}

    def prunes(self, trial: int, curve: Curve) -> bool:
        if trial not in self._trials:
            self._trials[trial] = self._study.ask()
        self._trials[trial].report(curve[-1], step=len(curve))
        prunes = self._trials[trial].should_prune()
        if prunes:
            self._study.tell(self._trials[trial], state=optuna.trial.TrialState.PRUNED)
        return prunes

    def completed(self, trial: int, curve: Curve) -> None:
        self._study.tell(self._trials[trial], 0.0)


def verdicts(study: Ours | Optunas, curves: list[Curve], random: Random) -> list[tuple[int, int, bool]]:
    """The verdict at each epoch of each trial, of which some train at once and take turns in a random order."""
    waiting, training, told = list(range(TRIALS)), dict[int, int](), []
    while waiting or training:
        while waiting and len(training) < AT_ONCE:
            training[waiting.pop(0)] = 0
        trial = random.choice(sorted(training))
        training[trial] += 1
        epochs = training[trial]
        prunes = study.prunes(trial, curves[trial][:epochs])
        told.append((trial, epochs, prunes))
        if prunes or epochs == EPOCHS:
            del training[trial]
            if not prunes:
                study.completed(trial, curves[trial])
    return told


def ours(parse: Any, direction: Direction, **asked: object) -> Ours:
    document = {
        "dataset": "digits",
        "objective": {"metric": "accuracy" if direction == "maximize" else "log_loss"},
        "pruner": {"spare_improving": False, **asked},
    }
    pruner = cross_trial_pruner(parse(document).definition)
    assert pruner is not None
    return Ours(pruner)


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
@pytest.mark.parametrize(("min_epochs", "reduction_factor"), [(1, 4), (1, 2), (2, 3), (5, 2)])
def test_asha_cuts_what_successive_halving_cuts(
    parse: Any, direction: Direction, min_epochs: int, reduction_factor: int
) -> None:
    cut = 0
    for seed in range(SEEDS):
        curves = random_curves(Random(seed))
        mine = ours(parse, direction, kind="asha", min_epochs=min_epochs, reduction_factor=reduction_factor)
        theirs = optuna.pruners.SuccessiveHalvingPruner(min_resource=min_epochs, reduction_factor=reduction_factor)
        said = verdicts(mine, curves, Random(seed))
        assert said == verdicts(Optunas(theirs, direction), curves, Random(seed))
        cut += sum(prunes for _, _, prunes in said)
    assert 0 < cut < SEEDS * TRIALS


# Optuna takes the best of a trial that has told no number yet.
@pytest.mark.filterwarnings("ignore:All-NaN:RuntimeWarning")
@pytest.mark.parametrize("direction", ["maximize", "minimize"])
@pytest.mark.parametrize(
    ("startup_trials", "warmup_epochs", "interval_epochs"), [(5, 0, 1), (0, 0, 4), (1, 3, 1), (2, 5, 3), (4, 1, 5)]
)
def test_median_cuts_what_the_median_pruner_cuts(
    parse: Any, direction: Direction, startup_trials: int, warmup_epochs: int, interval_epochs: int
) -> None:
    cut = 0
    for seed in range(SEEDS):
        curves = random_curves(Random(seed))
        mine = ours(
            parse,
            direction,
            kind="median",
            startup_trials=startup_trials,
            warmup_epochs=warmup_epochs,
            interval_epochs=interval_epochs,
        )
        theirs = optuna.pruners.MedianPruner(startup_trials, warmup_epochs, interval_epochs)
        said = verdicts(mine, curves, Random(seed))
        assert said == verdicts(Optunas(theirs, direction), curves, Random(seed))
        cut += sum(prunes for _, _, prunes in said)
    assert 0 < cut < SEEDS * TRIALS


def test_defaults_are_those_of_optuna(parse: Any) -> None:
    asha, median = (
        parse({"dataset": "digits", "pruner": {"kind": kind}}).definition.pruner for kind in ("asha", "median")
    )
    assert (asha.min_epochs, asha.reduction_factor) == (1, optuna.pruners.SuccessiveHalvingPruner()._reduction_factor)
    theirs = optuna.pruners.MedianPruner()
    assert (median.startup_trials, median.warmup_epochs, median.interval_epochs) == (
        theirs._n_startup_trials,
        theirs._n_warmup_steps,
        theirs._interval_steps,
    )
