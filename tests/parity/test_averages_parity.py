"""SWA and EMA beside torch's AveragedModel, which averages buffers too where it is told to."""

import pytest
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from regcore.regularizers.ema import Ema
from regcore.regularizers.swa import Swa

STEPS = 12


def network():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.BatchNorm1d(6), torch.nn.Linear(6, 3)).double()


def tensors(model):
    """Parameters and running statistics, without how many batches there were."""
    return {name: value.clone() for name, value in model.state_dict().items() if value.dim()}


def path(model, after_step):
    """Trains a network with batch normalization, calling back after each step."""
    generator = torch.Generator().manual_seed(1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for step in range(STEPS):
        optimizer.zero_grad()
        model(torch.randn(8, 4, generator=generator, dtype=torch.float64)).square().mean().backward()
        optimizer.step()
        after_step(step)


def both(rule, averaged, counts):
    """What our rule and torch's model hold after the same steps, of which torch's averages those that count."""
    model = averaged.module
    trained = network()
    ours = {"state": rule.state(tensors(model))}

    def after_step(step):
        ours["state"] = rule.update(tensors(trained), ours["state"], torch.tensor(step), torch.tensor(STEPS))
        if counts(step):
            averaged.update_parameters(trained)

    path(trained, after_step)
    (members,) = rule.members(tensors(trained), ours["state"])
    return members, tensors(model)


@pytest.mark.parametrize(("every", "counted"), [(1, [6, 7, 8, 9, 10, 11]), (2, [6, 8, 10])])
def test_swa_is_the_mean_of_averaged_model(every, counted) -> None:
    """To float64's own tolerance, here and below."""
    rule = Swa(start=0.5, every=every)
    torch.testing.assert_close(*both(rule, AveragedModel(network(), use_buffers=True), lambda step: step in counted))


@pytest.mark.parametrize("rate", [0.02, 0.7])
def test_ema_is_that_of_averaged_model(rate) -> None:
    averaged = AveragedModel(network(), multi_avg_fn=get_ema_multi_avg_fn(1 - rate), use_buffers=True)
    torch.testing.assert_close(*both(Ema(rate=rate), averaged, lambda step: True))
