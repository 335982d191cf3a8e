"""The bundled data sets: those that scikit-learn ships, under names that a study may use without an upload."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn import datasets as shipped

from regcore.catalog import BundledDataset
from regcore.data.errors import UnknownDataset
from regcore.data.rows import Column, Images, Rows, Table

_LARGEST_INTENSITY = 16
_UCI = "UCI Machine Learning Repository"


@dataclass(frozen=True, slots=True)
class _Bundled:
    """One bundled data set and what is to be said about it."""

    load: Callable[[], Rows]
    target: str
    doc: str
    source: str


def _table(load: Callable[[], Any]) -> Rows:
    """The rows of a scikit-learn bunch, numeric columns all; one without class names is a regression."""
    bunch = load()
    table = Table(bunch.data.astype(np.float64), tuple(Column(str(name)) for name in bunch.feature_names))
    if "target_names" not in bunch:
        return Rows(table, bunch.target.astype(np.float64), None)
    return Rows(table, bunch.target.astype(np.int64), tuple(str(name) for name in bunch.target_names))


def _digits_as_images() -> Rows:
    bunch = shipped.load_digits()
    pixels = (bunch.images[:, None] / _LARGEST_INTENSITY).astype(np.float32)
    return Rows(Images(pixels), bunch.target.astype(np.int64), tuple(str(name) for name in bunch.target_names))


_DIGITS = f"Alpaydin and Kaynak (1998), Optical Recognition of Handwritten Digits, {_UCI}, doi:10.24432/C50P49"

_BUNDLED: dict[str, _Bundled] = {
    "digits": _Bundled(
        _digits_as_images, "digit", "Handwritten digits as images of 8×8 pixels, intensities scaled to 0–1.", _DIGITS
    ),
    "digits-table": _Bundled(
        lambda: _table(shipped.load_digits), "digit", "Handwritten digits as a table of 64 intensities.", _DIGITS
    ),
    "breast_cancer": _Bundled(
        lambda: _table(shipped.load_breast_cancer),
        "diagnosis",
        "Cell nuclei measured in images of breast masses, malignant or benign.",
        f"Wolberg, Mangasarian, Street and Street (1995), {_UCI}, doi:10.24432/C5DW2B",
    ),
    "wine": _Bundled(
        lambda: _table(shipped.load_wine),
        "cultivar",
        "Chemical analyses of wines made from three cultivars.",
        f"Aeberhard and Forina (1992), {_UCI}, doi:10.24432/C5PC7J",
    ),
    "iris": _Bundled(
        lambda: _table(shipped.load_iris),
        "species",
        "Sepals and petals of three species of iris.",
        "Fisher (1936), doi:10.1111/j.1469-1809.1936.tb02137.x",
    ),
    "diabetes": _Bundled(
        # Scaled, the columns would depend on the order in which a machine adds.
        lambda: _table(lambda: shipped.load_diabetes(scaled=False)),
        "progression",
        "Diabetes patients: progression of the disease one year after ten measurements.",
        "Efron, Hastie, Johnstone and Tibshirani (2004), doi:10.1214/009053604000000067",
    ),
}


def bundled_names() -> tuple[str, ...]:
    """The names of the bundled data sets."""
    return tuple(_BUNDLED)


def load_bundled(name: str) -> Rows:
    """The rows of a bundled data set.

    Raises:
        UnknownDataset: there is none of that name.
    """
    if name not in _BUNDLED:
        raise UnknownDataset(f"there is no bundled data set {name!r}; there are {', '.join(_BUNDLED)}")
    return _BUNDLED[name].load()


def bundled_descriptions() -> tuple[BundledDataset, ...]:
    """The bundled data sets as the catalogue lists them."""
    return tuple(_described(name, bundled) for name, bundled in _BUNDLED.items())


def _described(name: str, bundled: _Bundled) -> BundledDataset:
    rows = bundled.load()
    counts = None if rows.classes is None else np.bincount(rows.targets, minlength=len(rows.classes)).tolist()
    return BundledDataset(
        name=name,
        task=rows.task,
        kind=rows.kind,
        shape=rows.shape,
        rows=len(rows),
        classes=rows.classes,
        class_counts=None if counts is None else tuple(counts),
        target=bundled.target,
        digest=_digest(rows),
        doc=bundled.doc,
        source=bundled.source,
    )


def _digest(rows: Rows) -> str:
    """The SHA-256 of the rows: the classes and column names, then inputs and targets as little-endian float64."""
    inputs = rows.inputs.values if isinstance(rows.inputs, Table) else rows.inputs.pixels
    names = [column.name for column in rows.inputs.columns] if isinstance(rows.inputs, Table) else None
    header = json.dumps({"classes": rows.classes, "columns": names, "shape": inputs.shape}, sort_keys=True)
    digest = hashlib.sha256(header.encode())
    for array in (inputs, rows.targets):
        digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return digest.hexdigest()
