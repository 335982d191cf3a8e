"""Ghost batch normalization beside torch's batch normalization of each part."""

import pytest
import torch

from regcore.regularizers.ghost_batch_norm import GhostBatchNorm
from regcore.sites import Site


@pytest.mark.parametrize("shape", [(24, 5), (24, 5, 3, 2)], ids=["table", "image"])
def test_parts_are_normalized_one_after_the_other_as_torch_does(shape) -> None:
    rule, site = GhostBatchNorm(size=8, momentum=0.3, epsilon=1e-3), Site("hidden.0", shape[1:])
    own = {name: value.double() for name, value in rule.parameters(site).items()}
    state = {name: value.double() for name, value in rule.state(site).items()}
    kind = torch.nn.BatchNorm1d if len(shape) == 2 else torch.nn.BatchNorm2d
    theirs = kind(5, momentum=0.3, eps=1e-3, dtype=torch.float64)
    generator = torch.Generator().manual_seed(0)
    for _ in range(3):
        ours_in = (3 * torch.randn(shape, generator=generator, dtype=torch.float64) + 2).requires_grad_()
        theirs_in = ours_in.detach().clone().requires_grad_()
        output, state = rule.train(ours_in, own, state)
        expected = torch.cat([theirs(part) for part in theirs_in.chunk(3)])
        weighting = torch.randn(shape, generator=generator, dtype=torch.float64)
        (output * weighting).sum().backward()
        (expected * weighting).sum().backward()
        torch.testing.assert_close(output, expected)
        torch.testing.assert_close(ours_in.grad, theirs_in.grad)
    torch.testing.assert_close(state["mean"], theirs.running_mean)
    torch.testing.assert_close(state["variance"], theirs.running_var)
    torch.testing.assert_close(rule.evaluate(ours_in, own, state), theirs.eval()(ours_in))
