"""Lookahead beside pytorch_optimizer's, whose slow weights too start as the weights do."""

import pytest
import torch

from regcore.optimizers.sgd import Sgd
from regcore.regularizers.lookahead import Lookahead
from regcore.sites import Update

START = torch.randn(6, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize(("every", "share"), [(1, 0.8), (5, 0.5), (6, 0.75)])
def test_twenty_steps_on_a_wavy_loss_are_those_of_pytorch_optimizer(every, share) -> None:
    """To float64's own tolerance."""
    theirs = pytest.importorskip("pytorch_optimizer", reason="pytorch_optimizer comes with the group parity")
    weight = START.clone().requires_grad_()
    optimizer = theirs.Lookahead(torch.optim.SGD([weight], lr=0.1, momentum=0.9), k=every, alpha=share)
    for _ in range(20):
        optimizer.zero_grad()
        weight.sin().sum().backward()
        optimizer.step()
    torch.testing.assert_close(ours(every, share), weight.detach())


def ours(every, share):
    rule, sgd = Lookahead(every=every, share=share), Sgd(momentum=0.9)
    parameters = {"weight": START}
    state, moments, rate = rule.state(parameters), sgd.start(parameters), torch.tensor(0.1, dtype=torch.float64)
    for step in range(20):
        update = Update(parameters, rate, torch.tensor(step), state)
        gradients = {"weight": parameters["weight"].cos()}
        stepped, moments = sgd.update(parameters, gradients, moments, update.step, rate)
        parameters = rule.apply(stepped, update)
        state = rule.remember(parameters, update)
    return parameters["weight"]
