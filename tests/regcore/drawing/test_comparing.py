"""Whether two drawings are the same picture."""

import pytest

from regcore.drawing import Drawing, alike


def drawn(x=10.0, words="rate 0.2", shade=0.5, points=((1, 1), (2, 2)), description="A line."):
    drawing = Drawing()
    drawing.rectangle((x, 5), (3, 3), "kind", shade)
    drawing.curve(points, "plain")
    drawing.text((0, 0), words)
    return drawing.to_svg("A picture", description)


def test_a_number_may_differ_by_half_a_pixel() -> None:
    assert alike(drawn(), drawn(x=10.5, shade=0.504, points=((1, 1.4), (1.6, 2))))


@pytest.mark.parametrize(
    "other",
    [
        {"x": 10.6},
        {"shade": 0.51},
        {"points": ((1, 1), (2, 2.7))},
        {"points": ((1, 1), (2, 2), (3, 3))},
        {"words": "rate 0.3"},
        {"description": "A lane."},
    ],
    ids=str,
)
def test_what_differs_by_more_or_in_words_is_another_picture(other) -> None:
    assert not alike(drawn(), drawn(**other))


def test_a_shape_more_is_another_picture() -> None:
    more = drawn().replace("</svg>", "<circle/></svg>")
    assert not alike(drawn(), more)
    assert not alike(more, drawn())


def test_what_is_no_picture_is_like_none() -> None:
    assert not alike("", drawn())
    assert not alike(drawn(), "<svg>")
