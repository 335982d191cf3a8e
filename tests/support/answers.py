"""Reading what the HTTP API answers: a resource, or the problem in place of one."""

from __future__ import annotations

import json
from typing import Any

from httpx2 import Response

PROBLEM = "application/problem+json"
_KEYS = {"type", "title", "status", "detail", "request_id", "errors"}


def document_of(response: Response, status: int = 200) -> dict[str, Any]:
    """The JSON object of an answer with this status; JSON has no NaN and no Infinity."""
    assert response.status_code == status, f"{response.status_code}: {response.text}"
    assert response.headers["content-type"] == "application/json"
    found = json.loads(response.text, parse_constant=_refuse)
    assert isinstance(found, dict)
    return found


def problem_of(response: Response, status: int) -> dict[str, Any]:
    """The problem (RFC 9457) of a refusal with this status, whole as the contract has it."""
    assert response.status_code == status, f"{response.status_code}: {response.text}"
    assert response.headers["content-type"] == PROBLEM
    found = json.loads(response.text, parse_constant=_refuse)
    assert isinstance(found, dict)
    assert found.keys() == _KEYS
    assert found["status"] == status
    assert found["request_id"] == response.headers["x-request-id"]
    return found


def errors_of(response: Response, status: int = 422) -> list[tuple[str, str]]:
    """The place and the code of each error of a refusal, in its order; each has a message."""
    errors = problem_of(response, status)["errors"]
    assert all(error["message"] for error in errors)
    return [(error["pointer"], error["code"]) for error in errors]


def message_of(response: Response, status: int = 422) -> str:
    """The message of the one error of a refusal."""
    errors = problem_of(response, status)["errors"]
    assert len(errors) == 1, errors
    message = errors[0]["message"]
    assert isinstance(message, str)
    return message


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} stands in JSON")
