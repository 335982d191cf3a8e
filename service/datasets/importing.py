"""Importing: an upload is read in a process of its own, which may crash, hang or grow without harm to the service."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Any

from regtune.errors import FieldError
from service.datasets.errors import FILE, NOT_READABLE, TOO_LARGE, InvalidDataset, refused
from service.datasets.imported import ImportedDataset
from service.datasets.limits import DEFAULT_LIMITS, Limits
from service.datasets.meta import DatasetMeta
from service.datasets.upload import Upload

_log = logging.getLogger(__name__)

CHILD = "service.datasets.child"

# The child reads what strangers wrote: it gets what it needs to start, and no secret of the service.
_ENVIRONMENT = ("PATH", "PYTHONHOME", "LD_LIBRARY_PATH", "TMPDIR", "LANG", "LC_ALL")
_ONE_THREAD = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_OUT_OF_TIME = (signal.SIGXCPU, signal.SIGKILL)
_LOGGED_CHARACTERS = 4000


def import_dataset(
    path: Path, filename: str, meta: DatasetMeta, destination: Path, limits: Limits = DEFAULT_LIMITS
) -> ImportedDataset:
    """Reads, checks and profiles an uploaded file, and writes its rows to `destination` in the form workers read.

    `filename` is what the user calls the file at `path`. Nothing is at `destination` unless this returns; it is
    written beside it and renamed.

    Raises:
        InvalidDataset: the file makes no data set, or reading it took more than it may.
    """
    aside = destination.with_name(f"{destination.name}.part")
    try:
        imported = _read_in_child(Upload(path, filename, meta, aside), limits)
        aside.replace(destination)
        return imported
    finally:
        aside.unlink(missing_ok=True)


def _read_in_child(upload: Upload, limits: Limits) -> ImportedDataset:
    request = json.dumps({"upload": upload.to_json(), "limits": limits.to_json()})
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        returncode = _run(request, limits, output, errors)
        if returncode is None:
            raise refused(FILE, NOT_READABLE, f"reading the file takes more than the {limits.wall_seconds:g} s allowed")
        if returncode != 0:
            _log.error("an import ended with %d: %s", returncode, _text(errors)[-_LOGGED_CHARACTERS:])
            raise _broken(returncode, limits)
        answer: dict[str, Any] = json.loads(_text(output))
    if "errors" in answer:
        raise InvalidDataset(FieldError(**error) for error in answer["errors"])
    return ImportedDataset.from_json(answer["imported"])


def _run(request: str, limits: Limits, output: IO[bytes], errors: IO[bytes]) -> int | None:
    """Runs the child to its end, whose return code it gives, or kills it when its time is up."""
    with subprocess.Popen(
        [sys.executable, "-P", "-m", CHILD],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=errors,
        env=_environment(),
    ) as process:
        try:
            # The pipe stays open, and so tells the child that somebody waits for it.
            if process.stdin is not None:
                process.stdin.write(f"{request}\n".encode())
                process.stdin.flush()
            return process.wait(limits.wall_seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            process.kill()


def _environment() -> dict[str, str]:
    """What the child starts with; it imports from where this process does, and not from wherever it is started."""
    inherited = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return inherited | _ONE_THREAD | {"PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)}


def _broken(returncode: int, limits: Limits) -> InvalidDataset:
    if -returncode in _OUT_OF_TIME:
        return refused(
            FILE, NOT_READABLE, f"reading the file takes more than the {limits.cpu_seconds} s of computing allowed"
        )
    if returncode < 0:
        ended = signal.Signals(-returncode).name
        return refused(
            FILE,
            TOO_LARGE,
            f"reading the file ended with {ended}, likely for more memory than the {limits.memory_bytes} bytes allowed",
        )
    return refused(FILE, NOT_READABLE, "the file cannot be read, for a reason that the log of the service has")


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")
