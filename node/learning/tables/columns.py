"""Columns that tables may have: names, synonyms, what stands in their cells.

Design choice: of a header only letters and digits count, without case, and a per cent
sign or the word at its end says the unit. A header that ``--column NAME=HEADER`` names
is compared sign by sign (case and spaces apart), since ``PD-1+`` and ``PD-1-`` of a
gating path are not the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from node.learning.tables.mistake import TableMistake
from node.spreadsheets.cells import plain
from node.spreadsheets.headers import key_of

_PER_CENT = ("percent", "pct", "perc")


class Holds(StrEnum):
    """What stands in the cells of a column."""

    TEXT = "text"
    LABEL = "label"
    """A text by which animals are sorted; ``none`` is one, as of a treatment."""
    NAME = "name"
    """Of an animal, a sample or a study; a number that a spreadsheet has rounded is
    none."""
    NUMBER = "number"
    DAY = "day"
    """A number; `D7` and `day 7` mean 7."""
    PROPORTION = "proportion"
    """0 to 1, or per cent: one unit in a column."""
    DATE = "date"


@dataclass(frozen=True)
class TableColumn:
    """A column that a kind of table may have.

    Attributes
    ----------
    name : str
        As `node.learning.tables.joined` names it.
    holds : Holds
    meaning : str
    synonyms : tuple of str
        Other headers that mean it.
    unit : str
    """

    name: str
    holds: Holds
    meaning: str
    synonyms: tuple[str, ...] = ()
    unit: str = ""

    @property
    def keys(self) -> frozenset[str]:
        """What of the column's name, and of its synonyms, counts."""
        return frozenset(key_of(name) for name in (self.name, *self.synonyms))


@dataclass(frozen=True)
class Place:
    """Where a column stands.

    Attributes
    ----------
    index : int
    header : str
    per_cent : bool
        Whether the header says so.
    """

    index: int
    header: str
    per_cent: bool = False


@dataclass(frozen=True)
class FoundColumns:
    """The columns of a table.

    Attributes
    ----------
    places : mapping of str to Place
        By the name of the column.
    unread : tuple of Place
        Those that are none of them, with a header or without.
    mistakes : tuple of TableMistake
    """

    places: Mapping[str, Place]
    unread: tuple[Place, ...]
    mistakes: tuple[TableMistake, ...]


def known_column(name: str, columns: Iterable[TableColumn]) -> str | None:
    """Return the column that a header means, or None."""
    key = _without_per_cent(key_of(name))
    for column in columns:
        if key and key in column.keys:
            return column.name
    return None


def find_columns(
    file: str,
    headers: Sequence[str],
    columns: Sequence[TableColumn],
    chosen: Mapping[str, str],
) -> FoundColumns:
    """Return where the columns of a table stand.

    Parameters
    ----------
    file : str
        Its name, for what is wrong.
    headers : sequence of str
    columns : sequence of TableColumn
    chosen : mapping of str to str
        Name of a column: its header. A header that the table does not have leaves the
        column to be found by its name and synonyms.
    """
    by_choice = _chosen_places(headers, chosen)
    taken = {index for indices in by_choice.values() for index in indices}
    found: dict[str, list[int]] = {name: list(each) for name, each in by_choice.items()}
    unread: list[Place] = []
    for index, header in enumerate(headers):
        if index in taken:
            continue
        name = known_column(header, columns)
        if name is None:
            unread.append(_place(index, header))
        elif name not in by_choice:
            found.setdefault(name, []).append(index)
    return FoundColumns(
        {name: _place(each[0], headers[each[0]]) for name, each in found.items()},
        tuple(unread),
        tuple(
            _several(file, name, [headers[index] for index in each])
            for name, each in found.items()
            if len(each) > 1
        ),
    )


def says_per_cent(header: str) -> bool:
    """Return whether a header says that its column is in per cent."""
    return "%" in header or key_of(header).endswith(_PER_CENT)


def exact_key(header: str) -> str:
    """Return a header as ``--column`` compares it: case and spaces do not count."""
    return plain(header).casefold().replace(" ", "")


def _chosen_places(
    headers: Sequence[str], chosen: Mapping[str, str]
) -> dict[str, list[int]]:
    found = {
        name: [i for i, each in enumerate(headers) if exact_key(each) == wanted]
        for name, wanted in ((n, exact_key(header)) for n, header in chosen.items())
    }
    return {name: indices for name, indices in found.items() if indices}


def _place(index: int, header: str) -> Place:
    return Place(index, header, says_per_cent(header))


def _without_per_cent(key: str) -> str:
    for ending in _PER_CENT:
        if key.endswith(ending):
            return key.removesuffix(ending)
    return key


def _several(file: str, name: str, headers: Sequence[str]) -> TableMistake:
    listed = ", ".join(repr(header) for header in headers)
    return TableMistake(
        file,
        None,
        headers[0],
        f"several columns mean {name}: {listed}",
        f'Name the one that holds by --column {name}="HEADER", or rename the others',
    )
