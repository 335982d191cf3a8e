"""The operations of automatic augmentation."""

import pytest
import torch

from regcore.lanes.image_operations import (
    OPERATIONS,
    number_of_operations,
    operated,
    posterized,
    smoothed,
    solarized,
    stretched,
)
from regcore.lanes.photometry import brightened, contrasted, saturated
from regcore.regularizers.rotation import rotated
from regcore.regularizers.translation import translated

IMAGES = torch.rand(4, 3, 9, 11, generator=torch.Generator().manual_seed(0))


def of(operation, strength, images=IMAGES):
    count = len(images)
    return operated(images, torch.full((count,), OPERATIONS.index(operation)), torch.full((count,), strength))


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_the_identity_is_the_identity_to_the_bit_even_beyond_0_and_1(channels) -> None:
    images = 100 * IMAGES[:, :channels] - 50
    assert torch.equal(of("identity", 0.7, images), images)


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if name not in ("autocontrast", "posterize")])
def test_without_strength_images_stay(operation) -> None:
    assert torch.equal(of(operation, 0.0), IMAGES)


@pytest.mark.parametrize("strength", [-1.0, 0.5])
def test_rotation_reaches_thirty_degrees(strength) -> None:
    torch.testing.assert_close(of("rotation", strength), rotated(IMAGES, torch.full((4,), 30 * strength)))


def test_translations_reach_three_tenths_of_a_side() -> None:
    right, down = torch.tensor([[0.3, 0.0]]).expand(4, 2), torch.tensor([[0.0, 0.3]]).expand(4, 2)
    torch.testing.assert_close(of("horizontal translation", 1.0), translated(IMAGES, right))
    torch.testing.assert_close(of("vertical translation", 1.0), translated(IMAGES, down))


def test_a_shear_moves_rows_by_three_tenths_of_their_distance_from_the_center() -> None:
    lines = torch.zeros(1, 1, 21, 21)
    lines[..., 10] = 1
    sheared = of("horizontal shear", 1.0, lines)
    assert sheared[0, 0, 20, 13].item() == pytest.approx(1.0, abs=1e-5)
    assert sheared[0, 0, 0, 7].item() == pytest.approx(1.0, abs=1e-5)
    torch.testing.assert_close(of("vertical shear", 1.0, lines.mT), sheared.mT)


def test_brightness_contrast_and_saturation_are_blends_within_0_and_1() -> None:
    factor = torch.full((4,), 1.45)
    for operation, blend in (("brightness", brightened), ("contrast", contrasted), ("saturation", saturated)):
        torch.testing.assert_close(of(operation, 0.5), blend(IMAGES, factor).clamp(0, 1))


def test_sharpness_leads_away_from_the_smoothed_image_or_towards_it() -> None:
    torch.testing.assert_close(of("sharpness", -0.5), 0.55 * IMAGES + 0.45 * smoothed(IMAGES))
    torch.testing.assert_close(of("sharpness", 0.5), (1.45 * IMAGES - 0.45 * smoothed(IMAGES)).clamp(0, 1))


def test_smoothing_is_a_convolution_that_leaves_the_edge_alone() -> None:
    kernel = torch.tensor([[1.0, 1, 1], [1, 5, 1], [1, 1, 1]]) / 13
    expected = IMAGES.clone()
    expected[..., 1:-1, 1:-1] = torch.nn.functional.conv2d(IMAGES.flatten(0, 1)[:, None], kernel[None, None]).reshape(
        4, 3, 7, 9
    )
    torch.testing.assert_close(smoothed(IMAGES), expected)
    assert torch.equal(smoothed(IMAGES[..., :2]), IMAGES[..., :2])


def test_autocontrast_stretches_each_channel_and_leaves_flat_ones() -> None:
    images = torch.tensor([[[[0.2, 0.4, 0.7]], [[0.3, 0.3, 0.3]]]])
    torch.testing.assert_close(stretched(images), torch.tensor([[[[0.0, 0.4, 1.0]], [[0.3, 0.3, 0.3]]]]))


def test_solarize_inverts_what_is_brighter_than_the_threshold() -> None:
    images = torch.tensor([[[[0.2, 0.6, 0.9, 1.0]]]])
    torch.testing.assert_close(solarized(images, torch.tensor([0.6])), torch.tensor([[[[0.2, 0.6, 0.1, 0.0]]]]))
    assert torch.equal(solarized(images, torch.tensor([1.0])), images)


@pytest.mark.parametrize("bits", [4, 6, 8])
def test_posterize_clears_the_last_bits_of_every_value_of_a_byte(bits) -> None:
    values = torch.arange(256)
    expected = (values >> (8 - bits)) << (8 - bits)
    found = posterized(values[None, None, None] / 255, torch.tensor([float(bits)]))
    assert torch.equal(torch.round(255 * found[0, 0, 0]).long(), expected)


def test_each_image_has_its_own_operation() -> None:
    names = ["identity", "rotation", "solarize", "contrast"]
    mixed = operated(IMAGES, torch.tensor([OPERATIONS.index(name) for name in names]), torch.full((4,), 0.5))
    for place, name in enumerate(names):
        torch.testing.assert_close(mixed[place], of(name, 0.5)[place])


def test_saturation_is_for_three_channels() -> None:
    assert number_of_operations(IMAGES) == 13
    assert number_of_operations(IMAGES[:, :1]) == 12
    assert OPERATIONS[12] == "saturation"
