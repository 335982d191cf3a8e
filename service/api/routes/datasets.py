"""Data sets: uploaded, listed, read and deleted; the bundled ones stand beside them."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile

from regcore.catalog import BundledDataset
from regtune.errors import FieldError
from service.api.documented import DocumentedRoute
from service.api.documents import DatasetDocument, UploadedDocument
from service.api.lists import ListOf, page_request
from service.api.problems import Problem
from service.api.rendering import bundled_document, dataset_document
from service.api.replays import IdempotencyKey, request_key
from service.api.surroundings import Here, Surroundings
from service.datasets import ImportedDataset, import_dataset, parse_meta
from service.store.datasets import (
    NewDataset,
    create_dataset,
    dataset_row,
    delete_dataset,
    list_datasets,
)
from service.store.pages import PageRequest

router = APIRouter(tags=["data sets"], route_class=DocumentedRoute)

_PARTS = ("file", "meta")


@router.get("/datasets", summary="List data sets", response_model=ListOf[DatasetDocument])
def list_all(here: Here, page: Annotated[PageRequest, Depends(page_request)], name: str | None = None) -> Any:
    """All versions of the data sets that were uploaded, the newest first; after them, the bundled ones."""
    with here.database.read() as connection:
        found = list_datasets(connection, here.project_id, page, name)
    items = [dataset_document(row) for row in found.items]
    if found.next_page_token is None:
        items += [bundled_document(one) for one in here.catalog.datasets if name in (None, one.name)]
    return {"items": items, "next_page_token": found.next_page_token, "total": None}


async def _strict_form(request: Request) -> None:
    """Refuses parts that an upload does not have, and a part that comes twice."""
    form = await request.form()
    errors = []
    for name in form:
        count = len(form.getlist(name))
        if name not in _PARTS:
            message = f"an upload has no part {name!r}; there are {', '.join(_PARTS)}"
            errors.append(FieldError(f"/{name}", "unknown_key", message))
        elif count > 1:
            errors.append(FieldError(f"/{name}", "duplicate", f"{name} comes {count} times; it may come once"))
    if errors:
        raise Problem(422, "the form is not valid: see errors", errors)


@router.post(
    "/datasets",
    summary="Upload a data set",
    status_code=201,
    response_model=UploadedDocument,
    responses={200: {"model": UploadedDocument, "description": "It is there already."}},
    dependencies=[Depends(_strict_form)],
)
def upload(
    response: Response,
    here: Here,
    file: Annotated[UploadFile, File(description="CSV (plain or gzipped), Parquet or NPZ.")],
    meta: Annotated[str, Form(description="JSON: name, target, task, columns, missing.")],
    idempotency_key: IdempotencyKey = None,
) -> Any:
    """Upload a data set: it is parsed, checked and profiled before the answer. The same again answers 200, `reused`."""
    said = parse_meta(meta, reserved={bundled.name for bundled in here.catalog.datasets})
    here.uploads.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=here.uploads) as folder:
        received, normalized = Path(folder) / "received", Path(folder) / "normalized"
        with received.open("wb") as to:
            shutil.copyfileobj(file.file, to)
        imported = import_dataset(received, file.filename or "", said, normalized)
        key = request_key(idempotency_key, "/datasets", {"digest": imported.digest, "meta": said.to_json()})
        stored = create_dataset(here.database, _kept(here, said.name, imported, normalized), key)
    if stored.reused:
        response.status_code = 200
    response.headers["Location"] = f"/api/v1/datasets/{stored.row.id}"
    return {**dataset_document(stored.row), "reused": stored.reused}


@router.get("/datasets/{dataset_id}", summary="Read a data set", response_model=DatasetDocument)
def read(dataset_id: str, here: Here) -> Any:
    """One data set, by its id; a bundled one by its name."""
    bundled = _bundled(here, dataset_id)
    if bundled is not None:
        return bundled_document(bundled)
    with here.database.read() as connection:
        return dataset_document(dataset_row(connection, here.project_id, dataset_id))


@router.get("/datasets/{dataset_id}/profile", summary="Read the profile of a data set")
def read_profile(dataset_id: str, here: Here) -> dict[str, Any]:
    """What the columns of an uploaded data set look like."""
    if _bundled(here, dataset_id) is not None:
        raise Problem(404, f"{dataset_id!r} is bundled, and only data sets that were uploaded have a profile")
    with here.database.read() as connection:
        return dataset_row(connection, here.project_id, dataset_id).profile


@router.delete("/datasets/{dataset_id}", summary="Delete a data set", status_code=204)
def delete(dataset_id: str, here: Here) -> None:
    """Delete a data set; studies that were made with it can still be read and go on."""
    if _bundled(here, dataset_id) is not None:
        raise Problem(409, f"{dataset_id!r} is bundled, and cannot be deleted")
    delete_dataset(here.database, here.project_id, dataset_id)


def _bundled(here: Surroundings, name: str) -> BundledDataset | None:
    return next((one for one in here.catalog.datasets if one.name == name), None)


def _kept(here: Surroundings, name: str, imported: ImportedDataset, normalized: Path) -> NewDataset:
    """What to store of an import, once its file is kept."""
    # By the hash of the file and not of its content: another release may write the same content in other bytes, and
    # older rows must keep finding theirs.
    key = f"datasets/{imported.profile['file']['sha256']}{imported.suffix}"
    here.files.put(key, normalized)
    return NewDataset(
        project_id=here.project_id,
        name=name,
        digest=imported.digest,
        task=imported.task,
        kind=imported.kind,
        shape=imported.shape,
        rows=imported.rows,
        classes=imported.classes,
        class_counts=imported.class_counts,
        target=imported.target,
        columns=[column.to_json() for column in imported.columns],
        own_test=imported.own_test,
        profile=imported.profile,
        file=key,
    )
