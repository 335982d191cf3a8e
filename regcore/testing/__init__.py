"""The contract of a regularizer: checks that every kind passes, for its author to run too.

Each check takes a kind's name and a sort of inputs, "table" or "image", and raises AssertionError where the kind does
not keep the contract::

    @pytest.mark.parametrize("check", CHECKS)
    def test_my_kind_keeps_the_contract(check):
        check("my_kind", "table")
"""

from regcore.testing.declaration import names_a_source, names_its_parity, stays_within_its_catalogue_entry
from regcore.testing.network import SmallNetwork
from regcore.testing.settings import combinable, defaults_of, settings_of
from regcore.testing.sites import gradients_are_those_of_the_forward, unused_leaves_hostile_values_alone
from regcore.testing.trainings import (
    absent_and_masked_and_off_are_the_same,
    diverged_neighbour_changes_nothing,
    lanes_equal_fits_alone,
    order_of_lanes_is_irrelevant,
    range_ends_stay_finite,
)

CHECKS = (
    names_a_source,
    names_its_parity,
    stays_within_its_catalogue_entry,
    lanes_equal_fits_alone,
    order_of_lanes_is_irrelevant,
    absent_and_masked_and_off_are_the_same,
    diverged_neighbour_changes_nothing,
    range_ends_stay_finite,
    unused_leaves_hostile_values_alone,
    gradients_are_those_of_the_forward,
)

__all__ = [
    "CHECKS",
    "SmallNetwork",
    "absent_and_masked_and_off_are_the_same",
    "combinable",
    "defaults_of",
    "diverged_neighbour_changes_nothing",
    "gradients_are_those_of_the_forward",
    "lanes_equal_fits_alone",
    "names_a_source",
    "names_its_parity",
    "order_of_lanes_is_irrelevant",
    "range_ends_stay_finite",
    "settings_of",
    "stays_within_its_catalogue_entry",
    "unused_leaves_hostile_values_alone",
]
