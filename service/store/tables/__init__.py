"""The tables, one noun a file."""

from service.store.tables.datasets import datasets
from service.store.tables.events import events
from service.store.tables.fits import fits
from service.store.tables.metadata import metadata
from service.store.tables.programs import lane_caps, programs
from service.store.tables.projects import DEFAULT_PROJECT_ID, projects, request_keys
from service.store.tables.reports import reports
from service.store.tables.runs import runs
from service.store.tables.studies import studies
from service.store.tables.trials import trial_values, trials
from service.store.tables.workers import workers

__all__ = [
    "DEFAULT_PROJECT_ID",
    "datasets",
    "events",
    "fits",
    "lane_caps",
    "metadata",
    "programs",
    "projects",
    "reports",
    "request_keys",
    "runs",
    "studies",
    "trial_values",
    "trials",
    "workers",
]
