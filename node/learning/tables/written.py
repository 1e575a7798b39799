"""A table as it is written: its header, and its rows as text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from node.learning.tables.mistake import TableError, TableMistake
from node.learning.tables.text_file import TextFile
from node.spreadsheets.cells import is_empty, plain
from node.spreadsheets.separated import Row, SeparationError, separated_rows

MOST_COLUMNS = 4096
_LONGEST_NAME = 256
_SHIFTED = (
    "Name the first column in the header if the cells are names of rows, as R writes "
    "them; if a decimal comma has parted them, part the columns by semicolons or tabs"
)
_IN_QUOTES = "Put cells in which the separator stands into quotes"


@dataclass(frozen=True)
class WrittenRow:
    """A row in which something stands.

    Attributes
    ----------
    number : int
        As a spreadsheet counts it, the header usually being row 1.
    cells : tuple of str
        As many as the table has columns; those that a short row lacks are empty.
    """

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class WrittenTable:
    """A table as it is written.

    Attributes
    ----------
    name, sha256 : str
        Of the file.
    headers : tuple of str
        Visible characters of the first row, spaces single.
    rows : tuple of WrittenRow
    parted_by : str
        What parts the columns, and so is no decimal mark.
    mistakes : tuple of TableMistake
        Rows that are longer than the header.
    statements : tuple of str
    """

    name: str
    sha256: str
    headers: tuple[str, ...]
    rows: tuple[WrittenRow, ...]
    parted_by: str
    mistakes: tuple[TableMistake, ...] = ()
    statements: tuple[str, ...] = ()

    def with_rows(self, rows: Sequence[WrittenRow]) -> "WrittenTable":
        """Return the table with other rows."""
        return replace(self, rows=tuple(rows))


def written_table(
    file: TextFile, known_among: Callable[[Sequence[str]], int]
) -> WrittenTable:
    """Return a file's table.

    Parameters
    ----------
    file : TextFile
    known_among : callable
        How many names of a header are those of known columns; it decides between
        separators.

    Raises
    ------
    TableError
        When a row cannot be parted into cells, when there is no row below the header,
        or too many columns.
    """
    separator, rows = separated_rows(file.text, known_among)
    try:
        found = list(rows)
    except SeparationError as error:
        fact = f"it cannot be parted into cells ({error.why})"
        remedy = "Look for a quotation mark that is not closed"
        raise TableError.of(file.name, fact, remedy, row=error.row) from error
    if not found:
        raise TableError.of(file.name, "it is empty", "Export the table again")
    header = _header(file.name, found[0][1])
    if len(found) == 1:
        fact = "it has a header and no row below it"
        raise TableError.of(file.name, fact, "Export the table again")
    _refuse_shifted(file.name, header, found[1:])
    return WrittenTable(
        name=file.name,
        sha256=file.sha256,
        headers=header,
        rows=tuple(_row(row, len(header)) for row in found[1:]),
        parted_by=separator,
        mistakes=tuple(
            TableMistake(
                file.name, number, "", "it has more cells than the header", _IN_QUOTES
            )
            for number, cells in found[1:]
            if not all(is_empty(cell) for cell in cells[len(header) :])
        ),
        statements=file.statements,
    )


def _header(name: str, cells: Sequence[str]) -> tuple[str, ...]:
    if len(cells) > MOST_COLUMNS:
        fact = f"it has more than {MOST_COLUMNS} columns"
        raise TableError.of(name, fact, "Leave columns out that are not needed")
    return tuple(plain(cell)[:_LONGEST_NAME] for cell in cells)


def _refuse_shifted(name: str, header: Sequence[str], rows: Sequence[Row]) -> None:
    """Refuse a table each row of which, of several, has one cell too many."""
    longer = [len(cells) == len(header) + 1 and cells[-1].strip() for _, cells in rows]
    if len(rows) > 1 and all(longer):
        fact = "each row has one cell more than the header"
        raise TableError.of(name, fact, _SHIFTED, row=rows[0][0])


def _row(row: Row, width: int) -> WrittenRow:
    number, cells = row
    return WrittenRow(number, tuple((cells + [""] * width)[:width]))
