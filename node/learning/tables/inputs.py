"""All tables of a choice, read; what is wrong in any of them is told at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.schema import Settings
from node.learning.tables.choice import TableChoice
from node.learning.tables.columns import TableColumn
from node.learning.tables.design import DESIGN_COLUMNS, Design, read_design
from node.learning.tables.feature_columns import FEATURE_COLUMNS, feature_named
from node.learning.tables.feature_table import read_feature_table
from node.learning.tables.flow import FLOW_COLUMNS, read_flow
from node.learning.tables.fractions import FRACTION_COLUMNS, read_fractions
from node.learning.tables.mistake import TableError, TableMistake
from node.learning.tables.read_table import ReadTable
from node.learning.tables.score_documents import is_document, read_score_document
from node.learning.tables.text_file import read_text_file

_KINDS: tuple[tuple[TableColumn, ...], ...] = (
    FEATURE_COLUMNS,
    FLOW_COLUMNS,
    FRACTION_COLUMNS,
    DESIGN_COLUMNS,
)


@dataclass(frozen=True, eq=False)
class Inputs:
    """The tables of an analysis, none with a mistake.

    Attributes
    ----------
    features : tuple of ReadTable
        Of files, and of the ledger.
    flow, fractions : ReadTable or None
    design : Design
    """

    features: tuple[ReadTable, ...]
    flow: ReadTable | None
    fractions: ReadTable | None
    design: Design

    @property
    def tables(self) -> tuple[ReadTable, ...]:
        """All of them, in the order of the options."""
        others = (self.flow, self.fractions, self.design.table)
        return (*self.features, *(each for each in others if each is not None))


def read_inputs(choice: TableChoice, settings: Settings) -> Inputs:
    """Return the tables of a choice.

    Parameters
    ----------
    choice : TableChoice
    settings : Settings
        Whose ledger it is.

    Raises
    ------
    TableError
        With what is wrong in all of them.
    DataFolderError, LedgerAddressError
        When the ledger is wanted and there is none.
    """
    mistakes = _unknown_names(choice.columns)
    reader = _Reader(choice.columns, mistakes)
    features = [reader.read(_read_features, path) for path in choice.features]
    if choice.ledger:
        features.append(reader.read(lambda *_: _read_ledger(settings), Path()))
    flow = reader.read(read_flow, choice.flow)
    fractions = reader.read(read_fractions, choice.fractions)
    design = reader.read(read_design, choice.design)
    read = [each for each in (*features, flow, fractions, design) if each is not None]
    if not mistakes:
        mistakes += _unused_names(choice.columns, read)
    if not (choice.features or choice.ledger or choice.flow or choice.fractions):
        what, remedy = "no table is named", "Give one by --features, --ledger or --flow"
        mistakes.append(TableMistake("", None, "", what, remedy))
    if mistakes:
        raise TableError(mistakes)
    known = tuple(each for each in features if each is not None)
    return Inputs(known, flow, fractions, Design(design))


class _Reader:
    """Reads one table after the other, and keeps what is wrong in each."""

    def __init__(self, chosen: Mapping[str, str], mistakes: list[TableMistake]) -> None:
        self._chosen = chosen
        self._mistakes = mistakes

    def read(
        self,
        reader: Callable[[Path, Mapping[str, str]], ReadTable],
        path: Path | None,
    ) -> ReadTable | None:
        """Return a table, or None where there is none that can be used."""
        if path is None:
            return None
        try:
            table = reader(path, self._chosen)
        except TableError as error:
            self._mistakes += error.mistakes
            return None
        self._mistakes += table.mistakes
        return table


def _read_features(path: Path, chosen: Mapping[str, str]) -> ReadTable:
    file = read_text_file(path)
    if is_document(file):
        return read_score_document(file)
    return read_feature_table(file, chosen)


def _read_ledger(settings: Settings) -> ReadTable:
    # Databases and migrations take longer to load than most tables to read.
    from node.learning.tables.ledger_results import read_ledger  # noqa: PLC0415

    return read_ledger(settings)


def _unknown_names(columns: Mapping[str, str]) -> list[TableMistake]:
    known = {column.name for kind in _KINDS for column in kind}
    return [
        TableMistake(
            "",
            None,
            "",
            f"--column {name}=...: no column is called so",
            f"Name one of {', '.join(sorted(known))}, or a feature",
        )
        for name in columns
        if name not in known and feature_named(name) is None
    ]


def _unused_names(
    columns: Mapping[str, str], read: list[ReadTable]
) -> list[TableMistake]:
    taken = frozenset[str]().union(*(table.chosen for table in read))
    return [
        TableMistake(
            "",
            None,
            "",
            f"--column {name}: no table has the header {header!r}",
            "Copy the header from the file, all of it",
        )
        for name, header in columns.items()
        if name not in taken
    ]
