"""Reading a document: its members one by one, all that is wrong with them collected, each with its place.

A member that is wrong is recorded, and its default stands in so that the rest can be read too; a document with any
error is refused as a whole, so no stand-in is ever used.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from regtune.errors import FieldError
from regtune.nearest import suggestion
from regtune.study.values import is_line, real_number, shown, whole_number

MOST_ERRORS = 100
"""After so many errors a document is not read to its end: nobody mends more at once, and each suggestion takes time."""


@dataclass(slots=True)
class Findings:
    """What was found in one document: errors with their places, and warnings."""

    errors: list[FieldError] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Whether there are errors enough to stop looking for more."""
        return len(self.errors) >= MOST_ERRORS

    def refuse(self, pointer: str, code: str, message: str) -> None:
        """Record an error."""
        if not self.full:
            self.errors.append(FieldError(_encodable(pointer), code, _encodable(message)))

    def warn(self, text: str) -> None:
        """Record a warning."""
        self.warnings.append(text)


def below(pointer: str, member: object) -> str:
    """The JSON pointer of a member of the value at `pointer`."""
    return f"{pointer}/{str(member).replace('~', '~0').replace('/', '~1')}"


def _encodable(text: str) -> str:
    """The text with what UTF-8 cannot hold, half of a surrogate pair, written as its escape."""
    return text.encode("utf-8", "backslashreplace").decode()


class Fields:
    """The members of one JSON object, read by name; what is not asked for by the end is unknown, and refused."""

    def __init__(self, document: object, pointer: str, findings: Findings, *, noun: str) -> None:
        self.pointer = pointer
        self.findings = findings
        self._noun = noun
        self._members: Mapping[str, object] = {}
        self._asked: list[str] = []
        if isinstance(document, Mapping):
            self._members = {str(key): value for key, value in document.items()}
        else:
            findings.refuse(pointer, "wrong_type", f"{noun} is an object, got {shown(document)}")

    def at(self, key: str) -> str:
        """The pointer of a member."""
        return below(self.pointer, key)

    def has(self, key: str) -> bool:
        """Whether the member is there; asking makes it a known one."""
        if key not in self._asked:
            self._asked.append(key)
        return key in self._members

    def get(self, key: str, default: object = None) -> object:
        """The member as it stands."""
        return self._members[key] if self.has(key) else default

    def refuse(self, key: str, code: str, message: str) -> None:
        """Record an error about a member."""
        self.findings.refuse(self.at(key), code, message)

    def text(self, key: str, default: str, *, longest: int) -> str:
        """A text of 1 to `longest` characters."""
        value = self.get(key, default)
        if not isinstance(value, str):
            self.refuse(key, "wrong_type", f"{key} is a text, got {shown(value)}")
            return default
        if not 1 <= len(value) <= longest or not value.strip():
            self.refuse(key, "wrong_length", f"{key} has 1 to {longest} characters, not only spaces; got {len(value)}")
            return default
        if not is_line(value):
            self.refuse(key, "wrong_characters", f"{key} is one line without control characters, got {shown(value)}")
            return default
        return value

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self.get(key, default)
        if isinstance(value, bool):
            return value
        self.refuse(key, "wrong_type", f"{key} is true or false, got {shown(value)}")
        return default

    def whole(self, key: str, default: int, low: int, high: int) -> int:
        """A whole number in [low, high]."""
        value = whole_number(self.get(key, default))
        if value is None:
            self.refuse(key, "wrong_type", f"{key} is a whole number, got {shown(self.get(key))}")
            return default
        if value < low:
            self.refuse(key, "below_minimum", f"{shown(value)} is below {low}")
        elif value > high:
            self.refuse(key, "above_maximum", f"{shown(value)} is above {high}")
        else:
            return value
        return default

    def whole_or_null(self, key: str, default: int | None, low: int, high: int) -> int | None:
        """A whole number in [low, high], or None where it is null."""
        if self.get(key, default) is None:
            return None
        return self.whole(key, low if default is None else default, low, high)

    def limit(self, key: str, *, high: float = math.inf) -> float | None:
        """A number above 0 and at most `high`, or None where it is null or left out."""
        if self.get(key) is None:
            return None
        value = real_number(self.get(key))
        if value is None:
            self.refuse(key, "wrong_type", f"{key} is a number or null, got {shown(self.get(key))}")
        elif value <= 0:
            self.refuse(key, "below_minimum", f"{shown(value)} is not above 0")
        elif value > high:
            self.refuse(key, "above_maximum", f"{shown(value)} is above {shown(high)}")
        return value

    def share(self, key: str, default: float, *, below_one: bool) -> float:
        """A share in (0, 1], or in (0, 1)."""
        value = real_number(self.get(key, default))
        if value is None:
            self.refuse(key, "wrong_type", f"{key} is a number, got {shown(self.get(key))}")
        elif value <= 0:
            self.refuse(key, "below_minimum", f"{shown(value)} is not above 0")
        elif value > 1:
            self.refuse(key, "above_maximum", f"{shown(value)} is above 1")
        elif value == 1 and below_one:
            self.refuse(key, "above_maximum", f"{shown(value)} is not below 1")
        else:
            return value
        return default

    def one_of(self, key: str, names: Sequence[str], default: str, *, later: Sequence[str] = ()) -> str:
        """One of some names; those of `later` are known and not available yet."""
        value = self.get(key, default)
        if not isinstance(value, str):
            self.refuse(key, "wrong_type", f"{key} is one of {', '.join(names)}, got {shown(value)}")
        elif value in names:
            return value
        elif value in later:
            available = ", ".join(names)
            self.refuse(key, "not_available", f'"{value}" is not available yet; {key} may be {available}')
        else:
            self.refuse(key, "unknown_name", f"{shown(value)} is not allowed for {key}; {suggestion(value, names)}")
        return default

    def only(self, key: str, value: object, hint: str) -> None:
        """A member that may have one value for now, since what it is for is not available yet."""
        got = self.get(key, value)
        if got != value:
            self.refuse(key, "not_available", f"{key} is not available yet; {hint}")

    def finish(self) -> None:
        """Refuse every member that nobody asked for."""
        for key in self._members:
            if self.findings.full:
                return
            if key not in self._asked:
                instead = suggestion(key, self._asked)
                self.refuse(key, "unknown_key", f"{shown(key)} is not a key of {self._noun}; {instead}")
