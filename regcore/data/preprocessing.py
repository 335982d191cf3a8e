"""Preprocessing of tables: what is learned of the training rows' columns, applied to them and to the validation rows.

Numbers: missing ones become the median, then mean 0 and standard deviation 1. Categories: one column of 0 and 1 each,
missing being a category too, the rarest sharing one column where there are very many; what the training rows do not
know is all zeros. Columns that do not vary over the training rows are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from regcore.data.errors import CannotPrepare
from regcore.data.rows import Column

MOST_CATEGORIES = 255
"""Columns of 0 and 1 that one column of categories may become: an identifier must not become a column for each row."""

_ORIGIN = re.compile(r"^\w+?__x(\d+)")
"""Features are called "numeric__x0", and "categorical__x3_1.0" where one of a category."""


def fit_columns(training: NDArray[np.float64], columns: Sequence[Column]) -> ColumnTransformer:
    """The transformer of a table `[n, F]` into float inputs `[n, features]`, fitted on its training rows.

    Raises:
        CannotPrepare: no column varies over the training rows.
    """
    varying = [place for place in range(len(columns)) if _varies(training[:, place])]
    if not varying:
        raise CannotPrepare(f"none of the {len(columns)} columns varies over the {len(training)} training rows")
    transformer = ColumnTransformer(
        [
            (
                "numeric",
                make_pipeline(SimpleImputer(strategy="median"), StandardScaler()),
                [place for place in varying if columns[place].categories is None],
            ),
            (
                "categorical",
                OneHotEncoder(
                    handle_unknown="infrequent_if_exist", max_categories=MOST_CATEGORIES, sparse_output=False
                ),
                [place for place in varying if columns[place].categories is not None],
            ),
        ],
        sparse_threshold=0,
    )
    return transformer.fit(training)


def inputs_of(transformer: ColumnTransformer, values: NDArray[np.float64]) -> NDArray[np.float32]:
    """The inputs `[n, features]` of rows `[n, F]`."""
    inputs: NDArray[Any] = transformer.transform(values)
    return inputs.astype(np.float32)


def origins(transformer: ColumnTransformer) -> list[int]:
    """The number of the column that each feature came from, in the features' order."""
    return [int(_ORIGIN.findall(name)[0]) for name in transformer.get_feature_names_out()]


def _varies(column: NDArray[np.float64]) -> bool:
    """Whether a column holds two different values; numbers that are missing do not count, they become the median."""
    present = column[~np.isnan(column)]
    return len(present) > 0 and bool((present != present[0]).any())
