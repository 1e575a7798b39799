"""The animal's index over time.

Design choice: time points without a score, and those of another model, which are not
on the same scale, stand on the axis itself: they say when, and nothing else.

Design choice: what the dashed line means stands below, with what the days count from.
In the chart it would lie over a range that happens to be there.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from model.page.summary.axes import (
    FOOT,
    Axis,
    below,
    chart_title,
    dashed,
    nothing,
    padded,
    room_left,
    ticks_below,
    ticks_left,
)
from model.page.summary.marks import Box, Disc, Mark, Stroke
from model.page.summary.page import Trend, TrendPoint
from model.page.summary.palette import (
    ACCENT,
    FAINT,
    QUIET,
    WARNING,
    WHITE,
)


def trend_chart(trend: Trend | None, box: Box) -> Iterator[Mark]:
    """Give the chart; its box's y is the base line of the title."""
    area = Box(box.x, box.y + 14, box.width, box.height - 14)
    if trend is None or not trend.points:
        yield from chart_title(box, "Index over time", "")
        yield from nothing(area, "No earlier scan of this region is known.")
        return
    yield from chart_title(box, "Index over time", "with sensitivity range")
    points = sorted(trend.points, key=lambda point: point.day)
    levels = _levels(points)
    low, high = padded(min(levels), max(levels), 0.12) if levels else (0.0, 1.0)
    left = box.x + (room_left(low, high) if levels else 0.0)
    days = [point.day for point in points]
    days += [trend.irradiation_day] if trend.irradiation_day is not None else []
    across = Axis(*padded(min(days), max(days), 0.05), left, box.right)
    up = Axis(low, high, area.bottom - FOOT, area.y)
    if levels:
        yield from ticks_left(up, left, box.right)
    yield from _irradiation(trend.irradiation_day, across, up)
    yield from ticks_below(across, up.start)
    yield from _path(points, across, up)
    for point in points:
        yield from _point(point, across, up)
    yield from below(area, trend.axis[:1].lower() + trend.axis[1:], _meaning(trend))


def _meaning(trend: Trend) -> str:
    """Return what marks mean; days after irradiation say themselves where that was."""
    if not all(map(_placed, trend.points)):
        return "on the axis: not comparable"
    return "" if trend.irradiation_day is None else "dashed: irradiation"


def _irradiation(day: float | None, across: Axis, up: Axis) -> Iterator[Mark]:
    if day is None:
        return
    x = across.at(day)
    yield from dashed((x, up.end), (x, up.start), WARNING)


def _path(points: Sequence[TrendPoint], across: Axis, up: Axis) -> Iterator[Mark]:
    known = [
        (across.at(point.day), up.at(point.score))
        for point in points
        if point.score is not None and _placed(point)
    ]
    if len(known) > 1:
        yield Stroke(np.array(known), 2.0, FAINT)


def _point(point: TrendPoint, across: Axis, up: Axis) -> Iterator[Mark]:
    x = across.at(point.day)
    colour = ACCENT if point.current else QUIET
    fill = ACCENT if point.current else WHITE
    if point.score is None or not _placed(point):
        yield Disc(x, up.start, 5.0, WHITE, colour)
        return
    if _finite(point.low) and _finite(point.high):
        ends = [(x, up.at(point.high or 0.0)), (x, up.at(point.low or 0.0))]
        yield Stroke(np.array(ends), 2.0, colour)
    yield Disc(x, up.at(point.score), 7.0 if point.current else 6.0, fill, colour)


def _levels(points: Sequence[TrendPoint]) -> Sequence[float]:
    return [
        value
        for point in points
        if _placed(point)
        for value in (point.score, point.low, point.high)
        if value is not None and math.isfinite(value)
    ]


def _placed(point: TrendPoint) -> bool:
    """Return whether a point has a height on the axis."""
    return point.comparable and _finite(point.score)


def _finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
