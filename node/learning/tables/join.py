"""The one join: on animal and day, of scans with readouts, fractions and the design.

A row of the joined table is one scan of one region. Rows of flow cytometry and of
fractions are put beside the scan of their animal and day; where there is no table of
features, those of flow cytometry are the rows themselves, else those of the fractions.
Names of animals are equal whatever their case.

Design choice: a scan without a readout stays, for its course over time counts; a
readout without a scan is left out. Both are findings.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from config.schema import Settings
from node.learning.tables.choice import TableChoice
from node.learning.tables.design import alike, key_of_animal
from node.learning.tables.design_join import (
    DESIGN_NUMBERS,
    DESIGN_TEXTS,
    IMAGE_TEXTS,
    with_design,
)
from node.learning.tables.feature_columns import NUMBERS, TEXTS
from node.learning.tables.flow import READOUTS
from node.learning.tables.inputs import Inputs, read_inputs
from node.learning.tables.joined import Finding, FindingKind, JoinedTable, SourceFile
from node.learning.tables.mistake import TableError, TableMistake
from node.learning.tables.once import Row, finding_of
from node.learning.tables.profiles import require_one_profile
from node.learning.tables.read_table import completed, records_of
from node.learning.tables.samples import KEY, samples_of
from node.learning.tables.scans import scans_of

_TEXTS = (*TEXTS, *DESIGN_TEXTS, *IMAGE_TEXTS)
_NUMBERS = (*NUMBERS, *DESIGN_NUMBERS, *READOUTS)


@dataclass
class _Joining:
    """The rows so far, and what became of those that are not simply among them."""

    frame: pd.DataFrame
    features: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    findings: list[Finding] = field(default_factory=list)
    used: dict[str, int] = field(default_factory=dict)


def read_joined(choice: TableChoice, settings: Settings) -> JoinedTable:
    """Return what the tables of a choice say together.

    Parameters
    ----------
    choice : TableChoice
    settings : Settings
        Whose ledger it is.

    Raises
    ------
    TableError
        With everything that must be put right before the tables can be used.
    DataFolderError, LedgerAddressError
        When the ledger is wanted and there is none.
    """
    inputs = read_inputs(choice, settings)
    profiles = require_one_profile(inputs.features) if inputs.features else {}
    joining = _scans(inputs, choice.roi)
    days = _days(inputs, joining.frame)
    _put_beside(joining, inputs, "flow", READOUTS, days)
    fractions = inputs.fractions.columns if inputs.fractions else ()
    _require_free(fractions, inputs, joining.features)
    _put_beside(joining, inputs, "fractions", fractions, days)
    frame = completed(joining.frame, _TEXTS, (*_NUMBERS, *fractions))
    frame, of_design, used = with_design(frame, inputs.design)
    if frame.empty:
        raise TableError(_nothing_left([*joining.findings, *of_design]))
    joining.used[inputs.design.name] = used
    statements = [each for table in inputs.tables for each in table.statements]
    return JoinedTable(
        frame=_in_order(frame),
        features=joining.features,
        fractions=fractions,
        readings=joining.readings,
        findings=(*_own_findings(inputs), *joining.findings, *of_design),
        sources=_sources(inputs, joining.used),
        profiles=profiles,
        statements=tuple(dict.fromkeys(statements)),
    )


def _scans(inputs: Inputs, roi: str | None) -> _Joining:
    """Return the scans, or nothing where there is no table of features."""
    if not inputs.features:
        return _Joining(pd.DataFrame())
    scans = scans_of(inputs.features, inputs.design, roi)
    return _Joining(
        scans.frame, scans.features, scans.readings, [*scans.findings], scans.used
    )


def _days(inputs: Inputs, scans: pd.DataFrame) -> dict[str, Collection[float]]:
    """Return the days that are known of each animal: those of its scans, if any.

    Animals that no scan and no design has are those of the samples themselves.
    """
    found: dict[str, Collection[float]] = {
        key_of_animal(name): set()
        for table in (inputs.flow, inputs.fractions)
        if table is not None
        for name in table.frame["animal"]
        if name
    }
    for frame in (inputs.design.frame, scans):
        if frame.empty:
            continue
        own: dict[str, set[float]] = {}
        for key, day in zip(frame["animal_key"], frame["day"], strict=True):
            own.setdefault(key, set()).update(() if math.isnan(day) else (day,))
        found |= {key: days for key, days in own.items() if days or key not in found}
    return found


def _put_beside(
    joining: _Joining,
    inputs: Inputs,
    role: str,
    columns: Sequence[str],
    days: dict[str, Collection[float]],
) -> None:
    """Put samples beside the scans; they are the rows where there are no scans."""
    table = inputs.flow if role == "flow" else inputs.fractions
    if table is None:
        return
    samples = samples_of(table, inputs.design, days)
    joining.findings += samples.findings
    frame, name = samples.frame, table.source.name
    if not inputs.features and (role == "flow" or inputs.flow is None):
        joining.frame = frame
        joining.used[name] = len(frame)
        return
    scans = joining.frame
    has_scan = _among(frame, scans)
    animals = set(scans["animal"])
    lonely = records_of(frame[~has_scan])
    joining.findings += [
        finding_of(FindingKind.UNMATCHED, row, _no_partner(row, animals))
        for row in lonely
    ]
    fact = f"no row of {name} is of its animal and day; it has no values from there"
    joining.findings += [
        finding_of(FindingKind.UNMATCHED, row, fact)
        for row in records_of(scans[~_among(scans, frame)])
    ]
    joining.frame = scans.merge(frame[[*KEY, *columns]], on=KEY, how="left")
    joining.used[name] = int(has_scan.sum())


def _among(rows: pd.DataFrame, others: pd.DataFrame) -> pd.Series:
    keys = pd.MultiIndex.from_frame(others[KEY])
    return pd.Series(pd.MultiIndex.from_frame(rows[KEY]).isin(keys), rows.index)


def _no_partner(row: Row, animals: Collection[str]) -> str:
    animal = str(row["animal"])
    return f"nothing else is of animal {animal} on day {row['day']:g}" + alike(
        animal, animals
    )


def _require_free(
    fractions: Sequence[str], inputs: Inputs, features: Sequence[str]
) -> None:
    """Refuse types of cells that are called as a column of the joined table is."""
    taken = {*_TEXTS, *_NUMBERS, *features}
    if inputs.fractions is None or not taken.intersection(fractions):
        return
    raise TableError(
        [
            TableMistake(
                inputs.fractions.source.name,
                None,
                name,
                "a type of cell cannot have this name, which means something else",
                "Rename the column, or remove it",
            )
            for name in fractions
            if name in taken
        ]
    )


def _nothing_left(findings: Sequence[Finding]) -> list[TableMistake]:
    """Return why no row is left: what was found of each."""
    told = [
        TableMistake(
            each.file, each.row, each.column, each.fact, "Correct it, or add what lacks"
        )
        for each in findings
    ]
    what, remedy = "no row of the tables can be used", "See what is said of each"
    return [TableMistake("", None, "", what, remedy), *told]


def _own_findings(inputs: Inputs) -> list[Finding]:
    """Return findings of tables that are not of samples, whose own come with them."""
    tables = (*inputs.features, inputs.design.table)
    return [each for table in tables if table is not None for each in table.findings]


def _in_order(frame: pd.DataFrame) -> pd.DataFrame:
    ordered = frame.sort_values(["animal_key", "day", "roi"], kind="stable")
    inner = ["animal_key", "roi_key", "file", "row", "patient_id", "modality", "sample"]
    return ordered.drop(columns=inner, errors="ignore").reset_index(drop=True)


def _sources(inputs: Inputs, used: dict[str, int]) -> tuple[SourceFile, ...]:
    return tuple(
        replace(table.source, used=used.get(table.source.name, 0))
        for table in inputs.tables
    )
