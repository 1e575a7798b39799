"""An animal's earlier time points, as a result shows them.

Design choice: they are settled once, when a job is first given to a worker, and stand
in the job from then on, so that computing it again gives the same bytes. They are no
part of its key: they change no number, and a result that came late, of a scan that was
made before, must not make revisions of all that were made after it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter


@dataclass(frozen=True)
class TimePoint:
    """What an earlier scan of the same animal has given for one region.

    Attributes
    ----------
    scanned_at : datetime
    study_instance_uid, roi : str
    score, low, high : float or None
        The score and its sensitivity range.
    suv_mean : float or None
        g/ml.
    volume_ml : float or None
    score_model, score_model_sha256 : str
        Scores of another model are not on the same scale.
    """

    scanned_at: datetime
    study_instance_uid: str
    roi: str
    score: float | None
    low: float | None
    high: float | None
    suv_mean: float | None
    volume_ml: float | None
    score_model: str
    score_model_sha256: str


_POINTS = TypeAdapter(tuple[TimePoint, ...])


def time_points(
    results: Iterable[Mapping[str, Any]], animal_id: str
) -> tuple[TimePoint, ...]:
    """Return what results have given, in the order of the scans.

    Of several of one study and region the last counts. One that does not say when the
    scan was has no place on an axis of days, and is left out.

    Parameters
    ----------
    results : iterable of mapping
        As `node.case.report.RoiResult.as_data` gives them, oldest results first.
    animal_id : str
        Whose time points are meant; those of others are left out.

    Raises
    ------
    KeyError, TypeError, ValueError
        When something is no result.
    """
    found = {
        (point.study_instance_uid, point.roi): point
        for result in results
        if result["animal_id"] == animal_id
        for point in _points_of(result)
    }
    return in_order(found.values())


def in_order(points: Iterable[TimePoint]) -> tuple[TimePoint, ...]:
    """Return time points in the order of the scans."""
    return tuple(
        sorted(
            points,
            key=lambda each: (each.scanned_at, each.study_instance_uid, each.roi),
        )
    )


def before(
    points: Iterable[TimePoint], scanned_at: datetime | None
) -> tuple[TimePoint, ...]:
    """Return the time points before an instant; none where that is not known."""
    if scanned_at is None:
        return ()
    return tuple(each for each in points if each.scanned_at < scanned_at)


def history_to_json(points: Iterable[TimePoint]) -> str:
    """Return the text for a job's row; the same time points give the same text."""
    return json.dumps(_POINTS.dump_python(tuple(points), mode="json"))


def history_from_json(text: str) -> tuple[TimePoint, ...]:
    """Return the time points of a job's row.

    Raises
    ------
    ValueError
        When the text is none of `history_to_json`.
    """
    return _POINTS.validate_json(text)


def _points_of(result: Mapping[str, Any]) -> tuple[TimePoint, ...]:
    # Results of an earlier version do not say when the scan was.
    scanned_at = result.get("acquisition", {}).get("scanned_at")
    if scanned_at is None:
        return ()
    instant = datetime.fromisoformat(scanned_at)
    if instant.tzinfo is None:
        return ()
    sensitivity = result["sensitivity"]
    return (
        TimePoint(
            scanned_at=instant,
            study_instance_uid=result["study_instance_uid"],
            roi=result["roi"],
            score=result["score"],
            low=sensitivity["low"],
            high=sensitivity["high"],
            suv_mean=result["suv"]["mean"],
            volume_ml=result["suv"]["volume_ml"],
            score_model=result["score_model"],
            score_model_sha256=result["score_model_sha256"],
        ),
    )
