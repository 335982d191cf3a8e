"""What every request passes first: an id, a host that is ours, an origin that is ours, and a body of bearable size."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from fastapi import Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from regtune.errors import FieldError
from service.api.problems import Problem
from service.api.problems import response as problem_response
from service.store.ids import new_id

LARGEST_JSON_BYTES = 2**20
LARGEST_UPLOAD_BYTES = 51 * 2**20
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES = frozenset({"same-origin", "none"})
_log = logging.getLogger("service.api.access")

Next = Callable[[Request], Awaitable[Response]]


class Guards:
    """Gives each request its id, and refuses those that a browser was tricked into.

    A page of another site may point the name of its host at our address (DNS rebinding) or post to us across sites;
    both show in headers that the page cannot set.
    """

    def __init__(self, hosts: Sequence[str]) -> None:
        """`hosts` are the names under which the API may be addressed, without ports."""
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, request: Request, call_next: Next) -> Response:
        request.state.request_id = new_id()
        began = time.monotonic()
        refused = self._refused(request)
        answer = problem_response(request, refused) if refused is not None else await call_next(request)
        answer.headers["X-Request-Id"] = request.state.request_id
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "no-referrer"
        milliseconds = (time.monotonic() - began) * 1000
        _log.info(
            "%s %s %d %.0f ms %s",
            request.method,
            request.url.path,
            answer.status_code,
            milliseconds,
            request.state.request_id,
        )
        return answer

    def _refused(self, request: Request) -> Problem | None:
        host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
        if host.lower() not in self._hosts:
            return Problem(400, f"this server is not called {host[:80]!r}")
        if request.method in _SAFE_METHODS:
            return None
        origin = request.headers.get("origin")
        site = request.headers.get("sec-fetch-site")
        if site is not None and site not in _OWN_SITES:
            return Problem(403, "requests from pages of other sites are refused")
        if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
            return Problem(403, "requests from pages of other sites are refused")
        return None


class BodyLimit:
    """Refuses bodies that are too large, by what they say of themselves and by what arrives."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        is_upload = headers.get("content-type", "").startswith("multipart/form-data")
        largest = LARGEST_UPLOAD_BYTES if is_upload else LARGEST_JSON_BYTES
        said = headers.get("content-length", "")
        if said.isdigit() and int(said) > largest:
            await problem_response(Request(scope), _too_large(largest))(scope, receive, send)
            return
        arrived = 0

        async def counted() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > largest:
                raise _too_large(largest)
            return message

        await self._app(scope, counted, send)


def _too_large(largest: int) -> Problem:
    message = f"the body is larger than {largest:,} bytes"
    return Problem(413, message, [FieldError("/file", "too_large", message)], {"Connection": "close"})
