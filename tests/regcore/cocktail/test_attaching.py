"""Attaching: what a model, its rows and its optimizer must be, and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from regcore.cocktail import Attached, Cocktail, UnsuitedModel
from regcore.hyper import Value
from regcore.modules import Block

ROWS = torch.randn(12, 5, generator=torch.Generator().manual_seed(0))
CLASSES = torch.arange(12) % 3


def mlp() -> nn.Module:
    return nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3))


def attached(
    setting: dict[str, Value],
    model: nn.Module | None = None,
    rows: tuple[Tensor, Tensor] = (ROWS, CLASSES),
    optimizer: Callable[[nn.Module], torch.optim.Optimizer] | None = None,
    task: str = "classification",
) -> Attached:
    model = model or mlp()
    made = optimizer(model) if optimizer else torch.optim.SGD(model.parameters(), lr=0.1)
    return Cocktail.from_setting(setting).attach(model, made, rows=rows, steps=10, task=task)


class Functional(nn.Module):
    """Nonlinearities that no module makes."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(5, 8), nn.Linear(8, 3)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.second(torch.relu(self.first(inputs)))


@pytest.mark.parametrize(
    ("kind", "model", "needed"),
    [
        ("dropout", Functional(), r"a nonlinearity that is a module \(torch.nn.ReLU\(\), not torch.relu\)"),
        ("batch_norm", nn.Sequential(nn.Linear(5, 3)), "a linear layer or Conv2d that is not the last one"),
        ("drop_path", mlp(), "a block of regcore.modules.Residual, or a Block with skip_connections"),
        ("drop_path", nn.Sequential(nn.Linear(5, 8), Block(nn.Linear(8, 8)), nn.Linear(8, 3)), "with skip_connections"),
        ("skip_connections", mlp(), "a block of regcore.modules.Block"),
    ],
)
def test_a_kind_without_a_place_is_refused(kind: str, model: nn.Module, needed: str) -> None:
    with pytest.raises(UnsuitedModel, match=f"{kind}: got a model without a place for it, needed is .*{needed}"):
        attached({f"{kind}.gate": True}, model)


def test_a_block_with_skip_connections_has_a_branch() -> None:
    model = nn.Sequential(nn.Linear(5, 8), Block(nn.Linear(8, 8)), nn.Linear(8, 3))
    both = attached({"drop_path.rate": 0.5, "skip_connections.gate": True}, model)
    alone = attached({"skip_connections.gate": True}, model)
    assert both.loss(ROWS, CLASSES) != alone.loss(ROWS, CLASSES)


def test_a_kind_of_other_inputs_is_refused() -> None:
    with pytest.raises(UnsuitedModel, match=r"rotation: got inputs \(12, 5\), needed is image inputs"):
        attached({"rotation.degrees": 10.0})


def test_an_optimizer_that_decays_is_refused() -> None:
    with pytest.raises(
        UnsuitedModel, match=r"weight_decay=0\.01, needed is weight_decay=0: decay is a kind of its own"
    ):
        attached({}, optimizer=lambda model: torch.optim.AdamW(model.parameters()))


def test_an_optimizer_of_other_parameters_is_refused() -> None:
    with pytest.raises(UnsuitedModel, match=r"optimizer: got one without 0\.weight"):
        attached({}, optimizer=lambda model: torch.optim.SGD(model[2].parameters(), lr=0.1))
    with pytest.raises(UnsuitedModel, match="got one that holds other parameters too"):
        attached({}, optimizer=lambda model: torch.optim.SGD([*model.parameters(), *mlp().parameters()], lr=0.1))


def test_targets_of_another_task_are_refused() -> None:
    with pytest.raises(UnsuitedModel, match=r"targets: got torch.int64 \(12,\), needed is floating numbers"):
        attached({}, task="regression")
    with pytest.raises(UnsuitedModel, match=r"targets: got torch.float32 \(12, 2\), needed is class indices"):
        attached({}, rows=(ROWS, torch.zeros(12, 2)))


def test_one_row_does_not_show_what_a_model_is() -> None:
    with pytest.raises(UnsuitedModel, match="rows: got 1 rows, needed is 2 at least"):
        attached({}, rows=(ROWS[:1], CLASSES[:1]))


def test_attaching_leaves_the_model_and_the_generators_as_they_were() -> None:
    model = nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3))
    before, generator = {name: value.clone() for name, value in model.state_dict().items()}, torch.get_rng_state()
    attached({"dropout.rate": 0.5, "batch_norm.momentum": 0.1}, model)
    assert torch.equal(torch.get_rng_state(), generator)
    assert model.state_dict().keys() == before.keys()
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
