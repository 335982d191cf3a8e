"""The errors that end `regtune up`, each with a message that says what to do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class EmbeddedError(Exception):
    """Something that keeps the embedded deployment from running."""


class FolderInUse(EmbeddedError):
    """Another supervisor runs on the data folder."""

    def __init__(self, folder: Path, pid: str) -> None:
        holder = f"process {pid}" if pid else "another process"
        super().__init__(f"{folder} is in use by {holder}: stop it, or choose another folder with --data")


class FolderUnusable(EmbeddedError):
    """A folder cannot be made, or is not ours alone."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"{folder} cannot be used ({reason}): choose another folder with --data")


class PortTaken(EmbeddedError):
    """The address cannot be listened on."""

    def __init__(self, host: str, port: int, cause: OSError) -> None:
        super().__init__(
            f"cannot listen on {host}:{port} ({cause.strerror}): choose another port, or --port 0 for a free one"
        )


class PartCannotStart(EmbeddedError):
    """A part ended right after its start, again and again or with the code for impossible settings."""

    def __init__(self, name: str, exit_code: int, last_lines: Sequence[str]) -> None:
        said = "".join(f"\n    {line}" for line in last_lines)
        super().__init__(f"{name} cannot start: it ended with code {exit_code}; its last lines:{said or ' none'}")


class BrokerUnreachable(EmbeddedError):
    """The embedded broker runs but does not answer."""

    def __init__(self, path: Path, within_seconds: float) -> None:
        super().__init__(f"the embedded broker did not answer on {path} within {within_seconds:g} s")
