"""A folder of declared classes, one class a file: how methods are found without a list that someone must edit."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from typing import Generic, TypeVar

from regcore.hyper import Declared

Class = TypeVar("Class", bound=Declared)


class Folder(Generic[Class]):
    """The classes under one base that the files of a package define; a file's name is its class's kind."""

    def __init__(self, package: str, path: Iterable[str], base: type[Class]) -> None:
        self._package = package
        self._files = tuple(sorted(module.name for module in pkgutil.iter_modules(list(path))))
        self._base = base
        self._found: dict[str, type[Class]] = {}

    def kinds(self) -> tuple[str, ...]:
        """The names of the files, in alphabetical order."""
        return self._files

    def find(self, kind: str) -> type[Class]:
        """The class that the file of that name defines.

        Raises:
            KeyError: no file has that name.
            TypeError: the file defines no such class, or several.
        """
        if kind not in self._found:
            self._found[kind] = self._defined_in(kind)
        return self._found[kind]

    def _defined_in(self, kind: str) -> type[Class]:
        if kind not in self._files:
            raise KeyError(f"there is no {kind!r} in {self._package}; there are {', '.join(self._files)}")
        module = importlib.import_module(f"{self._package}.{kind}")
        own = [
            value
            for value in vars(module).values()
            if isinstance(value, type) and issubclass(value, self._base) and value.__module__ == module.__name__
        ]
        if len(own) != 1:
            raise TypeError(f"{module.__name__} defines {len(own)} classes of {self._base.__name__}; a file holds one")
        return own[0]
