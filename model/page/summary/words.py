"""The parts of a page that are words and numbers: heading, index, table, warnings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from model.page.summary.marks import (
    HEIGHT,
    WIDTH,
    Anchor,
    Box,
    Look,
    Mark,
    Rectangle,
    Text,
    Weight,
    line,
)
from model.page.summary.numerals import number, span_words
from model.page.summary.page import FOOTER, Figures, Heading, Headline, Uptake
from model.page.summary.palette import (
    ACCENT,
    FAINT,
    INK,
    PALE,
    QUIET,
    SMALL,
    SMALL_BOLD,
    SMALL_QUIET,
    TITLE,
    WARNING,
)
from model.page.summary.wording import one_line, shortened, width_of, wrapped

LEFT, RIGHT = 40.0, WIDTH - 40.0
_NAME = Look(30.0, INK, Weight.BOLD)
_REGION = Look(19.0, ACCENT, Weight.BOLD)
_DETAIL = Look(17.0, QUIET)
_VALUES = tuple(Look(size, INK, Weight.BOLD) for size in (62.0, 54.0, 46.0, 36.0))
_REFUSED = Look(40.0, QUIET, Weight.BOLD)
_RANGE = Look(22.0, INK, Weight.BOLD)
_FOOT = Look(16.0, INK, Weight.BOLD)
_LINE = 21.0
"""Between base lines of small text."""
_VALUE_SHARE = 0.38
"""Of the width: a longer number is set smaller, down to the smallest look."""
_NAME_LINE, _REGION_LINE, _RULE = 76.0, 104.0, 116.0
"""Of the heading. Viewers write over the first 50 rows of a picture's left side."""
_TITLE_LINE = 23.0
_VALUE_LINE = 46.0
_ROW = 23.0
_CELL = 112.0
"""Width of a column of numbers."""
_TABLE_ROWS = 10
_LINES_OF_A_VERDICT = 4
_LINES_OF_A_WARNING = (12, 3)
"""At most: where there is room for all warnings, and where there is not."""
_BETWEEN_ITEMS = 26.0
_PROVENANCE_LINE = 20.0
PROVENANCE = Box(LEFT, 1043, RIGHT - LEFT, 2 * _PROVENANCE_LINE)
"""Where the base lines of the provenance lie."""


def heading_marks(heading: Heading) -> Iterator[Mark]:
    """Give whom the page is about, across the sheet."""
    scanned = shortened(heading.scanned, _DETAIL, 420)
    yield Text(RIGHT, _NAME_LINE, scanned, _DETAIL, Anchor.RIGHT)
    room = RIGHT - LEFT - width_of(scanned, _DETAIL) - 30
    yield Text(LEFT, _NAME_LINE, shortened(heading.animal_id, _NAME, room), _NAME)
    place = shortened(heading.place, _DETAIL, 260)
    yield Text(RIGHT, _REGION_LINE, place, _DETAIL, Anchor.RIGHT)
    region = shortened(heading.region, _REGION, 620)
    yield Text(LEFT, _REGION_LINE, region, _REGION)
    start = LEFT + width_of(region, _REGION) + 18
    details = "  ·  ".join(one_line(each) for each in heading.details if each)
    rest = RIGHT - width_of(place, _DETAIL) - 24 - start
    if details:
        yield Text(start, _REGION_LINE, shortened(details, _DETAIL, rest), _DETAIL)
    yield Rectangle(Box(LEFT, _RULE, RIGHT - LEFT, 2), ACCENT)


def headline_marks(headline: Headline, box: Box) -> Iterator[Mark]:
    """Give the index with its range and what it means; see `headline_height`."""
    title, verdict = _headline_lines(headline, box.width)
    for place, words in enumerate(title):
        yield Text(box.x, box.y + _TITLE_LINE * place, words, TITLE)
    baseline = box.y + _TITLE_LINE * len(title) + _VALUE_LINE
    if headline.value is None:
        yield Text(box.x, baseline, "no score", _REFUSED)
    else:
        words = number(headline.value)
        room = _VALUE_SHARE * box.width
        fitting = (look for look in _VALUES if width_of(words, look) <= room)
        look = next(fitting, _VALUES[-1])
        yield Text(box.x, baseline, words, look)
        start = box.x + width_of(words, look) + 28
        yield from _range(headline, start, baseline, box.right - start)
    for place, words in enumerate(verdict):
        yield Text(box.x, baseline + 34 + _LINE * place, words, SMALL)


