"""The table of an injection log: its header, and its rows as they are written.

Design choice: a last row that is shorter than the header and has no line end is taken
for half written, and with it the file.
"""

from dataclasses import dataclass
from pathlib import Path

from node.injection_log.columns import NAMING, known_among, known_column, meant_column
from node.injection_log.file import UnreadableLogError, read_log_text
from node.injection_log.reading import WrittenRow
from node.injection_log.row import LogMistake
from node.spreadsheets.cells import is_empty, plain
from node.spreadsheets.separated import SeparationError, separated_rows

MOST_COLUMNS = 256
_LONGEST_NAME = 64


@dataclass(frozen=True)
class LogTable:
    """A log as it is written.

    Attributes
    ----------
    rows : tuple of WrittenRow
        Without those in which nothing stands.
    decimal_comma : bool
        Whether a comma may be a decimal point, since it parts no columns.
    mistakes : tuple of LogMistake
        Of the header.
    statements : tuple of str
        What must be said of the reading.
    """

    rows: tuple[WrittenRow, ...]
    decimal_comma: bool
    mistakes: tuple[LogMistake, ...]
    statements: tuple[str, ...]


@dataclass(frozen=True)
class _Header:
    """The first row: its number, and for each column its name and what it is."""

    number: int
    names: tuple[str, ...]
    columns: tuple[str | None, ...]


def read_log_table(path: Path) -> LogTable:
    """Return the rows of a log.

    Raises
    ------
    UnreadableLogError
        When the file cannot be read, is half written or no log.
    """
    text, statements = read_log_text(path)
    separator, records = _records(text)
    header = _header(*(records[0] if records else (0, [])))
    written = records[1:]
    _require_whole(text, header, written)
    return LogTable(
        rows=tuple(_row(number, cells, header) for number, cells in written),
        decimal_comma=separator != ",",
        mistakes=_mistakes(header),
        statements=statements,
    )


def _require_whole(
    text: str, header: _Header, written: list[tuple[int, list[str]]]
) -> None:
    ended = text.endswith(("\n", "\r"))
    if written and not ended and len(written[-1][1]) < len(header.names):
        fact = (
            "its last row is shorter than the header and has no line end, so that it"
            " may be half written"
        )
        raise UnreadableLogError(fact)


def _records(text: str) -> tuple[str, list[tuple[int, list[str]]]]:
    """Return the separator, and the filled rows with the numbers of their rows."""
    separator, rows = separated_rows(text, known_among)
    try:
        return separator, list(rows)
    except SeparationError as error:
        raise UnreadableLogError(str(error)) from error


def _header(number: int, cells: list[str]) -> _Header:
    """Return the header, when it makes sense.

    Raises
    ------
    UnreadableLogError
    """
    names = tuple(plain(name)[:_LONGEST_NAME] for name in cells)
    columns = tuple(known_column(name) for name in names)
    known = [column for column in columns if column is not None]
    if not NAMING.intersection(known):
        wanted = ", ".join(sorted(NAMING))
        fact = f"its first row names none of the columns {wanted}"
        raise UnreadableLogError(fact)
    twice = sorted({column for column in known if known.count(column) > 1})
    if twice:
        fact = f"several of its columns mean {', '.join(twice)}"
        raise UnreadableLogError(fact)
    if len(columns) > MOST_COLUMNS:
        fact = f"it has more than {MOST_COLUMNS} columns"
        raise UnreadableLogError(fact)
    return _Header(number, names, columns)


def _mistakes(header: _Header) -> tuple[LogMistake, ...]:
    meant = ((name, meant_column(name)) for name in header.names)
    return tuple(
        LogMistake(
            header.number,
            name,
            "no column of this name is read, since it lacks its unit or has another",
            f"Name it {better}, and give the values in that unit",
        )
        for name, better in meant
        if better is not None
    )


def _row(number: int, cells: list[str], header: _Header) -> WrittenRow:
    """Return a row by its columns; cells under no name are surplus."""
    known: dict[str, str] = {}
    free: list[tuple[str, str]] = []
    under = zip(header.names, header.columns, cells, strict=False)
    for name, column, cell in under:
        if column is not None:
            known[column] = cell
        elif name and meant_column(name) is None:
            free.append((name, cell))
    nameless = [
        cell
        for place, cell in enumerate(cells)
        if place >= len(header.names) or not header.names[place]
    ]
    surplus = not all(is_empty(cell) for cell in nameless)
    return WrittenRow(number, known, tuple(free), surplus=surplus)
