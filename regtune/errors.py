"""The errors of regtune, one tree.

RegtuneError
├── InvalidStudy      a study that cannot be run as written; carries one FieldError for each thing wrong with it
└── StudyFileError    a study file that is not readable as YAML 1.2
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


class RegtuneError(Exception):
    """Whatever regtune raises on purpose."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with a document: where (a JSON pointer, RFC 6901), a code for programs, a message for people."""

    pointer: str
    code: str
    message: str

    def to_json(self) -> dict[str, str]:
        """As an entry of `errors` in a problem of the HTTP contract."""
        return {"pointer": self.pointer, "code": self.code, "message": self.message}


class InvalidStudy(RegtuneError):
    """A study that cannot be run as written; `errors` holds everything that is wrong with it."""

    def __init__(self, errors: Iterable[FieldError]) -> None:
        self.errors: tuple[FieldError, ...] = tuple(errors)
        super().__init__("; ".join(f"{error.pointer or '/'}: {error.message}" for error in self.errors))


class StudyFileError(RegtuneError):
    """A study file that cannot be read; line and column count from 1 and are None where the fault has no place."""

    def __init__(self, path: Path, line: int | None, column: int | None, message: str) -> None:
        self.path = path
        self.line = line
        self.column = column
        self.message = message
        place = "" if line is None else f":{line}" if column is None else f":{line}:{column}"
        super().__init__(f"{path}{place}: {message}")
