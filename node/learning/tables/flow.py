"""Flow cytometry, as FlowJo exports it or as people write it.

Design choice: rows that FlowJo puts below the samples (Mean, SD, ...) are known by what
stands in the column that names the sample, and only where no sample follows.

Design choice: the ratio E/T is that of the file where it is stated, else early over
terminal. A stated one that no rounding of the three numbers explains is used, and
doubted: it may be of other gates.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from node.learning.tables.columns import Holds, TableColumn
from node.learning.tables.joined import Finding, FindingKind
from node.learning.tables.mistake import TableError
from node.learning.tables.opening import (
    OpenTable,
    frame_of,
    mistakes_of,
    one_value_statement,
    open_table,
    require_columns,
    source_of,
    unread_statement,
    with_nameless_sample,
    without_rows,
)
from node.learning.tables.read_table import ReadTable, completed
from node.learning.tables.reading import ReadColumns, Wanted, read_columns
from node.spreadsheets.headers import key_of

FLOW_COLUMNS = (
    TableColumn(
        "animal",
        Holds.NAME,
        "The animal.",
        ("animal_id", "mouse", "mouse_id", "subject", "subject_id"),
    ),
    TableColumn(
        "day",
        Holds.DAY,
        "Day of the study on which the tumour was taken.",
        ("study_day", "time_point", "timepoint"),
        "d",
    ),
    TableColumn(
        "sample",
        Holds.NAME,
        "Instead of animal and day: a sample of the design, or a name such as M07_D7.",
        ("sample_id", "sample_name", "tube", "tube_name", "specimen"),
    ),
    TableColumn(
        "early",
        Holds.PROPORTION,
        "Proportion of early exhausted cells.",
        ("early_tex", "early_exhausted", "tex_early", "early_proportion"),
        "1 or %",
    ),
    TableColumn(
        "terminal",
        Holds.PROPORTION,
        "Proportion of terminally exhausted cells (CD8+ PD-1hi).",
        (
            "terminal_tex",
            "terminally_exhausted",
            "terminal_exhausted",
            "tex_terminal",
            "terminal_proportion",
        ),
        "1 or %",
    ),
    TableColumn(
        "early_to_terminal",
        Holds.NUMBER,
        "Early over terminal proportion; computed where it is not stated.",
        ("E/T", "early/terminal", "ratio_e_t", "e_t_ratio", "early_terminal_ratio"),
        "1",
    ),
    TableColumn(
        "mfi",
        Holds.NUMBER,
        "Mean fluorescence intensity of PD-1.",
        ("pd-1_mfi", "mfi_pd-1", "mfi_of_pd-1", "mean_fluorescence_intensity"),
        "a.u.",
    ),
)
READOUTS = ("early", "terminal", "early_to_terminal", "mfi")

_HOLDS = {column.name: column.holds for column in FLOW_COLUMNS}
_SUMMARIES = frozenset(
    key_of(name)
    for name in (
        *("mean", "average", "median", "sd", "std", "stdev", "std dev", "variance"),
        *("standard deviation", "sem", "standard error", "cv", "robust cv", "rcv"),
        *("min", "minimum", "max", "maximum", "geometric mean", "geomean", "sum", "n"),
    )
)
_ROUNDING_OF_FLOATS = 1e-9


def read_flow(path: Path, chosen: Mapping[str, str]) -> ReadTable:
    """Return a table of flow cytometry, a row a sample.

    Parameters
    ----------
    path : Path
    chosen : mapping of str to str
        Of ``--column``.

    Raises
    ------
    TableError
        When it is no table, names no animal or sample, or has no readout.
    """
    mine = {name: header for name, header in chosen.items() if name in _HOLDS}
    table = with_nameless_sample(open_table(path, FLOW_COLUMNS, mine))
    require_columns(table, [("animal", "sample"), READOUTS], "animal, terminal")
    table, findings = _without_summaries(table)
    read = read_columns(
        table.written,
        [
            Wanted(
                name,
                place,
                _HOLDS[name],
                required=name == _naming(table),
                rounding=name == "early_to_terminal",
            )
            for name, place in table.places.items()
        ],
    )
    frame = completed(
        frame_of(table.written, read), ("animal", "sample"), ("day", *READOUTS)
    )
    doubts = _doubted_ratios(table, frame, read)
    computed = frame["early"] / frame["terminal"].where(frame["terminal"] > 0)
    frame["early_to_terminal"] = frame["early_to_terminal"].fillna(computed)
    return ReadTable(
        source=replace(
            source_of(table.written, "flow"),
            rows=len(table.written.rows) + len(findings),
        ),
        frame=frame,
        findings=(*findings, *doubts),
        statements=(
            *read.statements,
            *unread_statement(table.written.name, table.found.unread),
            *one_value_statement(
                table.written.name,
                frame,
                {n: table.places[n].header for n in READOUTS if n in table.places},
            ),
        ),
        mistakes=mistakes_of(table, read),
        chosen=table.chosen,
    )


def _naming(table: OpenTable) -> str:
    """Return the column that must be filled in each row."""
    both = "animal" in table.places and "sample" in table.places
    return "" if both else next(n for n in ("animal", "sample") if n in table.places)


def _without_summaries(table: OpenTable) -> tuple[OpenTable, tuple[Finding, ...]]:
    columns = [
        table.places[name].index
        for name in ("sample", "animal")
        if name in table.places
    ]
    findings: list[Finding] = []
    for row in reversed(table.written.rows):
        named = next((row.cells[i] for i in (*columns, 0) if row.cells[i].strip()), "")
        if key_of(named) not in _SUMMARIES:
            break
        fact = f"it is no sample but the {named.strip()} of those above"
        findings.append(
            Finding(FindingKind.EXCLUDED, table.written.name, row.number, "", fact)
        )
    kept = without_rows(table, {each.row for each in findings if each.row is not None})
    if not kept.written.rows:
        fact = "it has no row of a sample"
        raise TableError.of(table.written.name, fact, "Export the table again")
    return kept, tuple(reversed(findings))


def _doubted_ratios(
    table: OpenTable, frame: pd.DataFrame, read: ReadColumns
) -> tuple[Finding, ...]:
    """Return the stated ratios that early and terminal do not give."""
    if not {"early", "terminal", "early_to_terminal"} <= set(read.found):
        return ()
    early, terminal, stated = (
        frame[name].to_numpy(float)
        for name in ("early", "terminal", "early_to_terminal")
    )
    steps = {name: np.array(found, float) for name, found in read.half_steps.items()}
    with np.errstate(divide="ignore", invalid="ignore"):
        lowest = (early - steps["early"]) / (terminal + steps["terminal"])
        room = terminal - steps["terminal"]
        highest = np.where(room > 0, (early + steps["early"]) / room, np.inf)
    slack = steps["early_to_terminal"] + _ROUNDING_OF_FLOATS * np.abs(stated)
    wrong = (stated < lowest - slack) | (stated > highest + slack)
    header = table.places["early_to_terminal"].header
    return tuple(
        Finding(
            FindingKind.DOUBTED,
            table.written.name,
            int(frame["row"].iloc[index]),
            header,
            f"E/T is stated as {stated[index]:g}, and early over terminal is "
            f"{early[index] / terminal[index]:g}",
        )
        for index in np.flatnonzero(wrong)
        if terminal[index] > 0
    )
