"""What one `regtune up` runs: its folder, its address, and its parts."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from service.embedded.parts import Part
from service.store.settings import Settings

DEFAULT_PORT = 8000


@dataclass(frozen=True)
class Deployment:
    """The data folder, the address of the API, how many workers, and how many lanes each (None: their own default)."""

    folder: Path
    host: str
    port: int
    workers: int
    lanes: int | None

    def parts(self, broker_url: str) -> tuple[Part, ...]:
        """The parts besides the broker."""
        surroundings = {"REGTUNE_DATA": str(self.folder), "REGTUNE_BROKER_URL": broker_url}
        # One thread of arithmetic a worker: lanes fill a core, and threads of several workers would fight over them.
        workers_surroundings = {**surroundings, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        lanes = () if self.lanes is None else ("--lanes", str(self.lanes))
        address = ("--host", self.host, "--port", str(self.port))
        return (
            Part("api", ("call", "service.api.serve:main", *address), surroundings),
            Part("coordinator", ("call", "service.coordinator.command:main"), surroundings),
            *(
                Part(f"worker-{number}", ("call", "worker.command:main", *lanes), workers_surroundings)
                for number in range(1, self.workers + 1)
            ),
        )


def parse(arguments: Sequence[str]) -> Deployment:
    """The deployment that the words after `regtune up` describe; ends the process with code 2 on a wrong one."""
    parser = argparse.ArgumentParser(
        prog="regtune up", description="Run everything on this machine, on one data folder."
    )
    parser.add_argument(
        "--data", type=_folder, default=None, help="data folder (default: REGTUNE_DATA, or ./regtune-data)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address that the API listens on (default: %(default)s)")
    parser.add_argument(
        "--port", type=_port, default=DEFAULT_PORT, help="its port; 0: a free one (default: %(default)s)"
    )
    parser.add_argument("--workers", type=_count, default=os.cpu_count() or 1, help="processes (default: one a core)")
    parser.add_argument("--lanes", type=_count, default=None, help="fits that a worker trains at once, at most")
    found = parser.parse_args(list(arguments))
    folder = Path(found.data or Settings.from_environment().data)
    return Deployment(folder, found.host, found.port, found.workers, found.lanes)


def _folder(word: str) -> Path:
    if not word:
        raise argparse.ArgumentTypeError("the data folder has no name")
    return Path(word)


def _whole(word: str) -> int:
    try:
        return int(word)
    except ValueError as cause:
        raise argparse.ArgumentTypeError(f"{word!r} is not a whole number") from cause


def _port(word: str) -> int:
    number = _whole(word)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{number} is not a port: 0 to 65535")
    return number


def _count(word: str) -> int:
    number = _whole(word)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is too few: at least 1")
    return number
