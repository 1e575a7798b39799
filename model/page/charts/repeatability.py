"""The concordance of every feature, with its interval and the threshold."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from matplotlib.axes import Axes

from model.page.document import Picture
from model.page.drawing import COLOURS, INK, QUIET, new_figure, picture_of

_WIDTH_MM = 160
_ROW_MM = 3.4
_EDGE_MM = 22
MOST_ROWS = 64
"""Features of a picture: as many as are still legible on one page."""
_LOWEST = -0.25
"""Where the axis begins at the latest; intervals of few pairs reach far below."""


@dataclass(frozen=True)
class ConcordanceRow:
    """A feature of the chart.

    Attributes
    ----------
    feature, family : str
    value, low, high : float or None
        None where there is none.
    kept : bool
    """

    feature: str
    family: str
    value: float | None
    low: float | None
    high: float | None
    kept: bool


def concordance_pictures(
    rows: Sequence[ConcordanceRow], threshold: float
) -> list[Picture]:
    """Return charts of concordance by feature; family by family, the best first.

    A feature without a coefficient has its line and no point. What reaches below the
    axis is cut there.

    Parameters
    ----------
    rows : sequence of ConcordanceRow
    threshold : float
    """
    families = list(dict.fromkeys(row.family for row in rows))
    ordered = sorted(
        rows,
        key=lambda row: (
            families.index(row.family),
            row.value is None,
            -(row.value or 0.0),
        ),
    )
    pages = [ordered[i : i + MOST_ROWS] for i in range(0, len(ordered), MOST_ROWS)]
    return [_picture(page, threshold) for page in pages]


def _picture(rows: Sequence[ConcordanceRow], threshold: float) -> Picture:
    figure = new_figure(_WIDTH_MM, _EDGE_MM + _ROW_MM * len(rows))
    axes = figure.subplots()
    for kept, colour, marker, label in (
        (True, COLOURS[0], "o", "kept"),
        (False, COLOURS[1], "s", "not kept"),
    ):
        chosen = [
            (place, row.value, row.low, row.high)
            for place, row in enumerate(rows)
            if row.kept is kept and row.value is not None
        ]
        if not chosen:
            continue
        axes.plot(
            [max(value, _LOWEST) for _, value, _, _ in chosen],
            [place for place, _, _, _ in chosen],
            marker,
            color=colour,
            markersize=3.2,
            label=label,
        )
        bounded = [
            (p, a, b) for p, _, a, b in chosen if a is not None and b is not None
        ]
        axes.hlines(
            [place for place, _, _ in bounded],
            [max(low, _LOWEST) for _, low, _ in bounded],
            [max(high, _LOWEST) for _, _, high in bounded],
            color=colour,
            linewidth=1.1,
        )
    axes.axvline(
        threshold, color=INK, linewidth=1, linestyle="--", label=f"{threshold:g}"
    )
    _families(axes, rows)
    axes.set_yticks(range(len(rows)), [_short(row) for row in rows], fontsize=5.8)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(_LOWEST - 0.02, 1.02)
    axes.set_xlabel("Concordance correlation coefficient, 95 % interval")
    axes.grid(visible=False, axis="y")
    figure.legend(loc="outside upper left", ncols=3)
    return picture_of(figure)


def _families(axes: Axes, rows: Sequence[ConcordanceRow]) -> None:
    """Part the families by a line, and name each at the right."""
    first = 0
    for family, group in groupby(rows, key=lambda row: row.family):
        last = first + len(list(group)) - 1
        axes.annotate(
            family,
            (1.01, (first + last) / 2),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=6.5,
            color=INK,
        )
        if last < len(rows) - 1:
            axes.axhline(last + 0.5, color=QUIET, linewidth=0.5)
        first = last + 1


def _short(row: ConcordanceRow) -> str:
    return row.feature.partition("_")[2] or row.feature
