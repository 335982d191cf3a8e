"""Filling, advancing and cancelling lanes, and what a fit is worth when it ends."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from training_runs import MANY, MANY_KINDS, digits_program, digits_split, trained

from regcore.architectures.mlp import Mlp
from regcore.data import load_bundled, prepare, split_rows
from regcore.lanes import Diverged, Finished, Fit, Lanes, Program
from regcore.lanes.metrics import balanced_accuracy, tally_of_classes


def finished(fit: Fit, *kinds_named: str) -> tuple[Finished, list[float], list[float]]:
    """The outcome of one fit, its validation losses and its objectives."""
    run = trained(digits_program(kinds_named), [fit], lanes=1)
    outcome = run.ends[fit.key]
    assert isinstance(outcome, Finished)
    epochs = run.epochs[fit.key]
    return outcome, [epoch.validation_loss for epoch in epochs], [epoch.objective for epoch in epochs]


def test_a_fit_without_a_stopping_rule_trains_all_its_epochs() -> None:
    outcome, losses, _ = finished(Fit("a", 0, 5, {}))
    assert (outcome.by, outcome.epoch, len(losses)) == ("epochs", 5, 5)


def test_early_stopping_ends_a_fit_and_its_value_is_that_of_the_lowest_validation_loss() -> None:
    fit = Fit("a", 0, 60, {"early_stopping.patience": 3, "training.optimizer.learning_rate": 0.02})
    outcome, losses, objectives = finished(fit, "early_stopping")
    assert outcome.by == "early_stopping"
    assert outcome.epoch == len(losses) < 60
    assert outcome.best_epoch == losses.index(min(losses)) + 1 == outcome.epoch - 3
    assert outcome.value == objectives[outcome.best_epoch - 1]
    assert outcome.value_last == objectives[-1]
    assert "3 epochs" in outcome.reason


def test_the_weights_kept_are_those_of_the_best_epoch() -> None:
    fit = Fit("a", 0, 60, {"early_stopping.patience": 3, "training.optimizer.learning_rate": 0.02})
    outcome, _, _ = finished(fit, "early_stopping")
    split = digits_split()
    weights = outcome.weights.parameters
    hidden = split.inputs_validation.flatten(start_dim=1)
    for layer in range(2):
        hidden = (hidden @ weights[f"hidden.{layer}.weight"].T + weights[f"hidden.{layer}.bias"]).relu()
    logits = hidden @ weights["output.weight"].T + weights["output.bias"]
    tally = tally_of_classes(logits, split.targets_validation)
    score = balanced_accuracy({name: value[None].double().numpy() for name, value in tally.items()}).item()
    assert score == pytest.approx(outcome.value, abs=1e-6)
    assert outcome.metrics["balanced_accuracy"] == pytest.approx(outcome.value, abs=1e-6)


def test_batch_norms_statistics_are_kept_with_the_best_epochs_weights() -> None:
    outcome, _, _ = finished(Fit("a", 0, 3, {"batch_norm.momentum": 0.1}), "batch_norm")
    assert {name for name in outcome.weights.state if name.startswith("batch_norm/hidden.0/")}
    assert "hidden.0.batch_norm" in {name.rpartition(".")[0] for name in outcome.weights.parameters}


def test_an_average_by_which_a_fit_predicts_is_kept_with_it_and_no_other() -> None:
    program = digits_program(["ema", "swa"])
    run = trained(program, [Fit("a", 0, 2, {"ema.rate": 0.1}), Fit("b", 1, 2, {})], lanes=2)
    averaging, plain = run.ends["a"], run.ends["b"]
    assert isinstance(averaging, Finished)
    assert isinstance(plain, Finished)
    assert averaging.weights.averages.keys() == {"ema"}
    assert not plain.weights.averages


def test_the_gap_is_how_much_better_the_training_rows_score() -> None:
    outcome, _, _ = finished(Fit("a", 0, 10, {}))
    gap = outcome.metrics["train_balanced_accuracy"] - outcome.metrics["balanced_accuracy"]
    assert outcome.gap == pytest.approx(gap)


def test_the_share_of_zeros_is_reported() -> None:
    rate = {"training.optimizer.learning_rate": 0.01}
    dense, _, _ = finished(Fit("a", 0, 10, rate))
    sparse, _, _ = finished(Fit("a", 0, 10, {**rate, "proximal_l1.strength": 1e-1}), "proximal_l1")
    assert dense.metrics["sparsity"] == 0.0
    assert sparse.metrics["sparsity"] > 0.1
    assert dense.metrics["parameters"] == 64 * 32 + 32 + 32 * 32 + 32 + 32 * 10 + 10


def test_parameters_of_a_kind_that_a_neighbour_uses_are_not_counted() -> None:
    plain, normalized = Fit("a", 0, 1, {}), Fit("b", 0, 1, {"batch_norm.momentum": 0.1})
    run = trained(digits_program(["batch_norm"]), [plain, normalized], lanes=2)
    alone = trained(digits_program(), [Fit("a", 0, 1, {})], lanes=1)
    counts = [outcome.metrics["parameters"] for outcome in (alone.ends["a"], run.ends["a"], run.ends["b"])]
    assert counts == [counts[0], counts[0], counts[0] + 2 * (32 + 32)]


def test_the_baseline_learns() -> None:
    outcome, losses, _ = finished(Fit("a", 0, 20, {"training.optimizer.learning_rate": 0.01}))
    assert outcome.value > 0.9
    assert losses[-1] < losses[0] / 4


def test_a_regression_is_measured_in_the_targets_own_units() -> None:
    rows = load_bundled("diabetes")
    split = prepare(rows, split_rows(rows, validation=0.2, test=0.2, stratify=True, test_seed=0, split_seed=0))
    program = Program(Mlp(width=16, depth=1), "adamw", "cosine", 64, (), "regression", "rmse", "minimize", 1)
    outcome = trained(program, [Fit("a", 0, 60, {"training.optimizer.learning_rate": 0.01})], 1, split).ends["a"]
    assert isinstance(outcome, Finished)
    spread = split.target_scale
    assert 0.4 * spread < outcome.value < spread, "better than predicting the mean, in units of disease progression"
    assert outcome.gap == pytest.approx(outcome.metrics["rmse"] - outcome.metrics["train_rmse"])


@pytest.mark.parametrize(("scale", "offset"), [(1.0, 1e9), (1e-6, 0.0), (1e25, 0.0)])
def test_a_targets_scale_and_offset_change_its_errors_by_the_scale_alone(scale: float, offset: float) -> None:
    def rmse_of(targets: np.ndarray) -> float:
        rows = replace(load_bundled("diabetes"), targets=targets)
        split = prepare(rows, split_rows(rows, validation=0.2, test=0.2, stratify=False, test_seed=0, split_seed=0))
        program = Program(Mlp(width=8, depth=1), "adamw", "constant", 64, (), "regression", "rmse", "minimize", 1)
        outcome = trained(program, [Fit("a", 0, 3, {})], 1, split).ends["a"]
        assert isinstance(outcome, Finished)
        return outcome.value

    targets = load_bundled("diabetes").targets
    assert rmse_of(targets * scale + offset) == pytest.approx(scale * rmse_of(targets), rel=1e-4)


def test_a_diverged_fit_says_in_which_epoch() -> None:
    program = digits_program(["l2"], optimizer="sgd")
    values = {"training.optimizer.learning_rate": 10.0, "l2.strength": 0.5}
    outcome = trained(program, [Fit("a", 0, 50, values)], lanes=1).ends["a"]
    assert isinstance(outcome, Diverged)
    assert f"epoch {outcome.epoch}" in outcome.reason


def test_a_fit_whose_objective_cannot_be_measured_says_so() -> None:
    """A ranking needs rows of two classes."""
    split = digits_split()
    zeros = split.targets_validation[:, 0] == 1
    one_class = replace(
        split, inputs_validation=split.inputs_validation[zeros], targets_validation=split.targets_validation[zeros]
    )
    outcome = trained(digits_program(objective="auroc"), [Fit("a", 0, 3, {})], 1, one_class).ends["a"]
    assert outcome == Diverged(1, "the objective is not finite in epoch 1")


def test_all_kinds_at_once_train() -> None:
    run = trained(digits_program(MANY_KINDS), [Fit("a", 0, 3, MANY)], lanes=1)
    assert all(math.isfinite(loss) for loss in run.losses("a"))


def test_more_fits_than_free_lanes_are_refused() -> None:
    lanes = Lanes(digits_program(), digits_split(), lanes=1)
    with pytest.raises(ValueError, match="2 fits do not fit into 1 free lanes"):
        lanes.fill([Fit("a", 0, 1, {}), Fit("b", 1, 1, {})])


def test_no_lanes_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one lane"):
        Lanes(digits_program(), digits_split(), lanes=0)


def test_empty_lanes_have_nothing_to_tell() -> None:
    tick = Lanes(digits_program(), digits_split()).advance()
    assert tick is not None
    assert not tick.epochs
    assert not tick.ended


def test_an_epoch_can_be_worked_off_in_pieces() -> None:
    fit = Fit("a", 0, 2, {"dropout.rate": 0.3})
    whole = trained(digits_program(["dropout"]), [fit], lanes=1)
    lanes = Lanes(digits_program(["dropout"]), digits_split(), lanes=1)
    lanes.fill([fit])
    pauses, losses = 0, []
    while lanes.busy:
        tick = lanes.advance(seconds=0.0)
        if tick is None:
            pauses += 1
        else:
            losses += [loss for epoch in tick.epochs for loss in (epoch.train_loss, epoch.validation_loss)]
    assert pauses > 2
    assert losses == whole.losses("a")


def test_a_cancelled_fit_frees_its_lane_and_is_worth_its_last_epoch() -> None:
    lanes = Lanes(digits_program(), digits_split(), lanes=2)
    lanes.fill([Fit("a", 0, 50, {}), Fit("b", 1, 50, {})])
    tick = lanes.advance(seconds=60.0)
    assert tick is not None
    (outcome,) = lanes.cancel(["a"]).values()
    assert (outcome.by, outcome.epoch, outcome.best_epoch) == ("cancelled", 1, 1)
    assert outcome.value == {epoch.key: epoch.objective for epoch in tick.epochs}["a"]
    assert lanes.busy == lanes.free == 1


def test_a_fit_cancelled_before_its_first_epoch_is_worth_nothing() -> None:
    lanes = Lanes(digits_program(), digits_split(), lanes=2)
    lanes.fill([Fit("a", 0, 50, {})])
    assert lanes.cancel(["a"]) == {}
    assert lanes.busy == 0


def test_a_fit_starts_as_torchs_own_layers_do() -> None:
    outcome, _, _ = finished(Fit("a", 0, 1, {"training.optimizer.learning_rate": 1e-6}))
    weight = outcome.weights.parameters["hidden.0.weight"]
    bound = 1 / math.sqrt(64)
    assert weight.abs().max() <= bound * 1.01
    assert weight.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.05)
    assert not torch.equal(weight, finished(Fit("b", 1, 1, {}))[0].weights.parameters["hidden.0.weight"])
