"""The package itself: what it offers, and what importing it does not load."""

from __future__ import annotations

import subprocess
import sys

import pytest

import regtune

HEAVY = ("torch", "optuna", "sqlalchemy", "fastapi", "numpy", "pydantic", "httpx2", "yaml", "celery")


@pytest.mark.parametrize("name", regtune.__all__)
def test_every_name_that_is_offered_can_be_had(name: str) -> None:
    assert getattr(regtune, name).__name__ == name


def test_a_name_that_is_not_offered_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Studies'"):
        regtune.Studies  # noqa: B018  # the look-up is the test


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = f"import regtune, sys; print(*[name for name in {HEAVY} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []


def test_the_words_load_neither_torch_nor_optuna_nor_a_database_nor_a_web_framework() -> None:
    code = (
        "import regtune.study, regtune.space, regtune.pruning, regtune.study_file, sys;"
        "print(*[name for name in ('torch', 'optuna', 'sqlalchemy', 'fastapi', 'numpy') if name in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []
