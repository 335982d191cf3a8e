"""Study files whose data set lies beside them."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripted_server import ScriptedServer, problem

from regtune import InvalidStudy
from regtune.client import Client, ProblemError
from regtune.client.study_files import with_dataset_uploaded


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "train.csv").write_text("x,y\n1,a\n")
    return tmp_path


def pointers(refused: pytest.ExceptionInfo[InvalidStudy]) -> list[str]:
    return [error.pointer for error in refused.value.errors]


def test_a_name_is_left_as_it_is(client: Client, server: ScriptedServer, folder: Path) -> None:
    assert with_dataset_uploaded(client, {"dataset": "wine"}, folder) == {"dataset": "wine"}
    assert server.requests == []


def test_a_path_becomes_the_id_of_what_was_uploaded(client: Client, server: ScriptedServer, folder: Path) -> None:
    server.on("POST", "/datasets", {"id": "01DATA"})
    document = {"name": "churn", "dataset": {"path": "train.csv", "target": "y"}}
    assert with_dataset_uploaded(client, document, folder) == {"name": "churn", "dataset": "01DATA"}


def test_a_file_that_is_not_there_is_refused_before_anything_is_sent(
    client: Client, server: ScriptedServer, folder: Path
) -> None:
    with pytest.raises(InvalidStudy, match=r"there is no file .*test\.csv") as refused:
        with_dataset_uploaded(client, {"dataset": {"path": "test.csv"}}, folder)
    assert pointers(refused) == ["/dataset/path"]
    assert server.requests == []


def test_an_unknown_key_is_refused_with_the_nearest_one(client: Client, folder: Path) -> None:
    with pytest.raises(InvalidStudy, match='did you mean "target"') as refused:
        with_dataset_uploaded(client, {"dataset": {"path": "train.csv", "targt": "y"}}, folder)
    assert pointers(refused) == ["/dataset/targt"]


@pytest.mark.parametrize("dataset", [{}, {"target": "y"}, {"path": 3}])
def test_a_mapping_without_a_path_is_refused(dataset: dict[str, object], client: Client, folder: Path) -> None:
    with pytest.raises(InvalidStudy, match="say where the file lies") as refused:
        with_dataset_uploaded(client, {"dataset": dataset}, folder)
    assert pointers(refused) == ["/dataset/path"]


def test_what_the_server_refuses_points_into_the_study_file(
    client: Client, server: ScriptedServer, folder: Path
) -> None:
    faults = (("/meta/target", "no such column"), ("/file", "one class only"), ("/meta/columns/x", "is text"))
    server.on("POST", "/datasets", problem(422, "invalid", *faults))
    with pytest.raises(InvalidStudy) as refused:
        with_dataset_uploaded(client, {"dataset": {"path": "train.csv", "target": "z"}}, folder)
    assert pointers(refused) == ["/dataset/target", "/dataset/path", "/dataset/columns/x"]


def test_a_refusal_that_is_not_about_the_file_stays_what_it_is(
    client: Client, server: ScriptedServer, folder: Path
) -> None:
    server.on("POST", "/datasets", problem(413, "the file is too large"))
    with pytest.raises(ProblemError, match="the file is too large"):
        with_dataset_uploaded(client, {"dataset": {"path": "train.csv"}}, folder)
