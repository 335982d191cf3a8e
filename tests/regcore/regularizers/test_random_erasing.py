"""Random erasing of rectangles."""

import math

import pytest
import torch

from regcore.regularizers.random_erasing import RandomErasing, rectangles
from regcore.sites import Batch

KEY = torch.tensor(3, dtype=torch.int32)
IMAGES = torch.full((500, 2, 20, 30), 2.0)


def apply(probability=1.0, largest=0.33, fill="zero", key=KEY, images=IMAGES):
    rule = RandomErasing(probability=probability, largest=largest, fill=fill)
    return rule.apply(Batch(images, torch.ones(len(images), 2)), key)


def test_rectangles_have_the_area_that_was_asked_for_and_fit() -> None:
    areas = torch.linspace(0.02, 1.0, 50, dtype=torch.float64).repeat(3)
    ratios = torch.tensor([-1.0, 0.3, 1.0], dtype=torch.float64).repeat_interleave(50)
    heights, widths = rectangles(areas, ratios)
    torch.testing.assert_close(heights * widths, areas)
    assert max(heights.max(), widths.max()) <= 1 + 1e-12


def test_the_ratio_reaches_from_three_tenths_to_its_inverse_where_it_fits() -> None:
    heights, widths = rectangles(torch.tensor([0.1, 0.1, 0.1]), torch.tensor([-1.0, 0.0, 1.0]))
    torch.testing.assert_close(heights / widths, torch.tensor([0.3, 1.0, 1 / 0.3]))


def test_an_image_loses_one_whole_rectangle_in_all_channels() -> None:
    hole = apply().inputs == 0
    assert torch.equal(hole[:, 0], hole[:, 1])
    down, across = hole[:, 0].any(2), hole[:, 0].any(1)
    assert torch.equal(hole[:, 0], down[:, :, None] & across[:, None, :])


def test_areas_are_uniform_between_a_fiftieth_and_the_largest() -> None:
    areas = (apply(largest=0.4).inputs[:, 0] == 0).double().mean((1, 2))
    assert areas.min() > 0.01
    assert areas.max() < 0.4 * 1.1  # sides are rounded to pixels
    assert areas.mean().item() == pytest.approx(0.21, abs=5 * 0.38 / math.sqrt(12 * 500))


def test_rectangles_reach_every_edge() -> None:
    hole = apply().inputs[:, 0] == 0
    for edge in (hole[:, 0], hole[:, -1], hole[:, :, 0], hole[:, :, -1]):
        assert edge.any()


def test_the_probability_is_the_share_of_images_that_lose_something() -> None:
    share = (apply(probability=0.3).inputs == 0).flatten(1).any(1).double().mean().item()
    assert share == pytest.approx(0.3, abs=5 * (0.21 / 500) ** 0.5)


def test_noise_fills_with_numbers_between_zero_and_one() -> None:
    noisy, hole = apply(fill="noise").inputs, apply().inputs == 0
    assert torch.equal(noisy[~hole], IMAGES[~hole])
    assert noisy[hole].mean().item() == pytest.approx(0.5, abs=0.01)
    assert noisy[hole].std().item() == pytest.approx(12**-0.5, rel=0.02)


def test_probability_zero_is_the_identity_to_the_bit() -> None:
    assert torch.equal(apply(probability=0.0).inputs, IMAGES)


def test_targets_stay_and_the_key_decides() -> None:
    assert torch.equal(apply().targets, torch.ones(500, 2))
    assert torch.equal(apply().inputs, apply().inputs)
    assert not torch.equal(apply().inputs, apply(key=KEY + 1).inputs)


def test_lanes_may_differ_in_probability_area_and_fill() -> None:
    knobs = torch.tensor([0.0, 0.5, 1.0]), torch.tensor([0.1, 0.3, 0.8]), torch.tensor([0, 1, 1])
    few = IMAGES[:20]
    lanes = torch.func.vmap(lambda *knobs: apply(*knobs, images=few).inputs)(*knobs)
    for place, fill in enumerate(["zero", "noise", "noise"]):
        alone = apply(knobs[0][place], knobs[1][place], fill, images=few).inputs
        torch.testing.assert_close(lanes[place], alone)
