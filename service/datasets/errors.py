"""The one way in which an upload is refused, with everything that was found wrong with it."""

from __future__ import annotations

from collections.abc import Iterable

from regtune.errors import FieldError, RegtuneError

TOO_LARGE = "too_large"
UNSUPPORTED_TYPE = "unsupported_type"
NOT_READABLE = "not_readable"
NO_ROOM = "no_room"

FILE = "/file"
META = "/meta"
TARGET = "/meta/target"

_STATUS = {TOO_LARGE: 413, UNSUPPORTED_TYPE: 415, NO_ROOM: 507}


class InvalidDataset(RegtuneError):
    """An upload that makes no data set; `errors` point at `/file`, `/meta/target`, `/meta/columns/age`…"""

    def __init__(self, errors: Iterable[FieldError]) -> None:
        self.errors: tuple[FieldError, ...] = tuple(errors)
        super().__init__("; ".join(f"{error.pointer}: {error.message}" for error in self.errors))

    @property
    def status(self) -> int:
        """The HTTP status: 413 if too large, 415 if of no type that we read, 507 if a disk is full, else 422."""
        return next((_STATUS[error.code] for error in self.errors if error.code in _STATUS), 422)


def refused(pointer: str, code: str, message: str) -> InvalidDataset:
    """The refusal for a single reason."""
    return InvalidDataset([FieldError(pointer, code, message)])
