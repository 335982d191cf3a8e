"""Pruning: whether a trial is kept or stopped, each verdict with its reason.

`early_stopping` labels trials that their own rule has ended. The cross-trial pruners, `asha` and `median`, cut trials
that train; they compute with numpy, which a client has no need of, and are imported when a study asks for one.
"""

from __future__ import annotations

from regtune.pruning.early_stopping import LEAST_ENDED_TRIALS, label_early_stopped
from regtune.pruning.verdicts import Keep, Stop

__all__ = ["LEAST_ENDED_TRIALS", "Keep", "Stop", "label_early_stopped"]
