"""Why rows cannot be had, as one tree.

DataError
├── UnknownDataset     no bundled data set has that name
├── UnreadableRows     a stored file is not what an import wrote
├── CannotSplit        there are too few rows for the parts asked for
└── CannotPrepare      the training rows hold nothing to learn from
"""

from __future__ import annotations


class DataError(Exception):
    """Rows cannot be had; the message says which and why."""


class UnknownDataset(DataError):
    """No bundled data set has that name."""


class UnreadableRows(DataError):
    """A stored file is missing, damaged, or not what an import wrote."""


class CannotSplit(DataError):
    """There are too few rows for the parts asked for."""


class CannotPrepare(DataError):
    """The training rows hold nothing to learn from."""
