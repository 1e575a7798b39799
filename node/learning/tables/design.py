"""The design of a study: which animal is of which model and group, and its days.

A row is an animal, or an animal and a day. What is an animal's own (model, group, days
of treatment, cage, day 0) need stand in one of its rows only, and must not contradict
another; what belongs to a day (batch, route, scan date, sample, ...) is of that day's
row, and of the animal where all its rows say the same.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from node.learning.tables.columns import Holds, TableColumn
from node.learning.tables.joined import Finding, FindingKind
from node.learning.tables.mistake import TableMistake
from node.learning.tables.opening import (
    frame_of,
    mistakes_of,
    open_table,
    require_columns,
    source_of,
    unread_statement,
)
from node.learning.tables.read_table import ReadTable, completed, records_of
from node.learning.tables.reading import Wanted, read_columns

DESIGN_COLUMNS = (
    TableColumn(
        "animal",
        Holds.NAME,
        "The animal; every row needs it.",
        ("animal_id", "mouse", "mouse_id", "subject", "subject_id"),
    ),
    TableColumn(
        "day",
        Holds.DAY,
        "Day of the study, where a row is an animal and a day.",
        ("study_day", "time_point", "timepoint"),
        "d",
    ),
    TableColumn(
        "tumour_model",
        Holds.LABEL,
        "LLC, B16, ...; of the animal.",
        ("tumor_model", "model", "tumour", "tumor", "cell_line"),
    ),
    TableColumn(
        "group",
        Holds.LABEL,
        "Treatment group; of the animal.",
        ("treatment", "treatment_group", "arm"),
    ),
    TableColumn(
        "irradiation_day",
        Holds.DAY,
        "Day of the (first) irradiation; empty without; of the animal.",
        ("rt_day", "radiotherapy_day", "day_of_irradiation"),
        "d",
    ),
    TableColumn(
        "ici_day",
        Holds.DAY,
        "Day of the first immune checkpoint inhibitor; empty without; of the animal.",
        ("immunotherapy_day", "day_of_ici", "first_ici_day"),
        "d",
    ),
    TableColumn("cage", Holds.NAME, "Of the animal.", ("cage_id",)),
    TableColumn("batch", Holds.NAME, "Of the day, or of the animal.", ("batch_id",)),
    TableColumn(
        "sample",
        Holds.NAME,
        "Name of the day's sample in flow cytometry or CIBERSORTx.",
        ("sample_id", "sample_name", "Mixture"),
    ),
    TableColumn("scan_date", Holds.DATE, "Date of the day's scan.", ("scanned_on",)),
    TableColumn(
        "day_0", Holds.DATE, "Date of day 0; of the animal.", ("date_of_day_0",)
    ),
    TableColumn("study_instance_uid", Holds.NAME, "The day's scan.", ("study_uid",)),
    TableColumn(
        "patient_id",
        Holds.NAME,
        "The scan's PatientID, which Inveon fills with the name of a file.",
    ),
    TableColumn("tracer", Holds.TEXT, "Where the image does not say."),
    TableColumn("route", Holds.TEXT, "The same.", ("injection_route",)),
    TableColumn("scanner", Holds.TEXT, "The same."),
    TableColumn("reconstruction", Holds.TEXT, "The same."),
)

OF_ANIMAL = ("tumour_model", "group", "irradiation_day", "ici_day", "cage", "day_0")
NAMING = ("study_instance_uid", "patient_id", "sample")
"""What names a scan, or a sample; in one row only."""
OF_DAY = ("batch", "tracer", "route", "scanner", "reconstruction")

_HOLDS = {column.name: column.holds for column in DESIGN_COLUMNS}
_NUMBERS = tuple(name for name, holds in _HOLDS.items() if holds is Holds.DAY)
_TEXTS = tuple(name for name in _HOLDS if name not in _NUMBERS)
_ZEROS = re.compile(r"(?<!\d)0+(?=\d)", re.ASCII)
"""Before a number."""
_ONE_OF = "Correct one of them, or remove it"


Row = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Design:
    """What the design says, by animal and by what names a scan or a sample.

    Attributes
    ----------
    table : ReadTable or None
        None where there is no design.
    """

    table: ReadTable | None = None

    @property
    def name(self) -> str:
        """Name of the file."""
        return "" if self.table is None else self.table.source.name

    @property
    def frame(self) -> pd.DataFrame:
        """The rows, with `animal_key` as `key_of_animal` makes it."""
        if self.table is None:
            return completed(pd.DataFrame(), (*_TEXTS, "animal_key", "file"), _NUMBERS)
        return self.table.frame

    @cached_property
    def by_animal(self) -> Mapping[str, Sequence[Row]]:
        """The rows of each animal, by `key_of_animal`."""
        found: dict[str, list[Row]] = {}
        for row in records_of(self.frame):
            found.setdefault(row["animal_key"], []).append(row)
        return found

    def naming(self, column: str, value: str) -> Row | None:
        """Return the row that names a study, a PatientID or a sample; None if none."""
        return self._by_name[column].get(value) if value else None

    @cached_property
    def _by_name(self) -> Mapping[str, Mapping[str, Row]]:
        rows = records_of(self.frame)
        return {name: {row[name]: row for row in rows} for name in NAMING}


def key_of_animal(name: str) -> str:
    """Return what of an animal's name counts: case does not."""
    return name.casefold()


