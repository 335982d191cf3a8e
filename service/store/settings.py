"""What a process is told by its surroundings: `REGTUNE_*` variables, and `regtune.toml` for those that are not set."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from service.store.errors import SettingsError

FILE_NAME = "regtune.toml"
_PREFIX = "REGTUNE_"
_NAMES = frozenset(
    {
        "database_url",
        "broker_url",
        "key_prefix",
        "data",
        "store",
        "url",
        "key",
        "lease_seconds",
        "sweep_seconds",
        "slice_seconds",
        "checkpoint_seconds",
        "device_hour_price",
    }
)
_DATABASES = ("sqlite", "postgresql")
_STORES = ("file", "s3")
_BROKERS = ("redis", "rediss", "redis+socket")
POLLING = "none"
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a process; durations are in seconds, the price in any currency per hour of a device."""

    data: Path
    database_url: str
    broker_url: str | None
    """None: the embedded one. `none` (POLLING): workers poll the database."""
    key_prefix: str
    store_url: str
    url: str | None
    key: str | None
    lease_seconds: float
    sweep_seconds: float
    slice_seconds: float
    checkpoint_seconds: float
    device_hour_price: float | None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None, folder: Path | None = None) -> Settings:
        """The settings from an environment (the process's own) and from `regtune.toml` in a folder (the present one).

        Raises:
            SettingsError: the file cannot be read or holds an unknown name, or a value is not of its type.
        """
        told = _File.read(folder or Path.cwd()).under(os.environ if environment is None else environment)
        data = Path(told.get("data", "./regtune-data")).absolute()
        return cls(
            data=data,
            database_url=told.address("database_url", _DATABASES) or f"sqlite:///{data / 'regtune.db'}",
            broker_url=told.address("broker_url", _BROKERS, POLLING),
            key_prefix=told.get("key_prefix", "regtune:"),
            store_url=told.address("store", _STORES) or data.as_uri(),
            url=told.get("url", "") or None,
            key=told.get("key", "") or None,
            lease_seconds=told.positive("lease_seconds", 30.0),
            sweep_seconds=told.positive("sweep_seconds", 5.0),
            slice_seconds=told.positive("slice_seconds", 300.0),
            checkpoint_seconds=told.positive("checkpoint_seconds", 30.0),
            device_hour_price=told.number("device_hour_price"),
        )


def checked_broker_url(url: str, named: str) -> str:
    """The URL of a broker, or `none`, which a command was given by the words `named`.

    Raises:
        SettingsError: it is neither.
    """
    return _checked_address(url, named, (POLLING,), _BROKERS)


def _checked_address(url: str, named: str, words: Sequence[str], schemes: Sequence[str]) -> str:
    """The URL, if it is one of the words or of the schemes; errors do not repeat it, as it may hold a password."""
    scheme, found, _ = url.partition("://")
    if url in words or (found and scheme.partition("+psycopg")[0] in schemes):
        return url
    got = f"begins with {scheme!r}" if found else "is no URL"
    allowed = ", ".join((*words, *(f"{known}://…" for known in schemes)))
    raise SettingsError(f"{named} {got}; allowed are {allowed}")


@dataclass(frozen=True, slots=True)
class _File:
    """What was told, by name in lower case, and where each came from."""

    values: Mapping[str, str]
    sources: Mapping[str, str]

    @classmethod
    def read(cls, folder: Path) -> _File:
        path = folder / FILE_NAME
        if not path.is_file():
            return cls({}, {})
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as cause:
            raise SettingsError(f"{path} cannot be read: {cause}") from cause
        unknown = sorted(set(document) - _NAMES)
        if unknown:
            raise SettingsError(f"{path} holds {unknown[0]!r}; allowed are {', '.join(sorted(_NAMES))}")
        values = {name: str(value) for name, value in document.items()}
        return cls(values, dict.fromkeys(values, str(path)))

    def under(self, environment: Mapping[str, str]) -> _File:
        """The environment's words over these; an empty variable is one that is not set."""
        told = {name: environment.get(_PREFIX + name.upper(), "") for name in sorted(_NAMES)}
        set_there = {name: value for name, value in told.items() if value}
        return _File(
            {**self.values, **set_there},
            {**self.sources, **{name: _PREFIX + name.upper() for name in set_there}},
        )

    def get(self, name: str, default: str) -> str:
        return self.values.get(name, default)

    def address(self, name: str, schemes: Sequence[str], *words: str) -> str | None:
        """A URL of one of the schemes, or one of the words."""
        url = self.values.get(name)
        return None if url is None else _checked_address(url, f"{self.sources[name]}: {name}", (*words,), schemes)

    def number(self, name: str) -> float | None:
        return self._parsed(name, float, "a number", lambda value: value >= 0)

    def positive(self, name: str, default: float) -> float:
        value = self._parsed(name, float, "a number above 0", lambda value: 0 < value < float("inf"))
        return default if value is None else value

    def _parsed(
        self, name: str, parse: Callable[[str], _Value], allowed: str, is_allowed: Callable[[_Value], bool]
    ) -> _Value | None:
        word = self.values.get(name)
        if word is None:
            return None
        try:
            value = parse(word)
        except ValueError as cause:
            raise SettingsError(f"{self.sources[name]}: {name} is {word!r}, but must be {allowed}") from cause
        if not is_allowed(value):
            raise SettingsError(f"{self.sources[name]}: {name} is {word!r}, but must be {allowed}")
        return value
