"""What the routes work with: the database, the files, the catalogue, and the project that a request belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request, params
from fastapi.dependencies.utils import get_flat_params

from regcore.catalog import Catalog
from regtune.errors import FieldError
from regtune.nearest import suggestion
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


def strict_request(request: Request) -> None:
    """Refuses query parameters that a route does not have, and headers whose promise is not kept yet."""
    if "if-match" in request.headers:
        raise not_available("/header/If-Match", "If-Match is not available yet; leave it out")
    declared = get_flat_params(request.scope["route"].dependant)
    allowed = [field.alias for field in declared if isinstance(field.field_info, params.Query)]
    errors = [
        FieldError(f"/query/{name}", "unknown_key", f"this path has no parameter {name!r}; {suggestion(name, allowed)}")
        for name in request.query_params
        if name not in allowed
    ]
    if errors:
        raise Problem(422, "the query is not valid: see errors", errors)
