"""Digests of JSON documents: equal documents have equal digests, however their keys are ordered."""

from __future__ import annotations

import hashlib
import json


def canonical_json(document: object) -> str:
    """The one text of a JSON document: keys sorted, no spaces, Unicode as it is, numbers as Python writes them.

    Raises:
        ValueError: the document holds a number that is not finite.
    """
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest_of(document: object) -> str:
    """The SHA-256 of a JSON document's canonical text, 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(document).encode()).hexdigest()
