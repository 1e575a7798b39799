"""The score with its sensitivity range, and the other readings, on one axis.

Design choice: each has a row of its own, so that names never meet, and its number at
the end, so that one that lies far beyond the others needs no place on the axis: an
arrow at the edge says where it is.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from model.page.summary.axes import (
    Axis,
    chart_title,
    dashed,
    nothing,
    padded,
    ticks_below,
)
from model.page.summary.marks import (
    Anchor,
    Box,
    Disc,
    Mark,
    Rectangle,
    Stroke,
    Text,
)
from model.page.summary.numerals import number
from model.page.summary.page import SummaryPage
from model.page.summary.palette import (
    ACCENT,
    ACCENT_PALE,
    PALE,
    QUIET,
    SMALL,
    SMALL_ACCENT,
    SMALL_QUIET,
    WARNING,
    WHITE,
)
from model.page.summary.wording import shortened

ROWS = 5
"""Shown at most, the score itself included."""
_ROW = 27.0
_HEAD = 12.0
_NAMES, _NUMBERS = 226.0, 96.0
_FAR = 5.0
"""Spans of the score's own range beyond which another reading is off the axis."""


@dataclass(frozen=True)
class _Row:
    name: str
    value: float | None
    cut_off: float | None
    low: float | None = None
    high: float | None = None
    own: bool = False


def readings_chart(page: SummaryPage, box: Box) -> Iterator[Mark]:
    """Give the chart; its box's y is the base line of the title."""
    rows = _rows(page)
    shown = rows[:ROWS]
    cut = any(row.cut_off is not None for row in shown)
    yield from chart_title(
        box, "Score and other readings", "dashed: cut-off" if cut else ""
    )
    top = box.y + _HEAD
    limits = _limits(rows)
    if limits is None:
        area = Box(box.x, top, box.width, box.height - _HEAD)
        yield from nothing(area, "No reading has a score.")
        return
    axis = Axis(*limits, box.x + _NAMES, box.right - _NUMBERS)
    for place, row in enumerate(shown):
        yield from _drawn(row, axis, box, top + _ROW * (place + 0.5))
    bottom = top + _ROW * len(shown)
    yield from ticks_below(axis, bottom + 2)
    if len(rows) > ROWS:
        words = f"and {len(rows) - ROWS} more"
        yield Text(box.x, bottom + 23, words, SMALL_QUIET)


def readings_height(page: SummaryPage) -> float:
    """Return how far the chart reaches below the base line of its title."""
    return _HEAD + _ROW * min(len(_rows(page)), ROWS) + 23


def _rows(page: SummaryPage) -> Sequence[_Row]:
    head, scale = page.headline, page.scale
    own = _Row(
        "this score",
        _finite(head.value),
        _finite(scale.cut_off),
        _finite(head.low),
        _finite(head.high),
        own=True,
    )
    return (
        own,
        *(_Row(r.name, _finite(r.value), _finite(r.cut_off)) for r in scale.readings),
    )


def _limits(rows: Sequence[_Row]) -> tuple[float, float] | None:
    """Return the ends of the axis: the score's range, and what is not far from it."""
    own = rows[0]
    others = [row.value for row in rows[1:] if row.value is not None]
    core = [v for v in (own.value, own.low, own.high) if v is not None]
    if not core:
        core = others[:1]
    if not core:
        return None
    core += [own.cut_off] if own.cut_off is not None else []
    low, high = min(core), max(core)
    reach = _FAR * max(high - low, 0.1 * max(abs(low), abs(high)), 1e-6)
    near = [v for v in others if low - reach <= v <= high + reach]
    return padded(min([low, *near]), max([high, *near]))


def _drawn(row: _Row, axis: Axis, box: Box, y: float) -> Iterator[Mark]:
    look = SMALL_ACCENT if row.own else SMALL
    yield Text(box.x, y + 6, shortened(row.name, look, _NAMES - 14), look)
    yield Stroke(np.array([(axis.start, y), (axis.end, y)]), 1.0, PALE)
    if row.cut_off is not None and axis.holds(row.cut_off):
        x = axis.at(row.cut_off)
        yield from dashed((x, y - _ROW / 2), (x, y + _ROW / 2), WARNING)
    words = "no score" if row.value is None else number(row.value)
    yield Text(box.right, y + 6, words, look, Anchor.RIGHT)
    if row.value is not None:
        yield from _point(row, row.value, axis, y)


def _point(row: _Row, value: float, axis: Axis, y: float) -> Iterator[Mark]:
    if row.low is not None and row.high is not None:
        left, right = axis.at(row.low), axis.at(row.high)
        yield Rectangle(Box(left, y - 5, max(right - left, 2.0), 10), ACCENT_PALE)
    if value < axis.low:
        yield Text(axis.start, y + 6, "◀", SMALL_QUIET)
    elif value > axis.high:
        yield Text(axis.end, y + 6, "▶", SMALL_QUIET, Anchor.RIGHT)
    elif row.own:
        yield Disc(axis.at(value), y, 7.0, ACCENT, ACCENT)
    else:
        yield Disc(axis.at(value), y, 5.5, WHITE, QUIET)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
