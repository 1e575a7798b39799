"""Where everything stands on a page."""

from collections.abc import Iterator

from model.page.summary.histogram_chart import histogram_chart
from model.page.summary.marks import Box, Mark, Sheet, Text
from model.page.summary.overview import overview_marks
from model.page.summary.page import OverviewPage, SummaryPage
from model.page.summary.palette import TITLE
from model.page.summary.pictures import GAP, PANEL, maps, planes, projection
from model.page.summary.readings_chart import ROWS, readings_chart
from model.page.summary.trend_chart import trend_chart
from model.page.summary.wording import one_line
from model.page.summary.words import (
    LEFT,
    RIGHT,
    footer_marks,
    heading_marks,
    headline_marks,
    provenance_marks,
    table_height,
    uptake_marks,
    warning_marks,
)

_PICTURES = 3 * PANEL + 2 * GAP
_NUMBERS = LEFT + _PICTURES + 44
"""Where the column of numbers begins."""
_PLANES_TOP, _MAPS_TOP, _CHARTS_TOP = 152.0, 524.0, 898.0
_CHARTS_BOTTOM = 1020.0
_PROVENANCE = Box(LEFT, 1050, RIGHT - LEFT, 24)


def sheet_of(page: SummaryPage | OverviewPage) -> Sheet:
    """Return a page laid out.

    Parameters
    ----------
    page : SummaryPage or OverviewPage
    """
    marks = _summary(page) if isinstance(page, SummaryPage) else overview_marks(page)
    title = f"{one_line(page.heading.animal_id)}, {one_line(page.heading.region)}"
    written = (m for m in marks if not isinstance(m, Text) or m.words)
    return Sheet(title, tuple(written))


def _summary(page: SummaryPage) -> Iterator[Mark]:
    yield from heading_marks(page.heading)
    yield from planes(page, LEFT, _PLANES_TOP)
    yield from projection(page, LEFT, _MAPS_TOP)
    yield from maps(page, LEFT + PANEL + GAP, _MAPS_TOP)
    chart = (_PICTURES - 2 * GAP) / 2
    height = _CHARTS_BOTTOM - _CHARTS_TOP
    yield from histogram_chart(page.region_suv, Box(LEFT, _CHARTS_TOP, chart, height))
    yield from trend_chart(
        page.trend, Box(LEFT + chart + 2 * GAP, _CHARTS_TOP, chart, height)
    )
    yield from _numbers(page)
    yield from provenance_marks(page.provenance, _PROVENANCE)
    yield from footer_marks()


def _numbers(page: SummaryPage) -> Iterator[Mark]:
    width = RIGHT - _NUMBERS
    yield from headline_marks(page.headline, Box(_NUMBERS, 142, width, 170))
    y = 142.0 + 92 + 34 + 3 * 21 + 18
    yield Text(_NUMBERS, y, "Score and other readings", TITLE)
    yield from readings_chart(page, Box(_NUMBERS, y + 12, width, 0))
    y += 12 + 27 * min(1 + len(page.scale.readings), ROWS) + 58
    yield from uptake_marks(page.uptake, Box(_NUMBERS, y, width, 0))
    y += table_height(page.uptake) + 38
    box = Box(_NUMBERS, y, width, _CHARTS_BOTTOM - y)
    yield from warning_marks(page.warnings, box)
