"""Where everything stands on a page."""

from collections.abc import Iterator

from model.page.summary.histogram_chart import histogram_chart
from model.page.summary.marks import Box, Mark, Sheet, Text
from model.page.summary.overview import overview_marks
from model.page.summary.page import OverviewPage, SummaryPage
from model.page.summary.pictures import GAP, PANEL, maps, planes, projection
from model.page.summary.readings_chart import readings_chart, readings_height
from model.page.summary.trend_chart import trend_chart
from model.page.summary.wording import one_line
from model.page.summary.words import (
    LEFT,
    PROVENANCE,
    RIGHT,
    footer_marks,
    heading_marks,
    headline_height,
    headline_marks,
    provenance_marks,
    table_height,
    uptake_marks,
    warning_marks,
)

_PICTURES = 3 * PANEL + 2 * GAP
_NUMBERS = LEFT + _PICTURES + 44
"""Where the column of numbers begins."""
_PLANES_TOP, _MAPS_TOP, _CHARTS_TOP = 160.0, 525.0, 882.0
_CHARTS_BOTTOM = 1013.0
_SECTION = 42.0
"""From the last line of a part to the base line of the next part's title."""


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
    yield from provenance_marks(page.provenance, PROVENANCE)
    yield from footer_marks()


def _numbers(page: SummaryPage) -> Iterator[Mark]:
    width = RIGHT - _NUMBERS
    y = _PLANES_TOP - 10
    yield from headline_marks(page.headline, Box(_NUMBERS, y, width, 0))
    y += headline_height(page.headline, width) + _SECTION
    chart = Box(_NUMBERS, y, width, readings_height(page))
    yield from readings_chart(page, chart)
    y = chart.bottom + _SECTION
    yield from uptake_marks(page.uptake, Box(_NUMBERS, y, width, 0))
    y += table_height(page.uptake) + _SECTION
    box = Box(_NUMBERS, y, width, _CHARTS_BOTTOM - y)
    yield from warning_marks(page.warnings, box)
