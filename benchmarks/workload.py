"""The work that every contestant does: the same rows, network, steps, number of trials and search space."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import optuna

from regcore.architectures.mlp import Mlp
from regcore.data import Split, load_bundled, prepare, split_rows
from regcore.lanes import Program
from regtune.space import Dimension, SearchSpace

CLASSES = 10
RANGES = {
    "training.optimizer.learning_rate": (1e-4, 1e-2, True),
    "dropout.rate": (0.0, 0.6, False),
    "l1.strength": (1e-7, 1e-3, True),
    "decoupled_weight_decay.strength": (1e-6, 1e-1, True),
}
"""Low, high and whether the scale is logarithmic, by the name of a setting."""


@dataclass(frozen=True)
class Workload:
    """Trials of a multilayer perceptron on digits: every one trains all its epochs, whatever a pruner says."""

    width: int
    depth: int
    epochs: int
    batch_size: int
    trials: int
    lanes: int

    def steps_per_epoch(self) -> int:
        return max(1, len(rows().inputs_train) // self.batch_size)

    def floating_point_operations(self) -> float:
        """Those of one trial's matrix products: three a weight and row trained on, one a row validated."""
        features = rows().inputs_train[0].numel()
        weights = features * self.width + (self.depth - 1) * self.width**2 + self.width * CLASSES
        trained = self.steps_per_epoch() * self.batch_size
        return 2.0 * weights * self.epochs * (3 * trained + len(rows().inputs_validation))


def program_of(workload: Workload) -> Program:
    """The program that lanes share to do the work."""
    return Program(
        architecture=Mlp(width=workload.width, depth=workload.depth),
        optimizer="adamw",
        schedule="constant",
        batch_size=workload.batch_size,
        kinds=("decoupled_weight_decay", "dropout", "l1"),
        task="classification",
        objective="accuracy",
        direction="maximize",
        outputs=CLASSES,
    )


@cache
def rows() -> Split:
    """Digits with the holdout split that a study makes: training and validation rows, prepared."""
    found = load_bundled("digits")
    indices = split_rows(found, validation=0.2, test=0.2, stratify=True, test_seed=0, split_seed=0)
    return prepare(found, indices)


def space() -> SearchSpace:
    """The search space, as regtune's samplers take it."""
    return SearchSpace(
        tuple(Dimension(name, "real", low=low, high=high, log=log) for name, (low, high, log) in RANGES.items())
    )


def suggested(trial: optuna.trial.Trial) -> dict[str, float]:
    """A setting drawn from the search space."""
    return {name: trial.suggest_float(name, low, high, log=log) for name, (low, high, log) in RANGES.items()}
