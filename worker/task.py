"""The task that wakes a worker's training process: `work(study_id)`, and what that process sets up when it starts."""

from __future__ import annotations

import importlib
import os
from functools import cache
from typing import TYPE_CHECKING

from celery import shared_task
from celery.signals import worker_process_init

from worker.app import TASK
from worker.options import WorkerOptions
from worker.orphan import end_with

if TYPE_CHECKING:
    from worker.workshop import Workshop


@cache
def this_workshop() -> Workshop:
    """What this process trains with: opened at the first task and kept between tasks."""
    # Here and not above, like the engine below: the main process reads this file too, and must not import torch.
    from worker.workshop import Workshop

    return Workshop.open(WorkerOptions.from_environment())


def work(study_id: str) -> None:
    """Takes part in a study's work, if there is any; a message that is late or doubled finds none."""
    from worker.run import work_on

    work_on(study_id, this_workshop())


work_task = shared_task(name=TASK, ignore_result=True)(work)


def prepare_process(**_: object) -> None:
    """Ties the training process to its parent, and imports the engine while there is nothing else to do."""
    end_with(os.getppid())
    importlib.import_module("worker.run")


worker_process_init.connect(prepare_process, weak=False)
