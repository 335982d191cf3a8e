"""`regtune coordinate`: the process of a coordinator, of which any number may run beside each other."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence
from threading import Event
from types import FrameType

from regcore.catalog import load
from service.coordinator.broker import Broker
from service.coordinator.dispatch import Dispatcher
from service.coordinator.rounds import Rounds
from service.coordinator.suggesting import Suggesting
from service.store.database import open_database
from service.store.errors import SettingsError
from service.store.ids import new_id
from service.store.settings import POLLING, Settings, checked_broker_url

# Inserting is fenced, so a lease only spares doubled work: a short one lets a successor take over sooner.
_LONGEST_SUGGEST_LEASE_SECONDS = 10.0

_log = logging.getLogger(__name__)


def main(arguments: Sequence[str]) -> int:
    """Coordinates until SIGTERM or SIGINT, and returns the exit code: 2 where the settings say something impossible."""
    said = _parsed(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    try:
        settings = Settings.from_environment()
        told = checked_broker_url(said, "--broker") if said else settings.broker_url
        database = open_database(settings.database_url)
    except SettingsError as error:
        print(f"regtune coordinate: {error}", file=sys.stderr)
        return 2
    stop = _stop_on_signals()
    owner = f"{socket.gethostname()}:{os.getpid()}:{new_id()}"
    broker = None if told in (None, POLLING) else Broker(told, settings.key_prefix)
    try:
        suggesting = Suggesting(database, load(), owner, min(settings.lease_seconds, _LONGEST_SUGGEST_LEASE_SECONDS))
        dispatcher = None if broker is None else Dispatcher(broker)
        _log.info("coordinating as %s%s", owner, "; workers poll the database" if broker is None else "")
        Rounds(database, suggesting, dispatcher, settings.sweep_seconds).run(stop)
    finally:
        if broker is not None:
            broker.close()
        database.close()
    return 0


def _parsed(arguments: Sequence[str]) -> str | None:
    parser = argparse.ArgumentParser(
        prog="regtune coordinate", description="Suggest trials, wake workers and sweep up after lost ones."
    )
    parser.add_argument("--broker", default=None, help="its URL, or none (default: REGTUNE_BROKER_URL, or none)")
    found: str | None = parser.parse_args(list(arguments)).broker
    return found


def _stop_on_signals() -> Event:
    stop = Event()

    def ask(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    return stop
