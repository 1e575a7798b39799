"""The steps that all tables share: open, find the columns, require some, read them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from node.learning.tables.columns import (
    FoundColumns,
    Place,
    TableColumn,
    find_columns,
    known_column,
)
from node.learning.tables.joined import SourceFile
from node.learning.tables.mistake import TableError, TableMistake
from node.learning.tables.reading import ReadColumns
from node.learning.tables.text_file import TextFile, read_text_file
from node.learning.tables.written import WrittenTable, written_table


@dataclass(frozen=True)
class OpenTable:
    """A table whose columns are known.

    Attributes
    ----------
    written : WrittenTable
    found : FoundColumns
    chosen : frozenset of str
        Columns that ``--column`` has named and the file has.
    """

    written: WrittenTable
    found: FoundColumns
    chosen: frozenset[str]

    @property
    def places(self) -> Mapping[str, Place]:
        """Where the known columns stand, by name."""
        return self.found.places


def open_table(
    path: Path, columns: Sequence[TableColumn], chosen: Mapping[str, str]
) -> OpenTable:
    """Return a table of a file.

    Parameters
    ----------
    path : Path
    columns : sequence of TableColumn
        That the kind of table may have.
    chosen : mapping of str to str
        Of ``--column``, for this kind.

    Raises
    ------
    TableError
        When the file is no table.
    """
    return opened(read_text_file(path), columns, chosen)


def opened(
    file: TextFile, columns: Sequence[TableColumn], chosen: Mapping[str, str]
) -> OpenTable:
    """Return a table of a text, as `open_table` does."""

    def known_among(headers: Sequence[str]) -> int:
        return sum(known_column(header, columns) is not None for header in headers)

    written = written_table(file, known_among)
    found = find_columns(written.name, written.headers, columns, chosen)
    taken = {name for name in chosen if name in found.places}
    return OpenTable(written, found, frozenset(taken))


def require_columns(
    table: OpenTable, needed: Sequence[Collection[str]], example: str
) -> None:
    """Refuse a table that lacks columns without which nothing can be made of it.

    Parameters
    ----------
    table : OpenTable
    needed : sequence of collection of str
        Of each, one must be there.
    example : str
        A header that would do, for the remedy.

    Raises
    ------
    TableError
    """
    missing = [
        TableMistake(
            table.written.name,
            None,
            "",
            f"it has no column {' or '.join(names)}",
            f'Add it, or name its header by --column {next(iter(names))}="HEADER"; '
            f"a header may read {example}",
        )
        for names in needed
        if not any(name in table.places for name in names)
    ]
    if missing:
        raise TableError([*table.found.mistakes, *missing])


def frame_of(written: WrittenTable, read: ReadColumns) -> pd.DataFrame:
    """Return what was read, with `file` and `row` of each row."""
    columns: dict[str, object] = {
        "file": [written.name] * len(written.rows),
        "row": [row.number for row in written.rows],
    }
    return pd.DataFrame({**columns, **read.found})


def source_of(written: WrittenTable, role: str) -> SourceFile:
    """Return a file as a source of which nothing is used yet."""
    return SourceFile(written.name, role, written.sha256, len(written.rows), 0)


def mistakes_of(table: OpenTable, read: ReadColumns) -> tuple[TableMistake, ...]:
    """Return all that is wrong in a table, in the order of its rows."""
    found = (*table.found.mistakes, *table.written.mistakes, *read.mistakes)
    return tuple(sorted(found, key=lambda each: each.row or 0))


def unread_statement(name: str, places: Sequence[Place]) -> tuple[str, ...]:
    """Return that some columns are not read, if there are any with a name."""
    headers = [repr(place.header) for place in places if place.header]
    if not headers:
        return ()
    return (f"{name}: not read: {', '.join(headers)}",)


def without_rows(table: OpenTable, leave_out: Collection[int]) -> OpenTable:
    """Return a table without the rows of some numbers."""
    rows = [row for row in table.written.rows if row.number not in leave_out]
    return replace(table, written=table.written.with_rows(rows))
