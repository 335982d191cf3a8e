"""What a user sees of an upload."""

import json

import numpy as np
import pytest

from service.datasets import ImportedDataset

CSV = b"age,colour,empty,y\n1,red,,no\n2,blue,,yes\n,red,,no\n6,,,no\n"


@pytest.fixture
def imported(read) -> ImportedDataset:
    found: ImportedDataset = read(CSV, target="y")
    return found


def test_a_numeric_column_has_its_statistics(imported) -> None:
    assert imported.profile["columns"][0] == {
        "name": "age",
        "kind": "numeric",
        "missing": 1,
        "missing_share": 0.25,
        "distinct": 3,
        "minimum": 1.0,
        "median": 2.0,
        "mean": 3.0,
        "deviation": pytest.approx((14 / 3) ** 0.5),
        "maximum": 6.0,
    }


def test_a_categorical_column_has_its_most_frequent_values(imported) -> None:
    assert imported.profile["columns"][1]["most_frequent"] == [
        {"category": "red", "rows": 2},
        {"category": "blue", "rows": 1},
    ]


def test_a_column_without_a_value_has_no_statistics(imported) -> None:
    assert imported.profile["columns"][2]["missing_share"] == 1.0
    assert imported.profile["columns"][2]["mean"] is None


def test_classes_have_their_rows_and_shares(imported) -> None:
    assert imported.profile["target"] == {
        "name": "y",
        "task": "classification",
        "classes": [{"class": "no", "rows": 3, "share": 0.75}, {"class": "yes", "rows": 1, "share": 0.25}],
    }


def test_a_regression_has_statistics_of_its_target(read) -> None:
    assert read(CSV, target="y", columns={"empty": "ignore"}).profile["target"]["task"] == "classification"
    found = read(b"x,y\n1,0.5\n2,1.5\n", target="y").profile["target"]
    assert (found["task"], found["mean"], found["maximum"]) == ("regression", 1.0, 1.5)


def test_images_have_the_range_of_their_pixels(read, npz) -> None:
    found = read(npz(X=np.array([[[0, 255]], [[10, 11]]], dtype=np.uint8), y=np.array([0, 1])), "a.npz").profile
    assert found["pixels"] == {"type": "uint8", "minimum": 0.0, "mean": 69.0, "maximum": 255.0}


def test_it_is_json_and_survives_the_way_to_another_process(imported) -> None:
    document = json.loads(json.dumps(imported.to_json(), allow_nan=False))
    assert ImportedDataset.from_json(document) == imported


def test_it_tells_size_and_digest_of_the_stored_file(imported, stored) -> None:
    assert imported.profile["file"]["bytes"] == stored.stat().st_size
    assert len(imported.profile["file"]["sha256"]) == 64
