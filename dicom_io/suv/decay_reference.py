"""The instant for which a decay-corrected image holds (PS3.3 C.8.9.1.1.5).

Design choice: with START, the decay reference is *Series Date* and *Series Time*, which
PS3.3 C.8.9.1.1.2 defines as just that, unless it is later than the earliest
acquisition: then somebody wrote the time of a reconstruction or an export into it. In
that case the private date and time of GE or Siemens counts, and else the reference is
computed back: acquisition time plus average-decay time in the frame minus *Frame
Reference Time*. GE counts *Frame Reference Time* to the start of the frame, so that
there is nothing to add; so does who writes 0. What comes out later than the start of
the acquisition by more than 2 % of SUV is no START, and held. On 17 public SUV
reference objects each simpler rule fails one by 21 %.

Design choice: the ways are compared where several are possible, with what *Decay
Factor* says too. A disagreement of more than 2 % in SUV is stated and does not hold a
study, since *Frame Reference Time* is wrong more often than *Series Time*; a *Series
Time* of 000000 is a placeholder.

Design choice: Enhanced PET states the instant as *Decay Correction DateTime* (PS3.3
C.8.22.6), and its *Series Time* is none. Nothing is computed in its place: where it is
missing, or later than the scan, the study is held.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from pydicom.dataset import Dataset

from dicom_io.attributes import UnreadableValueError, name_of, number, text
from dicom_io.errors import DicomContentError
from dicom_io.image_series import is_enhanced_pet
from dicom_io.instants import date_time_in
from dicom_io.instants import parse_date_time as parsed
from dicom_io.pet.acquisition import (
    Frame,
    earliest_at,
    frame_instant,
    frames_of,
    milliseconds,
    series_began_at,
)
from dicom_io.private_elements import (
    GE_SCAN_DATE_TIME,
    SIEMENS_DECAY_DATE_TIME,
    PrivateValueError,
    is_ge,
    private_text,
)
from dicom_io.suv.decay_agreement import (
    TOLERANCE,
    any_agrees,
    disagreements,
    suv_change,
)
from model.decay import average_decay_time

__all__ = [
    "DecayReference",
    "DecayReferenceError",
    "Frame",
    "earliest_at",
    "frame_instant",
    "frames_of",
    "series_began_at",
    "start_reference",
]

_SLACK = timedelta(seconds=1)
_VENDORS_OWN = (GE_SCAN_DATE_TIME, SIEMENS_DECAY_DATE_TIME)
STATED_RULE = "Decay Correction DateTime"
"""The rule of Enhanced PET."""

_STATED = "DecayCorrectionDateTime"
_GE_RULE = "Acquisition Time - Frame Reference Time (GE)"
_BACK_RULE = "Acquisition Time + average-decay time - Frame Reference Time"
_ZERO_RULE = "Acquisition Time, since Frame Reference Time is 0"


@dataclass(frozen=True)
class DecayReference:
    """The instant for which the image holds, and how it was found.

    Attributes
    ----------
    at : datetime
    rule : str
    statements : tuple of str
    confirmed : bool
        Whether another attribute gives the same instant.
    """

    at: datetime
    rule: str
    statements: tuple[str, ...] = ()
    confirmed: bool = False


def start_reference(
    header: Dataset,
    frames: Sequence[Frame],
    half_life: timedelta,
    zone: tzinfo,
    *,
    began_at: datetime | None,
    near: datetime | None = None,
) -> DecayReference:
    """Return the decay reference of an image corrected to START.

    Parameters
    ----------
    header : Dataset
        Of any slice.
    frames : sequence of Frame
    half_life : timedelta
    zone : tzinfo
        Of dates and times that state none.
    began_at : datetime or None
        Start of the whole scan, by its acquisition times.
    near : datetime or None
        As in `dicom_io.pet.acquisition.frames_of`.

    Raises
    ------
    DecayReferenceError
        When no rule gives an instant, or they contradict each other.
    """
    if is_enhanced_pet(header):
        return _stated(header, frames, zone)
    series_at = series_began_at(header, zone, near)
    own = _vendors_own(header, zone)
    back = _back_of(header, frames, half_life)
    if series_at is not None and _before(series_at, began_at):
        _require_no_placeholder(header, series_at, began_at)
        others = [*own, *back, *_by_decay_factor(header, series_at, half_life)]
        statements = disagreements(series_at, others, half_life)
        confirmed = any_agrees(series_at, [*own, *back], half_life)
        return DecayReference(series_at, "Series Time", statements, confirmed)
    said = _why_not_series_time(series_at)
    for rule, instant in own:
        if _before(instant, began_at):
            confirmed = any_agrees(instant, back, half_life)
            return DecayReference(instant, rule, (said,), confirmed)
    computed = _computed_back(header, frames, half_life, began_at)
    factor = _by_decay_factor(header, computed, half_life)
    return DecayReference(
        computed,
        _back_rule(header, frames),
        (said,),
        any_agrees(computed, factor, half_life),
    )


def _stated(header: Dataset, frames: Sequence[Frame], zone: tzinfo) -> DecayReference:
    """Return the instant that Enhanced PET states."""
    instant = date_time_in(header, _STATED, zone)
    if instant is None:
        raise DecayReferenceError(header, "it is missing, or without a time", _STATED)
    ends = [
        frame.acquired_at + (frame.duration or timedelta(0))
        for frame in frames
        if frame.acquired_at is not None
    ]
    if not _before(instant, max(ends, default=None)):
        fact = "Decay Correction DateTime is later than the end of the scan"
        raise DecayReferenceError(header, fact, _STATED)
    return DecayReference(instant, STATED_RULE)


def _before(instant: datetime, earliest: datetime | None) -> bool:
    return earliest is None or instant <= earliest + _SLACK


def _why_not_series_time(series_at: datetime | None) -> str:
    if series_at is None:
        return "There is no Series Time to serve as decay reference"
    return "Series Time is later than the acquisition and was not used"


def _require_no_placeholder(
    header: Dataset, series_at: datetime, earliest: datetime | None
) -> None:
    digits = text(header, "SeriesTime").replace(":", "").replace(".", "")
    elsewhere = earliest is None or abs(earliest - series_at) > _SLACK
    if not digits.strip("0") and elsewhere:
        raise DecayReferenceError(
            header, "Series Time is 000000, which is no time of a scan"
        )


def _vendors_own(header: Dataset, zone: tzinfo) -> list[tuple[str, datetime]]:
    """Return the instants that a vendor keeps for itself, by name."""
    found = []
    for element in _VENDORS_OWN:
        content = private_text(header, element)
        if not content:
            continue
        try:
            instant = parsed(header, "AcquisitionDateTime", content, zone)
        except UnreadableValueError as error:
            raise PrivateValueError(header, element, "a date and time") from error
        if instant is not None:
            found.append((element.name, instant))
    return found


def _back_rule(header: Dataset, frames: Sequence[Frame]) -> str:
    if is_ge(header):
        return _GE_RULE
    return _BACK_RULE if any(frame.reference_time for frame in frames) else _ZERO_RULE


def _computed_back(
    header: Dataset,
    frames: Sequence[Frame],
    half_life: timedelta,
    began_at: datetime | None,
) -> datetime:
    known = _references(header, frames, half_life)
    if len(known) < len(frames):
        raise DecayReferenceError(
            header,
            "Series Time cannot be the decay reference, and Acquisition Time, Frame"
            " Reference Time or Actual Frame Duration are missing",
        )
    spread = max(known) - min(known)
    if suv_change(spread, half_life) > TOLERANCE:
        seconds = spread.total_seconds()
        raise DecayReferenceError(
            header, f"the slices give decay references up to {seconds:.0f} s apart"
        )
    _require_start(header, min(known), began_at, half_life)
    return min(known)


def _require_start(
    header: Dataset,
    reference: datetime,
    began_at: datetime | None,
    half_life: timedelta,
) -> None:
    """Refuse a reference of START that lies within the acquisition."""
    late = timedelta(0) if began_at is None else reference - began_at
    if late > _SLACK and suv_change(late, half_life) > TOLERANCE:
        raise DecayReferenceError(
            header,
            "Series Time cannot be the decay reference, and Frame Reference Time puts"
            f" it {late.total_seconds():.0f} s after the start of the acquisition",
            "FrameReferenceTime",
        )


def _references(
    header: Dataset, frames: Sequence[Frame], half_life: timedelta
) -> list[datetime]:
    """Return the decay reference by each frame that tells it."""
    ge = is_ge(header)
    found = [_back(frame, half_life, ge=ge) for frame in frames]
    return [reference for reference in found if reference is not None]


def _back(frame: Frame, half_life: timedelta, *, ge: bool) -> datetime | None:
    if frame.acquired_at is None or frame.reference_time is None:
        return None
    if ge or not frame.reference_time:
        return frame.acquired_at - frame.reference_time
    if frame.duration is None or not frame.duration > timedelta(0):
        return None
    mean_at = frame.acquired_at + average_decay_time(frame.duration, half_life)
    return mean_at - frame.reference_time


def _back_of(
    header: Dataset, frames: Sequence[Frame], half_life: timedelta
) -> list[tuple[str, datetime]]:
    name = "Acquisition Time and Frame Reference Time"
    return [(name, known) for known in _references(header, frames, half_life)]


def _by_decay_factor(
    header: Dataset, series_at: datetime, half_life: timedelta
) -> list[tuple[str, datetime]]:
    """Return the reference to which a slice was corrected, by its decay factor.

    The factor counts to the mean of the frame, also where *Frame Reference Time* counts
    to its start.
    """
    factor = number(header, "DecayFactor")
    elapsed = milliseconds(header, "FrameReferenceTime")
    if factor is None or elapsed is None or not factor > 0:
        return []
    duration = milliseconds(header, "ActualFrameDuration") or timedelta(0)
    to_start = is_ge(header) or not elapsed
    if to_start and factor > 1 and duration > timedelta(0):
        elapsed += average_decay_time(duration, half_life)
    corrected = half_life * math.log2(factor)
    name = "Frame Reference Time and Decay Factor"
    return [(name, series_at + elapsed - corrected)]


class DecayReferenceError(DicomContentError):
    """The instant for which the image holds cannot be told."""

    reason = "uptake_time"
    remedy = "Correct the times of series and acquisition and send again."

    def __init__(self, header: Dataset, fact: str, keyword: str = "SeriesTime") -> None:
        super().__init__(
            fact,
            attribute=name_of(keyword),
            uid=text(header, "SeriesInstanceUID"),
        )
