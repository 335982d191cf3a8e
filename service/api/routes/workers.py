"""Workers: who lives, and what they can train."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from service.api.documented import DocumentedRoute
from service.api.documents import WorkerDocument
from service.api.lists import ListOf
from service.api.rendering import worker_document
from service.api.surroundings import Here
from service.store.workers import list_workers

router = APIRouter(tags=["workers"], route_class=DocumentedRoute)


@router.get("/workers", summary="List workers", response_model=ListOf[WorkerDocument])
def list_all(here: Here) -> Any:
    """The workers that were seen lately."""
    with here.database.read() as connection:
        found = [worker_document(row) for row in list_workers(connection, here.worker_silence_seconds)]
    return {"items": found, "next_page_token": None, "total": len(found)}
