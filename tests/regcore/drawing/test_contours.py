"""Lines along which a function has one value."""

import math

import pytest

from regcore.drawing.contours import contours


def test_the_contour_of_a_distance_is_a_closed_circle() -> None:
    pieces = [*contours(lambda pair: pair.square().sum().sqrt(), (-2, 2), (-2, 2), [1.0])]
    for piece in pieces:
        for place in piece:
            assert math.hypot(*place) == pytest.approx(1, abs=0.01)
    assert sum(math.dist(*piece) for piece in pieces) == pytest.approx(2 * math.pi, rel=0.01)


def test_a_level_that_is_not_reached_has_no_contour() -> None:
    assert [*contours(lambda pair: pair.sum(), (0, 1), (0, 1), [5.0])] == []
