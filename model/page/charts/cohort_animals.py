"""Charts of single animals: all in one panel, and each in its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from matplotlib.axes import Axes

from model.page.charts.cohort_looks import WIDTH_MM, draw_key, look_of
from model.page.document import Picture
from model.page.drawing import INK, new_figure, picture_of

_PER_PICTURE = 20
"""Animals that fit on a page."""


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
    columns = min(5, len(lines))
    rows = ceil(len(lines) / columns)
    figure = new_figure(WIDTH_MM, 36 * rows + 18)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    every = [axes for row in grid for axes in row]
    for axes, line in zip(every, lines, strict=False):
        _draw_line(axes, line, faint=False)
        axes.set_title(line.animal)
        axes.set_ylim(*limits)
    for axes in every[len(lines) :]:
        axes.set_visible(False)
    figure.supxlabel(titles[0])
    figure.supylabel(titles[1])
    draw_key(figure, groups)
    return picture_of(figure)


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
