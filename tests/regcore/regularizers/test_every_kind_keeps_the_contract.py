"""The contract of a regularizer, over all of them."""

import pytest

from regcore.regularizers import find, kinds
from regcore.testing import CHECKS, combinable, settings_of
from regcore.testing.trainings import fit_of, ordinary, trained

pytestmark = pytest.mark.usefixtures("on_each_device")

# On the other sort of inputs most kinds do the same arithmetic.
EVERY = [
    pytest.param(kind, inputs, marks=() if inputs == find(kind).inputs[0] else pytest.mark.proof)
    for kind in kinds()
    for inputs in find(kind).inputs
]


@pytest.mark.parametrize(("kind", "inputs"), EVERY, ids=lambda name: name)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_kind_keeps_the_contract(check, kind, inputs) -> None:
    check(kind, inputs)


AMPLIFIERS = {"fgsm", "pgd", "vat"}
"""Kinds that take signs, or unit vectors of what is nearly zero: rounding becomes a difference within a step."""


@pytest.mark.parametrize("inputs", ["table", pytest.param("image", marks=pytest.mark.proof)])
def test_lanes_of_all_kinds_at_once_equal_lanes_alone(inputs) -> None:
    every = tuple(kind for kind in combinable(inputs) if kind not in AMPLIFIERS)
    fits = []
    for number in range(4):
        chosen = [kind for place, kind in enumerate(every) if number == 0 or (place + number) % 3]
        setting = {name: value for kind in chosen for name, value in settings_of(kind)[0].items()}
        fits.append(fit_of(f"{number}", setting, seed=number))
    together = trained(every, ordinary(inputs), fits)
    for fit in fits[1:]:
        alone = trained(every, ordinary(inputs), [fit])[fit.key]
        assert len(alone) == len(together[fit.key]) > 0
        assert together[fit.key][0].train_loss == pytest.approx(alone[0].train_loss, rel=1e-5)
