"""The animal's time points as a page shows them.

Design choice: only what was scanned before is shown, so that a page says what was known
when it was made, and a scan that comes later changes no page of an earlier one.

Design choice: time points are those of regions of the same name, however it is written.
A region of another name may be another tumour.

Design choice: days are counted from the irradiation, where it is known, and else from
the animal's first scan. They are lengths of time, and not dates: two scans of one day
lie apart.
"""

from collections.abc import Sequence
from datetime import datetime

from model.page.summary.page import Trend, TrendPoint
from model.score.assessment import RoiAssessment
from node.records.history import TimePoint

_SECONDS_PER_DAY = 86400.0
_SINCE_IRRADIATION = "Days after irradiation"
_SINCE_FIRST = "Days after the first scan"


def trend_of(
    found: RoiAssessment,
    scanned_at: datetime | None,
    history: Sequence[TimePoint],
    irradiated_at: datetime | None,
) -> Trend | None:
    """Return a region's time points, this one last.

    Parameters
    ----------
    found : RoiAssessment
        Of now.
    scanned_at : datetime or None
    history : sequence of TimePoint
        Of the animal, all regions, earlier scans only.
    irradiated_at : datetime or None

    Returns
    -------
    Trend or None
        None where no other time point is known, or not when this one was.
    """
    name = _comparable(found.roi.name)
    before = [each for each in history if _comparable(each.roi) == name]
    if not before or scanned_at is None:
        return None
    before.sort(key=lambda each: (each.scanned_at, each.study_instance_uid))
    start = irradiated_at or before[0].scanned_at
    moves = found.sensitivity
    now = TrendPoint(
        day=_days(start, scanned_at),
        score=found.score,
        low=moves.low if moves else None,
        high=moves.high if moves else None,
        current=True,
    )
    return Trend(
        points=(*(_point(each, start, found) for each in before), now),
        axis=_SINCE_FIRST if irradiated_at is None else _SINCE_IRRADIATION,
        irradiation_day=None if irradiated_at is None else 0.0,
    )


def _point(each: TimePoint, start: datetime, found: RoiAssessment) -> TrendPoint:
    return TrendPoint(
        day=_days(start, each.scanned_at),
        score=each.score,
        low=each.low,
        high=each.high,
        comparable=each.score_model_sha256 == found.score_model.sha256,
    )


def _days(start: datetime, at: datetime) -> float:
    return (at - start).total_seconds() / _SECONDS_PER_DAY


def _comparable(name: str) -> str:
    return " ".join(name.split()).casefold()
