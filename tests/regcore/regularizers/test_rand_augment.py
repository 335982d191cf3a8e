"""RandAugment."""

import pytest
import torch

from regcore.regularizers.rand_augment import RandAugment
from regcore.sites import Batch

KEY = torch.tensor(3, dtype=torch.int32)
IMAGES = torch.rand(400, 1, 7, 7, generator=torch.Generator().manual_seed(0))


def apply(magnitude=0.5, operations=1, probability=1.0, key=KEY, images=IMAGES):
    rule = RandAugment(magnitude=magnitude, operations=operations, probability=probability)
    return rule.apply(Batch(images, torch.ones(len(images), 2)), key)


def changed(**knobs):
    return (apply(**knobs).inputs != IMAGES).flatten(1).any(1).double().mean().item()


def test_one_of_twelve_operations_leaves_an_image_as_it_is() -> None:
    assert changed() == pytest.approx(11 / 12, abs=5 * (11 / 144 / 400) ** 0.5)


def test_two_operations_leave_one_of_a_hundred_and_forty_four() -> None:
    assert changed(operations=2) == pytest.approx(143 / 144, abs=5 * (1 / 144 / 400) ** 0.5)


def test_the_probability_is_the_share_of_images_that_are_changed() -> None:
    assert changed(operations=4, probability=0.4) == pytest.approx(0.4, abs=5 * (0.24 / 400) ** 0.5)


def test_a_greater_magnitude_changes_images_more() -> None:
    def distance(magnitude):
        return (apply(magnitude).inputs - IMAGES).abs().mean().item()

    assert distance(0.1) < distance(0.5) < distance(1.0)


def test_probability_zero_is_the_identity_to_the_bit() -> None:
    assert torch.equal(apply(probability=0.0, operations=3).inputs, IMAGES)


def test_targets_stay_and_the_key_decides() -> None:
    assert torch.equal(apply().targets, torch.ones(400, 2))
    assert torch.equal(apply().inputs, apply().inputs)
    assert not torch.equal(apply().inputs, apply(key=KEY + 1).inputs)


def test_each_lane_has_its_own_magnitude_and_probability() -> None:
    knobs = torch.tensor([0.1, 0.5, 1.0]), torch.tensor([0.0, 0.5, 1.0])
    lanes = torch.func.vmap(lambda magnitude, probability: apply(magnitude, 2, probability).inputs)(*knobs)
    for place in range(3):
        torch.testing.assert_close(lanes[place], apply(knobs[0][place], 2, knobs[1][place]).inputs)
