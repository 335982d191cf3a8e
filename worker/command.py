"""`regtune worker`: a process that trains, woken by Celery or polling the database."""

from __future__ import annotations

import argparse
import logging
import platform
import signal
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from types import FrameType

from celery.apps.worker import Worker
from celery.exceptions import SecurityWarning
from celery.signals import worker_shutting_down
from sqlalchemy.exc import DBAPIError

from regcore.catalog import load
from service.store.database import Database, open_database
from service.store.errors import SettingsError
from service.store.settings import POLLING, Settings, checked_broker_url
from service.store.workers import NewWorker, drain_worker, register_worker, worker_seen, worker_stopped
from worker.app import make_app
from worker.capabilities import capabilities, versions
from worker.devices import DeviceMissing, check_device
from worker.options import DEFAULT_LANES, WorkerOptions
from worker.presence import Presence

_log = logging.getLogger(__name__)

# Three beats fit into the time after which a worker counts as gone.
_BEAT_SECONDS = 5.0


@dataclass(frozen=True)
class Words:
    """What the command line says: the torch device, how many fits at once, and the broker's URL or "none"."""

    device: str
    lanes: int
    broker_url: str


def main(arguments: Sequence[str]) -> int:
    """Runs a worker until SIGTERM or SIGINT; its fits go back to the queue then.

    Returns the exit code: 1 where the database cannot be used, 2 where words or settings say something impossible.
    """
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    try:
        words = parse(arguments)
        check_device(words.device)
        settings = Settings.from_environment()
        database = open_database(settings.database_url)
        return _work(words, settings, database)
    except (SettingsError, DeviceMissing) as error:
        print(f"regtune worker: {error}", file=sys.stderr)
        return 2
    except DBAPIError as error:
        print(f"regtune worker: the database cannot be used: {error.orig}", file=sys.stderr)
        return 1


def _work(words: Words, settings: Settings, database: Database) -> int:
    described = NewWorker(platform.node(), words.device, words.lanes, capabilities(load(), words.device), versions())
    worker_id = register_worker(database, described)
    options = WorkerOptions(worker_id, words.device, words.lanes)
    polls = words.broker_url == POLLING
    _log.info(
        "worker %s trains up to %d fits at once on %s, %s",
        *(worker_id, words.lanes, words.device, "polling the database" if polls else "woken by the broker"),
    )
    seen, drain = partial(worker_seen, database, worker_id), partial(drain_worker, database, worker_id)
    with Presence(seen, drain, _BEAT_SECONDS) as presence:
        code = _poll(options) if polls else _consume(options, words.broker_url, settings, presence)
    worker_stopped(database, worker_id)
    database.close()
    return code


def _consume(options: WorkerOptions, broker_url: str, settings: Settings, presence: Presence) -> int:
    """Waits for messages in this process and trains in a child that Celery keeps."""
    options.export()

    def leave(**_: object) -> None:
        presence.leave()

    worker_shutting_down.connect(leave, weak=False)
    # Celery warns root of messages that run code; ours are JSON and name a study.
    warnings.simplefilter("ignore", SecurityWarning)
    app = make_app(broker_url, settings.key_prefix)
    worker = Worker(
        app=app,
        hostname=f"{options.worker_id}@{platform.node()}",
        loglevel="WARNING",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


def _poll(options: WorkerOptions) -> int:
    """Looks for work and trains in this process."""
    from worker.polling import poll
    from worker.workshop import Workshop

    workshop = Workshop.open(options)

    def leave(number: int, frame: FrameType | None) -> None:
        workshop.leave.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)
    poll(workshop)
    return 0


def parse(arguments: Sequence[str]) -> Words:
    """The words after `regtune worker`, and what the environment says where they are silent; code 2 on a wrong one."""
    parser = argparse.ArgumentParser(prog="regtune worker", description="Train the queued fits of studies.")
    parser.add_argument("--device", default="cpu", type=_device, help="cpu, cuda or cuda:N (default: %(default)s)")
    parser.add_argument("--lanes", type=_lanes, default=None, help="fits at once, at most (default: 16, on cuda 128)")
    parser.add_argument(
        "--broker", default=None, help="its URL, or none to poll (default: REGTUNE_BROKER_URL, or none)"
    )
    found = parser.parse_args(list(arguments))
    lanes = found.lanes or DEFAULT_LANES[found.device.partition(":")[0]]
    told = checked_broker_url(found.broker, "--broker") if found.broker else Settings.from_environment().broker_url
    return Words(found.device, lanes, told or POLLING)


def _device(word: str) -> str:
    family, _, number = word.partition(":")
    if family not in DEFAULT_LANES or not (number.isdecimal() or word == family):
        raise argparse.ArgumentTypeError(f"{word!r} is not a device: cpu, cuda or cuda:N")
    return word


def _lanes(word: str) -> int:
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is too few lanes: at least 1")
    return number
