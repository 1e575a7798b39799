"""Cells of a table as values; what is not plainly one is refused.

Design choice: dates are ISO 8601, or what spreadsheets make of them by themselves where
that means one day only: ``02.03.2026`` (with dots the day comes first everywhere that
the year comes last) and ``2026/3/2``. ``02/03/2026`` means one of two days, and nobody
sees which.

Design choice: a local time that a change of the clocks makes twice, or never, is
refused until it is written with its offset.

Design choice: a unit behind a number is tolerated where it is the column's own, as
people type it; any other is refused. A cell that starts with ``=`` or ``@`` is a
formula and no value. What a cell holds is never repeated in a message: after a slip of
columns it may be anything.
"""

import math
import re
import unicodedata
from datetime import UTC, date, datetime, time, tzinfo

LONGEST_TEXT = 256
"""Characters of a cell."""
_FORMULA = ("=", "@")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_TIME = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)?", re.ASCII)
_DATE_TIME = re.compile(
    rf"([\d./-]{{8,10}})[T ]({_TIME.pattern}) ?(Z|[+-]\d{{2}}(:?\d{{2}})?)?", re.ASCII
)
_ROUNDED = re.compile(r"\d[.,]\d+E\+\d+", re.IGNORECASE | re.ASCII)

_A_FORMULA = ("it is a formula", "Write the value itself")
_TOO_LONG = (f"it is longer than {LONGEST_TEXT} characters", "Write it shorter")
_ROUNDED_OFF = (
    "a spreadsheet has rounded it",
    "Format the column as text and enter it again",
)
_NEGATIVE = ("it is negative or too large", "Write the number itself")
_ZERO = ("it is 0", "Write what was measured, or leave it empty")
_NO_DATE = ("it is no date", "Write it as 2026-03-02")
_NO_INSTANT = ("it is no date and time", "Write it as 2026-03-02T10:05")
_NO_DAY_OR_INSTANT = (
    "it is neither a date nor a date and time",
    "Write it as 2026-03-02 or 2026-03-02T10:05",
)
_NO_DAY = (
    "it is a time without a date, and the row has no study_date that can be read",
    "Write it as 2026-03-02T10:05",
)
_CLOCK_CHANGED = (
    "the clocks were changed then, so that this time came twice or never",
    "Write it with its offset, as 2026-03-02T10:05+01:00",
)


def is_empty(cell: str) -> bool:
    """Return whether nothing that can be seen stands in a cell."""
    return not cell or not plain(cell)


def plain(cell: str) -> str:
    """Return a cell without control characters, its spaces single."""
    if cell.isascii() and cell.isprintable():
        return " ".join(cell.split())
    visible = "".join(
        " " if unicodedata.category(c) in {"Cc", "Zs", "Zl", "Zp"} else c
        for c in unicodedata.normalize("NFC", cell)
        if unicodedata.category(c) not in {"Cf", "Co", "Cs", "Cn"}
    )
    return " ".join(visible.split())


def text_of(cell: str) -> str:
    """Return the text of a cell.

    Raises
    ------
    CellError
    """
    text = plain(cell)
    if text.startswith(_FORMULA):
        raise CellError(*_A_FORMULA)
    if len(text) > LONGEST_TEXT:
        raise CellError(*_TOO_LONG)
    return text


def identifier_of(cell: str) -> str:
    """Return the name of an animal or a study.

    Raises
    ------
    CellError
        Also where a spreadsheet has rounded a long number.
    """
    text = text_of(cell)
    if _ROUNDED.fullmatch(text):
        raise CellError(*_ROUNDED_OFF)
    return text


def number_of(cell: str, unit: str, *, decimal_comma: bool) -> float:
    """Return a number that is 0 or more.

    Parameters
    ----------
    cell : str
    unit : str
        That may stand behind it; empty for none.
    decimal_comma : bool
        Whether a comma is a decimal point: not where it parts the columns.

    Raises
    ------
    CellError
    """
    text = text_of(cell)
    if unit:
        text = text.removesuffix(unit).rstrip()
    if decimal_comma and "." not in text:
        text = text.replace(",", ".", 1)
    if not _NUMBER.fullmatch(text):
        what = "it is no number"
        remedy = f"Write the number alone, in {unit}" if unit else "Write the number"
        raise CellError(what, remedy)
    number = float(text)
    if number < 0 or not math.isfinite(number):
        raise CellError(*_NEGATIVE)
    return number


def positive_of(cell: str, unit: str, *, decimal_comma: bool) -> float:
    """Return a number above 0, as `number_of` does.

    Raises
    ------
    CellError
    """
    number = number_of(cell, unit, decimal_comma=decimal_comma)
    if number == 0:
        raise CellError(*_ZERO)
    return number


def date_of(cell: str) -> date:
    """Return a date.

    Raises
    ------
    CellError
    """
    day = _day(text_of(cell))
    if day is None:
        raise CellError(*_NO_DATE)
    return day


def instant_of(cell: str, day: date | None, zone: tzinfo) -> datetime:
    """Return an instant, in UTC.

    Parameters
    ----------
    cell : str
    day : date or None
        On which a time alone is.
    zone : tzinfo
        Of what is written without an offset.

    Raises
    ------
    CellError
    """
    text = text_of(cell)
    try:
        if _TIME.fullmatch(text):
            return _in_zone(datetime.combine(_known(day), _clock(text)), zone)
        match = _DATE_TIME.fullmatch(text)
        if match and (dated := _day(match[1])):
            clock, offset = _clock(match[2]).isoformat(), match[5] or ""
            written = datetime.fromisoformat(f"{dated.isoformat()}T{clock}{offset}")
            if written.tzinfo is None:
                return _in_zone(written, zone)
            return written.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise CellError(*_NO_INSTANT)


def day_or_instant_of(cell: str, zone: tzinfo) -> datetime:
    """Return an instant, in UTC; of a date alone the noon of that day.

    Noon is off by half a day at most, whenever on that day it was.

    Parameters
    ----------
    cell : str
    zone : tzinfo
        Of what is written without an offset.

    Raises
    ------
    CellError
    """
    text = text_of(cell)
    day = _day(text)
    if day is not None:
        return _in_zone(datetime.combine(day, time(12)), zone)
    if _DATE_TIME.fullmatch(text) is None:
        raise CellError(*_NO_DAY_OR_INSTANT)
    return instant_of(cell, None, zone)


def _day(text: str) -> date | None:
    """Return the one day that a text means; None where it means none, or two."""
    if match := _DATE.fullmatch(text):
        year, month, day = match.groups()
    elif match := _YEAR_FIRST.fullmatch(text):
        year, _, month, day = match.groups()
    elif match := _DAY_FIRST.fullmatch(text):
        day, month, year = match.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _clock(text: str) -> time:
    """Return a time of day, of which spreadsheets drop the first zero."""
    return time.fromisoformat(text if text[1].isdigit() else f"0{text}")


def _known(day: date | None) -> date:
    if day is None:
        raise CellError(*_NO_DAY)
    return day


def _in_zone(clock: datetime, zone: tzinfo) -> datetime:
    first, second = (clock.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        raise CellError(*_CLOCK_CHANGED)
    return first.astimezone(UTC)


class CellError(Exception):
    """A cell does not hold what its column is for.

    Attributes
    ----------
    what : str
        What is so, in a sentence without a full stop.
    remedy : str
        The same for what to do.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
