"""Tables of the PDF: they break over pages, and wide ones stay readable.

Design choice: a table that does not fit the upright page without breaking words lies on
a page of its own, on its side. One that does not fit there, either, is cut into parts
that each repeat the first column; the letters never shrink.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from reportlab.platypus import Flowable, LongTable, TableStyle

from model.page.document import Column, Table
from model.page.pdf_style import (
    ACCENT,
    CAPTION,
    CELL,
    CELL_SIZE,
    HEAD,
    INK,
    NUMBER,
    NUMBER_HEAD,
    PALE_LINE,
    TEXT_WIDTH,
    paragraph,
    width_of,
)
from model.page.typeface import BOLD, REGULAR, plain

_PADDING = 4.0
"""Points on either side of a cell."""
_LONGEST_WORD = 105.0
"""Points; a longer word is broken rather than given more room."""
_WIDEST = 345.0
"""Points that a column asks for at most; longer texts have several lines."""
_SHORT = 60.0
"""Points of a text that should stay in one line."""
_SEEN_ROWS = 400
"""Rows that are measured for the widths; the rest wraps if it must."""


@dataclass(frozen=True)
class _Widths:
    """What a column needs so that no word is broken, and what it would like."""

    least: float
    wanted: float


def is_wide(table: Table) -> bool:
    """Tell whether a table needs a page on its side."""
    return sum(each.least for each in _widths(table)) > TEXT_WIDTH


def table_flowables(table: Table, room: float) -> Iterator[Flowable]:
    """Return a table as ReportLab sets it, in one part or several.

    Parameters
    ----------
    table : Table
    room : float
        Width that there is, in points.
    """
    widths = _widths(table)
    parts = list(_parts(widths, room))
    for number, part in enumerate(parts, start=1):
        caption = table.caption
        if len(parts) > 1:
            caption = f"{caption} (columns, part {number} of {len(parts)})".strip()
        if caption:
            yield paragraph(caption, CAPTION)
        yield _set(_columns(table, part), [widths[each] for each in part], room)


def _columns(table: Table, part: Sequence[int]) -> Table:
    return Table(
        columns=[table.columns[each] for each in part],
        rows=[[row[each] for each in part] for row in table.rows],
    )


def _parts(widths: Sequence[_Widths], room: float) -> Iterator[list[int]]:
    """Return which columns stand beside each other; the first is in every part."""
    part: list[int] = []
    used = 0.0
    for position, width in enumerate(widths):
        if len(part) > 1 and used + width.least > room:
            yield part
            part, used = [0], widths[0].least
        part.append(position)
        used += width.least
    if part:
        yield part


def _widths(table: Table) -> list[_Widths]:
    return [
        _width(column, [row[position] for row in table.rows[:_SEEN_ROWS]])
        for position, column in enumerate(table.columns)
    ]


def _width(column: Column, cells: Sequence[str]) -> _Widths:
    title = plain(column.title)
    texts = {plain(cell) for cell in cells}
    words = {word for text in texts for word in text.split()}
    longest = max((width_of(word) for word in words), default=0.0)
    heading = max((width_of(word, bold=True) for word in title.split()), default=0.0)
    widest = max((width_of(text) for text in texts), default=0.0)
    if column.numeric or widest <= _SHORT:
        # A number with its interval, or a short name, reads badly in two lines.
        longest = max(longest, min(widest, _LONGEST_WORD))
    least = min(max(longest, heading), _LONGEST_WORD) + 2 * _PADDING + 1
    wanted = min(max(widest, width_of(title, bold=True)), _WIDEST) + 2 * _PADDING + 1
    return _Widths(least, max(least, wanted))


def _shared_out(widths: Sequence[_Widths], room: float) -> list[float]:
    """Return each column's width: what it would like, or a fair share of what is.

    Columns that would like little more than they need are served first, so that a
    number with its interval stays in one line beside long texts.
    """
    least = sum(each.least for each in widths)
    if least >= room:
        return [each.least * room / least for each in widths]
    shares = [each.least for each in widths]
    left = room - least
    modest_first = sorted(
        range(len(widths)), key=lambda at: widths[at].wanted - widths[at].least
    )
    for served, position in enumerate(modest_first):
        more = widths[position].wanted - widths[position].least
        given = min(more, left / (len(widths) - served))
        shares[position] += given
        left -= given
    return shares


def _set(table: Table, widths: Sequence[_Widths], room: float) -> LongTable:
    shares = _shared_out(widths, room)
    head = [
        paragraph(column.title, NUMBER_HEAD if column.numeric else HEAD)
        for column in table.columns
    ]
    body = [
        [
            _cell(cell, column, width)
            for cell, column, width in zip(row, table.columns, shares, strict=True)
        ]
        for row in table.rows
    ]
    flowable = LongTable(
        [head, *body], colWidths=shares, repeatRows=1, splitInRow=1, hAlign="LEFT"
    )
    flowable.setStyle(TableStyle(_look(table.columns)))
    flowable.spaceAfter = 10
    return flowable


def _cell(text: str, column: Column, width: float) -> object:
    """Return a cell; a paragraph, which takes longer to set, only where it must be."""
    shown = plain(text)
    if "\n" not in shown and width_of(shown) <= width - 2 * _PADDING:
        return shown
    return paragraph(text, NUMBER if column.numeric else CELL)


def _look(columns: Sequence[Column]) -> list[Any]:
    look: list[Any] = [
        ("FONT", (0, 0), (-1, 0), BOLD, CELL_SIZE),
        ("FONT", (0, 1), (-1, -1), REGULAR, CELL_SIZE, CELL_SIZE * 1.3),
        ("TEXTCOLOR", (0, 0), (-1, -1), INK),
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("VALIGN", (0, 1), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), _PADDING),
        ("RIGHTPADDING", (0, 0), (-1, -1), _PADDING),
        ("TOPPADDING", (0, 0), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
        ("LINEBELOW", (0, 0), (-1, 0), 1, ACCENT),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, PALE_LINE),
    ]
    look.extend(
        ("ALIGN", (position, 0), (position, -1), "RIGHT")
        for position, column in enumerate(columns)
        if column.numeric
    )
    return look
