"""Which time frames lie in the uptake window, and whether that is sure.

Design choice: a frame counts when its middle lies in the window and it is no longer
than the window. A frame that straddles an edge is then counted by its larger half, and
frames that follow each other are never counted on both edges. Frames are weighted by
their whole duration: what lies beyond an edge cannot be cut off.

Design choice: half of the window must be covered. A mean of less would be called a mean
over the window and be none.

Design choice: the clocks of injection and scan are in doubt, and the study is held,
when the injection is not earlier than the end of the scan, or when another clock of the
frames is a minute or more away and chooses other ones. An injection hours before the
scan leaves no frame in the window, and is held by that. Nothing is moved by a day.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pydicom.dataset import Dataset

from dicom_io.attributes import name_of, text
from dicom_io.errors import DicomContentError
from dicom_io.pet.time_frames import FramesInTime, TimeFrame

Window = tuple[timedelta, timedelta]
"""From when to when after the injection."""

_LEAST_COVERED_PART = 0.5
_MINUTE = timedelta(minutes=1)
_SLACK = timedelta(seconds=1)
_SAME_CLOCK = timedelta(seconds=60)


def choose_frames(
    found: FramesInTime, injected_at: datetime, window: Window, header: Dataset
) -> tuple[TimeFrame, ...]:
    """Return the time frames in the uptake window, in the order of time.

    Parameters
    ----------
    found : FramesInTime
    injected_at : datetime
    window : tuple of timedelta
        After the injection.
    header : Dataset
        Of any slice, for errors to name the series.

    Raises
    ------
    InjectionAfterFramesError
        When the scan was over before the injection.
    UptakeWindowError
        When the frames cover less than half of the window.
    ClocksInDoubtError
        When the clocks of the series choose different frames.
    """
    if injected_at >= max(frame.ended_at for frame in found.frames):
        late = injected_at - max(frame.ended_at for frame in found.frames)
        raise InjectionAfterFramesError(header, late)
    chosen = _within(found.frames, injected_at, window)
    _require_clocks_to_agree(found, chosen, injected_at, window, header)
    covered = sum((_overlap(f, injected_at, window) for f in chosen), timedelta(0))
    if covered < (window[1] - window[0]) * _LEAST_COVERED_PART or not chosen:
        raise UptakeWindowError(header, found.frames, injected_at, window)
    return chosen


def choice_in_words(
    chosen: Sequence[TimeFrame], count: int, injected_at: datetime, window: Window
) -> str:
    """Return which frames were averaged, with start and duration of each.

    Parameters
    ----------
    chosen : sequence of TimeFrame
    count : int
        Of all frames of the series.
    injected_at : datetime
    window : tuple of timedelta
    """
    listed = "; ".join(_run_in_words(run, injected_at) for run in _runs(chosen))
    return (
        f"The dynamic series of {count} time frames was averaged, weighted by duration,"
        f" over the frames whose middle lies {_window_in_words(window)} after the"
        f" injection: {listed}. Slices are referred to as those of time frame"
        f" {chosen[0].number}"
    )


def choice_in_numbers(
    chosen: Sequence[TimeFrame], injected_at: datetime
) -> dict[str, float]:
    """Return extent and number of the averaged frames, units in the names."""
    return {
        "averaged_time_frames": float(len(chosen)),
        "first_time_frame": float(chosen[0].number),
        "last_time_frame": float(chosen[-1].number),
        "averaged_from_s": (chosen[0].started_at - injected_at).total_seconds(),
        "averaged_to_s": (chosen[-1].ended_at - injected_at).total_seconds(),
        "averaged_duration_s": sum(f.duration.total_seconds() for f in chosen),
    }


def _require_clocks_to_agree(
    found: FramesInTime,
    chosen: Sequence[TimeFrame],
    injected_at: datetime,
    window: Window,
    header: Dataset,
) -> None:
    numbers = [frame.number for frame in chosen]
    for clock, frames in found.other_clocks.items():
        shifts = [
            frame.started_at - first.started_at
            for frame, first in zip(frames, found.frames, strict=True)
        ]
        apart = max(shifts, key=abs)
        others = _within(frames, injected_at, window)
        if abs(apart) >= _SAME_CLOCK and [f.number for f in others] != numbers:
            raise ClocksInDoubtError(header, clock, apart)


def _within(
    frames: Sequence[TimeFrame], injected_at: datetime, window: Window
) -> tuple[TimeFrame, ...]:
    # Half of an odd duration may be rounded away from an edge on which it lies.
    first, last = injected_at + window[0] - _SLACK, injected_at + window[1] - _SLACK
    longest = window[1] - window[0] + _SLACK
    return tuple(
        frame
        for frame in frames
        if first <= frame.middle_at < last and frame.duration <= longest
    )


def _overlap(frame: TimeFrame, injected_at: datetime, window: Window) -> timedelta:
    begin = max(frame.started_at, injected_at + window[0])
    end = min(frame.ended_at, injected_at + window[1])
    return max(end - begin, timedelta(0))


def _runs(frames: Sequence[TimeFrame]) -> list[list[TimeFrame]]:
    """Return frames by runs that follow each other and are equally long."""
    runs: list[list[TimeFrame]] = []
    for frame in frames:
        last = runs[-1][-1] if runs else None
        if (
            last is not None
            and frame.number == last.number + 1
            and frame.duration == last.duration
            and abs(frame.started_at - last.ended_at) < _SLACK
        ):
            runs[-1].append(frame)
        else:
            runs.append([frame])
    return runs


def _run_in_words(run: Sequence[TimeFrame], injected_at: datetime) -> str:
    first, last = run[0], run[-1]
    start = (first.started_at - injected_at) / _MINUTE
    end = (last.ended_at - injected_at) / _MINUTE
    seconds = first.duration.total_seconds()
    if len(run) == 1:
        return (
            f"frame {first.number} of {seconds:g} s from {start:.2f} to {end:.2f} min"
        )
    return (
        f"frames {first.number} to {last.number} of {seconds:g} s each from"
        f" {start:.2f} to {end:.2f} min"
    )


def _window_in_words(window: Window) -> str:
    first, last = (limit / _MINUTE for limit in window)
    return f"{first:g} to {last:g} min"


class UptakeWindowError(DicomContentError):
    """The time frames do not cover the uptake window."""

    reason = "uptake_time"
    remedy = (
        "Correct the injection time if it is wrong; else set suv.uptake_window_min to"
        " minutes that the scan covers, or send a static reconstruction."
    )

    def __init__(
        self,
        header: Dataset,
        frames: Sequence[TimeFrame],
        injected_at: datetime,
        window: Window,
    ) -> None:
        start = (frames[0].started_at - injected_at) / _MINUTE
        end = (max(frame.ended_at for frame in frames) - injected_at) / _MINUTE
        chosen = _within(frames, injected_at, window)
        covered = sum((_overlap(f, injected_at, window) for f in chosen), timedelta(0))
        super().__init__(
            f"the {len(frames)} time frames lie {start:.1f} to {end:.1f} min after the"
            f" injection; {len(chosen)} of them have their middle in the uptake window"
            f" of {_window_in_words(window)} and cover {covered / _MINUTE:.1f} min"
            " of it",
            attribute=name_of("RadiopharmaceuticalStartDateTime"),
            uid=text(header, "SeriesInstanceUID"),
        )


class InjectionAfterFramesError(DicomContentError):
    """The injection is later than the end of a dynamic scan."""

    reason = "injection_after_scan"
    remedy = "Correct the injection time or the scan time and send again."

    def __init__(self, header: Dataset, late: timedelta) -> None:
        super().__init__(
            f"the injection is {late.total_seconds():.0f} s later than the end of the"
            " last time frame",
            attribute=name_of("RadiopharmaceuticalStartDateTime"),
            uid=text(header, "SeriesInstanceUID"),
        )


class ClocksInDoubtError(DicomContentError):
    """The clocks of a dynamic series choose different frames."""

    reason = "uptake_time"
    remedy = (
        "Correct Series Time, Acquisition Time and Frame Reference Time at their source"
        " and send again, or send a static reconstruction."
    )

    def __init__(self, header: Dataset, clock: str, apart: timedelta) -> None:
        super().__init__(
            f"by {clock} the time frames begin {apart.total_seconds():.0f} s from where"
            " the frames' first clock places them, and others would be averaged",
            attribute=name_of("FrameReferenceTime"),
            uid=text(header, "SeriesInstanceUID"),
        )
