"""What the routes work with: the database, the files, the catalogue, and the project that a request belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, get_args, get_origin

from fastapi import Depends, Request, params
from fastapi.dependencies.utils import get_flat_params
from starlette.datastructures import QueryParams

from regcore.catalog import Catalog
from regtune.errors import FieldError
from regtune.nearest import suggestion
from regtune.study.values import is_line
from service.api.bodies import check_content_type
from service.api.problems import Problem, not_available
from service.store.database import Database
from service.store.files import FileStore
from service.store.tables import DEFAULT_PROJECT_ID


@dataclass(frozen=True)
class Surroundings:
    """One for each application; `uploads` is the folder in which uploads are received."""

    database: Database
    files: FileStore
    catalog: Catalog
    uploads: Path
    worker_silence_seconds: float
    project_id: str = DEFAULT_PROJECT_ID


def surroundings(request: Request) -> Surroundings:
    """Those of the application that answers."""
    found: Surroundings = request.app.state.surroundings
    return found


Here = Annotated[Surroundings, Depends(surroundings)]


# Parameters of the contract that no route has yet.
_LATER = frozenset({"wait_s", "version"})


def strict_request(request: Request) -> None:
    """Refuses what a route would pass over or no database could take, and headers whose promise is not kept yet."""
    if "if-match" in request.headers:
        raise not_available("/header/If-Match", "If-Match is not available yet; leave it out")
    if not all(is_line(str(part)) for part in request.path_params.values()):
        raise Problem(404, "there is nothing at a path with control characters")
    route = request.scope["route"].dependant
    check_content_type(request, route)
    declared = get_flat_params(route)
    types = {
        field.alias: field.field_info.annotation for field in declared if isinstance(field.field_info, params.Query)
    }
    errors = list(_query_errors(request.query_params, types))
    if errors:
        raise Problem(422, "the query is not valid: see errors", errors)


def _query_errors(query: QueryParams, types: Mapping[str, object]) -> Iterator[FieldError]:
    for name in query:
        values = query.getlist(name)
        at = f"/query/{name}"
        if name in _LATER and name not in types:
            yield FieldError(at, "not_available", f"{name} is not available yet; leave it out")
        elif name not in types:
            yield FieldError(at, "unknown_key", f"this path has no parameter {name!r}; {suggestion(name, types)}")
        elif len(values) > 1 and not _takes_many(types[name]):
            yield FieldError(at, "duplicate", f"{name} is given {len(values)} times; it may be given once")
        elif not all(map(is_line, values)):
            yield FieldError(at, "wrong_characters", f"{name} is one line without control characters, got {values!r}")


def _takes_many(kind: object) -> bool:
    return get_origin(kind) is list or any(map(_takes_many, get_args(kind)))
