"""The tables of ``repeatability`` read back: what is kept, and how well it repeats.

Reads ``repeatability.csv``, in which a column says what is kept, and ``kept.csv``, in
which every row is. Either may have been edited; what it says is checked again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from model.features.feature import PET
from node.learning.repeatability.results import KEPT, NOT_KEPT
from node.learning.repeatability.rows import MODALITIES, full_name
from node.learning.tables.columns import (
    FoundColumns,
    Holds,
    TableColumn,
    find_columns,
    known_column,
)
from node.learning.tables.feature_columns import CT_PREFIX
from node.learning.tables.joined import SourceFile
from node.learning.tables.mistake import TableError, TableMistake
from node.learning.tables.reading import Value, Wanted, read_columns
from node.learning.tables.text_file import read_text_file
from node.learning.tables.written import WrittenTable, written_table

_COEFFICIENT = "repeatability_coefficient"
_COLUMNS = (
    TableColumn("feature", Holds.TEXT, "Name in the catalogue."),
    TableColumn("modality", Holds.TEXT, "PET or CT."),
    TableColumn("kept", Holds.TEXT, "yes or no; yes where there is no such column."),
    TableColumn(_COEFFICIENT, Holds.NUMBER, "In the feature's unit."),
)
_REQUIRED = ("feature", _COEFFICIENT)
_AGAIN = "Name repeatability.csv or kept.csv as the command repeatability wrote it"


@dataclass(frozen=True)
class RepeatabilityTable:
    """What is known of the repeatability of features.

    Attributes
    ----------
    kept : tuple of str
        Features that are kept, in the order of the file; ``CT_`` before those of CT.
    coefficient : mapping of str to float
        Repeatability coefficient, in the feature's unit, of each feature that has one,
        kept or not.
    source : SourceFile
    """

    kept: tuple[str, ...]
    coefficient: Mapping[str, float]
    source: SourceFile


def read_repeatability(path: Path) -> RepeatabilityTable:
    """Return what a table of ``repeatability`` says.

    Parameters
    ----------
    path : Path
        repeatability.csv or kept.csv.

    Raises
    ------
    TableError
        With everything that is wrong, by row and column.
    """
    table = _table(path)
    found = find_columns(table.name, table.headers, _COLUMNS, {})
    mistakes = [*table.mistakes, *found.mistakes, *_absent(table.name, found)]
    if mistakes:
        raise TableError(mistakes)
    read = read_columns(
        table,
        [
            Wanted(each.name, found.places[each.name], each.holds, each.name in _NEEDED)
            for each in _COLUMNS
            if each.name in found.places
        ],
    )
    mistakes = [*read.mistakes, *_faults(table, found, read.found)]
    if mistakes:
        raise TableError(mistakes)
    rows = len(table.rows)
    names = _names(read.found)
    flags = read.found.get("kept", [KEPT] * rows)
    coefficients = zip(names, read.found[_COEFFICIENT], strict=True)
    return RepeatabilityTable(
        kept=tuple(
            name
            for name, flag in zip(names, flags, strict=True)
            if str(flag).casefold() == KEPT
        ),
        coefficient={
            name: value for name, value in coefficients if isinstance(value, float)
        },
        source=SourceFile(table.name, "repeatability", table.sha256, rows, rows),
    )


_NEEDED = frozenset({"feature", "kept"})
"""Columns of which no cell may be empty."""


def _table(path: Path) -> WrittenTable:
    file = read_text_file(path)
    return written_table(
        file,
        lambda headers: sum(
            known_column(each, _COLUMNS) is not None for each in headers
        ),
    )


def _absent(file: str, found: FoundColumns) -> Iterator[TableMistake]:
    for name in _REQUIRED:
        if name not in found.places:
            fact = f"the column {name} is missing"
            yield TableMistake(file, None, "", fact, _AGAIN)


def _names(values: Mapping[str, Sequence[Value]]) -> list[str]:
    features = [str(each or "") for each in values["feature"]]
    modalities = values.get("modality", [PET] * len(features))
    return [
        feature
        if feature.startswith(CT_PREFIX)
        else full_name(feature, str(modality or PET).upper())
        for feature, modality in zip(features, modalities, strict=True)
    ]


def _faults(
    table: WrittenTable,
    found: FoundColumns,
    values: Mapping[str, Sequence[Value]],
) -> Iterator[TableMistake]:
    """Give the cells that hold what their column cannot, and rows that come twice."""
    first: dict[str, int] = {}
    names = _names(values)
    for index, row in enumerate(table.rows):
        cells = {name: column[index] for name, column in values.items()}
        for name, fact, remedy in _wrong(cells):
            header = found.places[name].header
            yield TableMistake(table.name, row.number, header, fact, remedy)
        earlier = first.setdefault(names[index], row.number)
        if names[index] and earlier != row.number:
            fact = f"this feature is in row {earlier} already"
            yield TableMistake(table.name, row.number, "feature", fact, _AGAIN)


def _wrong(cells: Mapping[str, Value]) -> Iterator[tuple[str, str, str]]:
    kept = cells.get("kept")
    if kept is not None and str(kept).casefold() not in (KEPT, NOT_KEPT):
        yield "kept", "it is neither yes nor no", "Write yes or no"
    modality = cells.get("modality")
    if modality is not None and str(modality).upper() not in MODALITIES:
        yield "modality", "it is neither PET nor CT", "Write PET or CT"
    coefficient = cells[_COEFFICIENT]
    if isinstance(coefficient, float) and coefficient < 0:
        yield _COEFFICIENT, "it is negative", _AGAIN
