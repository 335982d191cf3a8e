"""Early stopping: ends a fit when its validation loss shows that it has learned what it can.

With the rule `rises` a fit ends when the validation loss has risen k = patience epochs in a row, E(t) > E(t − 1) > … >
E(t − k); any epoch that does not rise begins the count anew. With `no_improvement` it ends when k epochs have passed
since the loss last fell below its best by more than min_delta. The two end at different epochs: a slow zigzag or a
plateau never triggers the first. With `generalization_loss` it ends when the loss is more than α = threshold percent
above its lowest: GL = 100 · (E / min E − 1) > α. With `progress_quotient` it ends, after each k = strip epochs, when
GL > α · P, where P = 1000 · (Σ E_train / (k · min E_train) − 1) is the progress of the training loss over these epochs:
as long as a fit still learns fast, its validation loss may rise.

The validation loss is the data loss in evaluation mode, without penalties; an equal loss is neither a rise nor an
improvement, the first epoch counts as an improvement, and a loss that is not a number ends the fit at once. Whatever
ended it, a fit is worth its best epoch's weights and buffers: those of the lowest validation loss, the earliest on
ties.
Source: Prechelt (1998), doi:10.1007/3-540-49430-8_3 (`rises` is his UP with strips of one epoch,
`generalization_loss` his GL, `progress_quotient` his PQ).
Parity: none; the tests write each rule out for one curve.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from regcore.hyper import choice, integer, real
from regcore.sites import Curves, StoppingRule
from regcore.stopping import generalization_loss, no_improvement, progress_quotient, rises


class EarlyStopping(StoppingRule):
    rule: str = choice(
        "rises",
        "no_improvement",
        "generalization_loss",
        "progress_quotient",
        default="no_improvement",
        doc="What counts: epochs in a row in which the loss rose, epochs since it was last at its best, how far it is "
        "above its best, or that beside what the fit still learns.",
    )
    patience: int = integer(
        1, 100, default=10, doc="k, how many such epochs end the fit, with `rises` and `no_improvement`."
    )
    min_delta: float = real(
        0.0,
        10.0,
        default=0.0,
        doc="By how much a loss must rise, or improve, to count, in units of the loss, with the same two.",
    )
    threshold: float = real(
        0.0,
        1000.0,
        default=2.0,
        doc="α: percent above the best with `generalization_loss`, percent for each thousandth of progress with "
        "`progress_quotient`.",
    )
    strip: int = integer(2, 100, default=5, doc="How many epochs progress is measured over, with `progress_quotient`.")

    @classmethod
    def stops(cls, values: Mapping[str, np.ndarray], curves: Curves) -> np.ndarray:
        losses, epochs = curves.validation_loss, curves.epochs
        patience, threshold = (values["patience"], values["min_delta"]), values["threshold"]
        ended = {
            "rises": rises(losses, epochs, *patience),
            "no_improvement": no_improvement(losses, epochs, *patience),
            "generalization_loss": generalization_loss(losses, epochs, threshold),
            "progress_quotient": progress_quotient(losses, curves.train_loss, epochs, threshold, values["strip"]),
        }
        return np.select([values["rule"] == rule for rule in ended], list(ended.values()))

    @classmethod
    def reason(cls, values: Mapping[str, object]) -> str:
        if values["rule"] == "generalization_loss":
            return f"the validation loss is more than {values['threshold']:g} % above its lowest"
        if values["rule"] == "progress_quotient":
            return (
                f"the validation loss is further above its lowest than {values['threshold']:g} times "
                f"the progress of the last {values['strip']} epochs"
            )
        epochs = "1 epoch" if values["patience"] == 1 else f"{values['patience']} epochs"
        if values["rule"] == "rises":
            return f"the validation loss rose {epochs} in a row"
        return f"the validation loss has not improved for {epochs}"
