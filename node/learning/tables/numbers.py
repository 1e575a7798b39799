"""Cells as numbers, strictly: what is not plainly one number is refused.

Design choice: a file has one decimal mark. A comma is it where semicolons or tabs part
the columns and no number of the file has a point. Thousands are never guessed: where
commas could as well part thousands (``12,345``, and nowhere a cell such as ``0,8`` that
shows that they do not), the cells are refused. So
are points (``4.195``) where semicolons part the columns, as spreadsheets do it whose
decimal mark is the comma, and where every number with a point could be thousands.
"""

import math
import re
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

from node.spreadsheets.cells import CellError, is_empty, text_of

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:(?:,\d{3})+|(?:\.\d{3})+)", re.ASCII)
_DAY = re.compile(r"d(?:ay)?[ _]?([+-]?\d.*)", re.IGNORECASE | re.ASCII)
_MINUS = "\N{MINUS SIGN}"
_MISSING = frozenset(
    {"na", "n/a", "#n/a", "n.a.", "nan", "null", "none", "-", "--", "."}
)
"""What programs and people write where there is no number."""

_DASHES = frozenset({"\N{EN DASH}", "\N{EM DASH}", "\N{MINUS SIGN}"})
"""What word processors make of a hyphen."""
_NO_NUMBER = ("it is no number", "Write the number alone, or leave the cell empty")
_INFINITE = ("it is no finite number", "Write a finite number, or leave it empty")
_FAULT = (
    "a spreadsheet's formula has failed there",
    "Correct the formula, or leave the cell empty",
)
_TWO_MARKS = (
    "it has a comma, where other numbers of the file have a decimal point",
    "Write every number with a decimal point, without separators of thousands",
)
_UNCLEAR = (
    "its comma may part thousands or decimals, and nothing in the file says which",
    "Write every number with a decimal point, without separators of thousands",
)
_UNCLEAR_POINT = (
    "its point may part thousands or decimals: semicolons part the columns",
    "Write no separators of thousands; if it is a decimal point, save with tabs",
)
_COMMA_PARTS = (
    "it has a comma, which parts the columns of this file",
    "Write it with a decimal point, without separators of thousands",
)
_PER_CENT = ("it has a per cent sign", "Write the number itself")


class DecimalMark(StrEnum):
    """What stands before the decimals of a file's numbers."""

    POINT = "point"
    COMMA = "comma"
    MIXED = "mixed"
    """Points in some numbers and commas in others; those with commas are refused."""
    UNCLEAR = "unclear"
    """Commas that might part thousands; refused."""
    UNCLEAR_POINT = "unclear point"
    """Points that might; refused."""
    PARTS_COLUMNS = "parts columns"
    """A point; a comma within quotes is refused."""


def is_missing(cell: str) -> bool:
    """Return whether a cell says that there is no value."""
    text = cell.strip().casefold()
    return text in _MISSING or text in _DASHES or is_empty(text)


def decimal_mark_of(cells: Iterable[str], *, parted_by: str) -> DecimalMark:
    """Return the decimal mark of a file.

    Parameters
    ----------
    cells : iterable of str
        Of all columns that hold numbers.
    parted_by : str
        What parts the columns.
    """
    if parted_by == ",":
        return DecimalMark.PARTS_COLUMNS
    points, commas = [], []
    for cell in cells:
        if "." in cell.strip(". "):
            points.append(cell)
        if "," in cell:
            commas.append(cell)
    if commas and points:
        return DecimalMark.MIXED
    if commas:
        return DecimalMark.UNCLEAR if _may_be_thousands(commas) else DecimalMark.COMMA
    unclear = points and parted_by == ";" and _may_be_thousands(points)
    return DecimalMark.UNCLEAR_POINT if unclear else DecimalMark.POINT


def _may_be_thousands(cells: Iterable[str]) -> bool:
    return all(_THOUSANDS.fullmatch(cell.strip().rstrip("% ")) for cell in cells)


def number_in(cell: str, mark: DecimalMark) -> float:
    """Return the number of a cell that is not missing.

    Raises
    ------
    CellError
        When it is no finite number, or has a per cent sign.
    """
    unclear = mark is DecimalMark.UNCLEAR_POINT
    plainly = not unclear and _NUMBER.fullmatch(cell)
    if plainly and math.isfinite(number := float(cell)):
        # Most cells of most tables, which need no more than this.
        return number
    if cell.rstrip().endswith("%"):
        raise CellError(*_PER_CENT)
    return float(_decimal(cell, mark))


def day_in(cell: str, mark: DecimalMark) -> float:
    """Return the day of a cell: a number, or one behind ``D`` or ``day``.

    Raises
    ------
    CellError
    """
    named = _DAY.fullmatch(cell.strip())
    return number_in(named[1] if named else cell, mark)


def proportion_in(cell: str, mark: DecimalMark) -> tuple[float, float, bool]:
    """Return a number, half a step of its last digit, and whether it is in per cent.

    Raises
    ------
    CellError
    """
    text = cell.rstrip()
    per_cent = text.endswith("%")
    number = _decimal(text.removesuffix("%"), mark)
    return float(number), _half_step(number), per_cent


def half_step_of(cell: str, mark: DecimalMark) -> float:
    """Return half a step of the last digit of a number that was read from a cell."""
    return _half_step(_decimal(cell.rstrip().removesuffix("%"), mark))


def _half_step(number: Decimal) -> float:
    exponent = number.as_tuple().exponent
    return 0.5 * 10.0 ** int(exponent)


def _decimal(cell: str, mark: DecimalMark) -> Decimal:
    text = text_of(cell).replace(_MINUS, "-")
    if "," in text:
        text = _without_comma(text, mark)
    elif "." in text and mark is DecimalMark.UNCLEAR_POINT:
        raise CellError(*_UNCLEAR_POINT)
    if not _NUMBER.fullmatch(text):
        raise CellError(*_why_no_number(text))
    if not math.isfinite(float(text)):
        raise CellError(*_INFINITE)
    return Decimal(text)


def _without_comma(text: str, mark: DecimalMark) -> str:
    if mark is DecimalMark.MIXED:
        raise CellError(*_TWO_MARKS)
    if mark is DecimalMark.UNCLEAR:
        raise CellError(*_UNCLEAR)
    if mark is DecimalMark.PARTS_COLUMNS:
        raise CellError(*_COMMA_PARTS)
    return text.replace(",", ".", 1)


def _why_no_number(text: str) -> tuple[str, str]:
    if text.startswith("#"):
        return _FAULT
    bare = text.casefold().lstrip("+-")
    return _INFINITE if bare in {"inf", "infinity", "\N{INFINITY}"} else _NO_NUMBER
