"""The forms of a convolution: all give the same gradients, so that only their times differ."""

import json
from pathlib import Path

import pytest
import torch

from benchmarks import convolutions
from benchmarks.convolutions import FORMS, one_by_one, over_lanes


def lanes() -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(0)
    shapes = (3, 4, 2, 5, 7), (3, 6, 2, 3, 3), (3, 6)
    return tuple(torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes)


@pytest.mark.parametrize("form", [*(over_lanes(form) for form in FORMS.values()), one_by_one], ids=[*FORMS, "loop"])
def test_every_form_has_the_gradients_of_a_convolution(form: convolutions.Gradients) -> None:
    images, weights, biases = (part.requires_grad_() for part in lanes())
    total = sum(
        torch.nn.functional.conv2d(*lane, padding=1).square().sum()
        for lane in zip(images, weights, biases, strict=True)
    )
    expected = torch.autograd.grad(total, (images, weights, biases))
    for found, wanted in zip(form(*lanes()), expected, strict=True):
        torch.testing.assert_close(found, wanted)


def test_every_form_is_timed_beside_the_grouped_one(tmp_path: Path) -> None:
    smallest = "--lanes 2 --sides 4 --channels 1 --rounds 1"
    convolutions.main([*smallest.split(), "--output", str(tmp_path / "forms.json")])
    (one,) = json.loads((tmp_path / "forms.json").read_text())["forms"]
    assert one["ratios"].keys() == {*FORMS, "one by one"}
    assert one["ratios"]["grouped"] == 1.0
