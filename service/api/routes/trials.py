"""Trials of a study: rows, one with everything that is known of it, and its curve."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response

from regtune.errors import FieldError
from regtune.metrics import METRICS
from regtune.nearest import suggestion
from regtune.states import TrialState
from service.api.documented import DocumentedRoute
from service.api.documents import CurveDocument, TrialDocument, WholeTrialDocument
from service.api.lists import ListOf, page_request
from service.api.problems import Problem
from service.api.rendering import point_document, trial_document, whole_trial_document
from service.api.surroundings import Here
from service.api.versions import IfNoneMatch, etag, unchanged
from service.store.pages import PageRequest
from service.store.reports import CurvePoint, attempts, curve
from service.store.study_rows import progress, study_version
from service.store.trials import Origin, fits_of_trial, list_trials, trial, values_of_trial

router = APIRouter(tags=["trials"], route_class=DocumentedRoute)

Number = Annotated[int, Path(ge=0, le=2**31 - 1, description="The trial's number within its study.")]


@router.get("/studies/{study_id}/trials", summary="List the trials of a study", response_model=ListOf[TrialDocument])
def list_all(
    study_id: str,
    response: Response,
    here: Here,
    page: Annotated[PageRequest, Depends(page_request)],
    state: Annotated[list[TrialState] | None, Query(description="Only trials in one of these states.")] = None,
    origin: Origin | None = None,
    if_none_match: IfNoneMatch = None,
) -> Any:
    """The trials, by `number`, `-number`, `value` or `-value`."""
    with here.database.read() as connection:
        version = study_version(connection, here.project_id, study_id)
        known = unchanged(version, if_none_match)
        if known is not None:
            return known
        found = list_trials(connection, study_id, page, states=state or (), origin=origin)
        counts = progress(connection, [study_id])[study_id]
    response.headers["ETag"] = etag(version)
    total = sum(getattr(counts, name) for name in counts.__slots__) if state is None and origin is None else None
    items = [trial_document(row) for row in found.items]
    return {"items": items, "next_page_token": found.next_page_token, "total": total}


@router.get("/studies/{study_id}/trials/{number}", summary="Read a trial", response_model=WholeTrialDocument)
def read(study_id: str, number: Number, response: Response, here: Here, if_none_match: IfNoneMatch = None) -> Any:
    """One trial with its metrics, cost, attempts, fits and error."""
    with here.database.read() as connection:
        version = study_version(connection, here.project_id, study_id)
        known = unchanged(version, if_none_match)
        if known is not None:
            return known
        row = trial(connection, study_id, number)
        response.headers["ETag"] = etag(version)
        return whole_trial_document(
            row,
            values_of_trial(connection, row.id),
            fits_of_trial(connection, row.id),
            attempts(connection, study_id, number),
        )


@router.get(
    "/studies/{study_id}/trials/{number}/curve", summary="Read the curve of a trial", response_model=CurveDocument
)
def read_curve(
    study_id: str,
    number: Number,
    response: Response,
    here: Here,
    metric: Annotated[str | None, Query(description="Only this metric beside the losses and the objective.")] = None,
    max_points: Annotated[int | None, Query(ge=2, le=10_000, description="At most so many epochs, evenly.")] = None,
    if_none_match: IfNoneMatch = None,
) -> Any:
    """The trial's epochs, from 1, over all its attempts."""
    with here.database.read() as connection:
        version = study_version(connection, here.project_id, study_id)
        known = unchanged(version, if_none_match)
        if known is not None:
            return known
        trial(connection, study_id, number)
        points = curve(connection, study_id, number)
    _check_metric(metric, points)
    response.headers["ETag"] = etag(version)
    return {"items": [point_document(point, metric) for point in _thinned(points, max_points)]}


def _check_metric(metric: str | None, points: tuple[CurvePoint, ...]) -> None:
    """Refuses a metric that no epoch of any study could have; one that this trial did not measure gives none."""
    names = dict.fromkeys((*METRICS, *(name for point in points for name in point.metrics)))
    if metric is not None and metric not in names:
        message = f"{metric!r} is no metric; {suggestion(metric, names)}"
        raise Problem(422, message, [FieldError("/query/metric", "unknown_name", message)])


def _thinned(points: tuple[CurvePoint, ...], most: int | None) -> list[CurvePoint]:
    """The first, the last, and evenly spaced ones between, when there are more than `most`."""
    if most is None or len(points) <= most:
        return list(points)
    return [points[round(place * (len(points) - 1) / (most - 1))] for place in range(most)]
