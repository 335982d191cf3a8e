"""Label smoothing beside torch's."""

import pytest
import torch
from torch.nn import functional

from regcore.lanes.ops import soft_cross_entropy
from regcore.regularizers.label_smoothing import LabelSmoothing


@pytest.mark.parametrize("amount", [0.0, 0.1, 0.3, 0.9])
def test_the_loss_and_its_gradient_are_those_of_torch(amount) -> None:
    generator = torch.Generator().manual_seed(0)
    ours = torch.randn(50, 6, generator=generator, dtype=torch.float64).requires_grad_()
    theirs = ours.detach().clone().requires_grad_()
    classes = torch.randint(6, (50,), generator=generator)
    targets = functional.one_hot(classes, 6).double()
    smoothed = LabelSmoothing(amount=amount).targets(targets, torch.tensor(1, dtype=torch.int32))
    loss = soft_cross_entropy(ours, smoothed).mean()
    expected = functional.cross_entropy(theirs, classes, label_smoothing=amount)
    loss.backward()
    expected.backward()
    torch.testing.assert_close(loss, expected, rtol=1e-12, atol=0)
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-10, atol=1e-15)
