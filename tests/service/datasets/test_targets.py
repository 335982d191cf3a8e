"""What is to be predicted."""

import polars
import pytest

from service.datasets import Limits


def csv(targets: list[str]) -> bytes:
    return ("x,y\n" + "".join(f"{place * place},{target}\n" for place, target in enumerate(targets))).encode()


@pytest.mark.parametrize(
    ("targets", "task", "classes"),
    [
        (["no", "yes", "no"], "classification", ("no", "yes")),
        (["true", "false", "true"], "classification", ("false", "true")),
        (["0", "1", "0"], "classification", ("0", "1")),
        (["10", "9", "2.0"], "classification", ("2", "9", "10")),
        ([str(number) for number in range(20)], "classification", tuple(map(str, range(20)))),
        ([str(number) for number in range(21)], "regression", None),
        (["0.5", "1", "2"], "regression", None),
        (["1", "2", "many"], "classification", ("1", "2", "many")),
    ],
)
def test_the_task_follows_from_the_target(targets, task, classes, read) -> None:
    imported = read(csv(targets), target="y")
    assert (imported.task, imported.classes) == (task, classes)


def test_the_task_may_be_said(read) -> None:
    numbers = csv(["1", "2", "2"])
    assert read(numbers, target="y", task="regression").classes is None
    assert read(csv(["1.5", "2", "2"]), target="y", task="classification").classes == ("1.5", "2")


def test_rows_are_counted_class_by_class(read) -> None:
    assert read(csv(["b", "a", "b", "c"]), target="y").class_counts == (1, 2, 1)


def test_na_and_none_are_classes(read) -> None:
    assert read(csv(["NA", "None", "nan"]), target="y").classes == ("NA", "None", "nan")


def test_numbers_are_stored_for_a_regression_and_names_for_classes(read, stored) -> None:
    read(csv(["1", "2", "2"]), target="y", task="regression")
    assert polars.read_parquet(stored)["y"].to_list() == [1.0, 2.0, 2.0]
    read(csv(["1", "2", "2"]), target="y")
    assert polars.read_parquet(stored)["y"].to_list() == ["1", "2", "2"]


def test_no_target_named_is_refused_with_the_last_column(refuse) -> None:
    error = refuse(csv(["1", "2"]))
    assert (error.pointer, error.code) == ("/meta/target", "missing")
    assert 'the last is "y"' in error.message


def test_a_target_that_the_file_lacks_is_refused_with_the_nearest_name(refuse) -> None:
    error = refuse(b"age,income,label\n1,2,a\n2,3,b\n", target="lable")
    assert (error.pointer, error.code) == ("/meta/target", "unknown_name")
    assert error.message == 'there is no column "lable"; did you mean "label"?'


@pytest.mark.parametrize("targets", [["no", "no", "no"], ["1", "1", "1"]])
def test_one_class_only_is_refused(targets, refuse) -> None:
    error = refuse(csv(targets), target="y")
    assert (error.pointer, error.code) == ("/meta/target", "one_class")
    assert f'"{targets[0]}" in every row' in error.message


def test_one_number_only_is_refused(refuse) -> None:
    error = refuse(csv(["2.5", "2.5"]), target="y", task="regression")
    assert (error.pointer, error.code) == ("/meta/target", "constant_target")


@pytest.mark.parametrize("task", [None, "classification", "regression"])
@pytest.mark.parametrize("hole", ["", "NaN", " "])
def test_a_missing_target_is_refused_with_its_row(task, hole, refuse) -> None:
    error = refuse(csv(["1", "2", hole, hole]), target="y", task=task)
    assert (error.pointer, error.code) == ("/meta/target", "missing_value")
    assert "2 cells of the target have no value, the first in row 3" in error.message


def test_words_that_meta_names_are_missing_in_the_target_too(refuse) -> None:
    assert refuse(csv(["no", "?", "yes"]), target="y", missing="?").code == "missing_value"


@pytest.mark.parametrize("target", ["inf", "-inf", "1e999"])
def test_a_target_that_is_not_finite_is_refused_with_its_row(target, refuse) -> None:
    error = refuse(csv(["1", target, "2.5"]), target="y")
    assert (error.pointer, error.code) == ("/meta/target", "not_finite")
    assert "in row 2" in error.message


def test_text_among_the_numbers_of_a_regression_is_refused_with_its_row(refuse) -> None:
    error = refuse(csv(["1", "2", "many"]), target="y", task="regression")
    assert (error.pointer, error.code) == ("/meta/target", "not_a_number")
    assert 'row 3 holds "many"' in error.message


def test_more_classes_than_the_limit_are_refused(refuse) -> None:
    error = refuse(csv(["1.5", "2", "3"]), target="y", task="classification", limits=Limits(classes=2))
    assert (error.pointer, error.code) == ("/meta/target", "too_many_classes")
