"""The contract of a regularizer, over all of them."""

import pytest

from regcore.regularizers import find, kinds
from regcore.testing import CHECKS, combinable, settings_of
from regcore.testing.trainings import fit_of, ordinary, trained

pytestmark = pytest.mark.usefixtures("on_each_device")

EVERY = [(kind, inputs) for kind in kinds() for inputs in find(kind).inputs]


@pytest.mark.parametrize(("kind", "inputs"), EVERY, ids=lambda name: name)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_kind_keeps_the_contract(check, kind, inputs) -> None:
    check(kind, inputs)


@pytest.mark.parametrize("inputs", ["table", "image"])
def test_ten_lanes_of_all_kinds_at_once_equal_ten_alone(inputs) -> None:
    every = combinable(inputs)
    fits = []
    for number in range(10):
        chosen = [kind for place, kind in enumerate(every) if number == 0 or (place + number) % 3]
        setting = {}
        for kind in chosen:
            setting |= settings_of(kind)[0]
        fits.append(fit_of(f"{number}", setting, seed=number))
    together = trained(every, ordinary(inputs), fits)
    for fit in fits:
        alone = trained(every, ordinary(inputs), [fit])[fit.key]
        assert len(alone) == len(together[fit.key]) > 0
        # In its first steps: later the signs that adversarial kinds take have amplified rounding.
        assert together[fit.key][0].train_loss == pytest.approx(alone[0].train_loss, rel=1e-6)
        assert together[fit.key][0].validation_loss == pytest.approx(alone[0].validation_loss, rel=1e-5)
