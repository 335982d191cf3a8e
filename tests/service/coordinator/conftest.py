"""Spaces that the coordinator's tests search."""

from __future__ import annotations

import pytest

from regtune.space import Dimension, SearchSpace


@pytest.fixture
def mixed_space() -> SearchSpace:
    """Every type of dimension, gates in front of their own and of the program's, and a program part."""
    return SearchSpace(
        (
            Dimension("l1.gate", "flag"),
            Dimension("l1.strength", "real", low=1e-7, high=1e-2, log=True, conditions={"l1.gate": True}),
            Dimension("dropout.rate", "real", low=0.0, high=0.8),
            Dimension("early_stopping.patience", "integer", low=1, high=100, log=True),
            Dimension("crop.gate", "flag"),
            Dimension("crop.padding", "integer", low=1, high=3, per="program", conditions={"crop.gate": True}),
            Dimension("weight_regularization.norm", "choice", choices=("l1", "l2")),
            Dimension("model.width", "choice", choices=(32, 64, 128), per="program"),
            Dimension("training.batch_size", "integer", low=16, high=256, log=True, per="program"),
        )
    )


@pytest.fixture
def forked_space() -> SearchSpace:
    """Gates that hang on gates: two behind a third, which exclude one another, and three that exclude one another."""
    behind = {"skip.gate": True}
    return SearchSpace(
        (
            Dimension("dropout.rate", "real", low=0.0, high=0.8),
            Dimension("skip.gate", "flag"),
            Dimension("shake.gate", "flag", per="program", conditions=behind, chance=1 / 3),
            Dimension("drop_path.gate", "flag", conditions={"shake.gate": False, **behind}),
            Dimension("drop_path.rate", "real", low=0.0, high=0.5, conditions={"drop_path.gate": True}),
            Dimension("mixup.gate", "flag", chance=1 / 4),
            Dimension("mixup.alpha", "real", low=0.1, high=1.0, conditions={"mixup.gate": True}),
            Dimension("cutmix.gate", "flag", conditions={"mixup.gate": False}, chance=1 / 3),
            Dimension("fgsm.gate", "flag", per="program", conditions={"mixup.gate": False, "cutmix.gate": False}),
            Dimension("fgsm.steps", "integer", low=1, high=3, per="program", conditions={"fgsm.gate": True}),
            Dimension("training.batch_size", "integer", low=16, high=256, log=True, per="program"),
        )
    )


@pytest.fixture(params=["mixed_space", "forked_space"])
def space(request: pytest.FixtureRequest) -> SearchSpace:
    """Each of the two."""
    found: SearchSpace = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def bowl_space() -> SearchSpace:
    """Three reals, two of them logarithmic."""
    return SearchSpace(
        (
            Dimension("x", "real", low=-1.0, high=1.0),
            Dimension("y", "real", low=1e-6, high=1.0, log=True),
            Dimension("z", "real", low=1e-6, high=1.0, log=True),
        )
    )
