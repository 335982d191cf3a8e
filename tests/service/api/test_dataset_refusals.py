"""`POST /datasets`: what is no data set is refused where it is wrong, and leaves nothing behind."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from answers import errors_of, problem_of
from fastapi.testclient import TestClient

from service.store.settings import Settings

DATASETS = "/api/v1/datasets"
ROWS = 20
META = {"name": "table", "target": "y"}
TABLE = "a,y\n" + "".join(f"{row},{'no' if row % 2 else 'yes'}\n" for row in range(ROWS))
BOMB_BYTES = 5 * 2**28


def npz(**arrays: Any) -> bytes:
    written = io.BytesIO()
    np.savez_compressed(written, allow_pickle=True, **arrays)
    return written.getvalue()


def bomb() -> bytes:
    """More than a gigabyte of zeros in a few megabytes."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|u1", "fortran_order": False, "shape": (BOMB_BYTES // 2**16, 2**8, 2**8)}
    )
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("X.npy", "w", force_zip64=True) as member:
            member.write(header.getvalue())
            for _ in range(BOMB_BYTES // 2**24):
                member.write(bytes(2**24))
        archive.writestr("y.npy", b"")
    return written.getvalue()


@pytest.fixture(autouse=True)
def _nothing_is_stored(
    stored_rows: Callable[[], dict[str, int]], settings: Settings, client: TestClient
) -> Iterator[None]:
    """Holds for every refusal here: no row and no file is left of it."""
    before = stored_rows()
    yield
    assert stored_rows() == before
    assert not [path for path in Path(settings.data).rglob("*") if path.is_file()]


REFUSED: dict[str, tuple[str, bytes | Callable[[], bytes], dict[str, Any], int, tuple[str, str]]] = {
    "empty": ("a.csv", b"", META, 422, ("/file", "empty")),
    "only a header": ("a.csv", b"a,y\n", META, 422, ("/file", "empty")),
    "truncated archive": (
        "a.npz",
        npz(X=np.zeros((4, 2)), y=np.arange(4) % 2)[:-30],
        {"name": "a"},
        422,
        ("/file", "not_readable"),
    ),
    "truncated parquet": ("a.parquet", b"PAR1 and then nothing", META, 422, ("/file", "not_readable")),
    "another type": ("a.xlsx", b"PK\x03\x04 a sheet", META, 415, ("/file", "unsupported_type")),
    "objects": (
        "a.npz",
        npz(X=np.array([{}, {}], dtype=object), y=[0, 1]),
        {"name": "a"},
        422,
        ("/file", "object_array"),
    ),
    "a zip bomb": ("a.npz", bomb, {"name": "a"}, 413, ("/file", "too_large")),
    "no such target": ("a.csv", TABLE.encode(), {**META, "target": "z"}, 422, ("/meta/target", "unknown_name")),
    "no target": ("a.csv", TABLE.encode(), {"name": "table"}, 422, ("/meta/target", "missing")),
    "one class": ("a.csv", TABLE.replace("no", "yes").encode(), META, 422, ("/meta/target", "one_class")),
    "text in a numeric column": (
        "a.csv",
        TABLE.replace("7,", "seven,").encode(),
        {**META, "columns": {"a": "numeric"}},
        422,
        ("/meta/columns/a", "not_a_number"),
    ),
    "no such column": (
        "a.csv",
        TABLE.encode(),
        {**META, "columns": {"b": "numeric"}},
        422,
        ("/meta/columns/b", "unknown_name"),
    ),
    "no such kind": (
        "a.csv",
        TABLE.encode(),
        {**META, "columns": {"a": "text"}},
        422,
        ("/meta/columns/a", "unknown_name"),
    ),
    "no such task": ("a.csv", TABLE.encode(), {**META, "task": "ranking"}, 422, ("/meta/task", "unknown_name")),
    "a task for later": ("a.csv", TABLE.encode(), {**META, "task": "multilabel"}, 422, ("/meta/task", "not_available")),
    "a column for later": ("a.csv", TABLE.encode(), {**META, "weight": "a"}, 422, ("/meta/weight", "not_available")),
    "an unknown key": ("a.csv", TABLE.encode(), {**META, "targets": "y"}, 422, ("/meta/targets", "unknown_key")),
    "the name of a bundled one": ("a.csv", TABLE.encode(), {**META, "name": "iris"}, 422, ("/meta/name", "duplicate")),
}


@pytest.mark.parametrize(("filename", "content", "meta", "status", "error"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_data_set_is_refused_where_it_is_wrong(
    filename: str,
    content: bytes | Callable[[], bytes],
    meta: dict[str, Any],
    status: int,
    error: tuple[str, str],
    client: TestClient,
) -> None:
    sent = content if isinstance(content, bytes) else content()
    answer = client.post(DATASETS, files={"file": (filename, sent)}, data={"meta": json.dumps(meta)})
    assert errors_of(answer, status) == [error]


def test_a_misspelt_target_is_told_its_neighbour(client: TestClient) -> None:
    table = TABLE.replace("a,y", "a,outcome")
    answer = client.post(DATASETS, files={"file": ("a.csv", table)}, data={"meta": '{"name": "a", "target": "outcom"}'})
    assert 'did you mean "outcome"' in problem_of(answer, 422)["errors"][0]["message"]


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ({"files": {"file": ("a.csv", TABLE)}}, ("/meta", "missing")),
        ({"files": {"file": ("a.csv", TABLE)}, "data": {"meta": "{"}}, ("/meta", "wrong_type")),
        ({"files": {"meta": (None, json.dumps(META))}}, ("/file", "missing")),
        (
            {"files": [("file", ("a.csv", TABLE)), ("file", ("b.csv", TABLE))], "data": {"meta": "{}"}},
            ("/file", "duplicate"),
        ),
        ({"files": {"file": ("a.csv", TABLE)}, "data": {"meta": "{}", "target": "y"}}, ("/target", "unknown_key")),
    ],
    ids=["no meta", "no JSON", "no file", "two files", "a part that is none"],
)
def test_a_form_has_one_file_and_one_meta(parts: dict[str, Any], error: tuple[str, str], client: TestClient) -> None:
    assert error in errors_of(client.post(DATASETS, **parts))


def test_a_broken_form_is_refused(client: TestClient) -> None:
    answer = client.post(DATASETS, content=b"?", headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert errors_of(answer) == [("", "unreadable")]
