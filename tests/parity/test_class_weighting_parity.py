"""Class weighting beside torch's cross_entropy with weights."""

import pytest
import torch
from asked_passes import drawn
from torch.nn import functional

from regcore.lanes.ops import soft_cross_entropy
from regcore.regularizers.class_weighting import ClassWeighting
from regcore.sites import TrainingRows

LABELS = torch.tensor([0, 0, 0, 1, 2, 2, 2, 2])


@pytest.mark.parametrize("power", [0.5, 1.0])
def test_it_is_cross_entropy_with_a_weight_for_each_class(power) -> None:
    """To 1e-6: the weights are kept in float32."""
    logits = drawn(8, 3)
    rule = ClassWeighting(power=power)
    rule.known = ClassWeighting.prepare(TrainingRows(torch.zeros(8, 1), torch.eye(3)[LABELS]))
    found = rule.losses(logits, functional.one_hot(LABELS).double(), soft_cross_entropy).mean()
    weight = (8 / (3 * torch.bincount(LABELS).double())) ** power
    torch.testing.assert_close(found, functional.cross_entropy(logits, LABELS, weight=weight), rtol=1e-6, atol=0)
