"""The desk of one study: its sampler beside what is known of its past, and from both the next trials."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count as count_from
from typing import Literal

from regcore.catalog import Catalog
from regtune.setting import Setting
from regtune.space import default_setting, plain_setting, setting_of, space_of
from regtune.study import StudyDefinition
from service.coordinator import suggest
from service.coordinator.history import point_of
from service.coordinator.sampler import Censored, PastTrial, Pending, Scored

BASELINES = 2


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A trial to be queued."""

    number: int
    origin: Literal["baseline", "sampler"]
    setting: Setting


class Desk:
    """What one coordinator holds of a study while it suggests for it; all of it can be had again from the database.

    A desk whose suggestions were not stored is thrown away, for its sampler counts them as pending.
    """

    def __init__(self, definition: StudyDefinition, catalog: Catalog) -> None:
        self.space = space_of(definition, catalog)
        self.definition = definition
        self.direction = definition.objective.direction
        self.known_version = 0
        self.is_exhausted = False
        self._catalog = catalog
        self._baselines = BASELINES if definition.baselines else 0
        self._sampler = suggest.build(definition.sampler.kind, self.space, definition.seed)
        self._past: dict[int, PastTrial] = {}

    def learn(self, trials: Sequence[PastTrial], version: int) -> None:
        """Takes in the trials that have changed up to a version of the study, in the order of their numbers."""
        self._past.update({trial.number: trial for trial in trials})
        self._sampler.learn(trials)
        self.known_version = version

    def wanted(self, budget_trials: int) -> int:
        """How many more trials should be queued now, within the budget."""
        pending = sum(trial.sampled and isinstance(trial.outcome, Pending) for trial in self._past.values())
        finished = sum(isinstance(trial.outcome, Scored | Censored) for trial in self._past.values())
        baselines_to_come = max(0, self._baselines - len(self._past))
        room = self._sampler.pending_limit(finished) - pending + baselines_to_come
        return max(0, min(room, budget_trials - len(self._past)))

    def suggestions(self, count: int) -> Iterator[Suggestion]:
        """The next trials, at most `count`, each made when it is asked for; fewer when the space is exhausted."""
        ranks = count_from(sum(trial.sampled for trial in self._past.values()))
        first = len(self._past)
        for number in range(first, first + count):
            if number < self._baselines:
                yield self._baseline(number)
                continue
            point = self._sampler.suggest(number, next(ranks))
            if point is None:
                self.is_exhausted = True
                return
            self._past[number] = PastTrial(number, sampled=True, point=point, outcome=Pending())
            yield Suggestion(number, "sampler", setting_of(self.definition, point))

    def _baseline(self, number: int) -> Suggestion:
        setting = (plain_setting, default_setting)[number](self.definition, self._catalog)
        trial = PastTrial(number, sampled=False, point=point_of(self.space, setting), outcome=Pending())
        self._past[number] = trial
        # Here and not with the next news, so that a sampler is told of trials in the order of their numbers.
        self._sampler.learn([trial])
        return Suggestion(number, "baseline", setting)
