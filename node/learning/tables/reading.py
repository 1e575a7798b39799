"""From the cells of a table's columns to values; each mistake is kept with its row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from node.learning.tables.columns import Holds, Place
from node.learning.tables.mistake import TableMistake
from node.learning.tables.numbers import (
    DecimalMark,
    day_in,
    decimal_mark_of,
    half_step_of,
    is_missing,
    number_in,
    proportion_in,
)
from node.learning.tables.written import WrittenRow, WrittenTable
from node.spreadsheets.cells import CellError, date_of, identifier_of, text_of

Value = str | float | None
"""A text, a number, or None where nothing stands."""

_NUMERIC = frozenset({Holds.NUMBER, Holds.DAY, Holds.PROPORTION})
_HUNDRED = 100.0
_MIXED_UNITS = (
    "its column has numbers above 1 and others of 1 or less, as if units were mixed",
    "Write all in one unit, and per cent with % in the column's header",
)
_MIXED_SIGNS = (
    "it has a per cent sign, and other numbers of its column have none",
    "Write all with the sign, or none and % in the column's header",
)
_EMPTY = ("it is empty", "Fill it, or leave the row out")
_ALL_SMALL = "; look at its unit, since none of its numbers is above 1"
_BEYOND = ("it is no proportion: less than 0, or more than the whole", "Correct it")


@dataclass(frozen=True)
class Wanted:
    """A column that is to be read.

    Attributes
    ----------
    name : str
    place : Place
    holds : Holds
    required : bool
        Whether each row must have a value.
    rounding : bool
        Of numbers: whether it matters to how many digits they are written.
    """

    name: str
    place: Place
    holds: Holds
    required: bool = False
    rounding: bool = False


@dataclass
class ReadColumns:
    """What the columns of a table hold.

    Attributes
    ----------
    found : dict of str to list of Value
        By name of the column; dates in ISO form.
    mistakes : list of TableMistake
    statements : list of str
    half_steps : dict of str to list of float
        Of columns of proportions, and of others whose rounding matters: half a step of
        each number's last digit, 0 where there is none. In the unit of the values.
    """

    found: dict[str, list[Value]] = field(default_factory=dict)
    mistakes: list[TableMistake] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    half_steps: dict[str, list[float]] = field(default_factory=dict)


def read_columns(table: WrittenTable, wanted: Sequence[Wanted]) -> ReadColumns:
    """Return the values of columns.

    Parameters
    ----------
    table : WrittenTable
    wanted : sequence of Wanted
    """
    read = ReadColumns(statements=list(table.statements))
    mark = decimal_mark_of(
        (
            row.cells[each.place.index]
            for each in wanted
            if each.holds in _NUMERIC
            for row in table.rows
            if not is_missing(row.cells[each.place.index])
        ),
        parted_by=table.parted_by,
    )
    for each in wanted:
        if each.holds is Holds.PROPORTION:
            _read_proportions(table, each, mark, read)
        else:
            _read_values(table, each, mark, read)
    return read


def _read_values(
    table: WrittenTable, wanted: Wanted, mark: DecimalMark, read: ReadColumns
) -> None:
    reader = _reader(wanted.holds, mark)
    column: list[Value] = []
    steps: list[float] = []
    for row in table.rows:
        cell = row.cells[wanted.place.index]
        value: Value = None
        try:
            if wanted.required or not _says_nothing(cell, wanted.holds):
                value = reader(_filled(cell, wanted.holds))
        except CellError as error:
            read.mistakes.append(_mistake(table, row, wanted, error))
        column.append(value)
        if wanted.rounding:
            steps.append(0.0 if value is None else half_step_of(cell, mark))
    read.found[wanted.name] = column
    read.half_steps[wanted.name] = steps


def _filled(cell: str, holds: Holds) -> str:
    if _says_nothing(cell, holds):
        raise CellError(*_EMPTY)
    return cell


def _says_nothing(cell: str, holds: Holds) -> bool:
    called_none = holds is Holds.LABEL and cell.strip().casefold() == "none"
    return is_missing(cell) and not called_none


def _reader(holds: Holds, mark: DecimalMark) -> Callable[[str], Value]:
    readers: Mapping[Holds, Callable[[str], Value]] = {
        Holds.TEXT: text_of,
        Holds.LABEL: text_of,
        Holds.NAME: identifier_of,
        Holds.NUMBER: lambda cell: number_in(cell, mark),
        Holds.DAY: lambda cell: day_in(cell, mark),
        Holds.DATE: lambda cell: date_of(cell).isoformat(),
    }
    return readers[holds]


def _read_proportions(
    table: WrittenTable, wanted: Wanted, mark: DecimalMark, read: ReadColumns
) -> None:
    """Read a column of proportions, in the one unit that it has."""
    found: list[tuple[float, float, bool] | None] = []
    for row in table.rows:
        cell = row.cells[wanted.place.index]
        try:
            found.append(None if is_missing(cell) else proportion_in(cell, mark))
        except CellError as error:
            read.mistakes.append(_mistake(table, row, wanted, error))
            found.append(None)
    per_cent, faults = _unit_of(found, header_says_per_cent=wanted.place.per_cent)
    read.mistakes += [
        _mistake(table, table.rows[index], wanted, CellError(*why))
        for index, why in faults
    ]
    factor = 1.0 / _HUNDRED if per_cent else 1.0
    read.found[wanted.name] = [each and each[0] * factor for each in found]
    read.half_steps[wanted.name] = [each[1] * factor if each else 0.0 for each in found]
    if per_cent:
        told = (
            f"{table.name}: column {wanted.place.header!r} ({wanted.name}) is in per "
        )
        told += "cent, and was divided by 100"
        small = all(each is None or each[0] <= 1.0 for each in found)
        read.statements.append(told + (_ALL_SMALL if small else ""))


def _unit_of(
    found: Sequence[tuple[float, float, bool] | None], *, header_says_per_cent: bool
) -> tuple[bool, list[tuple[int, tuple[str, str]]]]:
    """Return whether a column is in per cent, and which of its cells are at fault."""
    there = [(index, each) for index, each in enumerate(found) if each is not None]
    signed = [index for index, (_, _, sign) in there if sign]
    if signed and len(signed) < len(there) and not header_says_per_cent:
        return True, [(signed[0], _MIXED_SIGNS)]
    above = [index for index, (value, _, _) in there if value > 1.0]
    per_cent = header_says_per_cent or bool(signed) or bool(above)
    declared = header_says_per_cent or bool(signed)
    below = [index for index, (value, _, _) in there if 0.0 < value <= 1.0]
    if above and below and not declared:
        fewer = above if len(above) <= len(below) else below
        return True, [(fewer[0], _MIXED_UNITS)]
    most = _HUNDRED if per_cent else 1.0
    return per_cent, [
        (index, _BEYOND) for index, (value, _, _) in there if not 0.0 <= value <= most
    ]


def _mistake(
    table: WrittenTable, row: WrittenRow, wanted: Wanted, error: CellError
) -> TableMistake:
    header = wanted.place.header or wanted.name
    return TableMistake(table.name, row.number, header, error.what, error.remedy)
