"""Points become rows and rows points, and rows keep to the space."""

from __future__ import annotations

import numpy as np

from regtune.space import Dimension, SearchSpace
from service.coordinator import suggest
from service.coordinator.parzen.axes import ABSENT, Axes, Rows

SPACE = SearchSpace(
    (
        Dimension("gate", "flag"),
        Dimension("strength", "real", low=1e-4, high=1.0, log=True, gate="gate"),
        Dimension("norm", "choice", choices=("l1", "l2"), gate="gate"),
        Dimension("patience", "integer", low=1, high=4),
    )
)


def row(strength: float, patience: float, gate: int, norm: int) -> Rows:
    return Rows(np.array([[strength, patience]]), np.array([[gate, norm]]))


NOTHING_HELD = row(np.nan, np.nan, ABSENT, ABSENT)


def test_a_point_is_its_shares_and_options() -> None:
    found = Axes(SPACE).row({"gate": True, "strength": 1e-2, "norm": "l2", "patience": 2})
    np.testing.assert_allclose(found.shares, [[0.5, 0.375]])
    assert found.options.tolist() == [[1, 1]]


def test_what_a_point_lacks_is_absent() -> None:
    found = Axes(SPACE).row({"gate": False, "patience": 4})
    assert np.isnan(found.shares).tolist() == [[True, False]]
    assert found.options.tolist() == [[0, ABSENT]]


def test_a_row_gives_the_values_of_its_point_back(mixed_space: SearchSpace) -> None:
    axes, draws = Axes(mixed_space), suggest.build("random", mixed_space, seed=0)
    for number in range(100):
        point = draws.suggest(number, number) or {}
        found = axes.row(point)
        for at in mixed_space:
            if at.name in point and at.type != "real":
                assert axes.value(found, 0, at) == point[at.name]
            elif at.name in point:
                np.testing.assert_allclose(float(axes.value(found, 0, at)), float(point[at.name]))


def test_a_false_gate_takes_out_what_hangs_on_it() -> None:
    found = Axes(SPACE).settled(row(0.2, 0.6, 0, 1), NOTHING_HELD)
    assert np.isnan(found.shares).tolist() == [[True, False]]
    assert found.options.tolist() == [[0, ABSENT]]


def test_what_is_held_replaces_what_was_drawn() -> None:
    found = Axes(SPACE).settled(row(0.2, 0.6, 0, 1), row(np.nan, 0.875, 1, ABSENT))
    np.testing.assert_allclose(found.shares, [[0.2, 0.875]])
    assert found.options.tolist() == [[1, 1]]


def test_an_integer_stands_in_the_middle_of_its_share_and_a_real_where_it_was_drawn() -> None:
    found = Axes(SPACE).settled(row(0.2, 0.26, 1, 1), NOTHING_HELD)
    np.testing.assert_allclose(found.shares, [[0.2, 0.375]])


def test_only_integers_have_a_width() -> None:
    np.testing.assert_allclose(Axes(SPACE).widths(np.array([[0.2, 0.375]])), [[0.0, 0.25]])


def test_the_widths_of_logarithmic_integers_add_up_to_their_axis() -> None:
    axes = Axes(SearchSpace((Dimension("patience", "integer", low=1, high=9, log=True),)))
    shares = np.concatenate([axes.row({"patience": value}).shares for value in range(1, 10)])
    widths = axes.widths(shares)[:, 0]
    np.testing.assert_allclose(widths.sum(), 1.0)
    np.testing.assert_allclose(np.cumsum(widths) - widths / 2, shares[:, 0])
