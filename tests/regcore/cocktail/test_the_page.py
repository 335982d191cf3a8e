"""The page about loops of one's own: its code runs as it stands, in twenty lines."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import torch

PAGE = Path(__file__).resolve().parents[3] / "docs" / "own-loop.md"


def code() -> str:
    """The page's first block of Python."""
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_it_takes_twenty_lines() -> None:
    assert len([line for line in code().splitlines() if line]) <= 20


def test_the_loop_learns_digits() -> None:
    torch.manual_seed(0)
    names: dict[str, Any] = {}
    exec(compile(code(), str(PAGE), "exec"), names)
    with torch.no_grad():
        found = names["trained"].eval()(names["inputs"][1400:]).argmax(-1)
    assert (found == names["targets"][1400:]).float().mean() > 0.9
