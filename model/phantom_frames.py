"""When the time frames of a dynamic phantom were taken, and how bright each one is.

Design choice: frames lengthen as uptake slows, as people set them, so that a mean that
forgets their durations is a wrong one. Uptake rises over the whole scan, so that a mean
over other frames is a wrong one too. The mean over the frames whose middle lies in the
uptake window, weighted by duration, is the phantom itself: its truth is the same as
that of a static scan.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from math import exp

from model.phantom_spec import ImpossiblePhantomError, PhantomSpec

DYNAMIC_UPTAKE_S = -208.0
"""From injection to start of scan: a dynamic scan runs when the injection comes."""

DYNAMIC_SCAN_S = 4800.0
"""Length of a dynamic scan, past the uptake window."""

UPTAKE_WINDOW_S = (2700.0, 4500.0)
"""After the injection, over which the frames' mean is the phantom."""

_FRAMES = (5, 60)
_UPTAKE_TIME_CONSTANT_S = 1200.0


@dataclass(frozen=True)
class PhantomFrame:
    """A time frame of a phantom's scan.

    Attributes
    ----------
    number : int
        From 1.
    start_s, duration_s : float
        After the start of the scan; seconds.
    uptake : float
        Of the frame, decay-corrected, over that of the phantom.
    averaged : bool
        Whether the frame counts to the uptake window.
    """

    number: int
    start_s: float
    duration_s: float
    uptake: float = 1.0
    averaged: bool = True


def phantom_frames(spec: PhantomSpec, count: int) -> tuple[PhantomFrame, ...]:
    """Return the time frames of a scan: one, or those of a dynamic scan.

    Raises
    ------
    TimeFramesError
        When there are too few to cover the uptake window, or too many.
    """
    if count == 1:
        return (PhantomFrame(1, 0.0, spec.scan_s),)
    if not _FRAMES[0] <= count <= _FRAMES[1]:
        raise TimeFramesError(count)
    edges = [round(spec.scan_s * (number / count) ** 2) for number in range(count + 1)]
    frames = [
        PhantomFrame(number, start, end - start)
        for number, (start, end) in enumerate(pairwise(edges), start=1)
    ]
    seen = [_as_seen(frame, spec.uptake_s) for frame in frames]
    averaged = [frame for frame in seen if frame.averaged]
    if not averaged:
        raise TimeFramesError(count)
    total_s = sum(frame.duration_s for frame in averaged)
    mean = sum(frame.uptake * frame.duration_s for frame in averaged) / total_s
    return tuple(replace(frame, uptake=frame.uptake / mean) for frame in seen)


def _as_seen(frame: PhantomFrame, uptake_s: float) -> PhantomFrame:
    """Return a frame with the mean of the uptake curve in it."""
    start_s = uptake_s + frame.start_s
    end_s = start_s + frame.duration_s
    first, last = UPTAKE_WINDOW_S
    return replace(
        frame,
        uptake=(_taken_up(end_s) - _taken_up(start_s)) / frame.duration_s,
        averaged=first <= (start_s + end_s) / 2.0 < last,
    )


def _taken_up(after_s: float) -> float:
    """Return the integral of ``1 - exp(-t / constant)`` up to an instant, seconds."""
    if after_s <= 0.0:
        return 0.0
    constant_s = _UPTAKE_TIME_CONSTANT_S
    return after_s - constant_s * (1.0 - exp(-after_s / constant_s))


class TimeFramesError(ImpossiblePhantomError):
    """No dynamic phantom has this many time frames."""

    remedy = (
        f"Ask for 1 time frame, or for {_FRAMES[0]} to {_FRAMES[1]} of a dynamic scan"
        " that covers the uptake window."
    )

    def __init__(self, count: int) -> None:
        super().__init__(f"a phantom cannot have {count} time frames")
        self.count = count
