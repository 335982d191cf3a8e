"""Reading how a study searches: its split, sampler, pruner, budget and resources.

Values of the contract that are not available yet are refused by name, never accepted and ignored.
"""

from __future__ import annotations

from regtune.study.definition import (
    AshaPruner,
    Budget,
    EarlyStoppingPruner,
    Holdout,
    Knob,
    MedianPruner,
    Pruner,
    Resources,
    Sampler,
    ends,
)
from regtune.study.reading import Fields
from regtune.study.values import shown

MOST_TRIALS = 1_000_000
MOST_EPOCHS = 2**53 - 1
MOST_SECONDS = 10 * 365 * 86_400
MOST_EPOCHS_OF_A_TRIAL = 10_000
"""The catalogue's highest `training.epochs`; a pruner that counts further would never prune."""

_LATER_SPLITS = ("kfold", "group", "time")
_LATER_SAMPLERS = ("gp", "cmaes", "nsga2")
_PRUNERS = ("early_stopping", "asha", "median")
_LATER_PRUNERS = ("hyperband", "percentile", "wilcoxon", "threshold")


def read_split(study: Fields) -> Holdout:
    """The split into training, validation and test rows."""
    fields = Fields(study.get("split", {}), study.at("split"), study.findings, noun="a split")
    usual = Holdout()
    if fields.get("kind") in _LATER_SPLITS:
        fields.one_of("kind", ("holdout",), "holdout", later=_LATER_SPLITS)
        return usual
    fields.one_of("kind", ("holdout",), "holdout")
    validation = fields.share("validation", usual.validation, below_one=True)
    test = fields.share("test", usual.test, below_one=True)
    stratify = fields.flag("stratify", usual.stratify)
    fields.finish()
    if validation + test >= 1:
        fields.refuse(
            "validation",
            "above_maximum",
            f"validation {shown(validation)} and test {shown(test)} leave no rows to train on; together they stay "
            "below 1",
        )
        return usual
    return Holdout(validation=validation, test=test, stratify=stratify)


def read_sampler(study: Fields) -> Sampler:
    """What suggests settings."""
    fields = Fields(study.get("sampler", {}), study.at("sampler"), study.findings, noun="a sampler")
    kind = fields.one_of("kind", ("tpe", "optuna_tpe", "random", "qmc", "grid"), "tpe", later=_LATER_SAMPLERS)
    if fields.get("kind") not in _LATER_SAMPLERS:
        fields.finish()
    return Sampler.model_validate({"kind": kind})


def read_pruner(study: Fields, epochs: Knob) -> Pruner | None:
    """What prunes trials, which train so many epochs; None where the study says null."""
    written = study.get("pruner", {})
    if written is None:
        return None
    fields = Fields(written, study.at("pruner"), study.findings, noun="a pruner")
    kind = fields.one_of("kind", _PRUNERS, "early_stopping", later=_LATER_PRUNERS)
    if fields.get("kind") in _LATER_PRUNERS:
        return None
    pruner: Pruner
    if kind == "asha":
        pruner = _read_asha(fields, max(ends(epochs)))
    elif kind == "median":
        pruner = _read_median(fields)
    else:
        pruner = EarlyStoppingPruner(keep=fields.share("keep", EarlyStoppingPruner().keep, below_one=False))
    fields.finish()
    return pruner


def _read_asha(fields: Fields, most_epochs: float) -> AshaPruner:
    # A hundredth of the epochs, as Optuna's "auto" has it.
    usual = AshaPruner(min_epochs=max(1, int(most_epochs) // 100))
    return AshaPruner(
        min_epochs=fields.whole("min_epochs", usual.min_epochs, 1, MOST_EPOCHS_OF_A_TRIAL),
        reduction_factor=fields.whole("reduction_factor", usual.reduction_factor, 2, MOST_EPOCHS_OF_A_TRIAL),
        spare_improving=fields.flag("spare_improving", usual.spare_improving),
    )


def _read_median(fields: Fields) -> MedianPruner:
    usual = MedianPruner()
    return MedianPruner(
        startup_trials=fields.whole("startup_trials", usual.startup_trials, 0, MOST_TRIALS),
        warmup_epochs=fields.whole("warmup_epochs", usual.warmup_epochs, 0, MOST_EPOCHS_OF_A_TRIAL),
        interval_epochs=fields.whole("interval_epochs", usual.interval_epochs, 1, MOST_EPOCHS_OF_A_TRIAL),
        spare_improving=fields.flag("spare_improving", usual.spare_improving),
    )


def read_budget(study: Fields) -> Budget:
    """What the study may spend."""
    fields = Fields(study.get("budget", {}), study.at("budget"), study.findings, noun="a budget")
    usual = Budget()
    trials = fields.whole("trials", usual.trials, 1, MOST_TRIALS)
    epochs = fields.whole_or_null("epochs", usual.epochs, 1, MOST_EPOCHS)
    device_seconds = fields.limit("device_seconds", high=MOST_SECONDS)
    wall_seconds = fields.limit("wall_seconds", high=MOST_SECONDS)
    fields.only("cost", None, "leave it out or write null")
    failed_trials = fields.whole_or_null("failed_trials", usual.failed_trials, 1, MOST_TRIALS)
    fields.finish()
    return Budget(
        trials=trials,
        epochs=epochs,
        device_seconds=device_seconds,
        wall_seconds=wall_seconds,
        failed_trials=failed_trials,
    )


def read_resources(study: Fields) -> Resources:
    """What the study runs on."""
    fields = Fields(study.get("resources", {}), study.at("resources"), study.findings, noun="resources")
    device = fields.one_of("device", ("any", "cpu", "cuda"), "any")
    precision = fields.one_of("precision", ("float32", "tf32", "bfloat16"), "float32", later=("float16", "float64"))
    fields.finish()
    if precision == "tf32" and device == "cpu":
        fields.refuse("precision", "conflict", "only a GPU multiplies in tf32, and the study asks for the device cpu")
        return Resources()
    return Resources.model_validate({"device": device, "precision": precision})
