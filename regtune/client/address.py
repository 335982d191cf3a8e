"""Where a client finds its server, and the key that it shows there."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import httpx2

from regtune.client.errors import InvalidAddress

DEFAULT_URL = "http://127.0.0.1:8000"
"""That of `regtune up`."""

API_PREFIX = "/api/v1"
_FILE_NAME = "regtune.toml"
_LOOPBACK = ("127.", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Address:
    """The URL of a server, without a slash or the API's prefix at its end, and a key or None."""

    url: str
    key: str | None

    @classmethod
    def found(
        cls,
        url: str | None,
        key: str | None,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> Self:
        """What the caller says, else `REGTUNE_URL` and `REGTUNE_KEY`, else `url` and `key` of `regtune.toml`.

        The environment is the process's own and the folder the present one where they are left out; a variable that
        is empty counts as not set.

        Raises:
            InvalidAddress: the URL is no http(s) URL, the key cannot be sent, or the file cannot be read.
        """
        told = os.environ if environment is None else environment
        url, key = url or told.get("REGTUNE_URL"), key or told.get("REGTUNE_KEY")
        if not (url and key):
            written = _written(Path.cwd() if folder is None else folder)
            url, key = url or written.get("url") or DEFAULT_URL, key or written.get("key") or None
        if key is not None and not (key.isascii() and key.isprintable()):
            raise InvalidAddress("the key that is shown to the server holds characters that no key has")
        return cls(_checked(url), key)

    @property
    def is_loopback(self) -> bool:
        """Whether the server is on this machine, where no proxy leads to."""
        return httpx2.URL(self.url).host.startswith(_LOOPBACK)


def _written(folder: Path) -> dict[str, str]:
    path = folder / _FILE_NAME
    if not path.is_file():
        return {}
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as cause:
        raise InvalidAddress(f"{path} cannot be read: {cause}") from cause
    return {name: str(document[name]) for name in ("url", "key") if name in document}


def _checked(url: str) -> str:
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL as cause:
        raise InvalidAddress(f"the server's URL is {url!r}: {cause}") from cause
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise InvalidAddress(f"the server's URL is {url!r}, but must be one such as {DEFAULT_URL}")
    return url.rstrip("/").removesuffix(API_PREFIX)
