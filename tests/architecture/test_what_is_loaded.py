"""What a process loads: the heavy libraries stay out of the client, the CLI and the API."""

from __future__ import annotations

from collections.abc import Callable

import pytest

FRESH = Callable[[str], str]
LIGHT = frozenset({"alembic", "celery", "fastapi", "numpy", "optuna", "polars", "psycopg", "sqlalchemy", "torch"})
NOT_FOR_THE_API = frozenset({"celery", "kombu", "optuna", "sklearn", "torch", "worker"})

HELP = """
import sys
from regtune.cli.main import main
sys.argv = ["regtune", "--help"]
try:
    main()
except SystemExit:
    pass
"""


def loaded_by(code: str, fresh_python: FRESH) -> frozenset[str]:
    """The top-level packages that the code has loaded at its end."""
    printed = fresh_python(
        f"{code}\nimport sys\nprint('\\n' + ' '.join({{name.split('.')[0] for name in sys.modules}}))"
    )
    return frozenset(printed.splitlines()[-1].split())


@pytest.mark.parametrize("code", ["import regtune", "import regtune.client", HELP], ids=["words", "client", "help"])
def test_a_client_loads_no_torch_optuna_sql_or_server(code: str, fresh_python: FRESH) -> None:
    assert not loaded_by(code, fresh_python) & LIGHT


@pytest.mark.parametrize("kind", ["asha", "median"])
def test_a_pruner_loads_no_torch_optuna_sql_or_server(kind: str, fresh_python: FRESH) -> None:
    assert not loaded_by(f"import regtune.pruning.{kind}", fresh_python) & (LIGHT - {"numpy"})


@pytest.mark.parametrize("module", ["regcore", "regcore.hyper", "regcore.catalog", "regcore.stopping"])
def test_the_words_of_regcore_load_no_torch(module: str, fresh_python: FRESH) -> None:
    assert "torch" not in loaded_by(f"import {module}", fresh_python)


def test_the_api_loads_no_torch_optuna_or_broker(fresh_python: FRESH) -> None:
    assert not loaded_by("import service.api.app", fresh_python) & NOT_FOR_THE_API


def test_the_coordinator_loads_no_torch(fresh_python: FRESH) -> None:
    assert not loaded_by("import service.coordinator.command", fresh_python) & {"sklearn", "torch", "worker", "fastapi"}


def test_the_worker_loads_no_optuna_or_web(fresh_python: FRESH) -> None:
    assert not loaded_by("import worker.command, worker.app", fresh_python) & {"fastapi", "optuna", "uvicorn"}
