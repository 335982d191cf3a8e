"""The workshop: what a training process keeps between runs, its database, files, prepared data and orders."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from regcore.catalog import Catalog, load
from service.store.database import Database, open_database
from service.store.files import FileStore
from service.store.settings import Settings
from worker.options import WorkerOptions
from worker.pruning import Pruning
from worker.room import free_bytes
from worker.splits import Splits


@dataclass(frozen=True)
class Workshop:
    """One training process; `leave` is set when it must end its run at the next chunk.

    `free_bytes` tells how much memory is free on a device. `unsuited` says of studies that this process found it
    cannot train, by id, what it lacks for them; `pruning` holds what it knows of the trials of the studies with a
    cross-trial pruner that it trained last.
    """

    database: Database
    splits: Splits
    catalog: Catalog
    options: WorkerOptions
    lease_seconds: float
    slice_seconds: float
    free_bytes: Callable[[str], int | None] = free_bytes
    leave: threading.Event = field(default_factory=threading.Event)
    unsuited: dict[str, str] = field(default_factory=dict)
    pruning: dict[str, Pruning] = field(default_factory=dict)

    @classmethod
    def open(cls, options: WorkerOptions) -> Self:
        """The workshop that the process's settings describe."""
        settings = Settings.from_environment()
        return cls(
            database=open_database(settings.database_url),
            splits=Splits(FileStore(settings.store_url)),
            catalog=load(),
            options=options,
            lease_seconds=settings.lease_seconds,
            slice_seconds=settings.slice_seconds,
        )
