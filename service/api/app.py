"""The application: every route of the contract on one database."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

from fastapi import APIRouter, Depends, FastAPI

from regcore.catalog import load
from service.api import problems
from service.api.bodies import BodyLimit
from service.api.guards import Guards, HeadAsGet
from service.api.routes import catalog, datasets, docs, health, studies, trials, workers
from service.api.surroundings import Surroundings, strict_request
from service.store.database import Database
from service.store.files import FileStore
from service.store.settings import Settings

PREFIX = "/api/v1"
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")


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
    )
    app.state.surroundings = Surroundings(
        database=database,
        files=files,
        catalog=load(),
        uploads=settings.data / "uploads",
        worker_silence_seconds=settings.lease_seconds,
    )
    problems.install(app)
    # The last that is added comes first.
    app.add_middleware(BodyLimit)
    app.add_middleware(HeadAsGet)
    app.middleware("http")(Guards(hosts))
    api = APIRouter(prefix=PREFIX, dependencies=[Depends(strict_request)])
    for route in (catalog, datasets, studies, trials, workers):
        api.include_router(route.router)
    app.include_router(api)
    app.include_router(health.router, dependencies=[Depends(strict_request)])
    app.include_router(docs.router)
    docs.mount(app)
    return app
