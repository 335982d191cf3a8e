"""Dispatch: the messages that wake idle workers.

A message says `work(study_id)` and nothing else. Losing, doubling or reordering any is harmless, since the database
owns the work; what matters is that they do not pile up, and that a lost one is followed by another.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from service.coordinator.broker import MESSAGE_EXPIRES_SECONDS, Broker
from service.coordinator.errors import BrokerUnreachable

MESSAGES_PER_IDLE_WORKER = 2
SETTLING_SECONDS = 1.0
_OUTAGE_SECONDS = 2.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A study with queued fits."""

    study_id: str
    queued_fits: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A study's last messages: when they went out (seconds, monotonic), and what they have not answered for yet.

    `queued_fits` is the least that was queued since, and `idle` the workers that have been idle ever since: more
    queued, or another worker idle, is news.
    """

    at_seconds: float
    queued_fits: int
    idle: frozenset[str]


def messages_due(
    waiting: Sequence[Waiting], idle: frozenset[str], sent: Mapping[str, Sent], now_seconds: float, unread: int
) -> list[str]:
    """The study ids to publish a message for, in order, given that `unread` messages lie in the queue.

    A study is due when more is queued or a worker has become idle since its last messages, which were given a second
    to be read, and in any case when those have expired. There are never more than two messages for each idle worker.
    """
    allowance = MESSAGES_PER_IDLE_WORKER * len(idle) - unread
    due: list[str] = []
    for study in waiting:
        if allowance <= 0:
            break
        if is_due(study, idle, sent.get(study.study_id), now_seconds):
            count = min(len(idle), study.queued_fits, allowance)
            due += [study.study_id] * count
            allowance -= count
    return due


def is_due(study: Waiting, idle: frozenset[str], last: Sent | None, now_seconds: float) -> bool:
    """Whether a study with queued fits should have messages now."""
    if not idle:
        return False
    if last is None:
        return True
    age_seconds = now_seconds - last.at_seconds
    changed = study.queued_fits > last.queued_fits or not idle <= last.idle
    return age_seconds >= MESSAGE_EXPIRES_SECONDS or (changed and age_seconds >= SETTLING_SECONDS)


class Dispatcher:
    """Publishes what is due, and remembers what it published.

    Coordinators do not share this memory: each message that another sent is seen in the queue's length alone, which
    keeps any number of them within two messages for each idle worker.
    """

    def __init__(self, broker: Broker, clock: Callable[[], float] = time.monotonic) -> None:
        self._broker = broker
        self._clock = clock
        self._sent: dict[str, Sent] = {}
        self._silent_until_seconds: float | None = None

    def dispatch(self, waiting: Sequence[Waiting], idle: frozenset[str]) -> int:
        """Publishes what is due and returns how many messages that was; while the broker is away it is none."""
        now_seconds = self._clock()
        self._observe(waiting, idle)
        if self._silent_until_seconds is not None and now_seconds < self._silent_until_seconds:
            return 0
        if not any(is_due(study, idle, self._sent.get(study.study_id), now_seconds) for study in waiting):
            return 0
        try:
            return self._publish(waiting, idle, now_seconds)
        except BrokerUnreachable as cause:
            if self._silent_until_seconds is None:
                _log.warning("the broker is away, so idle workers are not woken: %s", cause)
            self._silent_until_seconds = self._clock() + _OUTAGE_SECONDS
            return 0

    def _publish(self, waiting: Sequence[Waiting], idle: frozenset[str], now_seconds: float) -> int:
        due = messages_due(waiting, idle, self._sent, now_seconds, self._broker.unread())
        queued = {study.study_id: study.queued_fits for study in waiting}
        for study_id in due:
            self._broker.wake(study_id)
            self._sent[study_id] = Sent(now_seconds, queued[study_id], idle)
        if self._silent_until_seconds is not None:
            _log.info("the broker is back")
            self._silent_until_seconds = None
        return len(due)

    def _observe(self, waiting: Sequence[Waiting], idle: frozenset[str]) -> None:
        queued = {study.study_id: study.queued_fits for study in waiting}
        self._sent = {
            study_id: replace(sent, queued_fits=min(sent.queued_fits, queued[study_id]), idle=sent.idle & idle)
            for study_id, sent in self._sent.items()
            if study_id in queued
        }
