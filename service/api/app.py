"""The application: every route of the contract on one database."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Depends, FastAPI

from regcore.catalog import load
from service.api import problems
from service.api.guards import BodyLimit, Guards
from service.api.routes import catalog, datasets, docs, health, studies, trials, workers
from service.api.surroundings import Surroundings, strict_request
from service.store.database import Database
from service.store.files import FileStore
from service.store.settings import Settings

PREFIX = "/api/v1"
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")
_REFUSALS = (400, 404, 409, 413, 415, 422, 500, 503, 507)


def create_app(
    database: Database, files: FileStore, settings: Settings, hosts: Sequence[str] = LOOPBACK_HOSTS
) -> FastAPI:
    """The application on an open database; `hosts` are the names by which it may be addressed."""
    app = FastAPI(
        title="regtune",
        version=version("regtune"),
        summary="Finds the regularization a neural network needs.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        responses=_documented_refusals(),
    )
    app.state.surroundings = Surroundings(
        database=database,
        files=files,
        catalog=load(),
        uploads=settings.data / "uploads",
        worker_silence_seconds=settings.lease_seconds,
    )
    problems.install(app)
    app.middleware("http")(Guards(hosts))
    app.add_middleware(BodyLimit)
    api = APIRouter(prefix=PREFIX, dependencies=[Depends(strict_request)])
    for route in (catalog, datasets, studies, trials, workers):
        api.include_router(route.router)
    app.include_router(api)
    app.include_router(health.router, dependencies=[Depends(strict_request)])
    app.include_router(docs.router)
    docs.mount(app)
    return app


def _documented_refusals() -> dict[int | str, dict[str, Any]]:
    schema = {
        "type": "object",
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
                    "properties": {name: {"type": "string"} for name in ("pointer", "code", "message")},
                },
            },
        },
    }
    content = {problems.MEDIA_TYPE: {"schema": schema}}
    return {status: {"description": "A problem (RFC 9457).", "content": content} for status in _REFUSALS}
