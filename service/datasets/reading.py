"""Reading an upload, whatever its format: what the limited process does."""

from __future__ import annotations

from service.datasets.arrays import import_arrays
from service.datasets.csv_file import read_csv
from service.datasets.formats import format_of
from service.datasets.imported import ImportedDataset
from service.datasets.limits import Limits
from service.datasets.names import check_names
from service.datasets.npz_file import read_npz
from service.datasets.parquet_file import read_parquet
from service.datasets.table import TableImport
from service.datasets.upload import Upload


def read_upload(upload: Upload, limits: Limits) -> ImportedDataset:
    """Reads and checks an upload and writes its rows to its destination.

    Raises:
        InvalidDataset: it makes no data set.
    """
    found = format_of(upload.path, upload.filename, limits)
    if found == "npz":
        return import_arrays(read_npz(upload.path, limits), upload.meta, limits, upload.destination)
    if found == "parquet":
        frame = read_parquet(upload.path, upload.meta, limits)
    else:
        frame = read_csv(upload.path, limits, gzipped=found == "csv.gz")
    target = check_names(frame.columns, upload.meta)
    ignored = [name for name, kind in upload.meta.columns.items() if kind == "ignore"]
    importer = TableImport(upload.meta, limits, typed=found == "parquet")
    return importer.run(frame.drop(ignored), target, upload.destination)
