"""Real tables and images: each is imported as it is described, and its rows become a split."""

import json
from pathlib import Path
from typing import Any

import pytest

from regcore.data import prepare, read_rows, split_rows
from service.datasets import ImportedDataset, import_dataset, parse_meta

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "data"
TABLES = (
    "adult",
    "anneal",
    "arrhythmia",
    "blood-transfusion",
    "connect-4",
    "credit-g",
    "jungle-chess-2pcs",
    "kr-vs-kp",
    "mfeat-factors",
    "phoneme",
    "segment",
)

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="needs the real data sets in ../shared/data")


def imported(name: str, destination: Path, filename: str, **meta: Any) -> ImportedDataset:
    return import_dataset(FOLDER / filename, filename, parse_meta(json.dumps({"name": name, **meta})), destination)


def check_split(found: ImportedDataset, stored: Path) -> None:
    """The stored rows are those that were described, and make finite training and validation rows of every class."""
    columns = [column.to_json() for column in found.columns]
    rows = read_rows(
        stored, kind=found.kind, columns=columns, target=found.target, task=found.task, classes=found.classes
    )
    assert (len(rows), rows.shape, rows.classes) == (found.rows, found.shape, found.classes)
    indices = split_rows(rows, validation=0.2, test=0.2, stratify=True, test_seed=1, split_seed=2)
    split = prepare(rows, indices)
    assert split.inputs_train.isfinite().all()
    assert split.inputs_validation.isfinite().all()
    assert (split.targets_train.sum(0) > 0).all()


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_imported_as_it_is_described(name: str, tmp_path: Path) -> None:
    facts = json.loads((FOLDER / "datasets.json").read_text())[name]
    kinds = dict.fromkeys(facts["categorical_columns"], "categorical")
    found = imported(name, tmp_path / "rows", facts["file"], target="target", task="classification", columns=kinds)
    assert found.rows == facts["rows"]
    assert len(found.classes or ()) == facts["classes"]
    assert len(found.columns) == facts["features"]
    assert sum(column.missing for column in found.columns) == facts["missing_cells"]
    check_split(found, tmp_path / "rows")


def test_kinds_are_inferred_as_they_are_described(tmp_path: Path) -> None:
    facts = json.loads((FOLDER / "datasets.json").read_text())["credit-g"]
    found = imported("credit-g", tmp_path / "rows", facts["file"], target="target")
    assert [column.name for column in found.columns if column.kind == "categorical"] == facts["categorical_columns"]


def test_images_are_imported_as_they_are_described(tmp_path: Path) -> None:
    found = imported("mnist5k", tmp_path / "rows", "mnist5k.npz")
    assert (found.shape, found.rows, found.class_counts) == ((1, 28, 28), 5000, (500,) * 10)
    check_split(found, tmp_path / "rows")
