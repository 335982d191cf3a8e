"""Jitter of brightness, contrast, saturation and hue."""

import pytest
import torch

from regcore.regularizers.color_jitter import ColorJitter
from regcore.sites import Batch

KEY = torch.tensor(3, dtype=torch.int32)
OFF = {"brightness": 0.0, "contrast": 0.0, "saturation": 0.0, "hue": 0.0}
COLORS = torch.rand(400, 3, 4, 5, generator=torch.Generator().manual_seed(0))
LUMA = torch.tensor([0.299, 0.587, 0.114])[:, None, None]


def jittered(images=COLORS, key=KEY, **amounts):
    return ColorJitter(**{**OFF, **amounts}).apply(Batch(images, torch.ones(len(images), 2)), key).inputs


def brightness(images):
    return (images * LUMA).sum(1)


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_all_amounts_at_zero_are_the_identity_to_the_bit(channels) -> None:
    assert torch.equal(jittered(COLORS[:, :channels]), COLORS[:, :channels])


def test_brightness_multiplies_each_image_by_a_factor_uniform_around_one() -> None:
    factors = jittered(brightness=0.4) / COLORS
    assert (factors.amax((1, 2, 3)) - factors.amin((1, 2, 3))).max() < 1e-5
    assert (factors - 1).abs().max() <= 0.4 + 1e-6
    assert factors[:, 0, 0, 0].mean().item() == pytest.approx(1.0, abs=5 * 0.4 / (3 * 400) ** 0.5)
    assert factors[:, 0, 0, 0].std().item() == pytest.approx(0.4 / 3**0.5, rel=0.1)


def test_contrast_keeps_the_mean_brightness_and_scales_what_lies_around_it() -> None:
    images = jittered(contrast=0.4)
    mean = brightness(COLORS).mean((1, 2))
    torch.testing.assert_close(brightness(images).mean((1, 2)), mean)
    ratio = (images - mean[:, None, None, None]).std((1, 2, 3)) / (COLORS - mean[:, None, None, None]).std((1, 2, 3))
    assert (ratio - 1).abs().max() <= 0.4 + 1e-5
    assert ratio.std().item() == pytest.approx(0.4 / 3**0.5, rel=0.1)


def test_saturation_keeps_the_brightness_of_every_pixel() -> None:
    images = jittered(saturation=0.8)
    torch.testing.assert_close(brightness(images), brightness(COLORS))
    assert not torch.allclose(images, COLORS)


def test_no_saturation_is_gray() -> None:
    faded = torch.stack([jittered(COLORS[:1], key=KEY + number, saturation=1.0)[0] for number in range(300)])
    spread = (faded.amax(1) - faded.amin(1)).amax((1, 2))
    assert spread.min() < 0.02


def test_hue_keeps_grays_and_the_sum_of_the_channels() -> None:
    gray = COLORS[:, :1].expand(-1, 3, -1, -1)
    torch.testing.assert_close(jittered(gray, hue=0.5), gray)
    torch.testing.assert_close(jittered(hue=0.5).sum(1), COLORS.sum(1))


def test_hues_turn_by_angles_uniform_up_to_the_largest() -> None:
    red = torch.tensor([1.0, 0.0, 0.0])[None, :, None, None].expand(400, 3, 2, 2)
    turned = jittered(red, hue=0.25)[:, :, 0, 0]
    angle = torch.atan2(3**0.5 * (turned[:, 1] - turned[:, 2]), 2 * turned[:, 0] - turned[:, 1] - turned[:, 2])
    turns = angle / (2 * torch.pi)
    assert turns.abs().max() <= 0.25 + 1e-5
    assert turns.std().item() == pytest.approx(0.25 / 3**0.5, rel=0.1)


def test_saturation_and_hue_leave_images_without_three_channels_alone() -> None:
    assert torch.equal(jittered(COLORS[:, :1], saturation=1.0, hue=0.5), COLORS[:, :1])


def test_targets_stay_and_the_key_decides() -> None:
    batch = ColorJitter().apply(Batch(COLORS, torch.ones(400, 2)), KEY)
    assert torch.equal(batch.targets, torch.ones(400, 2))
    assert torch.equal(jittered(contrast=0.5), jittered(contrast=0.5))
    assert not torch.equal(jittered(contrast=0.5), jittered(contrast=0.5, key=KEY + 1))


def test_each_lane_has_its_own_amounts() -> None:
    amounts = torch.tensor([0.0, 0.2, 0.5])
    lanes = torch.func.vmap(lambda amount: jittered(brightness=amount, contrast=amount, saturation=amount, hue=amount))
    for lane, amount in zip(lanes(amounts), amounts, strict=True):
        alone = jittered(brightness=amount, contrast=amount, saturation=amount, hue=amount)
        torch.testing.assert_close(lane, alone)
