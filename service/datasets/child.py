"""The limited process: reads one upload, told by a line of JSON on its standard input, answers on its standard output.

The answer is `{"imported": …}` or `{"errors": […]}`. The process ends at once when its standard input is closed: then
whoever asked is gone.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import sys
import threading
from typing import Any

import polars

from service.datasets.errors import FILE, NO_ROOM, NOT_READABLE, TOO_LARGE, InvalidDataset, refused
from service.datasets.limits import Limits
from service.datasets.reading import read_upload
from service.datasets.upload import Upload

_STANDARD_INPUT = 0
_WRITING_FAILED = {
    errno.EFBIG: (TOO_LARGE, "the rows take more room than a data set may"),
    errno.ENOSPC: (NO_ROOM, "the disk of the service is full"),
}


def main() -> None:
    """The process, from its request to its answer."""
    request = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=end_with_the_parent, name="lifeline", daemon=True).start()
    limits = Limits(**request["limits"])
    limit_resources(limits)
    json.dump(answer(Upload.from_json(request["upload"]), limits), sys.stdout)


def answer(upload: Upload, limits: Limits) -> dict[str, Any]:
    """What the import found, or the errors of an upload that makes no data set."""
    try:
        return {"imported": read_upload(upload, limits).to_json()}
    except InvalidDataset as error:
        found = error
    except MemoryError:
        found = refused(
            FILE, TOO_LARGE, f"reading the file takes more memory than the {limits.memory_bytes} bytes allowed"
        )
    except OSError as error:
        if error.errno not in _WRITING_FAILED:
            raise
        found = refused(FILE, *_WRITING_FAILED[error.errno])
    except polars.exceptions.PanicException as error:
        found = refused(FILE, NOT_READABLE, f"the file is damaged: {error}")
    return {"errors": [error.to_json() for error in found.errors]}


def limit_resources(limits: Limits) -> None:
    """Limits this process for good; where it passes a limit, the kernel ends it or refuses it memory."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, limits.cpu_seconds)
    _limit(resource.RLIMIT_FSIZE, limits.output_bytes)
    if sys.platform == "linux":
        # Elsewhere the limit is refused or has no effect.
        _limit(resource.RLIMIT_AS, limits.memory_bytes)


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (allowed, allowed))


def end_with_the_parent() -> None:
    """Waits until standard input is closed, and ends this process there and then."""
    while os.read(_STANDARD_INPUT, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
