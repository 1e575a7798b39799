"""Charts of a cohort: courses side by side, and the window.

Numbers in, pictures out. Points of one day stand beside each other so that none hides
another; SD is the thin bar and SEM the thick one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from model.page.charts.cohort_looks import WIDTH_MM, draw_key, look_of
from model.page.document import Picture
from model.page.drawing import COLOURS, MARKERS, QUIET, new_figure, picture_of

_ROW_MM = 58.0
_MARK_SHARE = 0.07
"""Height of a line of symbols, as a share of the panel's."""
_MOST_TICKS = 9
_TITLE_LETTERS = 24
"""Of a panel that is a third of the width."""


@dataclass(frozen=True)
class GroupSeries:
    """A group in a panel.

    Attributes
    ----------
    group : str
    days, means : sequence of float
    sds, sems : sequence of float or None
    marks : sequence of str
        Symbol above each day; empty without.
    points : sequence of (float, float)
        Day and value of each animal.
    """

    group: str
    days: Sequence[float]
    means: Sequence[float]
    sds: Sequence[float | None]
    sems: Sequence[float | None]
    marks: Sequence[str]
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class CoursePanel:
    """A measure with its groups."""

    title: str
    series: Sequence[GroupSeries]


@dataclass(frozen=True)
class IntervalPanel:
    """Differences from baseline, day by day.

    Attributes
    ----------
    title, wanted : str
        What it is, and where its limits lie in the window.
    days, values, lows, highs : sequence of float
        NaN limits are not drawn.
    """

    title: str
    wanted: str
    days: Sequence[float]
    values: Sequence[float]
    lows: Sequence[float]
    highs: Sequence[float]


def draw_courses(panels: Sequence[CoursePanel], day_title: str) -> Picture:
    """Return courses of several measures side by side, over the same days.

    Parameters
    ----------
    panels : sequence of CoursePanel
        At least one.
    day_title : str
        Of the horizontal axes.
    """
    columns = min(2, len(panels))
    rows = ceil(len(panels) / columns)
    figure = new_figure(WIDTH_MM, _ROW_MM * rows + 10)
    grid = figure.subplots(rows, columns, sharex=True, squeeze=False)
    every = [axes for row in grid for axes in row]
    for axes, panel in zip(every, panels, strict=False):
        _draw_panel(axes, panel)
    for axes in every[len(panels) :]:
        axes.set_visible(False)
    for axes in every[max(len(panels) - columns, 0) : len(panels)]:
        axes.set_xlabel(day_title)
        axes.tick_params(labelbottom=True)
    draw_key(figure, [series.group for series in panels[0].series])
    return picture_of(figure)


def draw_window(
    panels: Sequence[IntervalPanel], spans: Sequence[tuple[float, float]]
) -> Picture:
    """Return differences from baseline with their limits, the window shaded.

    Parameters
    ----------
    panels : sequence of IntervalPanel
        Infiltration, exhaustion, exhaustion over its margin.
    spans : sequence of (float, float)
        First and last day of each span that is in the window.
    """
    figure = new_figure(WIDTH_MM, 68)
    grid = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, panel in zip(grid, panels, strict=True):
        for first, last in spans:
            axes.axvspan(first - 0.4, last + 0.4, color=COLOURS[2], alpha=0.18, lw=0)
        axes.axhline(0, color=QUIET, linewidth=0.8)
        _draw_intervals(axes, panel)
        axes.set_title(fill(panel.title, _TITLE_LETTERS) + f"\n{panel.wanted}")
        axes.set_xlabel("Days after irradiation")
    grid[0].set_ylabel("Difference from baseline")
    return picture_of(figure)


def _draw_panel(axes: Axes, panel: CoursePanel) -> None:
    many = len(panel.series)
    days = [day for series in panel.series for day in series.days]
    span = (max(days) - min(days)) if days else 0.0
    step = 0.02 * (span or 1.0)
    for place, series in enumerate(panel.series):
        shift = (place - (many - 1) / 2) * step
        _draw_series(axes, series, place, shift)
    axes.set_title(panel.title)
    # The grid marks the places; ticks would be a third of what is drawn.
    axes.tick_params(bottom=False, left=False)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    _mark_days(axes, days)
    _write_marks(axes, panel)


def _write_marks(axes: Axes, panel: CoursePanel) -> None:
    """Write each group's symbols in a line of its own above everything drawn."""
    marked = [place for place, series in enumerate(panel.series) if any(series.marks)]
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + (high - low) * _MARK_SHARE * len(marked))
    for line, place in enumerate(marked):
        series = panel.series[place]
        marks = zip(series.days, series.marks, strict=True)
        for day, mark in ((day, mark) for day, mark in marks if mark):
            axes.annotate(
                mark,
                (day, 1 - _MARK_SHARE * line),
                xycoords=("data", "axes fraction"),
                ha="center",
                va="top",
                color=look_of(place)[0],
                fontweight="bold",
            )


def _mark_days(axes: Axes, days: Sequence[float]) -> None:
    """Put ticks on the days themselves, where they are few enough to be read."""
    known = sorted(set(days))
    if len(known) <= _MOST_TICKS:
        axes.set_xticks(known)


def _draw_series(axes: Axes, series: GroupSeries, place: int, shift: float) -> None:
    colour, marker = look_of(place)
    where = np.asarray(series.days, float) + shift
    if series.points:
        days, values = (
            np.asarray(part, float) for part in zip(*series.points, strict=True)
        )
        axes.scatter(
            _apart(days, values, abs(shift) + 0.01 * (np.ptp(days) or 1.0)) + shift,
            values,
            s=9,
            color=colour,
            alpha=0.4,
            linewidths=0,
        )
    axes.plot(where, series.means, color=colour, marker=marker, linewidth=1.3)
    for widths, thickness in ((series.sds, 0.8), (series.sems, 2.4)):
        known = [
            (at, mean - width, mean + width)
            for at, mean, width in zip(where, series.means, widths, strict=True)
            if width is not None
        ]
        if known:
            places, lows, highs = zip(*known, strict=True)
            axes.vlines(
                places,
                lows,
                highs,
                colors=colour,
                linewidth=thickness,
                capstyle="butt",
            )


def _apart(days: Any, values: Any, step: float) -> Any:
    """Return days of points, those of one day beside each other by their rank."""
    moved = days.astype(float)
    for day in np.unique(days):
        own = np.flatnonzero(days == day)
        ranks = np.argsort(np.argsort(values[own], kind="stable"))
        # Neighbours in rank fall on different sides: 0, 1, -1, 0, 1, -1, ...
        moved[own] += np.array([0.0, 1.0, -1.0])[ranks % 3] * step
    return moved


def _draw_intervals(axes: Axes, panel: IntervalPanel) -> None:
    axes.vlines(panel.days, panel.lows, panel.highs, colors=COLOURS[0], linewidth=1.6)
    axes.plot(
        panel.days, panel.values, color=COLOURS[0], marker=MARKERS[0], linestyle="none"
    )
    _mark_days(axes, panel.days)
