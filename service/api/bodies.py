"""What a body must be before anyone reads it: of bearable size, and of the type that its path takes."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Request, params
from fastapi.dependencies.models import Dependant
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from regtune.errors import FieldError
from service.api.problems import Problem
from service.api.problems import response as problem_response

LARGEST_JSON_BYTES = 2**20
LARGEST_UPLOAD_BYTES = 51 * 2**20
_JSON = "application/json"
_FORM = "multipart/form-data"


class BodyLimit:
    """Refuses bodies that are too large, by what they say of themselves and by what arrives."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        largest = LARGEST_UPLOAD_BYTES if _content_type(request) == _FORM else LARGEST_JSON_BYTES
        said = request.headers.get("content-length", "")
        if said.isdigit() and int(said) > largest:
            await problem_response(request, _too_large(largest))(scope, receive, send)
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


def check_content_type(request: Request, route: Dependant) -> None:
    """Refuses a body of another type than the route takes; no body at all is for the route to judge.

    Raises:
        Problem: 415, which names the type that is taken.
    """
    taken = _taken(route.body_params)
    if taken is None or _has_no_body(request):
        return
    got = _content_type(request)
    if got == taken or (taken == _JSON and got.startswith("application/") and got.endswith("+json")):
        return
    message = f"this path takes {taken}, got {got or 'a body of no type'}"
    raise Problem(415, message, [FieldError("/header/Content-Type", "wrong_type", message)], {"Accept-Post": taken})


def _taken(fields: Sequence[object]) -> str | None:
    if not fields:
        return None
    is_form = any(isinstance(getattr(field, "field_info", None), params.Form) for field in fields)
    return _FORM if is_form else _JSON


def _has_no_body(request: Request) -> bool:
    said = request.headers.get("content-length")
    return said == "0" or (said is None and "transfer-encoding" not in request.headers)


def _content_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _too_large(largest: int) -> Problem:
    message = f"the body is larger than {largest:,} bytes"
    return Problem(413, message, [FieldError("", "too_large", message)], {"Connection": "close"})
