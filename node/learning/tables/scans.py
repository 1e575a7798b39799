"""Rows of features as scans: each placed on its animal and day, once, PET with its CT.

Rows that say the same again are counted once (`node.learning.tables.once`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from node.learning.tables.days import (
    Open,
    Scan,
    animal_of_scan,
    place_of_scan,
)
from node.learning.tables.design import Design, key_of_animal
from node.learning.tables.feature_columns import CT_PREFIX, NUMBERS, TEXTS
from node.learning.tables.joined import Finding, FindingKind
from node.learning.tables.mistake import TableError
from node.learning.tables.once import finding_of, row_number, rows_once
from node.learning.tables.read_table import ReadTable, completed, records_of
from node.spreadsheets.cells import plain

_PET = frozenset({"", "PET", "PT"})
_IDENTITY = frozenset({"animal", "patient_id", "day", "roi", "modality"})
"""How a row names its scan, which two files may do in two ways."""
_FACTS_OF_CT = frozenset(
    {"study_instance_uid", "scanned_on", "scanned_at", "species", "scanner"}
)
"""What of a row of CT is said of the scan, where there is no PET."""
KEY = ["animal_key", "day", "roi_key"]
_OF_ROW = "\t"
"""Behind a column that a row of CT gives and a row of PET has too; in no header."""


@dataclass(frozen=True, eq=False)
class Scans:
    """The scans of all tables of features.

    Attributes
    ----------
    frame : pandas.DataFrame
        A row a region of a scan, with `animal_key`, `roi_key`, `file` and `row`.
    features : tuple of str
    readings : tuple of str
    findings : tuple of Finding
    used : dict of str to int
        How many rows of each file are in the frame.
    """

    frame: pd.DataFrame
    features: tuple[str, ...]
    readings: tuple[str, ...]
    findings: tuple[Finding, ...]
    used: dict[str, int]


def scans_of(tables: Sequence[ReadTable], design: Design, roi: str | None) -> Scans:
    """Return the scans of tables of features.

    Parameters
    ----------
    tables : sequence of ReadTable
    design : Design
    roi : str or None
        The region that is meant; None where each scan has one.

    Raises
    ------
    TableError
        When rows of one scan and region contradict each other, when scans have several
        regions and none is chosen, or when there is none of the name.
    """
    features = sorted({name for table in tables for name in table.columns})
    readings = sorted({name for table in tables for name in table.readings})
    rows = pd.concat([table.frame for table in tables], ignore_index=True)
    rows = completed(rows, TEXTS, (*NUMBERS, *features, *readings))
    rows["roi_key"] = rows["roi"].map(_roi_key)
    rows, of_regions = _of_region(rows, roi)
    rows, unplaced = _placed(rows, design)
    if roi is None:
        _require_one_region(rows)
    pet = rows[rows["modality"].str.upper().isin(_PET)]
    ct = rows[rows["modality"].str.upper() == "CT"]
    others = rows.drop([*pet.index, *ct.index])
    pet, twice = rows_once(pet, KEY, _IDENTITY)
    ct, ct_twice = rows_once(ct, KEY, _IDENTITY)
    frame, alone = _with_ct(pet, ct, features)
    names = _named(features, frame)
    findings = (*of_regions, *unplaced, *_other_images(others), *twice, *ct_twice)
    used = pd.concat([pet, ct.drop(alone)])["file"].value_counts()
    return Scans(
        frame.reset_index(drop=True),
        tuple(names),
        tuple(readings),
        (*findings, *_without_pet(ct, alone)),
        {str(name): int(count) for name, count in used.items()},
    )


def _roi_key(name: str) -> str:
    return plain(name).casefold()


def _of_region(
    rows: pd.DataFrame, roi: str | None
) -> tuple[pd.DataFrame, list[Finding]]:
    if roi is None:
        return rows, []
    chosen = rows["roi_key"] == _roi_key(roi)
    if not chosen.any():
        names = ", ".join(sorted(repr(name) for name in set(rows["roi"])))
        fact = f"no row is of the region {roi!r}; there are {names}"
        raise TableError.of("", fact, "Correct --roi")
    return rows[chosen], [
        finding_of(FindingKind.EXCLUDED, row, f"region {row['roi']!r} was not chosen")
        for row in records_of(rows[~chosen])
    ]


def _placed(rows: pd.DataFrame, design: Design) -> tuple[pd.DataFrame, list[Finding]]:
    """Return the rows whose animal and day are known, with both."""
    records = records_of(rows)
    scans = [_scan(row) for row in records]
    counts = _scans_of_animals(rows, scans, design)
    found: list[Finding] = []
    kept: list[int] = []
    animals: list[str] = []
    days: list[float] = []
    for position, scan in enumerate(scans):
        key = key_of_animal(animal_of_scan(scan, design))
        place = place_of_scan(replace(scan, scans_of_animal=counts.get(key, 0)), design)
        row = records[position]
        if isinstance(place, Open):
            found.append(finding_of(FindingKind.UNMATCHED, row, place.why))
            continue
        if place.doubt:
            found.append(finding_of(FindingKind.DOUBTED, row, place.doubt))
        kept.append(position)
        animals.append(place.animal)
        days.append(place.day)
    result = rows.iloc[kept].copy()
    result["animal"] = animals
    result["day"] = np.array(days, float)
    result["animal_key"] = [key_of_animal(animal) for animal in animals]
    return result, found


def _scan(row: Mapping[str, Any]) -> Scan:
    return Scan(
        animal=row["animal"] or row["patient_id"],
        study_instance_uid=row["study_instance_uid"],
        patient_id=row["patient_id"],
        scanned_on=row["scanned_on"],
        day=None if pd.isna(row["day"]) else float(row["day"]),
        scans_of_animal=0,
    )


def _scans_of_animals(
    rows: pd.DataFrame, scans: Sequence[Scan], design: Design
) -> dict[str, int]:
    """Return how many scans the tables have of each animal."""
    seen: dict[str, set[str]] = {}
    for scan, series in zip(scans, rows["series"], strict=True):
        key = key_of_animal(animal_of_scan(scan, design))
        # PET and CT of one day may be filed as two studies.
        seen.setdefault(key, set()).add(
            scan.scanned_on or scan.study_instance_uid or series
        )
    return {key: len(each) for key, each in seen.items()}


def _require_one_region(rows: pd.DataFrame) -> None:
    several = rows.groupby(["animal_key", "day"])["roi_key"].nunique()
    if not (several > 1).any():
        return
    names = ", ".join(sorted({repr(name) for name in rows["roi"]}))
    animal, day = several[several > 1].index[0]
    among = (rows["animal_key"] == animal) & (rows["day"] == day)
    first = records_of(rows[among])[0]
    fact = (
        f"scans have several regions, as that of animal {first['animal']} on day "
        f"{day:g}; there are {names}"
    )
    raise TableError.of(
        first["file"], fact, "Choose one by --roi", row=row_number(first)
    )


def _with_ct(
    pet: pd.DataFrame, ct: pd.DataFrame, features: Sequence[str]
) -> tuple[pd.DataFrame, list[int]]:
    """Return the scans with the CT's features beside the PET's, and CT that is alone.

    Where there is no PET at all, the scans are those of the CT.
    """
    own = [name for name in features if not name.startswith(CT_PREFIX)]
    prefixed = {name: CT_PREFIX + name for name in own}
    if ct.empty:
        return pet, []
    if pet.empty:
        kept = [*KEY, "animal", "roi", "file", "row", *_FACTS_OF_CT]
        facts = ct[kept].copy()
        frame = pd.concat([facts, ct[own].rename(columns=prefixed)], axis=1)
        return completed(frame, TEXTS, NUMBERS), []
    of_ct = ct[[*KEY, *own]].rename(columns=prefixed)
    frame = pet.merge(of_ct, on=KEY, how="left", suffixes=("", _OF_ROW))
    for name in [each for each in of_ct.columns if each + _OF_ROW in frame.columns]:
        frame[name] = frame[name].fillna(frame.pop(name + _OF_ROW))
    matched = pd.MultiIndex.from_frame(ct[KEY]).isin(pd.MultiIndex.from_frame(pet[KEY]))
    return frame, list(ct.index[~matched])


def _named(features: Sequence[str], frame: pd.DataFrame) -> list[str]:
    """Return the features that the scans have, without columns in which nothing is."""
    names = {*features, *(CT_PREFIX + name for name in features)}
    return sorted(n for n in names if n in frame.columns and frame[n].notna().any())


def _without_pet(ct: pd.DataFrame, alone: Sequence[int]) -> list[Finding]:
    fact = "no row of PET features is of this CT's animal, day and region"
    rows = records_of(ct.loc[list(alone)])
    return [finding_of(FindingKind.UNMATCHED, row, fact) for row in rows]


def _other_images(rows: pd.DataFrame) -> list[Finding]:
    return [
        finding_of(
            FindingKind.EXCLUDED, row, f"it is of {row['modality']}, not of PET or CT"
        )
        for row in records_of(rows)
    ]