def headline_height(headline: Headline, width: float) -> float:
    """Return how far the index reaches below the base line of its title."""
    title, verdict = _headline_lines(headline, width)
    below = 34 + _LINE * (len(verdict) - 1) if verdict else 0.0
    return _TITLE_LINE * len(title) + _VALUE_LINE + below


def _headline_lines(
    headline: Headline, width: float
) -> tuple[Sequence[str], Sequence[str]]:
    title = headline.title[:1].upper() + headline.title[1:]
    verdict = wrapped(headline.verdict, SMALL, width, _LINES_OF_A_VERDICT)
    return wrapped(title, TITLE, width, 2), verdict


def _range(
    headline: Headline, x: float, baseline: float, room: float
) -> Iterator[Mark]:
    if headline.low is None or headline.high is None:
        words = shortened("no sensitivity range", SMALL_QUIET, room)
        yield Text(x, baseline, words, SMALL_QUIET)
        return
    about = shortened("sensitivity range, no confidence interval", SMALL_QUIET, room)
    yield Text(x, baseline - 28, about, SMALL_QUIET)
    words = span_words(headline.low, headline.high)
    yield Text(x, baseline, shortened(words, _RANGE, room), _RANGE)


def uptake_marks(uptake: Uptake, box: Box) -> Iterator[Mark]:
    """Give the table of uptake; numbers stand with their points below each other."""
    columns = list(uptake.columns[:2])
    yield Text(box.x, box.y, "Uptake", TITLE)
    for place, words in enumerate(columns):
        right = box.right - _CELL * (len(columns) - 1 - place)
        head = shortened(words, SMALL_QUIET, _CELL - 8)
        yield Text(right, box.y, head, SMALL_QUIET, Anchor.RIGHT)
    yield line((box.x, box.y + 9), (box.right, box.y + 9), FAINT)
    rows = list(uptake.rows)
    if len(rows) > _TABLE_ROWS:
        left_out = len(rows) - _TABLE_ROWS + 1
        more = Figures(_more(left_out), ())
        rows = [*rows[: _TABLE_ROWS - 1], more]
    names = box.width - _CELL * len(columns) - 12
    for place, row in enumerate(rows):
        y = box.y + 9 + _ROW * (place + 1) - 5
        yield Text(box.x, y, shortened(_named(row), SMALL, names), SMALL)
        yield line((box.x, y + 6), (box.right, y + 6), PALE)
    for place in range(len(columns)):
        right = box.right - _CELL * (len(columns) - 1 - place)
        cells = [row.values[place] if place < len(row.values) else "" for row in rows]
        yield from _column(cells, right, box.y + 9 + _ROW - 5)


def table_height(uptake: Uptake) -> float:
    """Return how far the table reaches below the base line of its title."""
    return 9 + _ROW * min(len(uptake.rows), _TABLE_ROWS)


def _named(row: Figures) -> str:
    return f"{row.name} ({row.unit})" if row.unit else row.name


def _column(
    cells: Sequence[float | str | None], right: float, first: float
) -> Iterator[Mark]:
    words = [cell if isinstance(cell, str) else number(cell) for cell in cells]
    tails = [each[len(_whole(each)) :] for each in words]
    widest = max((width_of(tail, SMALL) for tail in tails), default=0.0)
    for place, (each, tail) in enumerate(zip(words, tails, strict=True)):
        if each:
            end = right - widest + width_of(tail, SMALL)
            yield Text(end, first + _ROW * place, each, SMALL, Anchor.RIGHT)


def _whole(words: str) -> str:
    return words.partition(".")[0]


