"""Suggesting for the studies of a deployment: under each study's lease, trials ahead of need, a little at a time."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from threading import Event

from regcore.catalog import Catalog
from regtune.setting import setting_digest
from regtune.space import fit_values, program_digest, program_of
from regtune.study import StudyDefinition
from service.coordinator.desk import Desk, Suggestion
from service.coordinator.history import past_trial
from service.store.database import Database
from service.store.endings import space_exhausted
from service.store.errors import SuggestLeaseLost
from service.store.study_rows import study_definition
from service.store.suggestions import NewTrial, StudyWork, SuggestLease, acquire_suggest_lease, insert_trials
from service.store.trials import history

_SLICE_SECONDS = 0.5
_SLICE_TRIALS = 256
_REFUSED_SECONDS = 1.0
# A lease that ends in the present millisecond would still be held for the rest of it.
_PAST_SECONDS = -1.0


class Suggesting:
    """Keeps a desk for each study that this coordinator suggests for, and looks again only at what has changed."""

    def __init__(self, database: Database, catalog: Catalog, owner: str, lease_seconds: float) -> None:
        self._database = database
        self._catalog = catalog
        self._owner = owner
        self._lease_seconds = lease_seconds
        self._desks: dict[str, Desk] = {}
        self._leases: dict[str, SuggestLease] = {}
        self._settled: dict[str, int] = {}
        self._refused_until_seconds: dict[str, float] = {}

    def keep_only(self, study_ids: Collection[str]) -> None:
        """Forgets the studies that are not among these."""
        for study_id in self._desks.keys() - study_ids:
            self.forget(study_id)

    def forget(self, study_id: str) -> None:
        """Throws away what is held of a study; the next look rebuilds it from the database."""
        self._desks.pop(study_id, None)
        self._leases.pop(study_id, None)
        self._settled.pop(study_id, None)
        self._refused_until_seconds.pop(study_id, None)

    def suggest(self, study: StudyWork, stop: Event) -> int:
        """Inserts the trials that a study should have queued, and returns how many.

        Takes about half a second at most, so that one study does not keep the others waiting; what is left is for
        the next look. None are inserted while another coordinator holds the study's suggest lease.
        """
        if not study.wants_trials or self._settled.get(study.id) == study.version or self._is_refused(study.id):
            return 0
        desk = self._desks.get(study.id) or self._open(study.id)
        budget_trials = study.trials_created + study.trials_wanted
        self._learn(study.id, desk)
        if desk.wanted(budget_trials) == 0:
            self._settled[study.id] = desk.known_version
            return 0
        lease = acquire_suggest_lease(self._database, study.id, self._owner, self._lease_seconds)
        if lease is None:
            self._refused_until_seconds[study.id] = time.monotonic() + _REFUSED_SECONDS
            return 0
        self._leases[study.id] = lease
        # Whoever held the lease before may have inserted since the first look.
        self._learn(study.id, desk)
        return self._insert(lease, desk, _slice(desk, desk.wanted(budget_trials), stop))

    def give_up_leases(self) -> None:
        """Lets other coordinators suggest at once, rather than when the leases have run out."""
        for study_id in list(self._leases):
            acquire_suggest_lease(self._database, study_id, self._owner, lease_seconds=_PAST_SECONDS)
            self.forget(study_id)

    def _is_refused(self, study_id: str) -> bool:
        return time.monotonic() < self._refused_until_seconds.get(study_id, 0.0)

    def _open(self, study_id: str) -> Desk:
        with self._database.read() as connection:
            row = study_definition(connection, study_id)
        desk = self._desks[study_id] = Desk(StudyDefinition.from_json(row.definition), self._catalog)
        return desk

    def _learn(self, study_id: str, desk: Desk) -> None:
        news = history(self._database, study_id, desk.known_version)
        desk.learn([past_trial(desk.space, desk.direction, row) for row in news.trials], news.version)

    def _insert(self, lease: SuggestLease, desk: Desk, made: Sequence[Suggestion]) -> int:
        try:
            new_trials = [_new_trial(desk.definition, suggestion) for suggestion in made]
            inserted = len(insert_trials(self._database, lease.study_id, lease.fence, new_trials)) if made else 0
        except SuggestLeaseLost:
            self.forget(lease.study_id)
            return 0
        except Exception:
            # It may have been stored or not; only the database knows.
            self.forget(lease.study_id)
            raise
        if desk.is_exhausted:
            space_exhausted(self._database, lease.study_id)
        if inserted < len(made):
            # The desk counts as pending what was not stored: the study stopped, or others took its next numbers.
            self.forget(lease.study_id)
        return inserted


def _slice(desk: Desk, count: int, stop: Event) -> list[Suggestion]:
    """As many suggestions as are wanted and can be made in the time of a slice, one at least."""
    until_seconds = time.monotonic() + _SLICE_SECONDS
    made: list[Suggestion] = []
    for suggestion in desk.suggestions(min(count, _SLICE_TRIALS)):
        made.append(suggestion)
        if stop.is_set() or time.monotonic() > until_seconds:
            break
    return made


def _new_trial(definition: StudyDefinition, suggestion: Suggestion) -> NewTrial:
    return NewTrial(
        number=suggestion.number,
        origin=suggestion.origin,
        setting=suggestion.setting,
        setting_digest=setting_digest(suggestion.setting),
        program=program_of(definition, suggestion.setting),
        program_digest=program_digest(definition, suggestion.setting),
        epochs=int(fit_values(definition, suggestion.setting)["training.epochs"]),
    )
