"""When the slices of a PET series were acquired, as instants (PS3.3 C.8.9.4.1.5).

Design choice: a *Series Time* without a date is of the day of the acquisition, or of
the study, whichever is there; a series of a study that began in the evening may lie
after midnight. An *Acquisition Time* without a date is next to it.

Design choice: de-identification removes dates and leaves times. Where nothing in the
scan bears a date, its times are placed beside the injection, whose date is known, and
else are of one day that has no name: only how far apart they lie matters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from pydicom.dataset import Dataset

from dicom_io.attributes import (
    MissingAttributeError,
    UnreadableValueError,
    number,
    raw_value,
    text,
)
from dicom_io.instants import at, date_in, date_time_in, nearest_at, time_in
from dicom_io.pet.radiopharmaceutical import dated_injection_at
from model.decay import average_decay_time

_FRAME_KEYWORDS = (
    "AcquisitionDate",
    "AcquisitionTime",
    "AcquisitionDateTime",
    "FrameReferenceTime",
    "ActualFrameDuration",
)
_DATES = ("SeriesDate", "AcquisitionDate", "AcquisitionDateTime", "StudyDate")
_HALF_A_DAY = timedelta(hours=12)
_NAMELESS_DAY = date(2000, 1, 1)
UNDATED = (
    "No date of series, acquisition or study is stated; their times were taken for"
    " those nearest to the injection"
)


@dataclass(frozen=True)
class Frame:
    """When a slice was acquired.

    Attributes
    ----------
    acquired_at : datetime or None
        Start of the frame.
    reference_time : timedelta or None
        *Frame Reference Time*.
    duration : timedelta or None
        *Actual Frame Duration*.
    """

    acquired_at: datetime | None
    reference_time: timedelta | None
    duration: timedelta | None


def is_undated(header: Dataset) -> bool:
    """Return whether nothing says on which day the scan was."""
    return not any(text(header, keyword) for keyword in _DATES)


def frames_of(
    headers: Sequence[Dataset], zone: tzinfo, near: datetime | None = None
) -> list[Frame]:
    """Return the frame of each slice.

    Parameters
    ----------
    headers : sequence of Dataset
    zone : tzinfo
        Of dates and times that state none.
    near : datetime or None
        An injection that another source dates, beside which undated times are placed.
    """
    series_at = series_began_at(headers[0], zone, near)
    if series_at is None and is_undated(headers[0]):
        clock = time_in(headers[0], "AcquisitionTime")
        series_at = None if clock is None else _placed(headers[0], clock, zone, near)
    # Slices of a static series say the same; it is read once.
    known: dict[tuple[str, ...], Frame] = {}
    frames: list[Frame] = []
    before: tuple[object, ...] = ()
    for header in headers:
        written = tuple(raw_value(header, keyword) for keyword in _FRAME_KEYWORDS)
        if written == before:
            frames.append(frames[-1])
            continue
        before = written
        said = tuple(text(header, keyword) for keyword in _FRAME_KEYWORDS)
        if said not in known:
            known[said] = _frame(header, series_at, zone)
        frames.append(known[said])
    return frames


def series_began_at(
    header: Dataset, zone: tzinfo, near: datetime | None = None
) -> datetime | None:
    """Return *Series Date* and *Series Time* as an instant; None where unknown.

    Parameters
    ----------
    header : Dataset
    zone : tzinfo
        Of dates and times that state none.
    near : datetime or None
        As in `frames_of`.
    """
    clock = time_in(header, "SeriesTime")
    if clock is None:
        return None
    day = date_in(header, "SeriesDate")
    if day is not None:
        return at(day, clock, zone)
    acquired_at = _dated_acquisition_at(header, clock, zone)
    if acquired_at is not None:
        return nearest_at(clock, acquired_at, zone)
    placed = _placed if is_undated(header) else _on_day_of_study
    return placed(header, clock, zone, near)


def _dated_acquisition_at(
    header: Dataset, otherwise: timedelta, zone: tzinfo
) -> datetime | None:
    """Return when the acquisition began; a date without a time has the one given."""
    day, clock = date_in(header, "AcquisitionDate"), time_in(header, "AcquisitionTime")
    if day is not None:
        return at(day, otherwise if clock is None else clock, zone)
    return date_time_in(header, "AcquisitionDateTime", zone)


def _placed(
    header: Dataset, clock: timedelta, zone: tzinfo, near: datetime | None
) -> datetime:
    """Return the instant of a clock time of a scan that bears no date."""
    beside = near or dated_injection_at(header, zone)
    if beside is None:
        return at(_NAMELESS_DAY, clock, zone)
    return nearest_at(clock, beside, zone)


def _on_day_of_study(
    header: Dataset, clock: timedelta, zone: tzinfo, _near: datetime | None
) -> datetime | None:
    day = date_in(header, "StudyDate")
    if day is None:
        return None
    began = time_in(header, "StudyTime")
    # No series is made half a day before its study.
    next_day = began is not None and began - clock > _HALF_A_DAY
    return at(day + timedelta(days=1) if next_day else day, clock, zone)


def earliest_at(frames: Sequence[Frame]) -> datetime | None:
    """Return when the first frame began; None where no acquisition time is known."""
    return min((f.acquired_at for f in frames if f.acquired_at), default=None)


def frame_instant(header: Dataset, frame: Frame, half_life: timedelta) -> datetime:
    """Return when, in a frame, activity equals its mean in the frame.

    Raises
    ------
    MissingAttributeError
        When the frame's start or duration is unknown.
    UnreadableValueError
        When the duration is 0 or less.
    """
    if frame.acquired_at is None:
        raise MissingAttributeError(header, "AcquisitionTime")
    if frame.duration is None:
        raise MissingAttributeError(header, "ActualFrameDuration")
    if not frame.duration > timedelta(0):
        raise UnreadableValueError(header, "ActualFrameDuration", "a duration")
    return frame.acquired_at + average_decay_time(frame.duration, half_life)


def _frame(header: Dataset, series_at: datetime | None, zone: tzinfo) -> Frame:
    return Frame(
        acquired_at=_acquired_at(header, series_at, zone),
        reference_time=milliseconds(header, "FrameReferenceTime"),
        duration=milliseconds(header, "ActualFrameDuration"),
    )


def _acquired_at(
    header: Dataset, series_at: datetime | None, zone: tzinfo
) -> datetime | None:
    clock = time_in(header, "AcquisitionTime")
    if clock is None:
        return date_time_in(header, "AcquisitionDateTime", zone)
    day = date_in(header, "AcquisitionDate")
    if day is not None:
        return at(day, clock, zone)
    if series_at is None:
        return date_time_in(header, "AcquisitionDateTime", zone)
    return nearest_at(clock, series_at, zone)


def milliseconds(header: Dataset, keyword: str) -> timedelta | None:
    """Return a duration that is written in milliseconds; None where it is absent.

    Raises
    ------
    UnreadableValueError
        When it is no number, or beyond all durations.
    """
    value = number(header, keyword)
    if value is None:
        return None
    try:
        return timedelta(milliseconds=value)
    except OverflowError as error:
        raise UnreadableValueError(header, keyword, "a duration") from error
