"""Optuna is loaded by the coordinator alone, and there only for a study that learns."""

from __future__ import annotations

import subprocess
import sys

IMPORT_THE_STORE = """
import importlib, pkgutil, service.store
for module in pkgutil.walk_packages(service.store.__path__, "service.store."):
    if "migrations" not in module.name:
        importlib.import_module(module.name)
"""
DRAW_AT_RANDOM = """
from regtune.space import SearchSpace
from service.coordinator import command, suggest
suggest.build("random", SearchSpace(()), 0).suggest(0, 0)
"""


def loaded_by(code: str) -> frozenset[str]:
    """The top-level packages that a fresh process has loaded after the code."""
    code += "\nimport sys\nprint(*{name.split('.')[0] for name in sys.modules})"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    return frozenset(printed.splitlines()[-1].split())


def test_the_store_loads_no_optuna_torch_or_broker() -> None:
    assert not loaded_by(IMPORT_THE_STORE) & {"optuna", "torch", "celery", "kombu"}


def test_a_coordinator_of_studies_that_do_not_learn_loads_no_optuna_scipy_torch_or_worker() -> None:
    assert not loaded_by(DRAW_AT_RANDOM) & {"optuna", "scipy", "torch", "worker"}
