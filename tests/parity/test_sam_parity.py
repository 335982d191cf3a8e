"""SAM and ASAM beside pytorch_optimizer's, whose adaptive form adds no floor to the size of a weight."""

import pytest
import torch

from regcore.regularizers.asam import Asam
from regcore.regularizers.sam import Sam

START = {
    "weight": torch.randn(6, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64),
    "bias": torch.randn(6, generator=torch.Generator().manual_seed(1), dtype=torch.float64),
}
RULES = {False: Sam(radius=0.05), True: Asam(radius=0.5, floor=0.0)}


def loss_of(parameters):
    return parameters["weight"].sin().sum() + (parameters["weight"].sum(1) * parameters["bias"]).cos().sum()


@pytest.mark.parametrize("adaptive", [False, True])
def test_ten_steps_on_a_wavy_loss_are_those_of_pytorch_optimizer(adaptive) -> None:
    """To 1e-5: theirs takes the norm in float32."""
    theirs = pytest.importorskip("pytorch_optimizer", reason="pytorch_optimizer comes with the group parity")
    parameters = {name: value.clone().requires_grad_() for name, value in START.items()}
    radius = RULES[adaptive].radius
    optimizer = theirs.SAM(list(parameters.values()), torch.optim.SGD, lr=0.1, rho=radius, adaptive=adaptive)

    def closure():
        optimizer.zero_grad()
        loss = loss_of(parameters)
        loss.backward()
        return loss

    for _ in range(10):
        closure()
        optimizer.step(closure)
    expected = {name: value.detach() for name, value in parameters.items()}
    torch.testing.assert_close(ours(RULES[adaptive]), expected, rtol=1e-5, atol=1e-6)


def ours(rule):
    gradient, parameters = torch.func.grad(loss_of), START
    for _ in range(10):
        used = rule.gradients(parameters, gradient(parameters), gradient)
        parameters = {name: value - 0.1 * used[name] for name, value in parameters.items()}
    return parameters
