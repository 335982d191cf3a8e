"""regtune: finds the regularization a neural network needs, and proves which part of it earned its place.

What a user imports. Names are loaded when they are first asked for, so that `import regtune` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from regtune.errors import FieldError, InvalidStudy, RegtuneError, StudyFileError

if TYPE_CHECKING:
    from regtune.client import Client
    from regtune.study_file import read_study_file

__all__ = ["Client", "FieldError", "InvalidStudy", "RegtuneError", "StudyFileError", "read_study_file"]

_LOADED_WHEN_ASKED = {"Client": "regtune.client", "read_study_file": "regtune.study_file"}


def __getattr__(name: str) -> object:
    if name not in _LOADED_WHEN_ASKED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(_LOADED_WHEN_ASKED[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
