"""Drawings as SVG."""

from xml.etree import ElementTree

from regcore.drawing import Box, Drawing, Plot

SVG = "{http://www.w3.org/2000/svg}"


def parsed(drawing, title="A title", description="What is to be seen."):
    return ElementTree.fromstring(drawing.to_svg(title, description))


def test_a_drawing_says_what_it_is_to_those_who_do_not_see_it() -> None:
    root = parsed(Drawing(), "l1 & l2", "a < b")
    assert root.get("role") == "img"
    named = {element.get("id"): element.text for element in root if element.get("id")}
    assert [named[name] for name in root.get("aria-labelledby").split()] == ["l1 & l2", "a < b"]


def test_its_colors_follow_the_scheme_of_the_reader() -> None:
    style = parsed(Drawing()).find(f"{SVG}style").text
    light, dark = style.split("@media(prefers-color-scheme:dark)")
    for role in ("plain", "kind", "ink", "faint", "paper"):
        colors = [part.split(f".{role}{{fill:")[1][:7] for part in (light, dark)]
        assert colors[0] != colors[1]


def test_numbers_have_one_digit_after_the_point_and_no_negative_zero() -> None:
    drawing = Drawing()
    drawing.curve([(1.26, -0.01), (2.0, 3.04)], "kind")
    assert parsed(drawing).find(f"{SVG}polyline").get("points") == "1.3,0 2,3"


def test_words_are_escaped() -> None:
    drawing = Drawing()
    drawing.text((1, 2), "a < b & c")
    assert parsed(drawing).find(f"{SVG}text").text == "a < b & c"


def test_a_plot_puts_numbers_where_its_ranges_say_and_others_at_its_edge() -> None:
    plot = Plot(Drawing(), Box(100, 20, 200, 100), (0, 2), (-1, 1))
    assert plot.place(1, 0) == (200, 70)
    assert plot.place(0, 1) == (100, 20)
    assert plot.place(5, -7) == (300, 120)


def test_a_plot_notes_the_largest_distance_in_pixels() -> None:
    drawing = Drawing()
    plot = Plot(drawing, Box(0, 0, 10, 100), (0, 1), (0, 1))
    plot.curves([0, 1], [0.5, 0.5], [0.5, 0.75])
    plot.bars([0.5], [0.4])
    assert drawing.moved == 25
