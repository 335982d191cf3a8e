"""What a worker can train, as it says in its row: kinds with their meanings, architectures, device and versions.

All of it is read from the catalogue and from package metadata: the worker's main process imports no torch.
"""

from __future__ import annotations

import importlib.metadata
import platform
from typing import Any

from regcore.catalog import Catalog

_PACKAGES = ("regtune", "torch", "numpy", "scikit-learn", "celery")


def capabilities(catalog: Catalog, device: str) -> dict[str, Any]:
    """The capabilities as JSON values; a kind's meaning is the version of what it computes."""
    return {
        "kinds": {kind.kind: kind.meaning for kind in catalog.kinds},
        "architectures": [architecture.kind for architecture in catalog.architectures],
        "optimizers": [optimizer.kind for optimizer in catalog.optimizers],
        "schedules": [schedule.kind for schedule in catalog.schedules],
        "devices": [device],
    }


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that decide what is computed; one not installed is left out."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
