"""A module of one's own as an architecture: where its places are, and that it is left as it was."""

from __future__ import annotations

import copy

import pytest
import torch
from loops import BATCH, NETWORKS, OUTPUTS, rows_of
from torch import Tensor, nn

from regcore.lanes import Fit, Lanes, Program
from regcore.lanes.building import build
from regcore.lanes.kinds import Kinds, Masked
from regcore.lanes.network import LaneNetwork, Layout
from regcore.lanes.randomness import stream_key
from regcore.modules import Block, ModuleArchitecture, Residual, UnsuitedModule
from regcore.network import Architecture
from regcore.regularizers.dropout import Dropout
from regcore.regularizers.shake_shake import ShakeShake

ROWS = torch.randn(4, 5, generator=torch.Generator().manual_seed(0))
IMAGES = torch.randn(4, 1, 8, 8, generator=torch.Generator().manual_seed(0))


def key_of(stream: str) -> Tensor:
    return torch.tensor(stream_key(0, stream), dtype=torch.int32)


def layout_of(model: nn.Module, rows: Tensor, *rules: object) -> tuple[dict[str, Tensor], Layout]:
    """What a module's network learns, and its layout, with these kinds in use."""
    kinds = Kinds([Masked(type(rule).kind(), rule) for rule in rules])
    architecture = ModuleArchitecture(model, rows)
    parameters, _, layout = build(architecture, kinds, tuple(rows.shape[1:]), OUTPUTS, key_of, Layout())
    return parameters, layout


def curve_of(architecture: Architecture, inputs: str) -> list[float]:
    """Losses of a fit in the lane engine."""
    values = {"dropout.rate": 0.3, "batch_norm.momentum": 0.2, "training.optimizer.learning_rate": 0.05}
    kinds = ("batch_norm", "dropout")
    program = Program(architecture, "sgd", "constant", BATCH, kinds, "classification", "log_loss", "minimize", OUTPUTS)
    lanes = Lanes(program, rows_of(inputs), lanes=2)
    lanes.fill([Fit("one", 1, 3, values), Fit("other", 2, 3, values)])
    losses = []
    while lanes.busy:
        tick = lanes.advance()
        losses += [loss for epoch in tick.epochs for loss in (epoch.train_loss, epoch.validation_loss)] if tick else []
    return losses


@pytest.mark.parametrize("network", NETWORKS)
def test_it_trains_as_lanes_like_the_architecture_that_it_equals(network: str) -> None:
    module, architecture, inputs = NETWORKS[network]
    found = curve_of(ModuleArchitecture(module(), rows_of(inputs).inputs_train[:2]), inputs)
    assert found == pytest.approx(curve_of(architecture, inputs), rel=1e-6)


def test_the_last_layer_s_output_is_no_hidden_one() -> None:
    model = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, OUTPUTS), nn.Tanh())
    places = ModuleArchitecture(model, ROWS).places
    assert places.normalized == {("0", 0)}
    assert places.activations == {("1", 0)}


def test_noise_on_images_acts_after_the_pooling() -> None:
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.GELU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, OUTPUTS))
    places = ModuleArchitecture(model, IMAGES).places
    assert places.activations == {("2", 0)}
    assert "channels" in places.sorts


def test_one_nonlinearity_used_twice_has_two_places() -> None:
    relu = nn.ReLU()
    model = nn.Sequential(nn.Linear(5, 8), relu, nn.Linear(8, 8), relu, nn.Linear(8, OUTPUTS))
    _, layout = layout_of(model, ROWS, Dropout())
    assert [stream for stream in layout.streams if stream.startswith("dropout/")] == ["dropout/0", "dropout/2"]


def test_two_nonlinearities_after_one_layer_draw_apart() -> None:
    model = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Tanh(), nn.Linear(8, OUTPUTS))
    _, layout = layout_of(model, ROWS, Dropout())
    assert layout.streams == ["dropout/0", "dropout/0.activation.1"]


def test_gains_and_biases_are_not_penalized_and_embeddings_are() -> None:
    class Words(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(7, 8)
            self.norm = nn.LayerNorm((3, 8))
            self.output = nn.Linear(24, OUTPUTS)

        def forward(self, words: Tensor) -> Tensor:
            return self.output(self.norm(self.embedding(words.long())).flatten(start_dim=1))

    _, layout = layout_of(Words(), torch.zeros(4, 3))
    assert sorted(layout.weights) == ["embedding.weight", "output.weight"]


def test_what_requires_no_gradient_is_not_learned() -> None:
    model = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, OUTPUTS))
    model[0].requires_grad_(False)
    parameters, layout = layout_of(model, ROWS)
    assert sorted(parameters) == ["2.bias", "2.weight"]
    assert layout.weights == ["2.weight"]


def test_a_second_branch_has_weights_of_its_own() -> None:
    model = nn.Sequential(
        nn.Linear(5, 8), Residual(nn.Sequential(nn.Linear(8, 8), nn.LayerNorm(8))), nn.Linear(8, OUTPUTS)
    )
    parameters, _ = layout_of(model, ROWS, ShakeShake(mode=torch.tensor(0)))
    first, second = parameters["1.branch.0.weight"], parameters["1.branch.0.branch.1.weight"]
    assert not torch.equal(first, second)
    assert torch.equal(parameters["1.branch.1.branch.1.weight"], torch.ones(8))


def test_a_second_branch_of_what_remembers_is_refused() -> None:
    branch = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8))
    model = nn.Sequential(nn.Linear(5, 8), Residual(branch), nn.Linear(8, OUTPUTS))
    with pytest.raises(UnsuitedModule, match=r"1\.branch\.1 remembers something \(BatchNorm1d\)"):
        layout_of(model, ROWS, ShakeShake(mode=torch.tensor(0)))


def test_looking_for_places_leaves_a_module_as_it_was() -> None:
    model = nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, OUTPUTS)).eval()
    before, generator = copy.deepcopy(model.state_dict()), torch.get_rng_state()
    ModuleArchitecture(model, ROWS)
    assert torch.equal(torch.get_rng_state(), generator)
    assert not model[1].training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert not any(module._forward_hooks for module in model.modules())


def test_a_pass_leaves_a_module_as_it_was_even_if_it_fails() -> None:
    model = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, OUTPUTS))
    architecture, weights = ModuleArchitecture(model, ROWS), list(model.parameters())
    network = LaneNetwork(Kinds([]), dict(model.named_parameters()), {}, Layout(), keys=None)
    with pytest.raises(RuntimeError, match="shapes"):
        architecture.forward(network, torch.zeros(4, 6), OUTPUTS)
    assert list(model.parameters()) == weights
    assert "forward" not in vars(model[0])


def test_a_plain_run_of_the_blocks_is_what_they_say() -> None:
    branch = nn.Linear(5, 5)
    assert torch.equal(Block(branch)(ROWS), branch(ROWS))
    assert torch.equal(Residual(branch)(ROWS), ROWS + branch(ROWS))
    shortcut = nn.Linear(5, 5)
    assert torch.equal(Residual(branch, shortcut)(ROWS), shortcut(ROWS) + branch(ROWS))


def test_a_module_without_a_row_of_outputs_for_each_row_is_refused() -> None:
    with pytest.raises(UnsuitedModule, match=r"gives a tensor \[rows, outputs\], got \(20,\) for inputs \(4, 5\)"):
        ModuleArchitecture(nn.Flatten(0), ROWS)
