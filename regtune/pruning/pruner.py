"""The interface of cross-trial pruners, which cut trials that train for what others had at the same epoch.

The curve that counts is the study's objective on the validation rows, epoch by epoch, epochs from 1: what Optuna's
users report, and what the study is about. Whether a trial still improves is read from its validation loss, since that
decides which epoch is its best, whose value and weights it keeps.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from importlib import import_module

from regtune.pruning.curves import Curves
from regtune.pruning.peers import Comparison, Peers
from regtune.pruning.verdicts import Keep, Stop
from regtune.study import EarlyStoppingPruner, StudyDefinition


class Pruner(ABC):
    """Says of trials that train which of them go no further."""

    @abstractmethod
    def compares_with(self, most_epochs: int) -> Comparison:
        """What belongs into the peers, in a study whose trials train at most so many epochs."""

    @abstractmethod
    def prune(self, curves: Curves, peers: Peers) -> list[Keep | Stop]:
        """A verdict for each of K trials, at its last epoch; asked after every epoch of a trial, in their order.

        `peers` holds what `compares_with` names, of these K trials too. Nothing is changed, and a trial's verdict does
        not depend on which others it is asked together with.
        """


def cross_trial_pruner(definition: StudyDefinition) -> Pruner | None:
    """The pruner that a study asks for, from the file of its kind; None where no trial is cut."""
    asked = definition.pruner
    if asked is None or isinstance(asked, EarlyStoppingPruner):
        return None
    pruner: Pruner = import_module(f"regtune.pruning.{asked.kind}").build(asked, definition.objective.direction)
    return pruner
