"""When the slices of a PET series were acquired, as instants (PS3.3 C.8.9.4.1.5).

Design choice: a *Series Time* without a date is of the day of the acquisition, or of
the study, whichever is there; an *Acquisition Time* without a date is next to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from pydicom.dataset import Dataset

from dicom_io.attributes import (
    MissingAttributeError,
    UnreadableValueError,
    number,
    text,
)
from dicom_io.instants import at, date_in, date_time_in, nearest_at, time_in
from model.decay import average_decay_time

_FRAME_KEYWORDS = (
    "AcquisitionDate",
    "AcquisitionTime",
    "AcquisitionDateTime",
    "FrameReferenceTime",
    "ActualFrameDuration",
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


def frames_of(headers: Sequence[Dataset], zone: tzinfo) -> list[Frame]:
    """Return the frame of each slice."""
    series_at = series_began_at(headers[0], zone)
    # Slices of a static series say the same; it is read once.
    known: dict[tuple[str, ...], Frame] = {}
    frames = []
    for header in headers:
        said = tuple(text(header, keyword) for keyword in _FRAME_KEYWORDS)
        if said not in known:
            known[said] = _frame(header, series_at, zone)
        frames.append(known[said])
    return frames


def series_began_at(header: Dataset, zone: tzinfo) -> datetime | None:
    """Return *Series Date* and *Series Time* as an instant; None where unknown."""
    clock = time_in(header, "SeriesTime")
    if clock is None:
        return None
    day = date_in(header, "SeriesDate")
    if day is not None:
        return at(day, clock, zone)
    acquired_on = date_in(header, "AcquisitionDate")
    if acquired_on is not None:
        acquired = time_in(header, "AcquisitionTime")
        near = at(acquired_on, clock if acquired is None else acquired, zone)
        return nearest_at(clock, near, zone)
    day = date_in(header, "StudyDate")
    return None if day is None else at(day, clock, zone)


def earliest_at(frames: Sequence[Frame]) -> datetime | None:
    """Return when the first frame began; None where no acquisition time is known."""
    return min((f.acquired_at for f in frames if f.acquired_at), default=None)


def frame_instant(header: Dataset, frame: Frame, half_life: timedelta) -> datetime:
    """Return when, in a frame, activity equals its mean in the frame.

    Raises
    ------
    MissingAttributeError
        When the frame's start or duration is unknown.
    """
    if frame.acquired_at is None:
        raise MissingAttributeError(header, "AcquisitionTime")
    if frame.duration is None:
        raise MissingAttributeError(header, "ActualFrameDuration")
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
    return None if series_at is None else nearest_at(clock, series_at, zone)


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
