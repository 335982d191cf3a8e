"""Reading NPZ: what the zip archive and each array's header declare is checked before anything is unpacked.

No object array is ever read, since unpickling one runs whatever its author wrote.
"""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from numpy.lib import format as npy
from numpy.typing import NDArray

from regtune.nearest import suggestion
from regtune.study.values import shown
from service.datasets.errors import FILE, NOT_READABLE, TOO_LARGE, refused
from service.datasets.limits import Limits

REQUIRED = ("X", "y")
OPTIONAL = ("X_test", "y_test")
_SUFFIX = ".npy"
_ENCRYPTED = 1
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# An archive that lies about its offsets has the operating system refuse to seek there.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)
_KINDS = {"X": "buif", "y": "buifUS"}
_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def read_npz(path: Path, limits: Limits) -> Mapping[str, NDArray[Any]]:
    """The arrays of an NPZ file by name: `X` and `y`, and `X_test` and `y_test` or neither.

    Raises:
        InvalidDataset: it cannot be read, holds other arrays or objects, or more than it may.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(archive, limits)
            for name, member in members.items():
                with archive.open(member) as file:
                    _check_header(file, name, member.file_size)
            arrays = {}
            for name, member in members.items():
                with archive.open(member) as file:
                    arrays[name] = npy.read_array(file, allow_pickle=False)
            return arrays
    except _DAMAGED as cause:
        raise refused(FILE, NOT_READABLE, f"the NPZ file is cut off or damaged: {cause}") from cause


def _members(archive: zipfile.ZipFile, limits: Limits) -> dict[str, zipfile.ZipInfo]:
    found = {member.filename.removesuffix(_SUFFIX): member for member in archive.infolist()}
    for name, member in found.items():
        if name not in REQUIRED + OPTIONAL or not member.filename.endswith(_SUFFIX):
            near = suggestion(name, REQUIRED + OPTIONAL)
            raise refused(
                FILE, "unknown_name", f"the file holds {shown(member.filename)}, which is no array of ours; {near}"
            )
        if member.flag_bits & _ENCRYPTED or member.compress_type not in _PACKINGS:
            raise refused(FILE, NOT_READABLE, f"the array {name} is encrypted, or packed in a way numpy does not use")
    if len(found) < len(archive.infolist()):
        raise refused(FILE, "duplicate", "the file holds an array twice")
    lacking = [name for name in REQUIRED if name not in found]
    if len(found) == len(REQUIRED) + 1:
        lacking += [name for name in OPTIONAL if name not in found]
    if lacking:
        raise refused(
            FILE, "missing", f"the file holds no array {lacking[0]}; it holds {', '.join(found) or 'nothing'}"
        )
    unpacked = sum(member.file_size for member in found.values())
    if unpacked > limits.content_bytes:
        raise refused(FILE, TOO_LARGE, f"the arrays unpack to {unpacked} bytes; allowed are {limits.content_bytes}")
    return found


def _check_header(file: IO[bytes], name: str, member_bytes: int) -> None:
    """Refuses an array whose header does not say what the archive says, or whose values are not of a kind we read."""
    version = npy.read_magic(file)
    if version not in _HEADERS:
        raise refused(FILE, NOT_READABLE, f"the array {name} has a header of version {version}; allowed are 1 and 2")
    shape, _, dtype = _HEADERS[version](file)
    if dtype.hasobject:
        raise refused(
            FILE,
            "object_array",
            f"{name} holds Python objects, which are never read; give it a dtype of numbers or texts",
        )
    kinds = _KINDS[name[0]]
    if dtype.kind not in kinds:
        allowed = "numbers" if name[0] == "X" else "numbers or texts"
        raise refused(FILE, "wrong_type", f"{name} holds values of type {dtype}; allowed are {allowed}")
    declared = file.tell() + math.prod(shape) * dtype.itemsize
    if declared != member_bytes:
        raise refused(
            FILE,
            "wrong_shape",
            f"{name} declares the shape {list(shape)} of {dtype}, {declared} bytes in all, and has {member_bytes}",
        )
