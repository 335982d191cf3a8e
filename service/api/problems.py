"""Problems: every refusal is one document of RFC 9457, rendered in this one place."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.routing import Match

from regtune.errors import FieldError, InvalidStudy
from regtune.study.values import shown
from service.datasets import InvalidDataset
from service.store.errors import BadPage, Conflict, KeyReused, NotThere, StaleVersion

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 2
_NO_SPACE = 28  # errno.ENOSPC
_VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_log = logging.getLogger(__name__)


class Problem(HTTPException):
    """A refusal: what a route raises when the request cannot be answered as it stands.

    One that is raised while a body is read passes the framework unchanged, as it is one of its own kind.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        errors: Iterable[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.errors = tuple(errors)


def not_available(pointer: str, message: str) -> Problem:
    """The refusal of something that the contract has and this version has not yet."""
    return Problem(422, message, [FieldError(pointer, "not_available", message)])


def install(app: FastAPI) -> None:
    """Render every refusal, and every error that can be expected, as a problem."""
    for kind in (Problem, RequestValidationError, HTTPException, InvalidStudy, InvalidDataset):
        app.add_exception_handler(kind, rendered)
    for of_store in (NotThere, Conflict, KeyReused, BadPage, DBAPIError, PoolTimeout, OSError):
        app.add_exception_handler(of_store, rendered)


def response(request: Request, problem: Problem) -> Response:
    """The answer that a problem becomes."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status_code).phrase,
        "status": problem.status_code,
        "detail": problem.detail,
        "request_id": getattr(request.state, "request_id", None),
        "errors": [error.to_json() for error in problem.errors],
    }
    return JSONResponse(document, problem.status_code, headers=problem.headers, media_type=MEDIA_TYPE)


async def rendered(request: Request, error: Exception) -> Response:
    """The answer that an error becomes; one that nobody expected is logged."""
    return response(request, _problem_of(request, error))


def _problem_of(request: Request, error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case RequestValidationError():
            return _invalid_request(error)
        case HTTPException(status_code=400):
            return _unreadable_body(error)
        case HTTPException(status_code=405):
            return _wrong_verb(request)
        case HTTPException(status_code=404):
            return Problem(404, f"there is nothing at {request.url.path}")
        case HTTPException():
            return Problem(error.status_code, str(error.detail), headers=error.headers)
        case InvalidStudy():
            return Problem(422, "the study is refused: see errors", error.errors)
        case InvalidDataset():
            return Problem(error.status, "the data set is refused: see errors", error.errors)
        case NotThere():
            return Problem(404, str(error))
        case StaleVersion():
            return Problem(412, str(error))
        case Conflict():
            return Problem(409, str(error))
        case KeyReused():
            return Problem(422, str(error), [FieldError("/header/Idempotency-Key", "reused", str(error))])
        case BadPage():
            return Problem(422, str(error), [FieldError(f"/query/{error.parameter}", "bad_page", str(error))])
        case OperationalError() | PoolTimeout():
            return _database_away(error)
        case OSError() if error.errno == _NO_SPACE:
            return Problem(507, "there is no room left to store this")
    _log.exception("request %s failed", getattr(request.state, "request_id", "?"), exc_info=error)
    return Problem(500, "something broke on our side; the log has it under this request_id")


def _database_away(error: Exception) -> Problem:
    if "disk is full" in str(error):
        return Problem(507, "there is no room left in the database")
    _log.warning("the database cannot be used: %s", error)
    retry = {"Retry-After": str(RETRY_SECONDS)}
    return Problem(503, "the database cannot be reached at the moment", headers=retry)


def _unreadable_body(error: HTTPException) -> Problem:
    """A body that is no UTF-8, nested too deep, a number of thousands of digits, or a broken multipart one."""
    message = f"the body cannot be read: {error.__cause__ or error.detail}"
    return Problem(422, message, [FieldError("", "unreadable", message)])


def _wrong_verb(request: Request) -> Problem:
    """Names all verbs of the path; the framework names those of the first route that has it."""
    routes = request.app.router.routes
    verbs = [
        verb
        for verb in _VERBS
        if any(route.matches({**request.scope, "method": verb})[0] is Match.FULL for route in routes)
    ]
    allowed = ", ".join(verbs)
    return Problem(405, f"{request.method} is not for this path; it takes {allowed}", headers={"Allow": allowed})


def _invalid_request(error: RequestValidationError) -> Problem:
    return Problem(422, "the request is not valid: see errors", map(_field_error, error.errors()))


def _field_error(fault: Mapping[str, Any]) -> FieldError:
    where, *path = fault["loc"]
    code, said = str(fault["type"]), str(fault["msg"])
    if code == "json_invalid":
        return FieldError("", code, f"the body is no JSON: {fault['ctx']['error']} at character {path[0]}")
    pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)
    if code == "extra_forbidden":
        return FieldError(pointer, "unknown_key", f"{shown(path[-1])} is not a key of this body")
    if code != "missing":
        said = f"{said}, got {shown(fault['input'])}"
    # What UTF-8 cannot hold, half of a surrogate pair, is written as its escape.
    said = said.encode("utf-8", "backslashreplace").decode()
    return FieldError(pointer if where == "body" else f"/{where}{pointer}", code, said)
