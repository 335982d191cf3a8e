"""Messages wake idle workers, promptly and never in a flood."""

from __future__ import annotations

import logging

import pytest

from service.coordinator.broker import MESSAGE_EXPIRES_SECONDS
from service.coordinator.dispatch import SETTLING_SECONDS, Dispatcher, Sent, Waiting, messages_due
from service.coordinator.errors import BrokerUnreachable

TWO_IDLE = frozenset({"a", "b"})


class FakeBroker:
    """A queue in memory, which may be away."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.is_away = False
        self.calls = 0

    def unread(self) -> int:
        self.calls += 1
        if self.is_away:
            raise BrokerUnreachable("connection refused")
        return len(self.messages)

    def wake(self, study_id: str) -> None:
        self.messages.append(study_id)


class FakeClock:
    """A clock that is moved by hand, in seconds."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def broker() -> FakeBroker:
    return FakeBroker()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def dispatcher(broker: FakeBroker, clock: FakeClock) -> Dispatcher:
    return Dispatcher(broker, clock)


def test_every_idle_worker_is_woken_for_a_study_with_enough_to_do() -> None:
    assert messages_due([Waiting("study", 10)], TWO_IDLE, {}, 0.0, unread=0) == ["study", "study"]


def test_no_more_workers_are_woken_than_there_are_fits() -> None:
    assert messages_due([Waiting("study", 1)], TWO_IDLE, {}, 0.0, unread=0) == ["study"]


def test_there_are_never_more_than_two_messages_for_each_idle_worker() -> None:
    studies = [Waiting(f"study {index}", 10) for index in range(9)]
    assert messages_due(studies, TWO_IDLE, {}, 0.0, unread=0) == ["study 0"] * 2 + ["study 1"] * 2
    assert messages_due(studies, TWO_IDLE, {}, 0.0, unread=3) == ["study 0"]
    assert messages_due(studies, TWO_IDLE, {}, 0.0, unread=99) == []


def test_nobody_is_woken_where_nobody_is_idle() -> None:
    assert messages_due([Waiting("study", 10)], frozenset(), {}, 0.0, unread=0) == []


@pytest.mark.parametrize(
    ("study", "idle"),
    [(Waiting("study", 6), frozenset({"a"})), (Waiting("study", 5), frozenset({"b"}))],
    ids=["more is queued", "another worker is idle"],
)
def test_news_is_told_once_the_last_messages_had_a_second_to_be_read(study: Waiting, idle: frozenset[str]) -> None:
    sent = {"study": Sent(0.0, 5, frozenset({"a"}))}
    assert messages_due([study], idle, sent, SETTLING_SECONDS - 0.1, unread=0) == []
    assert messages_due([study], idle, sent, SETTLING_SECONDS, unread=0) == ["study"]


def test_without_news_messages_are_sent_again_only_when_the_last_have_expired() -> None:
    sent = {"study": Sent(0.0, 5, frozenset({"a"}))}
    study, idle = [Waiting("study", 5)], frozenset({"a"})
    assert messages_due(study, idle, sent, MESSAGE_EXPIRES_SECONDS - 0.1, unread=0) == []
    assert messages_due(study, idle, sent, MESSAGE_EXPIRES_SECONDS, unread=0) == ["study"]


def test_a_minute_with_workers_that_read_and_take_nothing_is_no_flood(
    dispatcher: Dispatcher, broker: FakeBroker, clock: FakeClock
) -> None:
    sent = 0
    for _ in range(300):
        sent += dispatcher.dispatch([Waiting("study", 40)], TWO_IDLE)
        broker.messages.clear()
        clock.seconds += 0.2
    assert sent <= 2 * (60 / MESSAGE_EXPIRES_SECONDS + 1)


def test_any_number_of_coordinators_together_leave_two_messages_for_each_idle_worker(
    broker: FakeBroker, clock: FakeClock
) -> None:
    coordinators = [Dispatcher(broker, clock) for _ in range(10)]
    for _ in range(300):
        for dispatcher in coordinators:
            dispatcher.dispatch([Waiting(f"study {index}", 40) for index in range(20)], TWO_IDLE)
        clock.seconds += 0.2
    assert len(broker.messages) == 4


def test_fits_queued_anew_are_told_though_more_were_queued_before(
    dispatcher: Dispatcher, broker: FakeBroker, clock: FakeClock
) -> None:
    dispatcher.dispatch([Waiting("study", 40)], TWO_IDLE)
    broker.messages.clear()
    clock.seconds += SETTLING_SECONDS
    assert dispatcher.dispatch([Waiting("study", 3)], TWO_IDLE) == 0
    assert dispatcher.dispatch([Waiting("study", 8)], TWO_IDLE) == 2


def test_a_worker_that_was_busy_in_between_is_woken_again(
    dispatcher: Dispatcher, broker: FakeBroker, clock: FakeClock
) -> None:
    dispatcher.dispatch([Waiting("study", 40)], TWO_IDLE)
    broker.messages.clear()
    clock.seconds += SETTLING_SECONDS
    assert dispatcher.dispatch([Waiting("study", 40)], frozenset({"a"})) == 0
    assert dispatcher.dispatch([Waiting("study", 40)], TWO_IDLE) == 2


def test_a_broker_that_is_away_is_said_once_and_not_asked_all_the_time(
    dispatcher: Dispatcher, broker: FakeBroker, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    broker.is_away = True
    for _ in range(50):
        assert dispatcher.dispatch([Waiting("study", 40)], TWO_IDLE) == 0
        clock.seconds += 0.2
    assert broker.calls <= 6
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_broker_that_comes_back_gets_what_is_due(
    dispatcher: Dispatcher, broker: FakeBroker, clock: FakeClock
) -> None:
    broker.is_away = True
    dispatcher.dispatch([Waiting("study", 40)], TWO_IDLE)
    broker.is_away = False
    clock.seconds += 5.0
    assert dispatcher.dispatch([Waiting("study", 40)], TWO_IDLE) == 2
