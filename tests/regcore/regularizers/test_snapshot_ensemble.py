"""Snapshot ensemble: the weights of the ends of cycles predict together."""

from dataclasses import replace

import pytest
import torch
from training_runs import digits_program, digits_split, trained

from regcore.lanes import Finished, Fit
from regcore.regularizers.snapshot_ensemble import SnapshotEnsemble
from regcore.schedules.cosine_restarts import CosineRestarts


def members(steps, **values):
    """After each step, whose weights are its number from 1, those of the members from the oldest to the newest."""
    rule, found = SnapshotEnsemble(**values), []
    state = rule.state({"w": torch.tensor(0.0)})
    for step in range(steps):
        parameters = {"w": torch.tensor(float(step + 1))}
        state = rule.update(parameters, state, torch.tensor(step), torch.tensor(steps))
        found.append([member["w"].item() for member in rule.members(parameters, state)])
    return found


def test_the_last_snapshots_are_kept_and_the_present_weights_stand_in_for_those_missing() -> None:
    assert members(6, cycles=3, growth=1.0, snapshots=2) == [[1, 1], [2, 2], [3, 2], [2, 4], [2, 4], [4, 6]]


def test_cycles_of_growing_length_end_where_the_paper_ends_them() -> None:
    """15, 30 and 60 epochs of 105, here of one step each."""
    assert members(105, cycles=3, growth=2.0, snapshots=3)[-1] == [15, 45, 105]


@pytest.mark.parametrize(("steps", "cycles", "growth"), [(105, 3, 2.0), (100, 7, 1.0), (97, 4, 1.3), (1000, 10, 1.5)])
def test_a_cycle_ends_with_the_last_step_before_the_schedule_restarts(steps, cycles, growth) -> None:
    schedule = CosineRestarts(cycles=cycles, growth=growth)
    factors = torch.func.vmap(schedule.factor)(torch.arange(steps) / torch.tensor(steps))
    last = [step + 1 for step in range(steps - 1) if factors[step + 1] > factors[step]] + [steps]
    newest = [found[-1] for found in members(steps, cycles=cycles, growth=growth, snapshots=1)]
    taken = [step for step in range(1, steps + 1) if newest[step - 1] == step and step >= last[0]]
    assert taken == last
    assert len(last) == cycles


def test_the_mean_of_their_predictions_is_what_is_evaluated() -> None:
    """Its members are what plain fits of the same seed are after one and after two epochs."""
    rate = {"training.optimizer.learning_rate": 0.01}
    ensemble = {**rate, "snapshot_ensemble.cycles": 2, "snapshot_ensemble.growth": 1.0}
    fits = [Fit("one", 0, 1, rate), Fit("two", 0, 2, rate), Fit("ensemble", 0, 2, ensemble)]
    program = replace(digits_program(["snapshot_ensemble"]), fixed={"snapshot_ensemble.snapshots": 2})
    run, split = trained(program, fits, lanes=3), digits_split()
    predictions = []
    for epochs, key in ((1, "one"), (2, "two")):
        outcome = run.ends[key]
        assert isinstance(outcome, Finished)
        assert outcome.best_epoch == epochs
        predictions.append(predicted(outcome.weights.parameters, split.inputs_validation))
    expected = -(split.targets_validation * torch.stack(predictions).mean(0).log()).sum(1).mean()
    assert run.epochs["ensemble"][1].validation_loss == pytest.approx(expected.item(), rel=1e-5)


def predicted(weights, images):
    """The probabilities of a perceptron of two hidden layers."""
    hidden = images.flatten(start_dim=1)
    for layer in range(2):
        hidden = (hidden @ weights[f"hidden.{layer}.weight"].T + weights[f"hidden.{layer}.bias"]).relu()
    return (hidden @ weights["output.weight"].T + weights["output.bias"]).softmax(1)
