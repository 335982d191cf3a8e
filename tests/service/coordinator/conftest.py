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
            Dimension("l1.strength", "real", low=1e-7, high=1e-2, log=True, gate="l1.gate"),
            Dimension("dropout.rate", "real", low=0.0, high=0.8),
            Dimension("early_stopping.patience", "integer", low=1, high=100, log=True),
            Dimension("crop.gate", "flag"),
            Dimension("crop.padding", "integer", low=1, high=3, per="program", gate="crop.gate"),
            Dimension("weight_regularization.norm", "choice", choices=("l1", "l2")),
            Dimension("model.width", "choice", choices=(32, 64, 128), per="program"),
            Dimension("training.batch_size", "integer", low=16, high=256, log=True, per="program"),
        )
    )


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
