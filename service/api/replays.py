"""Replays: a request that comes again under its idempotency key is answered with what it made the first time."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header

from regtune.digests import digest_of
from service.store.requests import RequestKey

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="The same key and body again answer with what was made; another body is 422.",
    ),
]


def request_key(key: str | None, path: str, body: object) -> RequestKey | None:
    """The key of a request to a path with a body of JSON values; None where the client sent none."""
    if key is None:
        return None
    try:
        return RequestKey(key, digest_of({"path": path, "body": body}))
    except ValueError:
        # NaN and halves of surrogate pairs have no digest, and make nothing: no definition may hold one.
        return None
