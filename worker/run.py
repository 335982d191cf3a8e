"""A run: one worker's lease on lanes of one program of a study, from opening it to giving back what is left.

This file imports torch; the worker's main process does not read it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial

import torch
from sqlalchemy.exc import OperationalError

from regtune.budget import StopReason
from regtune.pruning.pruner import cross_trial_pruner
from regtune.study import StudyDefinition
from regtune.study.definition import ends
from service.store.claims import ClaimedFit
from service.store.errors import LeaseLost, UnknownStudy
from service.store.runs import Run, open_run, release, renew
from service.store.studies import set_waiting
from service.store.study_rows import progress, study_definition
from service.store.ticks import Tick
from service.store.workers import list_workers
from worker.crew import Crew
from worker.engine import DoesNotFit, EngineMissing, Limits, plan_of
from worker.ledger import PeerReadingLedger, RunLedger
from worker.plan import facts_for, fit_for, program_for
from worker.pruning import Pruning
from worker.renewal import LeaseNotRenewed, Renewal
from worker.reports import fit_given_up
from worker.room import Room
from worker.splits import DatasetUnusable
from worker.suitability import what_is_missing
from worker.training import Terms, Training
from worker.workshop import Workshop

_log = logging.getLogger(__name__)

_STUDIES_REMEMBERED = 4

# Several workers share a machine, one a core; threads of arithmetic would only fight over it.
torch.set_num_threads(1)


def work_on(study_id: str, workshop: Workshop) -> None:
    """Opens a run on a study and trains what it can claim; returns quietly when there is nothing, or it was lost.

    An error that is no fit's is raised, and the run left to its lease: giving it back would have the next worker run
    into the same error at once, and for ever.
    """
    try:
        if not _is_suited(study_id, workshop):
            return
        asked_at = time.monotonic()
        run = open_run(workshop.database, study_id, workshop.options.worker_id, workshop.lease_seconds)
    except UnknownStudy as error:
        _log.warning("was asked to work on what is not there: %s", error)
        return
    except OperationalError as error:
        # Nothing was taken yet, and the coordinator asks again.
        _log.warning("study %s must wait, the database is away: %s", study_id, error.orig)
        return
    if run is None:
        return
    renew_once = partial(renew, workshop.database, run, workshop.lease_seconds)
    try:
        with Renewal(renew_once, workshop.lease_seconds, asked_at) as renewal:
            try:
                _train(run, workshop, renewal)
            except EngineMissing as missing:
                workshop.unsuited[study_id] = str(missing)
                _log.warning("leaves study %s to others: %s", study_id, missing)
            except _Leaves:
                _log.info("leaves study %s, which another worker compiles", study_id)
            release(workshop.database, run)
    except (LeaseLost, LeaseNotRenewed) as lost:
        _log.warning("left study %s: %s", study_id, lost)


class _Leaves(Exception):
    """The run is to end, and has nothing to show yet."""


def _is_suited(study_id: str, workshop: Workshop) -> bool:
    with workshop.database.read() as connection:
        study = study_definition(connection, study_id)
        trains = progress(connection, [study_id])[study_id].running > 0
    missing = what_is_missing(study, workshop.catalog, workshop.options.device) or workshop.unsuited.get(study_id)
    # Where others train it, `waiting` would be wrong: it is for studies of which nothing runs.
    if missing is not None and not trains:
        set_waiting(workshop.database, study_id, missing)
    return missing is None


def _train(run: Run, workshop: Workshop, renewal: Renewal) -> None:
    of_run = (workshop.database, run, renewal.check, workshop.lease_seconds)
    ledger = RunLedger(*of_run)
    # The first fit says which program it is, and with it how many fits are to train at once.
    claimed = ledger.claim(1)
    if not claimed:
        return
    row = ledger.program()
    definition, facts = StudyDefinition.from_json(row.study_definition), facts_for(row, workshop.catalog)
    make_program = partial(program_for, row, definition, facts)

    def while_waiting() -> None:
        renewal.check()
        if workshop.leave.is_set() or ledger.drains():
            raise _Leaves

    limits = _limits(workshop, row.lane_cap, while_waiting)
    try:
        split = workshop.splits.of(definition, facts, row.dataset)
        plan = plan_of(make_program, split, definition, limits, row.engine, ledger.bind)
    except DatasetUnusable as error:
        _give_up(run, ledger, claimed, "dataset_failed", error)
        return
    except DoesNotFit as error:
        _give_up(run, ledger, claimed, "does_not_fit", error)
        return
    claimed += ledger.claim(plan.lanes - 1)
    terms = Terms(plan.lanes, workshop.slice_seconds, ledger.others_wait, workshop.leave, renewal.check)
    pruning = _pruning_of(run.study_id, definition, workshop)
    if pruning is None:
        Training(ledger, Crew(plan.make_lanes, partial(fit_for, definition)), terms).run(claimed)
    else:
        pruning.read_on(ledger)
        crew = Crew(plan.make_lanes, partial(fit_for, definition), pruning.cuts)
        Training(PeerReadingLedger(*of_run, pruning), crew, terms).run(claimed)


def _pruning_of(study_id: str, definition: StudyDefinition, workshop: Workshop) -> Pruning | None:
    """What this process knows of the study's trials for its pruner; None where the study cuts none."""
    pruner = cross_trial_pruner(definition)
    if pruner is None:
        return None
    known = workshop.pruning.pop(study_id, None) or Pruning(pruner, int(max(ends(definition.training.epochs))))
    workshop.pruning[study_id] = known
    while len(workshop.pruning) > _STUDIES_REMEMBERED:
        del workshop.pruning[next(iter(workshop.pruning))]
    return known


def _limits(workshop: Workshop, lane_cap: int | None, while_waiting: Callable[[], None]) -> Limits:
    options = workshop.options
    with workshop.database.read() as connection:
        living = list_workers(connection, workshop.lease_seconds)
    places = [(worker.host, worker.device) for worker in living if worker.id == options.worker_id]
    sharing = [worker for worker in living if (worker.host, worker.device) in places]
    room = Room(workshop.free_bytes(options.device), len(sharing))
    return Limits(options.device, min(options.lanes, lane_cap or options.lanes), room, while_waiting)


def _give_up(
    run: Run, ledger: RunLedger, claimed: tuple[ClaimedFit, ...], reason: StopReason, error: Exception
) -> None:
    """Fails the fit at hand with the reason, and ends the study: no other fit of it could be trained either."""
    _log.error("study %s: %s", run.study_id, error)
    # First the study, so that this is its reason, and not the failures that follow from it.
    ledger.give_up_study(reason, str(error))
    ledger.record(Tick(1, (), tuple(fit_given_up(fit, reason, str(error)) for fit in claimed), 0.0))
