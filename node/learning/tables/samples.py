"""Rows of flow cytometry and of fractions, each on its animal and day, once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from node.learning.tables.days import Open, place_of_sample
from node.learning.tables.design import Design, key_of_animal
from node.learning.tables.joined import Finding, FindingKind
from node.learning.tables.once import finding_of, rows_once
from node.learning.tables.read_table import ReadTable, records_of

KEY = ["animal_key", "day"]
_IDENTITY = frozenset({"animal", "sample"})


@dataclass(frozen=True, eq=False)
class Samples:
    """Samples of one table.

    Attributes
    ----------
    frame : pandas.DataFrame
        With `animal_key`, and each animal and day once.
    findings : tuple of Finding
    """

    frame: pd.DataFrame
    findings: tuple[Finding, ...]


def samples_of(
    table: ReadTable, design: Design, days: Mapping[str, Collection[float]]
) -> Samples:
    """Return the samples of a table whose animal and day are known.

    Parameters
    ----------
    table : ReadTable
    design : Design
    days : mapping of str to collection of float
        As in `node.learning.tables.days.place_of_sample`.

    Raises
    ------
    TableError
        When two rows of an animal and day contradict each other.
    """
    found: list[Finding] = []
    kept: list[int] = []
    placed: list[tuple[str, float]] = []
    for position, row in enumerate(records_of(table.frame)):
        place = place_of_sample(row, design, days)
        if isinstance(place, Open):
            found.append(finding_of(FindingKind.UNMATCHED, row, place.why))
            continue
        kept.append(position)
        placed.append((place.animal, place.day))
    frame = table.frame.iloc[kept].copy()
    frame["animal"] = [animal for animal, _ in placed]
    frame["day"] = np.array([day for _, day in placed], float)
    frame["animal_key"] = [key_of_animal(animal) for animal, _ in placed]
    frame, twice = rows_once(frame, KEY, _IDENTITY)
    return Samples(frame.reset_index(drop=True), (*table.findings, *found, *twice))
