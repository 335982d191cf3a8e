"""The engine of a run: the one to which its program is bound, or else the one that this worker chooses and binds."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from regcore.data import Split
from regcore.lanes import Lanes, Program
from regcore.lanes.choice import Work, choose, choose_uncompiled, most_lanes, work_of
from regcore.lanes.engines import EngineName
from regcore.lanes.errors import CannotCompile
from regtune.study import StudyDefinition
from regtune.study.definition import ends
from worker.options import WorkerOptions

_log = logging.getLogger(__name__)

Bind = Callable[[EngineName, str, str | None], EngineName]
"""Binds an engine for a reason, with a warning for the study or none; gives the engine that is bound."""


class EngineMissing(Exception):
    """The program is bound to an engine that this worker does not have; the message is for the study's user."""


@dataclass(frozen=True)
class Plan:
    """How a run trains: what makes its lanes, and how many fits at once."""

    make_lanes: Callable[[], Lanes]
    lanes: int


def plan_of(
    make_program: Callable[[], Program],
    split: Split,
    definition: StudyDefinition,
    options: WorkerOptions,
    bound: EngineName | None,
    bind: Bind,
) -> Plan:
    """The plan of a run; compiles, where the engine does, which takes up to a minute.

    Raises:
        EngineMissing: the program is bound to the compiled engine, and there is no compiler here.
    """

    def make_lanes(lanes: int, engine: EngineName) -> Lanes:
        return Lanes(make_program(), split, options.device, lanes, engine)

    try:
        work = _work(make_program(), split, definition, options.device)
    except Exception as error:
        _log.warning("a program cannot be built: %r", error)
        # Its fits will say why, each of them, when their crew trains.
        return Plan(partial(make_lanes, options.lanes, "eager"), options.lanes)
    engine = bound or bind(*_choice(work, partial(make_lanes, options.lanes, "compiled")))
    lanes = min(options.lanes, most_lanes(work, engine) or options.lanes)
    if engine == "compiled":
        try:
            make_lanes(lanes, engine)
        except CannotCompile as error:
            wanted = "it is trained by compiled code, and no worker that can compile has come yet"
            raise EngineMissing(f"{wanted}: {error}") from error
    return Plan(partial(make_lanes, lanes, engine), lanes)


def _choice(work: Work, compile_now: Callable[[], object]) -> tuple[EngineName, str, str | None]:
    """The engine, the reason, and what the study's user should know of it. One that is to compile does so here."""
    choice = choose(work)
    if choice.engine != "compiled":
        return choice.engine, choice.reason, None
    try:
        compile_now()
    except CannotCompile as error:
        _log.warning("trains without compiling: %s", error)
        without = choose_uncompiled(work, str(error))
        return without.engine, without.reason, f"trained without compiling, which is slower: {error}"
    return choice.engine, choice.reason, None


def _work(program: Program, split: Split, definition: StudyDefinition, device: str) -> Work:
    """What all trials of the study would take; the same on every worker that asks."""
    budget, epochs = definition.budget, round(max(ends(definition.training.epochs)))
    trials = budget.trials if budget.epochs is None else min(budget.trials, -(-budget.epochs // epochs))
    return work_of(program, split, device, trials, epochs)
