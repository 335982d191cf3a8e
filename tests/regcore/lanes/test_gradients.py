"""The gradient of one lane: the same by either means, and zero for what the objective does not use."""

import torch

from regcore.lanes.gradients import gradient_of
from regcore.sites import Parameters


def objective(parameters: Parameters) -> tuple[torch.Tensor, torch.Tensor]:
    return (parameters["used"] ** 3).sum(), parameters["used"].detach().sum()


def parameters() -> Parameters:
    return {"used": torch.tensor([1.0, -2.0]), "unused": torch.tensor([5.0])}


def test_a_lane_by_itself_has_the_gradients_of_mapped_ones() -> None:
    by_itself, beside = gradient_of(objective)(parameters())
    mapped, _ = torch.func.vmap(gradient_of(objective))({name: value[None] for name, value in parameters().items()})
    assert by_itself["used"].tolist() == mapped["used"][0].tolist() == [3.0, 12.0]
    assert by_itself["unused"].tolist() == mapped["unused"][0].tolist() == [0.0]
    assert beside.item() == -1.0


def test_what_a_lane_by_itself_trained_on_records_nothing() -> None:
    gradients, _ = gradient_of(objective)(parameters())
    assert not any(gradient.requires_grad for gradient in gradients.values())
