"""What can go wrong between a client and its server.

RegtuneError
├── InvalidAddress      the server's address is none, or the file that says it cannot be read
├── ServerUnreachable   no answer, or none that regtune would give
├── ProblemError        an answer that says what is wrong (RFC 9457), with one FieldError for each fault of a body
└── StudyTimeout        the study had not ended when the time to wait was over; it goes on
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from regtune.errors import FieldError, RegtuneError

_ERROR_NUMBER = re.compile(r"^\[Errno -?\d+\] ")


class InvalidAddress(RegtuneError):
    """No server can be looked for under the address."""


class ServerUnreachable(RegtuneError):
    """No regtune answered at the address; `reason` is in words."""

    def __init__(self, url: str, reason: str) -> None:
        self.url = url
        self.reason = _ERROR_NUMBER.sub("", reason)
        super().__init__(
            f"regtune does not answer at {url}: {self.reason}; is `regtune up` running there? "
            "--url or REGTUNE_URL says where to look"
        )


class ProblemError(RegtuneError):
    """The server answered with a problem; `errors` point at what is wrong with the body, `document` is the whole."""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status = status
        self.document = dict(document)
        self.title = str(document.get("title") or f"HTTP {status}")
        self.detail = str(document.get("detail") or "")
        self.errors = tuple(
            FieldError(str(error.get("pointer", "")), str(error.get("code", "")), str(error.get("message", "")))
            for error in document.get("errors") or ()
        )
        faults = [f"{error.pointer or '/'}: {error.message}" for error in self.errors]
        super().__init__("; ".join(faults or [self.detail or self.title]))


class StudyTimeout(RegtuneError):
    """A study went on for longer than the caller would wait."""

    def __init__(self, study_id: str, seconds: float) -> None:
        self.study_id = study_id
        super().__init__(f"study {study_id} had not ended after {seconds:g} s; it goes on")
