"""Study files: YAML 1.2, not 1.1, and errors that say where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regtune.errors import StudyFileError
from regtune.study_file import parse_study_text, read_study_file

FILE = Path("study.yaml")

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text("ab:-#1 "),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
)


def value_of(text: str) -> Any:
    return parse_study_text(f"it: {text}", FILE)["it"]


@pytest.mark.parametrize(
    ("text", "number"),
    [("1e-7", 1e-7), ("1E5", 1e5), (".5", 0.5), ("-3.", -3.0), ("+1.5e+3", 1500.0), ("6.02e23", 6.02e23)],
)
def test_a_float_of_yaml_1_2_is_a_float(text: str, number: float) -> None:
    value = value_of(text)
    assert (type(value), value) == (float, number)


@pytest.mark.parametrize(("text", "number"), [("12", 12), ("-7", -7), ("012", 12), ("0o14", 12), ("0x1F", 31)])
def test_an_integer_of_yaml_1_2_is_an_integer(text: str, number: int) -> None:
    value = value_of(text)
    assert (type(value), value) == (int, number)


@pytest.mark.parametrize("text", ["on", "off", "yes", "No", "2024-01-01", "12:30:45", "1_000", "0b1", "1e", "<<", "e7"])
def test_what_only_yaml_1_1_converts_stays_a_text(text: str) -> None:
    assert value_of(text) == text


@pytest.mark.parametrize(("text", "value"), [("true", True), ("False", False), ("null", None), ("~", None), ("", None)])
def test_the_three_words_of_the_core_schema_are_read(text: str, value: object) -> None:
    assert value_of(text) is value


@pytest.mark.parametrize("text", ['"1e-7"', "'on'", "!!str 1e-7"])
def test_a_quoted_number_is_a_text(text: str) -> None:
    assert isinstance(value_of(text), str)


def test_an_alias_repeats_what_it_names() -> None:
    assert parse_study_text("a: &range {low: 1, high: 2}\nb: *range", FILE)["b"] == {"low": 1, "high": 2}


@given(document=st.dictionaries(st.text("abc", min_size=1), json_values, max_size=4))
def test_json_is_read_as_json(document: dict[str, object]) -> None:
    assert parse_study_text(json.dumps(document), FILE) == document


@pytest.mark.parametrize(
    ("text", "line", "column", "problem"),
    [
        ("dataset: digits\nseed: 1\ndataset: wine\n", 3, 1, '"dataset" is written twice, first on line 1'),
        ("model:\n  width: 1\n  width: 2\n", 3, 3, '"width" is written twice, first on line 2'),
        ("dataset: digits\n1: x\n", 2, 1, "a key is a text"),
        ("dataset: !!python/object:os.system x\n", 1, 10, "the tag tag:yaml.org,2002:python/object:os.system"),
        ("dataset: &a [*a]\n", 1, 10, "an alias stands inside of what it names"),
        ("seed: .inf\n", 1, 7, ".inf is not finite"),
        ("seed: .nan\n", 1, 7, ".nan is not finite"),
        ("seed: 1e999\n", 1, 7, "1e999 is not finite"),
        ("dataset: !!int nine\n", 1, 10, "nine is no int"),
        ("regularizers: [l1\n", 2, 1, "expected ',' or ']'"),
        ("- dataset\n", 1, 1, "a study file holds one mapping"),
        ("", 1, 1, "a study file holds one mapping"),
        ("a: 1\n---\nb: 2\n", 2, 1, "expected a single document in the stream; but found another"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, line: int, column: int, problem: str) -> None:
    with pytest.raises(StudyFileError) as caught:
        parse_study_text(text, FILE)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert problem in caught.value.message
    assert str(caught.value).startswith(f"study.yaml:{line}:{column}: ")


def test_a_bottomless_file_is_refused() -> None:
    with pytest.raises(StudyFileError, match="nested too deeply"):
        parse_study_text("a: " + "[" * 5000, FILE)


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text("dataset: digits\nname: µ\n", encoding="utf-8")
    assert read_study_file(path) == {"dataset": "digits", "name": "µ"}


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StudyFileError, match=r"absent\.yaml: cannot be read: No such file"):
        read_study_file(tmp_path / "absent.yaml")


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_bytes(b"a: \xff")
    with pytest.raises(StudyFileError, match="not UTF-8 at byte 3"):
        read_study_file(path)
