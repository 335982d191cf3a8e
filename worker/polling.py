"""The worker without a broker: it looks for queued work in the database itself, and trains in the same process."""

from __future__ import annotations

import logging

from service.store.claims import claimable_studies
from worker.run import work_on
from worker.workshop import Workshop

_log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.5
_AFTER_ERROR_SECONDS = 2.0


def poll(workshop: Workshop) -> None:
    """Works on whatever study has queued fits, the most urgent first, until the workshop must be left."""
    while not workshop.leave.is_set():
        try:
            for study_id in claimable_studies(workshop.database):
                if not workshop.leave.is_set():
                    work_on(study_id, workshop)
        except Exception:
            # One run that breaks, or a database that restarts, must not end the worker.
            _log.exception("looking for work failed; trying again")
            workshop.leave.wait(_AFTER_ERROR_SECONDS)
        workshop.leave.wait(_LOOK_SECONDS)
