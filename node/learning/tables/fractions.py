"""Fractions of cells, as CIBERSORTx writes them.

Design choice: rows with P of 0.05 or more are left out and counted, as the paper does
(Zhang et al. 2023) and the authors of CIBERSORT advise (Newman et al., Nature Methods
2015, doi 10.1038/nmeth.3337). A P of 9999, which it writes when no permutations were
run, is no P at all.
"""

import math
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from node.learning.tables.columns import Holds, Place, TableColumn
from node.learning.tables.joined import Finding, FindingKind
from node.learning.tables.mistake import TableError, TableMistake
from node.learning.tables.opening import (
    OpenTable,
    frame_of,
    mistakes_of,
    open_table,
    require_columns,
    source_of,
    with_nameless_sample,
)
from node.learning.tables.read_table import ReadTable, completed
from node.learning.tables.reading import Wanted, read_columns

SIGNIFICANT_P = 0.05
_NO_PERMUTATIONS = 9999.0

FRACTION_COLUMNS = (
    TableColumn(
        "sample",
        Holds.NAME,
        "A sample of the design, or the animal's name, also with its day: M07_D7.",
        ("Mixture", "sample_id", "sample_name", "Input Sample"),
    ),
    TableColumn(
        "animal",
        Holds.NAME,
        "Instead of the sample; CIBERSORTx has no such column.",
        ("animal_id", "mouse", "mouse_id"),
    ),
    TableColumn("day", Holds.DAY, "The same.", ("study_day", "time_point"), "d"),
    TableColumn(
        "p_value",
        Holds.NUMBER,
        "Of the deconvolution; rows with 0.05 or more are left out.",
        ("P-value", "P value", "p", "pval"),
    ),
    TableColumn(
        "correlation",
        Holds.NUMBER,
        "Of mixture and its reconstruction; not used.",
        ("Correlation", "Pearson Correlation"),
    ),
    TableColumn("rmse", Holds.NUMBER, "Root mean squared error; not used.", ("RMSE",)),
    TableColumn(
        "absolute_score",
        Holds.NUMBER,
        "Of the absolute mode; not used.",
        ("Absolute score (sig.score)", "Absolute score"),
    ),
)
"""Every other column is a type of cell."""

_HOLDS = {column.name: column.holds for column in FRACTION_COLUMNS}


def read_fractions(path: Path, chosen: Mapping[str, str]) -> ReadTable:
    """Return a table of fractions, a row a sample whose P is below 0.05.

    Parameters
    ----------
    path : Path
    chosen : mapping of str to str
        Of ``--column``.

    Raises
    ------
    TableError
        When it is no table, names no sample, has no P or no type of cell.
    """
    mine = {name: header for name, header in chosen.items() if name in _HOLDS}
    table = with_nameless_sample(open_table(path, FRACTION_COLUMNS, mine))
    require_columns(table, [("sample", "animal"), ("p_value",)], "Mixture, P-value")
    kinds = _kinds_of_cells(table)
    wanted = [Wanted(name, place, _HOLDS[name]) for name, place in table.places.items()]
    wanted += [Wanted(name, place, Holds.NUMBER) for name, place in kinds.items()]
    read = read_columns(table.written, wanted)
    names = tuple(kinds)
    frame = completed(
        frame_of(table.written, read),
        ("sample", "animal"),
        ("day", "p_value", *names),
    )
    excluded = _excluded(table, frame)
    out = [finding.row for finding in excluded]
    return ReadTable(
        source=source_of(table.written, "fractions"),
        frame=frame[~frame["row"].isin(out)].reset_index(drop=True),
        findings=excluded,
        statements=(*read.statements, *_counted(table, frame, len(excluded))),
        mistakes=(*mistakes_of(table, read), *_impossible(table, frame, kinds)),
        columns=names,
        chosen=table.chosen,
    )


def _kinds_of_cells(table: OpenTable) -> dict[str, Place]:
    kinds: dict[str, Place] = {}
    for place in table.found.unread:
        if place.header and place.header in kinds:
            fact = "two columns have this name"
            remedy = "Remove or rename one of them"
            raise TableError.of(table.written.name, fact, remedy, column=place.header)
        if place.header:
            kinds[place.header] = place
    if not kinds:
        fact = "it has no column of a type of cell"
        raise TableError.of(table.written.name, fact, "Export the fractions again")
    return kinds


def _excluded(table: OpenTable, frame: pd.DataFrame) -> tuple[Finding, ...]:
    header = table.places["p_value"].header
    return tuple(
        Finding(
            FindingKind.EXCLUDED, table.written.name, int(row), header, _why(p_value)
        )
        for row, p_value in zip(frame["row"], frame["p_value"], strict=True)
        if not p_value < SIGNIFICANT_P
    )


def _why(p_value: float) -> str:
    if p_value == _NO_PERMUTATIONS:
        return "it has no P: CIBERSORTx was run without permutations"
    if math.isnan(p_value):
        return "it has no P"
    return f"P is {p_value:g}, not below {SIGNIFICANT_P:g}"


def _counted(table: OpenTable, frame: pd.DataFrame, excluded: int) -> tuple[str, ...]:
    counted = f"{table.written.name}: {excluded} of {len(frame)} rows"
    return (f"{counted} have no P below {SIGNIFICANT_P:g} and were left out",)


def _impossible(
    table: OpenTable, frame: pd.DataFrame, kinds: Mapping[str, Place]
) -> list[TableMistake]:
    """Return fractions below 0, and P outside of 0 to 1."""
    name = table.written.name
    p_value = frame["p_value"]
    impossible = (p_value < 0) | ((p_value > 1) & (p_value != _NO_PERMUTATIONS))
    header = table.places["p_value"].header
    found = [
        TableMistake(
            name,
            int(row),
            header,
            "it is no P: not within 0 to 1",
            "Export the fractions again",
        )
        for row in frame.loc[impossible, "row"]
    ]
    for kind in kinds:
        found += [
            TableMistake(name, int(row), kind, "a fraction is below 0", "Correct it")
            for row in frame.loc[frame[kind] < 0, "row"]
        ]
    return found
