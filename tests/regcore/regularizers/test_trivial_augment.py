"""TrivialAugment."""

import pytest
import torch

from regcore.regularizers.trivial_augment import TrivialAugment
from regcore.sites import Batch

KEY = torch.tensor(3, dtype=torch.int32)
IMAGES = torch.rand(400, 3, 7, 7, generator=torch.Generator().manual_seed(0))


def apply(probability=1.0, key=KEY, images=IMAGES):
    return TrivialAugment(probability=probability).apply(Batch(images, torch.ones(len(images), 2)), key)


def changed(probability):
    return (apply(probability).inputs != IMAGES).flatten(1).any(1).double().mean().item()


def test_one_of_thirteen_operations_leaves_an_image_of_three_channels_as_it_is() -> None:
    assert changed(1.0) == pytest.approx(12 / 13, abs=5 * (12 / 169 / 400) ** 0.5)


def test_the_probability_is_the_share_of_images_that_draw_an_operation() -> None:
    assert changed(0.4) == pytest.approx(0.4 * 12 / 13, abs=5 * (0.24 / 400) ** 0.5)


def test_strengths_differ_from_image_to_image() -> None:
    """Of equal images, those that draw brightness become flat images of many brightnesses."""
    flat = torch.full((400, 3, 7, 7), 0.4)
    inner = apply(images=flat).inputs[:, :, 2:5, 2:5]
    brightness = inner.mean((1, 2, 3))[((inner - 0.4).abs() > 1e-3).flatten(1).all(1)]
    assert brightness.min() < 0.3
    assert brightness.max() > 0.5
    assert len(brightness.unique()) > 20


def test_probability_zero_is_the_identity_to_the_bit() -> None:
    assert torch.equal(apply(0.0).inputs, IMAGES)


def test_targets_stay_and_the_key_decides() -> None:
    assert torch.equal(apply().targets, torch.ones(400, 2))
    assert torch.equal(apply().inputs, apply().inputs)
    assert not torch.equal(apply().inputs, apply(key=KEY + 1).inputs)


def test_each_lane_has_its_own_probability() -> None:
    probabilities = torch.tensor([0.0, 0.5, 1.0])
    lanes = torch.func.vmap(lambda probability: apply(probability).inputs)(probabilities)
    for lane, probability in zip(lanes, probabilities, strict=True):
        torch.testing.assert_close(lane, apply(probability).inputs)
