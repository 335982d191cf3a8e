"""The pruner `early_stopping`: which of the trials that their own rule has ended count as pruned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from regtune.metrics import Direction, better
from regtune.pruning.verdicts import Keep, Stop

LEAST_ENDED_TRIALS = 8
"""How many trials must have ended with a value before any is labelled pruned."""


def label_early_stopped(value: float, ended_values: Sequence[float], keep: float, direction: Direction) -> Keep | Stop:
    """Whether a trial that its own early stopping has ended counts as completed (`Keep`) or as pruned (`Stop`).

    It is kept where its value is among the best `keep` share (in (0, 1], rounded up to whole trials) of the values
    with which trials ended before it, ties in its favour, and as long as fewer than eight have. `keep` = 1 keeps all.

    Example: of 8 values, `keep` = 0.5 keeps a trial that fewer than 4 of them beat.
    """
    ended = len(ended_values)
    if keep == 1 or ended < LEAST_ENDED_TRIALS:
        return Keep()
    if math.isnan(value):
        return Stop("its value is not a number")
    # The share as it was written: 0.55 of 100 is 55, where floating point makes it 55.00000000000001.
    kept = math.ceil(Fraction(repr(keep)) * ended)
    ahead = sum(better(other, value, direction) for other in ended_values)
    if ahead < kept:
        return Keep()
    return Stop(f"{ahead} of the {ended} trials that ended before it are better; the best {kept} count as completed")
