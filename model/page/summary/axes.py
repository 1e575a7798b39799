"""Axes of the small charts: where a value lies, and ticks whose words do not meet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from model.page.summary.marks import Anchor, Box, Colour, Mark, Stroke, Text, line
from model.page.summary.numerals import tick_words, ticks
from model.page.summary.palette import FAINT, PALE, QUIET, SMALL_QUIET, TITLE
from model.page.summary.wording import shortened, width_of

FOOT = 47.0
"""Room for the numbers of a horizontal axis and a line of words below."""
_DASH, _SPACE = 5.0, 4.0
_BETWEEN = 12.0
"""Least room between the words of two ticks."""


@dataclass(frozen=True)
class Axis:
    """Values along a line of the sheet.

    Attributes
    ----------
    low, high : float
        Values at its ends; different.
    start, end : float
        Its ends on the sheet.
    """

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return where a value lies on the sheet."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def holds(self, value: float) -> bool:
        """Return whether a value lies on the axis."""
        return self.low <= value <= self.high


def padded(low: float, high: float, share: float = 0.06) -> tuple[float, float]:
    """Return ends of an axis with some room beyond the values; never the same."""
    span = high - low
    least = max(abs(low), abs(high)) * 1e-6
    if span <= least:
        half = max(abs(high) * 0.1, 0.5)
        return low - half, high + half
    return low - share * span, high + share * span


def ticks_below(axis: Axis, y: float) -> Iterator[Mark]:
    """Give the horizontal axis at a height, with ticks and their numbers below."""
    yield line((axis.start, y), (axis.end, y), QUIET)
    for place, words in _fitting(axis):
        x = axis.at(place)
        yield line((x, y), (x, y + 5), QUIET)
        yield Text(x, y + 21, words, SMALL_QUIET, Anchor.MIDDLE)


def ticks_left(
    axis: Axis, left: float, right: float, *, whole: bool = False
) -> Iterator[Mark]:
    """Give the numbers of a vertical axis and faint lines across the chart.

    Parameters
    ----------
    axis : Axis
    left, right : float
        Ends of the lines; the numbers stand before the left one.
    whole : bool
        Whether only whole numbers have a meaning.
    """
    places = ticks(axis.low, axis.high, 3)
    if whole:
        places = [place for place in places if place == round(place)]
    for place, words in zip(places, tick_words(places), strict=True):
        y = axis.at(place)
        yield line((left, y), (right, y), PALE)
        yield Text(left - 8, y + 6, words, SMALL_QUIET, Anchor.RIGHT)


def room_left(low: float, high: float) -> float:
    """Return the room that the numbers of a vertical axis need."""
    words = tick_words(ticks(low, high, 3))
    return 8 + max((width_of(each, SMALL_QUIET) for each in words), default=0.0)


def dashed(
    start: tuple[float, float], end: tuple[float, float], colour: Colour
) -> Iterator[Mark]:
    """Give a vertical line of dashes."""
    x, y = start
    while y < end[1]:
        stop = min(y + _DASH, end[1])
        yield Stroke(np.array([(x, y), (x, stop)]), 2.0, colour)
        y = stop + _SPACE


def chart_title(box: Box, title: str, after: str) -> Iterator[Mark]:
    """Give a chart's title, and behind it what its axes are."""
    title = shortened(title, TITLE, box.width)
    yield Text(box.x, box.y, title, TITLE)
    start = box.x + width_of(title, TITLE) + 12
    if after and box.right - start > _BETWEEN * 4:
        words = shortened(after, SMALL_QUIET, box.right - start)
        yield Text(start, box.y, words, SMALL_QUIET)


def below(box: Box, left: str, right: str) -> Iterator[Mark]:
    """Give what an axis counts, and what its marks mean, on the last line of a box."""
    counted = shortened(left, SMALL_QUIET, box.width * (0.55 if right else 1.0))
    room = box.width - width_of(counted, SMALL_QUIET) - _BETWEEN
    yield Text(box.x, box.bottom, counted, SMALL_QUIET)
    meaning = shortened(right, SMALL_QUIET, room)
    yield Text(box.right, box.bottom, meaning, SMALL_QUIET, Anchor.RIGHT)


def nothing(box: Box, words: str) -> Iterator[Mark]:
    """Give words in the place of a chart, with a faint line above and below."""
    middle = box.y + box.height / 2
    yield line((box.x, box.y), (box.right, box.y), FAINT)
    words = shortened(words, SMALL_QUIET, box.width)
    yield Text(box.x, middle + 6, words, SMALL_QUIET)
    yield line((box.x, box.bottom), (box.right, box.bottom), FAINT)


def _fitting(axis: Axis) -> Sequence[tuple[float, str]]:
    """Return as many ticks as have room for their words."""
    length = abs(axis.end - axis.start)
    for wanted in (6, 5, 4, 3, 2, 1):
        places = ticks(axis.low, axis.high, wanted)
        words = tick_words(places)
        widest = max((width_of(each, SMALL_QUIET) for each in words), default=0.0)
        step = length * (
            abs(places[1] - places[0]) / (axis.high - axis.low)
            if len(places) > 1
            else 1.0
        )
        if places and step >= widest + _BETWEEN:
            return tuple(zip(places, words, strict=True))
    return ()
