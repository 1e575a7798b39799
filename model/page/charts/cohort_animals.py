"""Charts of single animals: all in one panel, and each in its own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from model.page.charts.cohort_looks import WIDTH_MM, draw_key, look_of
from model.page.document import Picture
from model.page.drawing import INK, RULE, new_figure, picture_of

_PER_PICTURE = 20
"""Animals that fit on a page."""
_COLUMNS = 5
_WIDE, _HIGH = 0.88, 0.78
"""Of a panel, as a share of its place; the rest parts it from the next."""
_EDGE = 0.05
"""Room beside the first and the last day, in the same unit."""
_APART = 0.1
"""Between two days that both have a number of two digits, in the same unit."""


@dataclass(frozen=True)
class AnimalLine:
    """An animal.

    Attributes
    ----------
    animal : str
    group : int
        Its place among the groups, for its colour.
    days, values : sequence of float
    arrows : sequence of int
        Positions of the changes (from that day to the next) beyond repeatability.
    """

    animal: str
    group: int
    days: Sequence[float]
    values: Sequence[float]
    arrows: Sequence[int] = ()


def draw_animals(
    lines: Sequence[AnimalLine], groups: Sequence[str], titles: tuple[str, str]
) -> Picture:
    """Return all animals of a measure in one panel.

    Parameters
    ----------
    lines : sequence of AnimalLine
    groups : sequence of str
    titles : tuple of str
        Of the days and of the measure.
    """
    figure = new_figure(WIDTH_MM, 85)
    axes = figure.subplots()
    for line in lines:
        _draw_line(axes, line, faint=True)
    axes.set_xlabel(titles[0])
    axes.set_ylabel(titles[1])
    draw_key(figure, groups)
    return picture_of(figure)


def draw_each_animal(
    lines: Sequence[AnimalLine], groups: Sequence[str], titles: tuple[str, str]
) -> list[Picture]:
    """Return small panels, one an animal, on as many pictures as it takes.

    Parameters
    ----------
    lines : sequence of AnimalLine
    groups : sequence of str
    titles : tuple of str
        Of the days and of the measure.
    """
    pages = [
        lines[start : start + _PER_PICTURE]
        for start in range(0, len(lines), _PER_PICTURE)
    ]
    values = [value for line in lines for value in line.values]
    low, high = min(values), max(values)
    room = 0.08 * (high - low) or 1.0
    return [
        _animal_page(page, groups, titles, (low - room, high + room)) for page in pages
    ]


def _animal_page(
    lines: Sequence[AnimalLine],
    groups: Sequence[str],
    titles: tuple[str, str],
    limits: tuple[float, float],
) -> Picture:
    tiles = _Tiles(
        columns=min(_COLUMNS, len(lines)),
        count=len(lines),
        days=sorted({day for line in lines for day in line.days}),
        values=limits,
    )
    figure = new_figure(WIDTH_MM, 36 * tiles.rows + 18)
    axes = figure.subplots()
    _draw_frames(axes, tiles)
    for place, line in enumerate(lines):
        _draw_line(axes, tiles.placed(line, place), faint=False)
        left, top = tiles.corner(place)
        axes.annotate(line.animal, (left, top + 0.02), va="bottom", fontweight="bold")
    axes.set_xlabel(titles[0])
    axes.set_ylabel(titles[1])
    draw_key(figure, groups)
    return picture_of(figure)


@dataclass(frozen=True)
class _Tiles:
    """Where panels lie that share one pair of axes, each 1 wide and 1 high.

    Axes of their own would cost a page of twenty animals more than two seconds.

    Attributes
    ----------
    columns, count : int
    days : sequence of float
        Of all panels, in order.
    values : tuple of float
        Least and greatest, of all panels.
    """

    columns: int
    count: int
    days: Sequence[float]
    values: tuple[float, float]

    @property
    def rows(self) -> int:
        return ceil(self.count / self.columns)

    def across(self, day: float) -> float:
        """Return how far to the right of its panel's left edge a day lies."""
        first, last = self.days[0], self.days[-1]
        return _EDGE + (_WIDE - 2 * _EDGE) * (day - first) / ((last - first) or 1.0)

    def up(self, value: float) -> float:
        low, high = self.values
        return _HIGH * (value / 2 - low / 2) / (high / 2 - low / 2)

    def origin(self, place: int) -> tuple[float, float]:
        """Return the lower left corner of a panel."""
        row, column = divmod(place, self.columns)
        return float(column), float(self.rows - 1 - row)

    def corner(self, place: int) -> tuple[float, float]:
        """Return the upper left corner of a panel."""
        left, bottom = self.origin(place)
        return left, bottom + _HIGH

    def placed(self, line: AnimalLine, place: int) -> AnimalLine:
        """Return a line where its panel is."""
        left, bottom = self.origin(place)
        return replace(
            line,
            days=[left + self.across(day) for day in line.days],
            values=[bottom + self.up(value) for value in line.values],
        )


def _draw_frames(axes: Axes, tiles: _Tiles) -> None:
    """Draw edges and lines of reference of all panels, and write their ticks once."""
    at_days = _day_ticks(tiles)
    at_values = _ticks(*tiles.values, 4)
    for place in range(tiles.count):
        left, bottom = tiles.origin(place)
        rules = [bottom + tiles.up(value) for value in at_values]
        axes.hlines(rules, left, left + _WIDE, colors=RULE, linewidth=0.6)
        axes.hlines(bottom, left, left + _WIDE, colors=INK, linewidth=0.8)
        axes.vlines(left, bottom, bottom + _HIGH, colors=INK, linewidth=0.8)
    axes.set_xticks(
        [
            column + tiles.across(day)
            for column in range(tiles.columns)
            for day in at_days
        ],
        [f"{day:g}" for _ in range(tiles.columns) for day in at_days],
    )
    axes.set_yticks(
        [row + tiles.up(value) for row in range(tiles.rows) for value in at_values],
        [f"{value:g}" for _ in range(tiles.rows) for value in at_values],
    )
    axes.set_xlim(-0.02, tiles.columns)
    axes.set_ylim(-0.04, tiles.rows)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def _day_ticks(tiles: _Tiles) -> Sequence[float]:
    """Return the days themselves where their numbers do not touch."""
    gaps = [tiles.across(b) - tiles.across(a) for a, b in pairwise(tiles.days)]
    if min(gaps, default=1.0) >= _APART:
        return tiles.days
    return _ticks(tiles.days[0], tiles.days[-1], 3)


def _ticks(low: float, high: float, most: int) -> list[float]:
    found = MaxNLocator(most, steps=[1, 2, 5, 10]).tick_values(low, high)
    return [float(tick) for tick in found if low <= tick <= high]


def _draw_line(axes: Axes, line: AnimalLine, *, faint: bool) -> None:
    colour, marker = look_of(line.group)
    axes.plot(
        line.days,
        line.values,
        color=colour,
        marker=marker,
        markersize=3.5,
        linewidth=0.9,
        alpha=0.55 if faint else 1.0,
    )
    for start in line.arrows:
        axes.annotate(
            "",
            (line.days[start + 1], line.values[start + 1]),
            (line.days[start], line.values[start]),
            arrowprops={
                "arrowstyle": "-|>",
                "color": INK,
                "linewidth": 1.1,
                "shrinkA": 0,
                "shrinkB": 2,
            },
        )
