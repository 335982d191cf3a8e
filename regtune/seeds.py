"""Seeds: whole numbers in [0, 2⁶³) that depend on what they are for and on nothing else.

A lost fit is trained again with the same seed, and a worker's lanes, batches and neighbours do not enter. The purpose
is part of every key, so that no two uses of a study's seed share a stream.
"""

from __future__ import annotations

import hashlib

_BITS = 63


def fit_seed(study_seed: int, trial_number: int, fold: int, repeat: int) -> int:
    """The seed of a trial's fit: of its initial weights, the order of its batches and all its noise."""
    return _seed("fit", study_seed, trial_number, fold, repeat)


def split_seed(study_seed: int) -> int:
    """The seed that parts a study's rows into training and validation, once the test rows are out."""
    return _seed("split", study_seed)


def test_seed(digest: str, share: float) -> int:
    """The seed that takes the test rows out: of the data's digest and the test share alone, whatever the study."""
    return _seed("test", digest, share)


def _seed(*key: str | int | float) -> int:
    text = "\x1f".join(repr(part) for part in key)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> (64 - _BITS)
