"""Following a study: asking again until it has ended, through restarts of its server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx2

from regtune.client.errors import ProblemError, ServerUnreachable, StudyTimeout
from regtune.states import STUDY_ENDED

_POLL_SECONDS = 0.5
_AWAY_SECONDS = 30.0

Ask = Callable[[dict[str, str]], httpx2.Response]
"""Asks for the study, with headers."""


def follow(ask: Ask, study_id: str, timeout_seconds: float | None) -> Iterator[dict[str, Any]]:
    """The study each time it has changed, the ended one last.

    A server that has answered once may then be away for half a minute, as long as a restart takes.

    Raises:
        StudyTimeout: the study has not ended in time.
        ServerUnreachable: the server does not answer, or has not for too long.
        ProblemError: it refuses.
    """
    started = heard = time.monotonic()
    known: dict[str, str] = {}
    has_answered = False
    while True:
        try:
            answer = ask(known)
        except (ServerUnreachable, ProblemError) as error:
            if not (has_answered and _is_away(error)) or time.monotonic() - heard > _AWAY_SECONDS:
                raise
        else:
            has_answered, heard = True, time.monotonic()
            if answer.status_code != httpx2.codes.NOT_MODIFIED:
                known = {"If-None-Match": answer.headers["ETag"]} if "ETag" in answer.headers else {}
                study: dict[str, Any] = answer.json()
                yield study
                if study["state"] in STUDY_ENDED:
                    return
        if timeout_seconds is not None and time.monotonic() - started >= timeout_seconds:
            raise StudyTimeout(study_id, timeout_seconds)
        time.sleep(_POLL_SECONDS)


def _is_away(error: ServerUnreachable | ProblemError) -> bool:
    return isinstance(error, ServerUnreachable) or error.status >= httpx2.codes.INTERNAL_SERVER_ERROR
