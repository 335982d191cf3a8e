"""Early stopping as a kind: its rules, one for each lane."""

import numpy as np

from regcore.regularizers.early_stopping import EarlyStopping
from regcore.sites import Curves


def stops(rules, patience, losses, min_delta=0.0):
    losses = np.array(losses, dtype=float)
    count = len(losses)
    values = {
        "rule": np.array(rules),
        "patience": np.array(patience),
        "min_delta": np.full(count, min_delta),
        "threshold": np.full(count, 2.0),
        "strip": np.full(count, 5),
    }
    epochs = (~np.isnan(losses)).sum(1)
    return EarlyStopping.stops(values, Curves(losses, np.zeros_like(losses), epochs)).tolist()


def test_each_fit_follows_the_rule_that_it_names() -> None:
    plateau = [2.0, 1.0, 1.0, 1.0]
    assert stops(["rises", "no_improvement"], [2, 2], [plateau, plateau]) == [False, True]


def test_each_fit_has_its_own_patience() -> None:
    rising = [1.0, 2.0, 3.0]
    assert stops(["rises", "rises"], [2, 3], [rising, rising]) == [True, False]


def test_only_the_validation_loss_counts() -> None:
    values = {"rule": "rises", "patience": 1, "min_delta": 0.0, "threshold": 2.0, "strip": 5}
    values = {name: np.array([value]) for name, value in values.items()}
    falling, rising = np.array([[2.0, 1.0]]), np.array([[1.0, 2.0]])
    assert EarlyStopping.stops(values, Curves(rising, falling, np.array([2]))).tolist() == [True]
    assert EarlyStopping.stops(values, Curves(falling, rising, np.array([2]))).tolist() == [False]


def test_each_fit_has_its_own_threshold_and_strip() -> None:
    rising, standing = np.array([[1.0, 1.03]] * 4), np.ones((4, 2))
    values = {
        "rule": np.array(["generalization_loss"] * 2 + ["progress_quotient"] * 2),
        "patience": np.ones(4),
        "min_delta": np.zeros(4),
        "threshold": np.array([2.0, 4.0, 2.0, 2.0]),
        "strip": np.array([5, 5, 2, 3]),
    }
    ended = EarlyStopping.stops(values, Curves(rising, standing, np.full(4, 2)))
    assert ended.tolist() == [True, False, True, False]


def test_settings_made_before_there_were_thresholds_mean_the_same() -> None:
    assert EarlyStopping.meaning == 1
    assert EarlyStopping.hyperparameters["rule"].choices[:2] == ("rises", "no_improvement")


def test_epochs_that_a_fit_has_not_reached_are_not_looked_at() -> None:
    short, long = [1.0, 2.0, np.nan, np.nan], [4.0, 3.0, 2.0, 1.0]
    assert stops(["rises", "rises"], [1, 1], [short, long]) == [True, False]


def test_the_default_is_patience_on_the_best() -> None:
    assert EarlyStopping().rule == "no_improvement"
    assert EarlyStopping().patience == 10


def test_the_reason_names_rule_and_limits() -> None:
    assert EarlyStopping.reason({"rule": "rises", "patience": 3}) == "the validation loss rose 3 epochs in a row"
    assert EarlyStopping.reason({"rule": "no_improvement", "patience": 1}) == (
        "the validation loss has not improved for 1 epoch"
    )
    assert EarlyStopping.reason({"rule": "generalization_loss", "threshold": 2.5}) == (
        "the validation loss is more than 2.5 % above its lowest"
    )
    assert EarlyStopping.reason({"rule": "progress_quotient", "threshold": 0.5, "strip": 5}) == (
        "the validation loss is further above its lowest than 0.5 times the progress of the last 5 epochs"
    )
