"""Routes that document, in `/openapi.json`, what each of them can answer besides its resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi.routing import APIRoute

from service.api import problems

_ALWAYS = {
    400: "This server is not called as the request says.",
    422: "Something in the request is invalid: `errors` point at it.",
    500: "Something broke; the log has it under `request_id`.",
    503: "The database cannot be reached; `Retry-After` says when to ask again.",
}
_OF_ONE_THING = {404: "There is no such thing."}
_CHANGING = {
    403: "A page of another site asks.",
    409: "Its state does not allow it.",
    507: "There is no room left.",
}
_WITH_BODY = {413: "The body is too large.", 415: "The body is of another type than this path takes."}
_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "A refusal (RFC 9457).",
    "required": ["type", "title", "status", "detail", "request_id", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": ["string", "null"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "message"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "A JSON pointer into the body; `/query/…` and `/header/…` point elsewhere.",
                    },
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}


class DocumentedRoute(APIRoute):
    """A route with its refusals, and with 304 where it can be asked for changes, among the documented answers."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        besides: dict[int | str, dict[str, Any]] = {
            status: {"description": text, "content": {problems.MEDIA_TYPE: {"schema": _PROBLEM}}}
            for status, text in self._refusals().items()
        }
        if self._is_conditional():
            besides[304] = {"description": "Nothing has changed since `If-None-Match`."}
        self.responses = {**besides, **self.responses}

    def _refusals(self) -> Mapping[int, str]:
        return {
            **_ALWAYS,
            **(_OF_ONE_THING if "{" in self.path else {}),
            **({} if "GET" in (self.methods or ()) else _CHANGING),
            **({} if self.body_field is None else _WITH_BODY),
        }

    def _is_conditional(self) -> bool:
        return any(parameter.name == "if_none_match" for parameter in self.dependant.header_params)
