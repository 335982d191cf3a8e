"""`POST /datasets`: tables and images that are taken, once, and what the answer says of them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from answers import document_of, errors_of
from fastapi.testclient import TestClient
from httpx2 import Response

DATASETS = "/api/v1/datasets"
ROWS = 20
TABLE = pl.DataFrame(
    {
        "age": [20 + row for row in range(ROWS)],
        "colour": ["red" if row % 3 else None for row in range(ROWS)],
        "kind": ["good" if row % 2 else "bad" for row in range(ROWS)],
    }
)
META = {"name": "people", "target": "kind", "task": "classification"}


def csv(table: pl.DataFrame = TABLE) -> bytes:
    return table.write_csv().encode()


def parquet() -> bytes:
    written = io.BytesIO()
    TABLE.write_parquet(written)
    return written.getvalue()


def npz() -> bytes:
    written = io.BytesIO()
    pixels = np.arange(ROWS * 4 * 4, dtype=np.uint8).reshape(ROWS, 4, 4)
    np.savez(written, X=pixels, y=np.arange(ROWS) % 2)
    return written.getvalue()


def post(
    client: TestClient, content: bytes = b"", filename: str = "people.csv", key: str | None = None, **meta: Any
) -> Response:
    return client.post(
        DATASETS,
        files={"file": (filename, content or csv())},
        data={"meta": json.dumps({**META, **meta})},
        headers={} if key is None else {"Idempotency-Key": key},
    )


def test_an_uploaded_table_is_ready(client_on_either: TestClient) -> None:
    dataset = document_of(post(client_on_either), 201)
    assert (dataset["state"], dataset["reused"], dataset["bundled"]) == ("ready", False, False)
    assert (dataset["name"], dataset["target"], dataset["task"]) == ("people", "kind", "classification")
    assert (dataset["rows"], dataset["shape"], dataset["classes"]) == (ROWS, [2], ["bad", "good"])
    assert {column["name"]: column["kind"] for column in dataset["columns"]} == {
        "age": "numeric",
        "colour": "categorical",
    }


def test_the_answer_says_where_it_is(client: TestClient) -> None:
    answer = post(client)
    where = answer.headers["location"]
    assert where == f"{DATASETS}/{answer.json()['id']}"
    assert document_of(client.get(where))["digest"] == answer.json()["digest"]


@pytest.mark.parametrize(("content", "filename"), [(parquet, "a.parquet"), (csv, "a.csv")])
def test_the_format_makes_no_difference_to_a_table(
    content: Callable[[], bytes], filename: str, client: TestClient
) -> None:
    dataset = document_of(post(client, content(), filename), 201)
    assert (dataset["rows"], dataset["class_counts"]) == (ROWS, [ROWS // 2, ROWS // 2])


def test_images_are_taken_from_npz(client: TestClient) -> None:
    answer = client.post(DATASETS, files={"file": ("a.npz", npz())}, data={"meta": '{"name": "images"}'})
    dataset = document_of(answer, 201)
    assert (dataset["kind"], dataset["shape"], dataset["task"]) == ("image", [1, 4, 4], "classification")


def test_a_column_is_what_the_user_says(client: TestClient) -> None:
    dataset = document_of(post(client, columns={"age": "categorical", "colour": "ignore"}), 201)
    kinds = {column["name"]: column["kind"] for column in dataset["columns"]}
    assert kinds["age"] == "categorical"
    assert kinds.get("colour", "ignore") == "ignore"
    assert dataset["shape"] == [1]


def test_a_column_that_is_left_out_is_said_on_the_data_set_and_on_its_studies(client: TestClient) -> None:
    names = TABLE.with_columns(name=pl.Series([f"person {row}" for row in range(ROWS)]))
    dataset = document_of(post(client, csv(names)), 201)
    (warning,) = [remark for remark in dataset["warnings"] if '"name"' in remark]
    study = client.post("/api/v1/studies", params={"validate_only": True}, json={"dataset": dataset["id"]})
    assert f"people: {warning}" in document_of(study)["warnings"]


def test_the_same_upload_again_is_the_one_that_is_there(client_on_either: TestClient) -> None:
    first, second = post(client_on_either), post(client_on_either)
    assert document_of(second)["reused"] is True
    assert second.json()["id"] == document_of(first, 201)["id"]


def test_other_rows_under_a_name_are_its_next_version(client: TestClient) -> None:
    post(client)
    dataset = document_of(post(client, csv(TABLE.head(ROWS - 2))), 201)
    assert (dataset["name"], dataset["version"]) == ("people", 2)


def test_a_key_gives_its_upload_again_and_no_other(client: TestClient) -> None:
    first = document_of(post(client, key="k"), 201)
    assert document_of(post(client, key="k"))["id"] == first["id"]
    assert errors_of(post(client, key="k", name="others")) == [("/header/Idempotency-Key", "reused")]


def test_a_study_can_name_it(client: TestClient) -> None:
    dataset = document_of(post(client), 201)
    for name in ("people", dataset["id"], f"people@{dataset['digest']}"):
        study = document_of(client.post("/api/v1/studies", json={"dataset": name, "budget": {"trials": 4}}), 201)
        assert study["dataset_digest"] == dataset["digest"]
