"""Activation terms: the penalty on hidden activations, as they grow."""

from __future__ import annotations

from torch import Tensor

from regcore.drawing import Drawing
from regcore.pictures.examples import normals
from regcore.pictures.penalties import draw_penalty
from regcore.sites import ActivationTerm

PLAIN = "no penalty"


def draw(drawing: Drawing, rule: ActivationTerm) -> str:
    """The activations of a batch, scaled."""
    activation = normals("activations of a term", 16, 6).double().relu()

    def penalty(scale: Tensor) -> Tensor:
        return rule.penalty(scale * activation)

    draw_penalty(drawing, penalty, "activations")
    return (
        "The penalty on 6 rectified units over 16 rows, all multiplied by one number, and its slope against that "
        "number. Heights are scaled to the plots."
    )
