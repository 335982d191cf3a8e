"""The pictures of the regularizers."""

import re
from xml.etree import ElementTree

import pytest
import torch

from regcore import pictures, regularizers
from regcore.hyper import real
from regcore.pictures import picture
from regcore.pictures.shown import settings_to_show
from regcore.regularizers import find, kinds
from regcore.sites import ActivationNoise, GradientRule, TargetRule

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_has_a_picture_of_the_common_size_in_both_colors(kind) -> None:
    root = ElementTree.fromstring(picture(kind).svg)
    assert root.get("viewBox") == "0 0 480 200"
    roles = [re.match("[a-z]*", element.get("class", "")).group() for element in root.iter()]
    # Beside one square of each color in the legend.
    assert roles.count("kind") > 1
    assert roles.count("plain") > 1


@pytest.mark.parametrize("kind", kinds())
def test_a_picture_neither_runs_nor_loads_anything(kind) -> None:
    text = picture(kind).svg
    assert not re.search(r"<script|<image|<foreignObject|href|url\(|@import|\son\w+=", text)


@pytest.mark.parametrize("kind", kinds())
def test_every_shape_lies_within_the_picture(kind) -> None:
    for element in ElementTree.fromstring(picture(kind).svg).iter(f"{SVG}polyline"):
        for pair in element.get("points").split():
            x, y = map(float, pair.split(","))
            assert 0 <= x <= 480
            assert 0 <= y <= 200


def added(monkeypatch, cls):
    monkeypatch.setitem(regularizers._folder._found, "added", cls)
    return pictures.picture.__wrapped__("added")


class Doubles(GradientRule):
    def gradients(self, gradients, parameters, step, key):
        return {name: 2 * gradient for name, gradient in gradients.items()}


def test_a_kind_that_is_added_has_a_picture_by_its_site(monkeypatch) -> None:
    found = added(monkeypatch, Doubles)
    assert '<title id="title">What added does</title>' in found.svg
    assert "gradient" in found.description


class DoesNothing(ActivationNoise):
    def apply(self, activation, key, site):
        return activation


def test_a_picture_that_shows_nothing_is_refused(monkeypatch) -> None:
    with pytest.raises(ValueError, match=r"added shows nothing: regcore/pictures/activation_noise\.py"):
        added(monkeypatch, DoesNothing)


class Takes(TargetRule):
    share = real(0.0, 1.0, default=0.001, search=(0.0, 0.5), doc="How much.")

    def targets(self, targets, key):
        return (1 - self.share) * targets


def test_where_its_defaults_show_nothing_a_kind_is_shown_at_the_most_that_is_searched(monkeypatch) -> None:
    assert "share 0.5" in added(monkeypatch, Takes).description


def test_a_setting_is_shown_as_a_lane_has_it() -> None:
    shown = next(iter(settings_to_show(find("random_erasing"))))
    assert shown.words == "probability 0.5, largest 0.33, fill zero"
    assert torch.equal(shown.rule.fill, torch.tensor(0))


def test_the_picture_of_label_smoothing_has_the_heights_of_its_formula() -> None:
    """One of six classes at ε = 0.1: 0.9 + 0.1 / 6 of the height of the whole target, and 0.1 / 6 of it."""
    _, *bars, _, _ = ElementTree.fromstring(picture("label_smoothing").svg).findall(f"{SVG}rect")
    heights = {(place // 2, bar.get("class")): float(bar.get("height")) for place, bar in enumerate(bars)}
    whole = heights[2, "plain"]
    assert heights[2, "kind"] == pytest.approx((0.9 + 0.1 / 6) * whole, abs=0.1)
    assert heights[0, "kind"] == pytest.approx(0.1 / 6 * whole, abs=0.1)


def test_the_picture_of_a_flip_holds_the_digit_and_its_mirror_image() -> None:
    grids = ElementTree.fromstring(picture("flip").svg).findall(f"{SVG}g")
    rows = [[float(tile.get("fill-opacity")[:-1]) for tile in grid] for grid in grids]
    before, after = rows[0], rows[1:]
    mirrored = [before[8 * row + column] for row in range(8) for column in reversed(range(8))]
    assert mirrored in after
    assert all(found in (before, mirrored) for found in after)
