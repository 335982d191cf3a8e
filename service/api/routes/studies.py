"""Studies: submitted, listed, read, stopped and deleted."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version as version_of
from typing import Annotated, Any, Literal

import yaml
from fastapi import APIRouter, Body, Depends, Query, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection

from regtune.dataset import DatasetFacts, bundled_facts
from regtune.space import space_of
from regtune.states import STUDY_ENDED, StudyState
from regtune.study import ParsedStudy, parse_study
from service.api.documented import DocumentedRoute
from service.api.documents import BestDocument, StudyDocument, ValidatedDocument
from service.api.lists import ListOf, page_request
from service.api.problems import Problem, not_available
from service.api.rendering import best_document, study_document
from service.api.replays import IdempotencyKey, request_key
from service.api.surroundings import Here, Surroundings
from service.api.versions import IfNoneMatch, etag, unchanged
from service.store.datasets import dataset_names, facts_of, find_dataset
from service.store.endings import stop_study
from service.store.errors import UnknownTrial
from service.store.pages import PageRequest
from service.store.requests import RequestKey, recall
from service.store.studies import NewStudy, StoredStudy, create_study, delete_study
from service.store.study_rows import StudyRow, list_studies, progress, study_row, study_version
from service.store.trials import TrialRow, best, trial

router = APIRouter(tags=["studies"], route_class=DocumentedRoute)

_EXAMPLE = {
    "dataset": "digits",
    "training": {"epochs": 30, "optimizer": {"kind": "adam", "learning_rate": {"low": 1e-3, "high": 1e-2}}},
    "regularizers": [
        {"kind": "dropout", "rate": {"low": 0.0, "high": 0.5}, "gate": "search"},
        {"kind": "l2", "gate": "search"},
        {"kind": "early_stopping", "patience": 4},
    ],
    "budget": {"trials": 64},
}


class Stop(BaseModel):
    """How to stop a study."""

    model_config = ConfigDict(extra="forbid")

    mode: Literal["drain", "now"] = "drain"


@router.get("/studies", summary="List studies", response_model=ListOf[StudyDocument])
def list_all(
    here: Here,
    page: Annotated[PageRequest, Depends(page_request)],
    state: StudyState | None = None,
    name: str | None = None,
) -> Any:
    """The studies, the newest first."""
    with here.database.read() as connection:
        found = list_studies(connection, here.project_id, page, state=state, name=name)
        items = _documents(connection, found.items)
    return {"items": items, "next_page_token": found.next_page_token, "total": None}


@router.post(
    "/studies",
    summary="Submit a study",
    status_code=201,
    response_model=StudyDocument | ValidatedDocument,
    responses={200: {"model": ValidatedDocument, "description": "What it would be, with `validate_only`."}},
)
def submit(
    response: Response,
    here: Here,
    definition: Annotated[dict[str, Any], Body(examples=[_EXAMPLE])],
    validate_only: Annotated[bool, Query(description="Check and resolve it, and store nothing.")] = False,
    idempotency_key: IdempotencyKey = None,
) -> Any:
    """Submit a study, which begins at once; or, with `validate_only`, learn what it would be.

    `resources.precision` is that of the products in layers; weights, moments and losses are float32 in each. `float32`,
    the default, multiplies exactly on every device. `tf32`, on GPUs only, and `bfloat16` are coarser: a fit is as
    independent of the others as in float32, but takes another course than in another precision, so that scores can be
    compared within the study alone. A worker that cannot multiply so leaves the trials queued, and `waiting` says so.
    """
    if validate_only:
        response.status_code = 200
        return _validated(here, definition)
    stored = _stored(here, definition, request_key(idempotency_key, "/studies", definition))
    if stored.reused:
        response.status_code = 200
    response.headers["Location"] = f"/api/v1/studies/{stored.row.id}"
    response.headers["ETag"] = etag(stored.row.version)
    with here.database.read() as connection:
        return {**_documents(connection, (stored.row,))[0], "reused": stored.reused}


@router.get("/studies/{study_id}", summary="Read a study", response_model=StudyDocument)
def read(study_id: str, response: Response, here: Here, if_none_match: IfNoneMatch = None) -> Any:
    """A study with its progress, its baseline and its best."""
    with here.database.read() as connection:
        known = unchanged(study_version(connection, here.project_id, study_id), if_none_match)
        if known is not None:
            return known
        row = study_row(connection, here.project_id, study_id)
        response.headers["ETag"] = etag(row.version)
        return _documents(connection, (row,))[0]


@router.delete("/studies/{study_id}", summary="Delete a study", status_code=204)
def delete(study_id: str, here: Here) -> None:
    """Delete a study; one that runs is stopped."""
    delete_study(here.database, here.project_id, study_id)


@router.post("/studies/{study_id}:stop", summary="Stop a study", response_model=StudyDocument)
def stop(study_id: str, response: Response, here: Here, how: Annotated[Stop | None, Body()] = None) -> Any:
    """Stop a study: `drain` lets running trials end, `now` cancels them. Everything found stays."""
    with here.database.read() as connection:
        study_version(connection, here.project_id, study_id)
    stop_study(here.database, study_id, (how or Stop()).mode)
    return read(study_id, response, here)


@router.get("/studies/{study_id}/best", summary="Read the best setting", response_model=BestDocument)
def read_best(
    study_id: str,
    response: Response,
    here: Here,
    format: Annotated[Literal["json", "yaml", "python"], Query()] = "json",  # noqa: A002  # the contract's name
    if_none_match: IfNoneMatch = None,
) -> Any:
    """The best setting of the search so far."""
    if format == "python":
        raise not_available("/query/format", "a runnable script is not available yet; ask for json or yaml")
    with here.database.read() as connection:
        row = study_row(connection, here.project_id, study_id)
        known = unchanged(row.version, if_none_match)
        if known is not None:
            return known
        found = best(connection, study_id, row.direction)
    if found is None:
        ended = "; the study has ended without one" if row.state in STUDY_ENDED else " yet"
        raise Problem(404, f"no trial has ended with a value{ended}")
    if format == "yaml":
        text = yaml.safe_dump(best_document(found), sort_keys=False, allow_unicode=True)
        return Response(text, media_type="application/yaml", headers={"ETag": etag(row.version)})
    response.headers["ETag"] = etag(row.version)
    return best_document(found)


def _documents(connection: Connection, rows: tuple[StudyRow, ...]) -> list[dict[str, Any]]:
    counts = progress(connection, [row.id for row in rows])
    return [
        study_document(row, counts[row.id], best(connection, row.id, row.direction), _baseline(connection, row))
        for row in rows
    ]


def _baseline(connection: Connection, row: StudyRow) -> TrialRow | None:
    if not row.definition["baselines"]:
        return None
    try:
        plain = trial(connection, row.id, 0)
    except UnknownTrial:
        return None
    return plain if plain.value is not None else None


def _validated(here: Surroundings, definition: Mapping[str, Any]) -> dict[str, Any]:
    with here.database.read() as connection:
        parsed = _parsed(here, connection, definition)
    return {
        "definition": parsed.definition.to_json(),
        "space": space_of(parsed.definition, here.catalog).to_json(),
        "warnings": list(parsed.warnings),
        "forecast": None,
    }


def _stored(here: Surroundings, definition: Mapping[str, Any], key: RequestKey | None) -> StoredStudy:
    with here.database.read() as connection:
        made = recall(connection, here.project_id, key)
        if made is not None:
            # The definition is not looked at again: the data set that it names may be gone by now.
            return StoredStudy(study_row(connection, here.project_id, made), reused=True)
        parsed = _parsed(here, connection, definition)
    return create_study(here.database, _new(here, parsed), key)


def _parsed(here: Surroundings, connection: Connection, definition: Mapping[str, Any]) -> ParsedStudy:
    bundled = {one.name: one for one in here.catalog.datasets}

    def find(reference: str) -> DatasetFacts | None:
        if reference in bundled:
            return bundled_facts(bundled[reference])
        row = find_dataset(connection, here.project_id, reference)
        return None if row is None else facts_of(row)

    def names() -> tuple[str, ...]:
        return (*dataset_names(connection, here.project_id), *bundled)

    return parse_study(definition, here.catalog, find, names)


def _new(here: Surroundings, parsed: ParsedStudy) -> NewStudy:
    kinds = [use.kind for use in parsed.definition.regularizers]
    return NewStudy(
        project_id=here.project_id,
        definition=parsed.definition,
        dataset_id=parsed.dataset.id,
        dataset_digest=parsed.dataset.digest,
        versions={"regtune": version_of("regtune"), "catalog": str(here.catalog.version)},
        meanings={kind: here.catalog.kind(kind).meaning for kind in kinds},
        warnings=parsed.warnings,
    )
