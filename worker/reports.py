"""From lanes to rows: what the engine says of fits, as the store's epoch reports and ends. Tensors end here."""

from __future__ import annotations

import traceback

from regcore.lanes import Diverged, EndOfFit, EpochOfLane, Finished
from regtune.budget import StopReason
from service.store.claims import ClaimedFit
from service.store.outcomes import Completed, Failed, FitEnded, StopBy
from service.store.reports import EpochReport

_LAST_LINES = 12


def epoch_report(claimed: ClaimedFit, epoch: EpochOfLane) -> EpochReport:
    """One fit's epoch."""
    return EpochReport(
        fit_id=claimed.id,
        attempt=claimed.attempt,
        epoch=epoch.epoch,
        train_loss=epoch.train_loss,
        validation_loss=epoch.validation_loss,
        objective=epoch.objective,
        metrics=dict(epoch.metrics),
    )


def fit_ended(claimed: ClaimedFit, end: EndOfFit) -> FitEnded:
    """A fit that ended by itself: out of epochs, stopped by its own rule, or diverged."""
    if isinstance(end.outcome, Diverged):
        return FitEnded(claimed.id, claimed.attempt, Failed("diverged", end.outcome.reason, end.outcome.epoch))
    by: StopBy = "user" if end.outcome.by == "cancelled" else end.outcome.by
    return FitEnded(claimed.id, claimed.attempt, _completed(end.outcome, by, end.outcome.reason))


def fit_cancelled(claimed: ClaimedFit, outcome: Finished, stop_reason: str) -> FitEnded:
    """A fit that the study's end cut short after an epoch or more: its value is that of its best epoch so far."""
    by: StopBy = "user" if stop_reason == "user" else "budget"
    return FitEnded(claimed.id, claimed.attempt, _completed(outcome, by, f"the study ended: {stop_reason}"))


def fit_cut(claimed: ClaimedFit, outcome: Finished, reason: str) -> FitEnded:
    """A fit that the study's pruner cut for what other trials had at the same epoch."""
    return FitEnded(claimed.id, claimed.attempt, _completed(outcome, "pruner", reason))


def fit_failed(claimed: ClaimedFit, error: BaseException) -> FitEnded:
    """A fit that raised: the error's class, its message and the last lines of its traceback."""
    lines = "".join(traceback.format_exception(error)).rstrip().splitlines()[-_LAST_LINES:]
    failed = Failed(type(error).__name__, str(error) or type(error).__name__, None, "\n".join(lines))
    return FitEnded(claimed.id, claimed.attempt, failed)


def fit_given_up(claimed: ClaimedFit, reason: StopReason, message: str) -> FitEnded:
    """A fit with which its study was given up, as where its data cannot be used."""
    return FitEnded(claimed.id, claimed.attempt, Failed(reason, message))


def _completed(outcome: Finished, by: StopBy, reason: str) -> Completed:
    return Completed(
        value=outcome.value,
        value_last=outcome.value_last,
        best_epoch=outcome.best_epoch,
        stop_by=by,
        stop_epoch=outcome.epoch,
        reason=reason,
        metrics=dict(outcome.metrics),
        gap=outcome.gap,
    )
