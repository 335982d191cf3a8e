"""Loss terms: the penalty on a layer's weights, as they grow."""

from __future__ import annotations

from torch import Tensor

from regcore.drawing import Drawing
from regcore.pictures.examples import key, normals
from regcore.pictures.penalties import draw_penalty
from regcore.sites import LossTerm, RememberingTerm

PLAIN = "no penalty"


def draw(drawing: Drawing, rule: LossTerm | RememberingTerm) -> str:
    """A layer's weights as they were at the start, scaled."""
    start = 0.5 * normals("weight of a term", 4, 6)

    def penalty(scale: Tensor) -> Tensor:
        weights = {"weight": scale * start}
        if isinstance(rule, RememberingTerm):
            return rule.train(weights, rule.state({"weight": start}, key("term")))[0]
        return rule.penalty(weights)

    draw_penalty(drawing, penalty, "weights")
    return (
        "The penalty on a layer of 4 × 6 weights, all multiplied by one number, and its slope against that number; at "
        "1 they are as they were at the start. Heights are scaled to the plots."
    )
