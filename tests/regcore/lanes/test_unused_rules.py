"""A lane that does not use a rule is unharmed by what the rule would make of its values."""

from dataclasses import replace

from regcore.data import Split
from regcore.lanes import Fit
from regcore.testing.trainings import ordinary, trained

CAREFUL = {"training.optimizer.learning_rate": 1e-36}
"""Weights hardly move, so that a fit of huge values stays finite."""
USING = {**CAREFUL, "decov.strength": 1e-3}


def huge() -> Split:
    """Rows so large that the square of what comes of them is infinite."""
    split = ordinary("table")
    return replace(split, inputs_train=1e20 * split.inputs_train, inputs_validation=1e20 * split.inputs_validation)


def test_a_lane_of_huge_values_is_as_without_the_term_that_its_neighbour_uses() -> None:
    plain, neighbour = Fit("plain", 0, 2, CAREFUL), Fit("neighbour", 0, 2, USING)
    absent = trained((), huge(), [plain])["plain"]
    assert len(absent) == 2
    assert trained(("decov",), huge(), [plain, neighbour])["plain"] == absent


def test_those_values_do_harm_a_lane_that_uses_the_term() -> None:
    assert trained(("decov",), huge(), [Fit("a", 0, 2, USING)])["a"] == []
