"""Points become rows and rows points, and rows keep to the space."""

from __future__ import annotations

import numpy as np

from regtune.space import Dimension, SearchSpace
from service.coordinator import suggest
from service.coordinator.parzen.axes import ABSENT, Axes, Rows

SPACE = SearchSpace(
    (
        Dimension("gate", "flag"),
        Dimension("strength", "real", low=1e-4, high=1.0, log=True, conditions={"gate": True}),
        Dimension("norm", "choice", choices=("l1", "l2"), conditions={"gate": True}),
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
                assert axes.value(found, at) == point[at.name]
            elif at.name in point:
                np.testing.assert_allclose(float(axes.value(found, at)), float(point[at.name]))


def test_what_hangs_on_a_gate_is_a_stage_that_only_rows_with_the_gate_on_reach() -> None:
    root, gated = Axes(SPACE).stages
    rows = Rows(np.array([[np.nan, 0.5], [0.2, 0.5]]), np.array([[0, ABSENT], [1, 1]]))
    assert [root.reached(rows).tolist(), gated.reached(rows).tolist()] == [[0, 1], [1]]
    assert [root.numbers.tolist(), gated.numbers.tolist()] == [[1], [0]]
    assert [root.choices.tolist(), gated.choices.tolist()] == [[0], [1]]


def test_the_stages_share_out_all_features() -> None:
    axes = Axes(SPACE)
    features = np.concatenate([stage.features for stage in axes.stages])
    assert sorted(features.tolist()) == list(range(axes.features(NOTHING_HELD).shape[1]))


def test_a_stage_moves_its_columns_alone() -> None:
    moved = Axes(SPACE).stages[1].moved(row(np.nan, 0.1, 1, ABSENT), row(0.2, 0.6, 0, 1), 0)
    np.testing.assert_array_equal(moved.shares, [[0.2, 0.1]])
    assert moved.options.tolist() == [[1, 1]]


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
