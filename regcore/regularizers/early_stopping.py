"""Early stopping: ends a fit when its validation loss shows that it has learned what it can.

With the rule `rises` a fit ends when the validation loss has risen k = patience epochs in a row, E(t) > E(t − 1) > … >
E(t − k); any epoch that does not rise begins the count anew. With `no_improvement` it ends when k epochs have passed
since the loss last fell below its best by more than min_delta. The two end at different epochs: a slow zigzag or a
plateau never triggers the first. The validation loss is the data loss in evaluation mode, without penalties; an equal
loss is neither a rise nor an improvement, the first epoch counts as an improvement, and a loss that is not a number
ends the fit at once. Whatever ended it, a fit is worth its best epoch's weights and buffers: those of the lowest
validation loss, the earliest on ties.
Source: Prechelt (1998), doi:10.1007/3-540-49430-8_3 (`rises` is his UP with strips of one epoch).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from regcore.hyper import choice, integer, real
from regcore.sites import Curves, StoppingRule
from regcore.stopping import no_improvement, rises


class EarlyStopping(StoppingRule):
    rule: str = choice(
        "rises",
        "no_improvement",
        default="no_improvement",
        doc="What counts: epochs in a row in which the loss rose, or epochs since it was last at its best.",
    )
    patience: int = integer(1, 100, default=10, doc="k, how many such epochs end the fit.")
    min_delta: float = real(
        0.0, 10.0, default=0.0, doc="By how much a loss must rise, or improve, to count, in units of the loss."
    )

    @classmethod
    def stops(cls, values: Mapping[str, np.ndarray], curves: Curves) -> np.ndarray:
        curve = (curves.validation_loss, curves.epochs, values["patience"], values["min_delta"])
        return np.where(values["rule"] == "rises", rises(*curve), no_improvement(*curve))

    @classmethod
    def reason(cls, values: Mapping[str, object]) -> str:
        epochs = "1 epoch" if values["patience"] == 1 else f"{values['patience']} epochs"
        if values["rule"] == "rises":
            return f"the validation loss rose {epochs} in a row"
        return f"the validation loss has not improved for {epochs}"