def alike(name: str, others: Iterable[str]) -> str:
    """Return a hint at another animal whose name differs in its writing alone.

    Spreadsheets drop zeros before a number and put ``.0`` behind it (``007``, ``7``,
    ``7.0``), people dashes and spaces (``M-01``, ``M1``). Such names stay two: which
    ones are one animal must be said by who knows. Empty where there is none.

    Parameters
    ----------
    name : str
    others : iterable of str
    """
    writing = _writing(name)
    for other in sorted(set(others)):
        if key_of_animal(other) != key_of_animal(name) and _writing(other) == writing:
            return f"; if it is {other!r}, write it the same in all tables"
    return ""


def _writing(name: str) -> str:
    bare = "".join(
        c for c in name.casefold().removesuffix(".0") if c.isalnum() or c == "."
    )
    return _ZEROS.sub("", bare)


def read_design(path: Path, chosen: Mapping[str, str]) -> ReadTable:
    """Return a design, each animal and day once.

    Parameters
    ----------
    path : Path
    chosen : mapping of str to str
        Of ``--column``.

    Raises
    ------
    TableError
        When it is no table, or has no column of animals.
    """
    mine = {name: header for name, header in chosen.items() if name in _HOLDS}
    table = open_table(path, DESIGN_COLUMNS, mine)
    require_columns(table, [("animal",)], "animal")
    wanted = [
        Wanted(name, place, _HOLDS[name], name == "animal")
        for name, place in table.places.items()
    ]
    read = read_columns(table.written, wanted)
    frame = completed(frame_of(table.written, read), _TEXTS, _NUMBERS)
    frame["animal_key"] = frame["animal"].map(key_of_animal)
    found = ReadTable(
        source=source_of(table.written, "design"),
        frame=frame,
        statements=(
            *read.statements,
            *unread_statement(table.written.name, table.found.unread),
        ),
        mistakes=mistakes_of(table, read),
        chosen=table.chosen,
    )
    return found if found.mistakes else _once_each(found)


def _once_each(table: ReadTable) -> ReadTable:
    """Return a design without repeated rows, its animals' own values filled in."""
    frame, name = table.frame, table.source.name
    columns = [*_TEXTS, *_NUMBERS]
    repeated = frame.duplicated(columns, keep="first")
    findings = tuple(
        Finding(
            FindingKind.DUPLICATE, name, int(row), "", "an earlier row says the same"
        )
        for row in frame.loc[repeated, "row"]
    )
    kept = frame[~repeated].reset_index(drop=True)
    mistakes = [*_same_day_twice(kept, name)]
    for column in OF_ANIMAL:
        mistakes += _contradictions(kept, name, column)
    for column in NAMING:
        mistakes += _named_twice(kept, name, column)
    if not mistakes:
        kept = _filled(kept)
    return replace(table, frame=kept, findings=findings, mistakes=tuple(mistakes))


def _same_day_twice(frame: pd.DataFrame, name: str) -> list[TableMistake]:
    found = []
    twice = frame[frame.duplicated(["animal_key", "day"], keep=False)]
    for _, rows in twice.groupby(["animal_key", "day"], dropna=False):
        one, other = records_of(rows)[:2]
        numbers = f"rows {one['row']} and {other['row']}"
        when = "without a day" if pd.isna(one["day"]) else f"on day {one['day']:g}"
        fact = f"{numbers} are both of animal {one['animal']} {when}"
        found.append(TableMistake(name, other["row"], "animal", fact, _ONE_OF))
    return found


def _contradictions(frame: pd.DataFrame, name: str, column: str) -> list[TableMistake]:
    """Return animals of which two rows say different things that never change."""
    filled = frame[_is_filled(frame[column])]
    first = filled.groupby("animal_key")[[column, "row"]].transform("first")
    other = filled[column] != first[column]
    rows = filled[other].assign(first=first.loc[other, "row"])
    return [
        TableMistake(
            name,
            row["row"],
            column,
            f"animal {row['animal']} has another {column} in rows {row['first']} and "
            f"{row['row']}",
            _ONE_OF,
        )
        for row in records_of(rows.drop_duplicates("animal_key"))
    ]


def _named_twice(frame: pd.DataFrame, name: str, column: str) -> list[TableMistake]:
    filled = frame[frame[column] != ""]
    return [
        TableMistake(name, int(row), column, "an earlier row has the same", _ONE_OF)
        for row in filled.loc[filled.duplicated(column), "row"]
    ]


def _filled(frame: pd.DataFrame) -> pd.DataFrame:
    """Return rows with what an animal's other rows say of it."""
    result = frame.copy()
    for column in (*OF_ANIMAL, *OF_DAY):
        there = frame[_is_filled(frame[column])].groupby("animal_key")[column]
        said = there.agg(["nunique", "first"])
        only = said.loc[said["nunique"] == 1, "first"]
        empty = ~_is_filled(result[column])
        told = frame["animal_key"].map(only)
        result[column] = result[column].where(~(empty & told.notna()), told)
    return result


def _is_filled(column: pd.Series) -> pd.Series:
    return column.notna() & (column != "")
