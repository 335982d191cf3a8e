"""How a run trains: by the engine to which its program is bound, or else one chosen here, and how many fits at once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch

from regcore.data import Split
from regcore.lanes import Lanes, Program
from regcore.lanes.choice import Work, choose, choose_uncompiled, most_lanes, work_of
from regcore.lanes.engines import EngineName
from regcore.lanes.errors import CannotCompile
from regcore.lanes.memory import Need, need_of
from regcore.lanes.turns import wait_patiently
from regtune.study import StudyDefinition
from regtune.study.definition import ends
from worker.room import Room

_log = logging.getLogger(__name__)

# An engine for many lanes needs room for two at least.
_UNBOUND: tuple[EngineName, ...] = ("eager", "alone")

Bind = Callable[[EngineName, str, str | None], EngineName]
"""Binds an engine for a reason, with a warning for the study or none; gives the engine that is bound."""


class EngineMissing(Exception):
    """The program is bound to an engine that this worker does not have; the message is for the study's user."""


class DoesNotFit(Exception):
    """Not even one fit of the program has room in this worker's memory; the message is for the study's user."""

    def __init__(self, needed: int, had: int, device: str) -> None:
        super().__init__(
            f"one fit needs {needed} bytes of memory ({needed / 1e9:.2f} GB), and {had} ({had / 1e9:.2f} GB) are free "
            f"on {device}: a narrower network, smaller batches or a device with more memory may do"
        )


@dataclass(frozen=True)
class Limits:
    """What a run trains on: the torch device, how many fits at once at most, and the memory that is free for them.

    `while_waiting` is called while another worker compiles the program, and raises when the run must end.
    """

    device: str
    lanes: int
    room: Room
    while_waiting: Callable[[], None] = wait_patiently


@dataclass(frozen=True)
class Plan:
    """How a run trains: what makes its lanes, and how many fits at once."""

    make_lanes: Callable[[], Lanes]
    lanes: int


def plan_of(
    make_program: Callable[[], Program],
    split: Split,
    definition: StudyDefinition,
    limits: Limits,
    bound: EngineName | None,
    bind: Bind,
) -> Plan:
    """The plan of a run; compiles, where the engine does, which takes up to a minute.

    What `limits.while_waiting` raises meanwhile is raised.

    Raises:
        DoesNotFit: this worker has no memory for even one fit.
        EngineMissing: the program is bound to the compiled engine, and there is no compiler here.
    """

    def make_lanes(lanes: int, engine: EngineName) -> Lanes:
        return Lanes(make_program(), split, limits.device, lanes, engine, while_waiting=limits.while_waiting)

    # First: what does not fit cannot be built either.
    room = _lanes_by_memory(make_program, split, limits, bound)
    try:
        work = _work(make_program(), split, definition, limits.device)
    except Exception as error:
        _log.warning("a program cannot be built: %r", error)
        # Its fits will say why, each of them, when their crew trains.
        return Plan(partial(make_lanes, limits.lanes, "eager"), limits.lanes)
    lanes = min(limits.lanes, room.lanes)
    if room.only_alone:
        engine = bound or bind("alone", "memory holds one fit at a time", None)
    else:
        engine = bound or bind(*_choice(work, partial(make_lanes, lanes, "compiled")))
    lanes = min(lanes, most_lanes(work, engine) or lanes)
    if engine == "compiled":
        try:
            make_lanes(lanes, engine)
        except CannotCompile as error:
            wanted = "it is trained by compiled code, and no worker that can compile has come yet"
            raise EngineMissing(f"{wanted}: {error}") from error
    return Plan(partial(make_lanes, lanes, engine), lanes)


@dataclass(frozen=True)
class _Fitting:
    """How many fits memory holds at once; with `only_alone` one, and that by the engine that trains fits alone."""

    lanes: int
    only_alone: bool = False


def _lanes_by_memory(
    make_program: Callable[[], Program], split: Split, limits: Limits, bound: EngineName | None
) -> _Fitting:
    room = limits.room
    needs = {engine: _need(make_program, split, engine, limits.device) for engine in ((bound,) if bound else _UNBOUND)}
    for engine, need in needs.items():
        if need is None or room.free is None or room.share is None:
            return _Fitting(limits.lanes)
        if need.bytes(1) <= room.free:
            # Others may leave us less than one fit takes, and give it back soon: one is tried.
            return _Fitting(max(1, need.most_fits(room.share)), only_alone=engine == "alone")
    needed = min(need.bytes(1) for need in needs.values() if need is not None)
    raise DoesNotFit(needed, room.free or 0, limits.device)


def _need(make_program: Callable[[], Program], split: Split, engine: EngineName, device: str) -> Need | None:
    """What a program takes; None where it cannot be rehearsed, as where a network looks at its numbers."""
    try:
        return need_of(make_program(), split, engine, torch.device(device))
    except Exception as error:
        _log.warning("nobody can tell how much memory a program takes: %r", error)
        return None


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
