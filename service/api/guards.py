"""What every request passes first: an id, a host that is ours, and an origin that is ours."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from fastapi import Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api import problems
from service.api.problems import Problem
from service.store.ids import new_id

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
        answer = await self._answer(request, call_next)
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

    async def _answer(self, request: Request, call_next: Next) -> Response:
        refused = self._refused(request)
        if refused is not None:
            return problems.response(request, refused)
        try:
            return await call_next(request)
        except Exception as error:
            # The framework would answer outside of this guard, without the id.
            return await problems.rendered(request, error)

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


class HeadAsGet:
    """Answers HEAD as it answers GET; the server that we run under leaves the body out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD":
            # A copy: the server looks at its own to know what was asked.
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)