def warning_marks(warnings: Sequence[str], box: Box) -> Iterator[Mark]:
    """Give as many warnings as there is room for, and how many more there are."""
    yield Text(box.x, box.y, "Warnings", TITLE)
    shown, left_out = _fitting(warnings, box)
    if not shown:
        none = "None." if not warnings else f"{len(warnings)}, in the report"
        yield Text(box.x, box.y + 26, none, SMALL_QUIET)
        return
    y = box.y + 26
    for lines in shown:
        tall = _LINE * len(lines)
        yield Rectangle(Box(box.x, y - 13, 4, tall - 4), WARNING)
        for place, words in enumerate(lines):
            yield Text(box.x + 14, y + _LINE * place, words, SMALL)
        y += tall + 6
    if left_out:
        yield Text(box.x + 14, y, _more(left_out), SMALL_BOLD)


def _fitting(warnings: Sequence[str], box: Box) -> tuple[Sequence[Sequence[str]], int]:
    """Return the lines of warnings, and how many warnings have no room."""
    shown: Sequence[Sequence[str]] = ()
    for most in _LINES_OF_A_WARNING:
        shown = _shown(warnings, box, most)
        if len(shown) == len(warnings):
            break
    return shown, len(warnings) - len(shown)


def _shown(
    warnings: Sequence[str], box: Box, most_lines: int
) -> Sequence[Sequence[str]]:
    room = box.height - 26
    shown: list[Sequence[str]] = []
    for place, warning in enumerate(warnings):
        lines = wrapped(warning, SMALL, box.width - 14, most_lines)
        tall = _LINE * len(lines) + 6
        # The last one needs no line below it for those that are left out.
        kept = 0.0 if place == len(warnings) - 1 else _LINE
        if tall + kept > room:
            break
        shown.append(lines)
        room -= tall
    return shown


def provenance_marks(provenance: Sequence[tuple[str, str]], box: Box) -> Iterator[Mark]:
    """Give where the numbers come from, as running items on a few lines.

    What has no room there is counted, behind the last that has.
    """
    yield line((box.x, box.y - 21), (box.right, box.y - 21), FAINT)
    # Behind one that fills a line there is still room to say how many more there are.
    room = box.width - _BETWEEN_ITEMS - width_of(_more(len(provenance)), SMALL_BOLD)
    items = [_item(name, value, room) for name, value in provenance]
    places = list(_places(items, box))
    shown = len(places)
    while shown < len(items):
        words = _more(len(items) - shown)
        x, y = _behind(items, places, shown, box)
        if x + width_of(words, SMALL_BOLD) <= box.right:
            yield Text(x, y, words, SMALL_BOLD)
            break
        shown -= 1
    for item, (x, y) in zip(items[:shown], places, strict=False):
        yield Text(x, y, item.name, SMALL_QUIET)
        yield Text(x + item.start, y, item.words, SMALL)


@dataclass(frozen=True)
class _Item:
    """A name and its value, as they fit on a line."""

    name: str
    words: str
    start: float
    width: float


def _item(name: str, value: str, room: float) -> _Item:
    name = shortened(name, SMALL_QUIET, room / 3)
    start = width_of(name, SMALL_QUIET) + 7
    words = shortened(value, SMALL, room - start)
    return _Item(name, words, start, start + width_of(words, SMALL))


def _places(items: Sequence[_Item], box: Box) -> Iterator[tuple[float, float]]:
    """Give where items stand, as many as there is room for."""
    x, y = box.x, box.y
    for item in items:
        if x > box.x and x + item.width > box.right:
            x, y = box.x, y + _PROVENANCE_LINE
        if y > box.bottom:
            return
        yield x, y
        x += item.width + _BETWEEN_ITEMS


def _behind(
    items: Sequence[_Item],
    places: Sequence[tuple[float, float]],
    shown: int,
    box: Box,
) -> tuple[float, float]:
    """Return where what follows some items stands."""
    if not shown:
        return box.x, box.y
    x, y = places[shown - 1]
    return x + items[shown - 1].width + _BETWEEN_ITEMS, y


def _more(count: int) -> str:
    return f"and {count} more, in the report"


def footer_marks() -> Iterator[Mark]:
    """Give what the page is not for, at its foot."""
    yield Text(LEFT, HEIGHT - 19, FOOTER, _FOOT)
