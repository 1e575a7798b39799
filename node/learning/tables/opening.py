"""The steps that all tables share: open, find the columns, require some, read them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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

MOST_HEADERS = 12
"""Headers that a message lists."""
LONGEST_HEADER = 80
"""Characters of one that it shows; paths of gates are long."""


@dataclass(frozen=True)
class OpenTable:
    """A table whose columns are known.

    Attributes
    ----------
    written : WrittenTable
    found : FoundColumns
    chosen : frozenset of str
        Columns that ``--column`` has named and the file has.
    not_there : mapping of str to str
        The others that it has named, with the header that the file does not have.
    """

    written: WrittenTable
    found: FoundColumns
    chosen: frozenset[str]
    not_there: Mapping[str, str]

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
    lacking = {name: chosen[name] for name in chosen if name not in taken}
    return OpenTable(written, found, frozenset(taken), lacking)


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
        _missing(table, names, example)
        for names in needed
        if not any(name in table.places for name in names)
    ]
    if missing:
        raise TableError([*table.found.mistakes, *missing])


def _missing(table: OpenTable, names: Collection[str], example: str) -> TableMistake:
    """Return that none of some columns is there, and what is instead."""
    there = f"its header reads {_listed(table.written.headers)}"
    wrong = [table.not_there[name] for name in names if name in table.not_there]
    if wrong:
        what = f"it has no column {wrong[0]!r}, which --column names; {there}"
        remedy = "Copy the column's name from the header, all of it"
    else:
        what = f"it has no column {' or '.join(names)}; {there}"
        remedy = (
            f'Add it, or name its header by --column {next(iter(names))}="HEADER"; '
            f"a header may read {example}, and is the first row"
        )
    return TableMistake(table.written.name, None, "", what, remedy)


def _listed(headers: Sequence[str]) -> str:
    named = [repr(_shortened(header)) for header in headers if header]
    more = len(named) - MOST_HEADERS
    told = ", ".join(named[:MOST_HEADERS]) or "nothing"
    return f"{told} and {more} more" if more > 0 else told


def _shortened(header: str) -> str:
    short = len(header) <= LONGEST_HEADER
    return header if short else f"{header[:LONGEST_HEADER]}..."


def with_nameless_sample(table: OpenTable) -> OpenTable:
    """Return a table whose first column is the sample where it has no header.

    FlowJo's table editor leaves it so, and R where it writes names of rows. Numbers
    that count the rows from 0, as pandas writes them, are no names: they would meet
    animals that are called 1, 2, 3.

    Parameters
    ----------
    table : OpenTable
        Of a kind that has the columns `animal` and `sample`.
    """
    named = {"animal", "sample"} & set(table.places)
    if named or table.written.headers[0] or _counts_rows(table):
        return table
    found = replace(
        table.found,
        places={**table.places, "sample": Place(0, "")},
        unread=tuple(each for each in table.found.unread if each.index),
    )
    return replace(table, found=found)


def _counts_rows(table: OpenTable) -> bool:
    rows = table.written.rows
    return [row.cells[0].strip() for row in rows] == [str(n) for n in range(len(rows))]


def one_value_statement(
    name: str, frame: pd.DataFrame, headers: Mapping[str, str]
) -> tuple[str, ...]:
    """Return that some columns of numbers have one value in all rows, if any have.

    Parameters
    ----------
    name : str
        Of the file.
    frame : pandas.DataFrame
    headers : mapping of str to str
        Column of the frame: its header.
    """
    same = [
        header
        for column, header in headers.items()
        if _is_constant(frame[column].dropna().to_numpy())
    ]
    told = f"{name}: the same value in all rows: {_listed(same)}"
    return (told,) if same else ()


def _is_constant(values: NDArray[np.float64]) -> bool:
    return len(values) > 1 and bool((values == values[0]).all())


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
