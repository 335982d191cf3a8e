"""Data as the lane engine takes it: rows that are bundled or stored, split, and prepared as tensors."""

from regcore.data.bundled import bundled_names, load_bundled
from regcore.data.errors import CannotPrepare, CannotSplit, DataError, UnknownDataset, UnreadableRows
from regcore.data.prepared import Split, prepare
from regcore.data.rows import Column, Images, Rows, Table
from regcore.data.splits import Indices, split_rows
from regcore.data.stored import read_rows

__all__ = [
    "CannotPrepare",
    "CannotSplit",
    "Column",
    "DataError",
    "Images",
    "Indices",
    "Rows",
    "Split",
    "Table",
    "UnknownDataset",
    "UnreadableRows",
    "bundled_names",
    "load_bundled",
    "prepare",
    "read_rows",
    "split_rows",
]
