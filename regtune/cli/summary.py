"""The summary of a study: baseline and best, what the best uses, and what it cost to find."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from regtune.cli.output import number, setting_rows, show, table
from regtune.setting import kinds_in_use

Json = dict[str, Any]

_STATES = ("completed", "pruned", "failed", "cancelled", "running", "queued")
_ALWAYS_COUNTED = 3


def print_summary(study: Json) -> None:
    """The study as tables for people; the last line counts its trials."""
    show(table(("study", study["id"]), _facts(study)))
    show()
    if study["best"] is not None:
        show(table(("best setting", ""), setting_rows(study["best"]["setting"])))
        show()
    show(counts(study["progress"]))


def counts(progress: Json) -> str:
    """`96 trials: 61 completed, 33 pruned, 2 failed`; cancelled ones and those to come only where there are any."""
    total = sum(progress[state] for state in _STATES)
    return f"{total} trial{'' if total == 1 else 's'}: {_by_state(progress)}"


def difference(best: float, baseline: float, direction: str) -> str:
    """How far the best value is from the baseline, signed as it is, and whether that is an improvement in words."""
    change = best - baseline
    if change == 0:
        return "none"
    improved = (change > 0) == (direction == "maximize")
    verdict = f"{'better' if improved else 'worse'}; {'more' if direction == 'maximize' else 'less'} is better"
    return f"{'+' if change > 0 else '-'}{number(abs(change))} ({verdict})"


def _by_state(progress: Json) -> str:
    shown = [state for state in _STATES if progress[state] or state in _STATES[:_ALWAYS_COUNTED]]
    return ", ".join(f"{progress[state]} {state}" for state in shown)


def _facts(study: Json) -> Iterator[tuple[str, str]]:
    progress = study["progress"]
    yield "name", study["name"]
    yield "state", study["state"] + (f" ({study['stop_reason']})" if study["stop_reason"] else "")
    if study["waiting"]:
        yield "waiting", study["waiting"]
    yield from _result(study)
    yield "trials", _by_state(progress)
    yield "epochs", f"{progress['epochs_run']} run, {progress['epochs_saved']} saved by stopping early"
    if progress["trials_per_second"] is not None:
        yield "trials per second", f"{progress['trials_per_second']:.2f}"


def _result(study: Json) -> Iterator[tuple[str, str]]:
    best, baseline, objective = study["best"], study["baseline"], study["objective"]
    has_baseline = baseline is not None and baseline["value"] is not None
    if has_baseline:
        plain_trial = f"(trial {baseline['number']}, nothing regularized)"
        yield f"baseline {objective['metric']}", f"{number(baseline['value'])} {plain_trial}"
    if best is None:
        yield f"best {objective['metric']}", "none yet: no trial has a value"
        return
    yield f"best {objective['metric']}", f"{number(best['value'])} (trial {best['number']})"
    if has_baseline:
        yield "difference", difference(best["value"], baseline["value"], objective["direction"])
    yield "it uses", ", ".join(kinds_in_use(best["setting"])) or "no regularizer"
