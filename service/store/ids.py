"""Ids: ULIDs, 26 characters of Crockford's base 32 that sort by the millisecond in which they were made.

Source: the ULID specification, https://github.com/ulid/spec.
"""

from __future__ import annotations

import secrets
import time

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 26
_RANDOM_BITS = 80


def new_id() -> str:
    """A new id; of two made in different milliseconds of one clock, the later sorts after the earlier."""
    number = (time.time_ns() // 1_000_000) << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(5 * (_LENGTH - 1), -1, -5))
