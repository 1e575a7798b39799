"""The table of regions that have no page of their own."""

from collections.abc import Callable, Iterator

from model.page.summary.marks import Anchor, Mark, Text, line
from model.page.summary.numerals import NONE, number, span_words
from model.page.summary.page import OVERVIEW_ROWS, OverviewPage, OverviewRow
from model.page.summary.palette import (
    FAINT,
    PALE,
    SMALL,
    SMALL_BOLD,
    SMALL_QUIET,
    TITLE,
)
from model.page.summary.wording import shortened
from model.page.summary.words import (
    LEFT,
    PROVENANCE,
    RIGHT,
    footer_marks,
    heading_marks,
    provenance_marks,
)

_TOP = 186.0
_ROW = 24.0
_NAMES = 430.0
_NOTE = 1130.0
"""Where the notes begin."""


def _range(row: OverviewRow) -> str:
    if row.low is None or row.high is None:
        return NONE
    return span_words(row.low, row.high)


_COLUMNS: tuple[tuple[str, float, Callable[[OverviewRow], str]], ...] = (
    ("index", 580.0, lambda row: number(row.score)),
    ("range", 780.0, _range),
    ("SUV mean", 890.0, lambda row: number(row.suv_mean)),
    ("SUV max", 1000.0, lambda row: number(row.suv_max)),
    ("ml", 1100.0, lambda row: number(row.volume_ml)),
)
"""Title, right edge, and what it says of a row."""


def overview_marks(page: OverviewPage) -> Iterator[Mark]:
    """Give the marks of an overview."""
    yield from heading_marks(page.heading)
    title = page.title[:1].upper() + page.title[1:]
    yield Text(LEFT, 150, shortened(title, TITLE, RIGHT - LEFT), TITLE)
    yield Text(LEFT, _TOP, "region", SMALL_QUIET)
    for words, right, _ in _COLUMNS:
        yield Text(right, _TOP, words, SMALL_QUIET, Anchor.RIGHT)
    yield Text(_NOTE, _TOP, "note", SMALL_QUIET)
    yield line((LEFT, _TOP + 9), (RIGHT, _TOP + 9), FAINT)
    for place, row in enumerate(page.rows[:OVERVIEW_ROWS]):
        yield from _row(row, _TOP + 9 + _ROW * (place + 1) - 6)
    yield from provenance_marks(page.provenance, PROVENANCE)
    yield from footer_marks()


def _row(row: OverviewRow, y: float) -> Iterator[Mark]:
    yield Text(LEFT, y, shortened(row.region, SMALL_BOLD, _NAMES - LEFT), SMALL_BOLD)
    for _, right, said in _COLUMNS:
        yield Text(right, y, said(row), SMALL, Anchor.RIGHT)
    yield Text(_NOTE, y, shortened(row.note, SMALL_QUIET, RIGHT - _NOTE), SMALL_QUIET)
    yield line((LEFT, y + 7), (RIGHT, y + 7), PALE)
