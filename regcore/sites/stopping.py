"""The site of the stopping: rules that end a fit by its own curve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from regcore.sites.words import Regularizer


@dataclass(frozen=True, slots=True)
class Curves:
    """The curves of K fits: losses `[K, E]`, NaN beyond each fit's own number of epochs, and those numbers `[K]`."""

    validation_loss: np.ndarray
    train_loss: np.ndarray
    epochs: np.ndarray


class StoppingRule(Regularizer):
    """Decides from a fit's own curve when its training ends; its arithmetic is numpy, in `regcore.stopping`."""

    site = "stopping_rule"

    @classmethod
    def stops(cls, values: Mapping[str, np.ndarray], curves: Curves) -> np.ndarray:
        """Whether each fit ends now, `[K]` of bool; `values` holds each hyperparameter of the K fits, `[K]`."""
        raise NotImplementedError

    @classmethod
    def reason(cls, values: Mapping[str, object]) -> str:
        """Why a fit with these values has ended, for people."""
        raise NotImplementedError
