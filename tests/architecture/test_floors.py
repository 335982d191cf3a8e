"""The floors that import-linter cannot express: which few modules of regcore the words may use."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TORCH_FREE = frozenset({"regcore", "regcore.catalog", "regcore.hyper", "regcore.stopping"})


def imports_of(file: Path) -> Iterator[str]:
    """The modules that a file imports, `from package import module` as `package.module`."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "regcore":
            yield from (f"regcore.{name.name}" for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("package", ["regtune", "service"])
def test_only_the_torch_free_parts_of_regcore_are_imported(package: str, checkout: Path) -> None:
    outside = {
        f"{file.relative_to(checkout)} imports {name}"
        for file in (checkout / package).rglob("*.py")
        for name in imports_of(file)
        if name.split(".")[0] == "regcore" and ".".join(name.split(".")[:2]) not in TORCH_FREE
    }
    assert not outside


def test_the_worker_imports_the_store_and_nothing_else_of_the_service(checkout: Path) -> None:
    outside = {
        f"{file.relative_to(checkout)} imports {name}"
        for file in (checkout / "worker").rglob("*.py")
        for name in imports_of(file)
        if name.split(".")[0] == "service" and not name.startswith("service.store")
    }
    assert not outside
