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
    values = {"rule": np.array(["rises"]), "patience": np.array([1]), "min_delta": np.array([0.0])}
    falling, rising = np.array([[2.0, 1.0]]), np.array([[1.0, 2.0]])
    assert EarlyStopping.stops(values, Curves(rising, falling, np.array([2]))).tolist() == [True]
    assert EarlyStopping.stops(values, Curves(falling, rising, np.array([2]))).tolist() == [False]


def test_epochs_that_a_fit_has_not_reached_are_not_looked_at() -> None:
    short, long = [1.0, 2.0, np.nan, np.nan], [4.0, 3.0, 2.0, 1.0]
    assert stops(["rises", "rises"], [1, 1], [short, long]) == [True, False]


def test_the_default_is_patience_on_the_best() -> None:
    assert EarlyStopping().rule == "no_improvement"
    assert EarlyStopping().patience == 10


def test_the_reason_names_rule_and_count() -> None:
    assert EarlyStopping.reason({"rule": "rises", "patience": 3}) == "the validation loss rose 3 epochs in a row"
    assert EarlyStopping.reason({"rule": "no_improvement", "patience": 1}) == (
        "the validation loss has not improved for 1 epoch"
    )
