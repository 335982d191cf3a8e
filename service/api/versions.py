"""Versions: the ETag of a study and of everything below it, and the answer that says that nothing has changed."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header, Response

IfNoneMatch = Annotated[str | None, Header(description="An ETag; the answer is 304 if it is still the present one.")]


def etag(version: int) -> str:
    """The ETag of a study at a version."""
    return f'"{version}"'


def unchanged(version: int, if_none_match: str | None) -> Response | None:
    """The 304 for a client that knows this version, or None."""
    if if_none_match is None:
        return None
    known = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    if etag(version) not in known and "*" not in known:
        return None
    return Response(status_code=304, headers={"ETag": etag(version)})
