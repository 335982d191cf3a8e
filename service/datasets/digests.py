"""The digest of a data set: the SHA-256 of what it holds, the same whatever file it came in.

Hashed are a JSON header, then each column or array by itself: numbers as little-endian bytes, missing ones as one NaN
and zeros as +0; texts as their lengths in bytes (int32, −1 where missing) and then their UTF-8.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from polars import DataFrame, Float64, Int32, Series, String


def digest_of(header: Mapping[str, Any], parts: DataFrame | Iterable[Series | NDArray[Any]]) -> str:
    """The digest, 64 hexadecimal digits, of a header and of columns or arrays in their order."""
    digest = hashlib.sha256(json.dumps(header, sort_keys=True, ensure_ascii=False).encode())
    for part in parts:
        for content in _bytes_of(part):
            digest.update(content)
    return digest.hexdigest()


def _bytes_of(part: Series | NDArray[Any]) -> Iterable[bytes]:
    if isinstance(part, np.ndarray):
        return [np.ascontiguousarray(part).astype(part.dtype.newbyteorder("<"), copy=False).tobytes()]
    if part.dtype == String:
        lengths = part.str.len_bytes().cast(Int32).fill_null(-1).to_numpy()
        return [lengths.astype("<i4").tobytes(), "".join(part.drop_nulls()).encode()]
    numbers = part.cast(Float64).fill_null(float("nan")).to_numpy() + 0.0
    return [np.where(np.isnan(numbers), np.nan, numbers).astype("<f8").tobytes()]
