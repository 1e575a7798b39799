"""The time frames of a dynamic PET series: which slices belong together, and when.

Design choice: slices are told apart by what they say of their time (acquisition, *Frame
Reference Time*, *Actual Frame Duration*) and of their place. *Image Index* (0054,1330)
is only compared: exports renumber it, and some leave it out.

Design choice: where *Acquisition Time* differs from frame to frame it says when each
frame began. Where all frames carry the start of the scan, *Frame Reference Time* does,
counted from *Series Time* (PS3.3 C.8.9.4.1.5), or from the acquisition where *Series
Time* is later and thus none of the scan. It is taken as the middle of the frame, as
Inveon writes it; the average-decay time that the standard asks for lies some seconds
before. GE writes the start of the frame. Every other clock that the slices have is kept
beside the first one, and who chooses frames by time has to see whether they agree on
the choice.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise

import numpy as np
from pydicom.dataset import Dataset

from dicom_io.attributes import name_of, text, whole
from dicom_io.errors import DicomContentError
from dicom_io.geometry import IrregularPlanesError, stack_planes
from dicom_io.pet.acquisition import Frame, earliest_at, frames_of, series_began_at
from dicom_io.private_elements import is_ge
from model.grid import Grid

_SLACK = timedelta(seconds=1)
_OVERLAPPING_PART = 0.05
_SAME_PLACE_PART_OF_SPACING = 0.05
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class TimeFrame:
    """A time slice of a dynamic series.

    Attributes
    ----------
    number : int
        From 1, in the order of time.
    started_at : datetime
    duration : timedelta
    reference_time : timedelta or None
        *Frame Reference Time*.
    """

    number: int
    started_at: datetime
    duration: timedelta
    reference_time: timedelta | None

    @property
    def middle_at(self) -> datetime:
        """Half way between start and end."""
        return self.started_at + self.duration / 2

    @property
    def ended_at(self) -> datetime:
        """When the next frame may begin."""
        return self.started_at + self.duration


@dataclass(frozen=True)
class FramesInTime:
    """The time frames of a series.

    Attributes
    ----------
    frames : tuple of TimeFrame
        In the order of time.
    positions : tuple of tuple of int
        For each frame, where its slices stand among the headers given.
    other_clocks : mapping of str to tuple of TimeFrame
        The same frames as other attributes place them in time, by their names.
    statements : tuple of str
    """

    frames: tuple[TimeFrame, ...]
    positions: tuple[tuple[int, ...], ...]
    other_clocks: dict[str, tuple[TimeFrame, ...]]
    statements: tuple[str, ...]


def time_frames_of(
    headers: Sequence[Dataset], zone: tzinfo, near: datetime | None = None
) -> FramesInTime:
    """Return the time frames of a dynamic series, each of them whole.

    Parameters
    ----------
    headers : sequence of Dataset
        Of all slices of all frames, in any order; at least one.
    zone : tzinfo
        Of dates and times that state none.
    near : datetime or None
        The injection, beside which the times of an undated scan are placed.

    Raises
    ------
    TimeFrameError
        When frames or slices of a frame are missing, doubled or overlap, or when frames
        lie in different places.
    FrameTimeError
        When a frame's start or duration cannot be told.
    InconsistentSeriesError, MissingAttributeError, UnreadableValueError
        When the geometry of a frame cannot be read; see `dicom_io.geometry`.
    """
    slices: dict[Frame, list[int]] = {}
    for position, frame in enumerate(frames_of(headers, zone, near)):
        slices.setdefault(frame, []).append(position)
    found = list(slices)
    for frame in found:
        _require_duration(headers[slices[frame][0]], frame)
    clocks = _clocks(found, headers[0], series_began_at(headers[0], zone, near))
    first = next(iter(clocks.values()))
    order = sorted(range(len(found)), key=lambda index: first[index])
    frames, *others = (
        tuple(_numbered(found, starts, order)) for starts in clocks.values()
    )
    positions = tuple(tuple(slices[found[index]]) for index in order)
    _require_whole_frames(headers, frames, positions)
    _require_apart(headers[0], frames)
    return FramesInTime(
        frames=frames,
        positions=positions,
        other_clocks=dict(zip(list(clocks)[1:], others, strict=True)),
        statements=(
            *_more_than_declared(headers[0], len(frames)),
            *_differently_numbered(headers, positions),
        ),
    )


def _numbered(
    found: Sequence[Frame], starts: Sequence[datetime], order: Sequence[int]
) -> list[TimeFrame]:
    return [
        TimeFrame(
            number=number,
            started_at=starts[index],
            duration=found[index].duration or timedelta(0),
            reference_time=found[index].reference_time,
        )
        for number, index in enumerate(order, start=1)
    ]


def _clocks(
    found: Sequence[Frame], header: Dataset, series_at: datetime | None
) -> dict[str, list[datetime]]:
    """Return when the frames began, by what says so; the most trusted first."""
    acquired = [frame.acquired_at for frame in found if frame.acquired_at]
    # GE counts it to the start of the frame, others to its middle or nearly so.
    part = 0.0 if is_ge(header) else 0.5
    offsets = [
        frame.reference_time - (frame.duration or timedelta(0)) * part
        for frame in found
        if frame.reference_time is not None
    ]
    earliest = earliest_at(found)
    clocks: dict[str, list[datetime]] = {}
    if _tell_apart(acquired, found):
        clocks["Acquisition Time"] = acquired
    if _tell_apart(offsets, found):
        if series_at is not None and not (earliest and series_at > earliest + _SLACK):
            clocks["Series Time and Frame Reference Time"] = [
                series_at + offset for offset in offsets
            ]
        if earliest is not None and not clocks.keys() & {"Acquisition Time"}:
            clocks["Acquisition Time of the scan and Frame Reference Time"] = [
                earliest + offset - min(offsets) for offset in offsets
            ]
    if not clocks:
        raise FrameTimeError(header, _untold(found), "FrameReferenceTime")
    return clocks


def _tell_apart(said: Sequence[object], found: Sequence[Frame]) -> bool:
    return len(set(said)) == len(said) == len(found)


def _untold(found: Sequence[Frame]) -> str:
    return (
        f"neither Acquisition Time nor Frame Reference Time says when each of the"
        f" {len(found)} time frames began"
    )


def _require_duration(header: Dataset, frame: Frame) -> None:
    if frame.duration is not None and frame.duration > timedelta(0):
        return
    which = "a time frame"
    if frame.acquired_at is not None:
        which += f" of {frame.acquired_at:%H:%M:%S} UTC"
    if frame.reference_time is not None:
        seconds = frame.reference_time.total_seconds()
        which += f" with Frame Reference Time {seconds:g} s"
    said = "no duration" if frame.duration is None else "a duration of 0 or less"
    raise FrameTimeError(header, f"{which} has {said}", "ActualFrameDuration")


def _require_whole_frames(
    headers: Sequence[Dataset],
    frames: Sequence[TimeFrame],
    positions: Sequence[Sequence[int]],
) -> None:
    """Refuse frames without all their slices, and frames in different places."""
    header = headers[0]
    declared = whole(header, "NumberOfTimeSlices")
    if declared is None and len(frames) == 1:
        fact = "there is one time frame, and nothing says that there are no more"
        raise TimeFrameError(header, fact, "NumberOfTimeSlices")
    ((usual, _),) = Counter(map(len, positions)).most_common(1)
    expected = whole(header, "NumberOfSlices") or usual
    grids: list[Grid] = []
    for frame, members in zip(frames, positions, strict=True):
        named = _named(frame, frames)
        if len(members) < expected:
            fact = f"{named} has {len(members)} of {expected} slices"
            raise TimeFrameError(header, fact, "NumberOfSlices")
        try:
            grids.append(stack_planes([headers[member] for member in members]).grid)
        except IrregularPlanesError as error:
            fact = f"{named} has {len(members)} slices: {error.fact}"
            if len(members) > expected:
                fact += ", so it came twice, or its time is another frame's"
            raise TimeFrameError(header, fact, "ImagePositionPatient") from error
        if not _same_place(grids[0], grids[-1]):
            fact = f"{named} lies elsewhere than time frame 1"
            raise TimeFrameError(header, fact, "ImagePositionPatient")
    if declared is not None and len(frames) < declared:
        fact = f"{len(frames)} of {declared} time frames are there"
        raise TimeFrameError(header, fact, "NumberOfTimeSlices")


def _same_place(one: Grid, other: Grid) -> bool:
    if one.shape != other.shape or one.frame_of_reference != other.frame_of_reference:
        return False
    corners = np.array([[0.0, 0.0, 0.0], np.array(one.shape) - 1.0])
    apart_mm = np.linalg.norm(one.points_mm(corners) - other.points_mm(corners), axis=1)
    return bool(apart_mm.max() <= _SAME_PLACE_PART_OF_SPACING * min(one.spacing_mm))


def _require_apart(header: Dataset, frames: Sequence[TimeFrame]) -> None:
    for before, after in pairwise(frames):
        overlap = before.ended_at - after.started_at
        # Where the reference time is the average-decay time, starts are off by some
        # per cent of the frame at most.
        shorter = min(before.duration, after.duration)
        if overlap > max(_SLACK, shorter * _OVERLAPPING_PART):
            fact = (
                f"{_named(after, frames)} begins {overlap.total_seconds():g} s before"
                f" time frame {before.number} ends"
            )
            raise TimeFrameError(header, fact, "ActualFrameDuration")


def _named(frame: TimeFrame, frames: Sequence[TimeFrame]) -> str:
    minutes = (frame.started_at - frames[0].started_at) / _MINUTE
    return f"time frame {frame.number}, {minutes:.1f} min after the first,"


def _more_than_declared(header: Dataset, count: int) -> tuple[str, ...]:
    declared = whole(header, "NumberOfTimeSlices")
    if declared is None or count <= declared:
        return ()
    return (f"The series has {count} time frames and declares {declared}",)


def _differently_numbered(
    headers: Sequence[Dataset], positions: Sequence[Sequence[int]]
) -> tuple[str, ...]:
    """Say where *Image Index* orders slices into other frames (C.8.9.4.1.9)."""
    for number, members in enumerate(positions):
        for member in members:
            index = whole(headers[member], "ImageIndex")
            if index is not None and (index - 1) // len(members) != number:
                said = (
                    "Image Index orders the slices into other time frames than their"
                    " times do, and was not used"
                )
                return (said,)
    return ()


class TimeFrameError(DicomContentError):
    """Time frames are missing, doubled, overlapping or in different places."""

    reason = "incomplete_series"
    remedy = "Send the whole dynamic series again from its source."

    def __init__(self, header: Dataset, fact: str, keyword: str) -> None:
        super().__init__(
            fact,
            attribute=name_of(keyword),
            uid=text(header, "SeriesInstanceUID"),
        )


class FrameTimeError(DicomContentError):
    """When a time frame began or how long it took is not said."""

    remedy = (
        "Export the dynamic series with Acquisition Time, Frame Reference Time and"
        " Actual Frame Duration of every frame, or send a static reconstruction."
    )

    def __init__(self, header: Dataset, fact: str, keyword: str) -> None:
        super().__init__(
            fact,
            attribute=name_of(keyword),
            uid=text(header, "SOPInstanceUID"),
        )
