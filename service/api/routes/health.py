"""Whether the process lives, and whether it can answer."""

from __future__ import annotations

from fastapi import APIRouter

from service.api.documented import DocumentedRoute
from service.api.problems import RETRY_SECONDS, Problem
from service.api.surroundings import Here
from service.store.database import at_head

router = APIRouter(tags=["health"], route_class=DocumentedRoute)


@router.get("/healthz", summary="Is the process alive?")
def healthz() -> dict[str, str]:
    """The process lives."""
    return {"status": "ok"}


@router.get("/readyz", summary="Can it answer?")
def readyz(here: Here) -> dict[str, str]:
    """The database answers and its tables are up to date."""
    if not at_head(here.database):
        retry = {"Retry-After": str(RETRY_SECONDS)}
        raise Problem(503, "the database's tables are not up to date: run `regtune db upgrade`", headers=retry)
    return {"status": "ready"}
