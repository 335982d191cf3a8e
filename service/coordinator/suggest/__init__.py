"""The samplers, one file each: a file's name is the sampler's kind, and its `build` makes one.

Files are found by walking this folder and imported when a study first asks for one, so that a study that draws at
random loads no Optuna.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from regtune.space import SearchSpace
from service.coordinator.sampler import Sampler


def kinds() -> tuple[str, ...]:
    """The kinds of samplers there are, sorted."""
    return tuple(sorted(module.name for module in iter_modules(__path__)))


def build(kind: str, space: SearchSpace, seed: int) -> Sampler:
    """The sampler of a study with this space and seed.

    Raises `KeyError` for a kind that has no file here; definitions are checked before, so it means a mixed deployment.
    """
    if kind not in kinds():
        raise KeyError(f"there is no sampler {kind!r} here; there are {', '.join(kinds())}")
    module = import_module(f"{__name__}.{kind}")
    sampler: Sampler = module.build(space, seed)
    return sampler
