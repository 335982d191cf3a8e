"""Ids: ULIDs that sort by time and never repeat."""

from __future__ import annotations

import pytest

from service.store.ids import new_id


def test_an_id_is_a_ulid() -> None:
    made = new_id()
    assert len(made) == 26
    assert set(made) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    assert made[0] <= "7"


def test_a_later_id_sorts_later(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([1_700_000_000_000_000_000, 1_700_000_000_001_000_000])
    monkeypatch.setattr("service.store.ids.time.time_ns", lambda: next(moments))
    assert new_id() < new_id()


def test_the_time_is_the_first_ten_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    # The specification's own example: 1469918176385 milliseconds.
    monkeypatch.setattr("service.store.ids.time.time_ns", lambda: 1469918176385 * 1_000_000)
    assert new_id().startswith("01ARYZ6S41")


def test_ids_made_together_differ() -> None:
    assert len({new_id() for _ in range(1000)}) == 1000
