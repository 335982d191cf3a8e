"""Data sets that users upload: parsed, checked and profiled in a limited process of their own, stored in one form.

No torch and no scikit-learn here: `regcore.data` turns the stored rows into tensors, in the worker.
"""

from service.datasets.errors import InvalidDataset
from service.datasets.imported import ColumnFacts, ImportedDataset
from service.datasets.importing import import_dataset
from service.datasets.limits import Limits
from service.datasets.meta import DatasetMeta, parse_meta

__all__ = ["ColumnFacts", "DatasetMeta", "ImportedDataset", "InvalidDataset", "Limits", "import_dataset", "parse_meta"]
