"""L2 to the starting point: λ/2 Σ (w − w₀)²."""

import pytest
import torch
from training_runs import digits_program, trained

from regcore.lanes import Finished, Fit
from regcore.regularizers.l2_sp import L2Sp

KEY = torch.tensor(0, dtype=torch.int32)
START = {"a": torch.tensor([[1.0, -2.0]]), "b": torch.tensor([[0.5]])}


def test_it_is_half_the_squared_distance_from_the_start() -> None:
    rule = L2Sp(strength=0.5)
    moved = {"a": torch.tensor([[2.0, 0.0]]), "b": torch.tensor([[3.5]])}
    penalty, _ = rule.train(moved, rule.state(START, KEY))
    torch.testing.assert_close(penalty, torch.tensor(0.25 * (1 + 4 + 9)))


def test_at_the_start_it_costs_nothing() -> None:
    rule = L2Sp(strength=10.0)
    assert rule.train(START, rule.state(START, KEY))[0] == 0


def test_its_gradient_pulls_back_by_the_strength_times_the_distance() -> None:
    rule, weight = L2Sp(strength=0.5), torch.tensor([[2.0, 0.0]], requires_grad=True)
    penalty, _ = rule.train({"a": weight}, rule.state({"a": START["a"]}, KEY))
    torch.testing.assert_close(torch.autograd.grad(penalty, weight)[0], torch.tensor([[0.5, 1.0]]))


def test_the_start_is_remembered_as_it_was() -> None:
    rule = L2Sp()
    state = rule.state(START, KEY)
    for _ in range(3):
        _, state = rule.train({name: 2 * value for name, value in START.items()}, state)
    assert all(torch.equal(state[name], START[name]) for name in START)


@pytest.fixture(scope="module")
def weights() -> dict[str, torch.Tensor]:
    """A layer's weight after no more than a tiny step, after a plain training, and after one that is held back."""
    settings = {
        "start": (1, {"training.optimizer.learning_rate": 1e-6}),
        "plain": (3, {"training.optimizer.learning_rate": 1e-2}),
        "held": (3, {"training.optimizer.learning_rate": 1e-2, "l2_sp.strength": 1.0}),
    }
    fits = [Fit(key, 0, epochs, values) for key, (epochs, values) in settings.items()]
    ends = trained(digits_program(["l2_sp"]), fits, lanes=3).ends
    found = {}
    for key, outcome in ends.items():
        assert isinstance(outcome, Finished)
        found[key] = outcome.weights.parameters["hidden.0.weight"]
    return found


def test_a_fit_that_uses_it_ends_nearer_to_its_start(weights) -> None:
    distance = {key: (weights[key] - weights["start"]).norm() for key in ("plain", "held")}
    assert 0 < distance["held"] < distance["plain"] / 2
