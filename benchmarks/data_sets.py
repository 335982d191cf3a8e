"""The data sets of a search in the service: bundled ones, and tables of a folder that are uploaded to it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import httpx2

from benchmarks.definitions import parsed_on
from regcore.catalog import load
from regcore.data import Split
from regtune.dataset import bundled_facts
from service.store.database import open_database
from service.store.datasets import DatasetRow, dataset_row, facts_of
from service.store.files import FileStore
from service.store.tables import DEFAULT_PROJECT_ID
from worker.splits import Splits

TARGET = "target"


def upload(url: str, name: str, folder: Path) -> str:
    """The id of the table `<name>.csv.gz` of the folder, uploaded; its last column is the target, classes.

    Raises:
        FileNotFoundError: the folder has no such table.
    """
    content = gzip.decompress((folder / f"{name}.csv.gz").read_bytes())
    meta = json.dumps({"name": name, "target": TARGET, "task": "classification"})
    with httpx2.Client(base_url=f"{url}/api/v1", timeout=600) as client:
        answer = client.post("/datasets", files={"file": (f"{name}.csv", content)}, data={"meta": meta})
    document: dict[str, str] = answer.raise_for_status().json()
    if document["state"] != "ready":
        raise RuntimeError(f"{name} is {document['state']} after its upload, not ready: too large for this")
    return document["id"]


def split_of(data: Path, document: Mapping[str, object]) -> Split:
    """The rows on which the workers of a deployment on this folder train a study, as they prepare them."""
    name = str(document["dataset"])
    bundled = {each.name for each in load().datasets}
    stored = None if name in bundled else _stored(data, name)
    facts = bundled_facts(load().dataset(name)) if stored is None else facts_of(stored)
    return Splits(FileStore(data.as_uri())).of(parsed_on(facts, document).definition, facts, stored)


def _stored(data: Path, dataset_id: str) -> DatasetRow:
    with closing(open_database(f"sqlite:///{data / 'regtune.db'}")) as database, database.read() as connection:
        return dataset_row(connection, DEFAULT_PROJECT_ID, dataset_id)
