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


class UnknownDataset(DataError):  # noqa: N818  # what happened, not that it is an error
    """No bundled data set has that name."""


class UnreadableRows(DataError):  # noqa: N818  # what happened, not that it is an error
    """A stored file is missing, damaged, or not what an import wrote."""


class CannotSplit(DataError):  # noqa: N818  # what happened, not that it is an error
    """There are too few rows for the parts asked for."""


class CannotPrepare(DataError):  # noqa: N818  # what happened, not that it is an error
    """The training rows hold nothing to learn from."""
