"""`regtune serve`: the process of the API."""

from __future__ import annotations

import argparse
import ipaddress
import logging
import signal
import sys
from collections.abc import Sequence

import uvicorn

from service.api.app import create_app
from service.store.database import open_database
from service.store.errors import SettingsError
from service.store.files import FileStore
from service.store.settings import Settings

_SHUTDOWN_SECONDS = 5
WRONG_USAGE = 2


def main(arguments: Sequence[str]) -> int:
    """Serve until SIGTERM or SIGINT, and return the exit code: 2 where settings say something impossible."""
    parser = argparse.ArgumentParser(prog="regtune serve", description="Run the HTTP API.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="port (default: %(default)s)")
    asked = parser.parse_args(list(arguments))
    if not _is_loopback(asked.host):
        return _refused(
            f"{asked.host} can be reached from other machines, and there are no keys to protect it yet; "
            "listen on 127.0.0.1 and put what guards it in front"
        )
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    # It tells of every look at the state of the tables.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        settings = Settings.from_environment()
        files = FileStore(settings.store_url)
        database = open_database(settings.database_url)
    except SettingsError as error:
        return _refused(str(error))
    # After uvicorn has left gracefully it sends itself the signal again, for whoever listened before.
    signal.signal(signal.SIGTERM, lambda number, frame: None)
    try:
        uvicorn.run(
            create_app(database, files, settings),
            host=asked.host,
            port=asked.port,
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        )
    finally:
        database.close()
    return 0


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refused(reason: str) -> int:
    print(f"regtune serve: {reason}", file=sys.stderr)
    return WRONG_USAGE
