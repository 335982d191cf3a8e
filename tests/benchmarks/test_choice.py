"""The benchmark of the choice, in its smallest form: what it grids, compares and writes."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from training_runs import digits_program, digits_split

from benchmarks import careful, choice
from regcore.architectures.convnet import Convnet
from regcore.architectures.mlp import Mlp

SMALLEST = "--widths 8 --depths 1 --inputs 8x8 --channels 2 --blocks 1 --fits 2 --epochs 1 --rounds 1 --studies short"


def test_every_cell_is_compared_and_the_lowest_ratio_told(tmp_path: Path) -> None:
    choice.main([*SMALLEST.split(), "--variants", "dropout_l1", "--output", str(tmp_path / "choice.json")])
    report = json.loads((tmp_path / "choice.json").read_text())
    perceptron, convnet = report["cells"]
    assert (perceptron["network"], perceptron["inputs"], convnet["inputs"]) == ("mlp", "table", "8x8")
    ratios = [cell["studies"]["short"]["ratios"]["careful"]["median"] for cell in (perceptron, convnet)]
    assert report["lowest"]["short / careful"] == min(ratios) > 0


def test_a_long_study_is_compared_by_what_it_compiles() -> None:
    cell = choice.Cell(Mlp(width=64, depth=2), "table", "dropout_l1")
    engines = [choice.chosen(cell, digits_split(), study, epochs=10).engine for study in ("short", "long")]
    assert engines == ["eager", "compiled"]


def test_images_come_from_the_file_that_is_given(tmp_path: Path) -> None:
    stored = np.full((768, 28, 28), 255, dtype=np.uint8)
    np.savez(tmp_path / "images.npz", images=stored, labels=np.arange(768) % 10)
    cell = choice.Cell(Convnet(width=2, depth=1), "28x28", "plain")
    split = choice.split_of(cell, tmp_path / "images.npz")
    assert split.inputs_train.shape == (512, 1, 28, 28)
    assert bool((split.inputs_train == 1).all())


@pytest.mark.parametrize("architecture", [Mlp(width=8, depth=2), Convnet(width=4, depth=4)], ids=["mlp", "convnet"])
def test_the_careful_loop_has_the_network_of_the_program(architecture: Mlp | Convnet) -> None:
    """As many parameters as one of our fits, and outputs of the same shape, also where an image is halved to one."""
    program, split = digits_program(["batch_norm"], architecture), digits_split()
    network = careful.network_of(program, split.inputs_train[0], {"batch_norm.momentum": 0.1})
    assert network(split.inputs_train[:3]).shape == (3, 10)
    assert sum(p.numel() for p in network.parameters()) == choice.work_of(program, split, "cpu", 1, 1).parameters


def test_the_careful_loop_adds_the_gradient_of_the_l1_term() -> None:
    weight = torch.tensor([[2.0, -3.0]], requires_grad=True)
    weight.sum().backward()
    careful.add_l1_gradient([weight], 0.5)
    assert weight.grad is not None
    assert weight.grad.tolist() == [[1.5, 0.5]]
