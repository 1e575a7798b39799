"""What is followed: columns of the joined table that are measures, and their kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import pandas as pd

from node.learning.cohort.options import CohortError
from node.learning.tables.joined import JoinedTable

_IMAGE = {
    "score": "Exhaustion score",
    "suv_mean": "SUV mean (g/ml)",
    "suv_max": "SUV max (g/ml)",
    "volume_ml": "Volume (ml)",
}
_FLOW = {
    "early": "Early exhausted cells (flow)",
    "terminal": "Terminally exhausted cells (flow)",
    "early_to_terminal": "Early / terminal, E/T (flow)",
    "mfi": "MFI of PD-1 (flow)",
}
_NO_MEASURE = frozenset(
    {"day", "irradiation_day", "ici_day", "uptake_min", "voxel_mm", "voxels"}
)
"""Numbers that tell of the design or of the acquisition."""


@dataclass(frozen=True)
class Measure:
    """A column that is followed.

    Attributes
    ----------
    name : str
        Of the column.
    title : str
        As a reader sees it.
    is_of_image : bool
        Whether scanner, tracer, route and reconstruction enter it.
    is_score, is_feature : bool
        Whether the score model enters it, or the preparation of features.
    """

    name: str
    title: str
    is_of_image: bool
    is_score: bool = False
    is_feature: bool = False


def measures_of(table: JoinedTable, wanted: Sequence[str]) -> tuple[Measure, ...]:
    """Return the measures that are asked for, or all that have values.

    Parameters
    ----------
    table : JoinedTable
    wanted : sequence of str
        Names of columns. Without any: score, readings, SUV, volume, flow cytometry and
        fractions; features only by name, since they are too many to look at.

    Raises
    ------
    CohortError
        When a column is no measure or holds no number, or nothing is left to follow.
    """
    if wanted:
        return tuple(measure_of(table, name) for name in dict.fromkeys(wanted))
    names = ["score", *table.readings, *_IMAGE, *_FLOW, *table.fractions]
    found = tuple(
        measure_of(table, name)
        for name in dict.fromkeys(names)
        if has_values(table.frame, name)
    )
    if not found:
        fact = (
            "the tables hold no score, SUV, volume, flow cytometry or fraction; name "
            "features with --measure, or add a table that holds one of these"
        )
        raise CohortError(fact)
    return found


def measure_of(table: JoinedTable, name: str) -> Measure:
    """Return the measure of a column.

    Raises
    ------
    CohortError
        When there is no such measure, or none of its cells holds a number.
    """
    frame = table.frame
    known = [
        str(column)
        for column in frame.columns
        if pd.api.types.is_numeric_dtype(frame[column])
        and column not in _NO_MEASURE
        and frame[column].notna().any()
    ]
    if name not in known:
        raise CohortError(_unknown(name, known, in_table=name in frame.columns))
    if name in _IMAGE:
        return Measure(name, _IMAGE[name], is_of_image=True, is_score=name == "score")
    if name in table.readings:
        return Measure(name, f"Score, {name}", is_of_image=True)
    if name in table.features:
        return Measure(name, name, is_of_image=True, is_feature=True)
    return Measure(name, _FLOW.get(name, name), is_of_image=False)


def has_values(frame: pd.DataFrame, name: str) -> bool:
    """Return whether a column is there and holds a number."""
    return name in frame.columns and bool(frame[name].notna().any())


def _unknown(name: str, known: Sequence[str], *, in_table: bool) -> str:
    if in_table:
        return f"column {name!r} of the joined table holds no measure with values"
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    meant = f"; did you mean {' or '.join(near)}?" if near else ""
    shown = ", ".join(known[:20]) + (", ..." if len(known) > 20 else "")  # noqa: PLR2004 - what a terminal shows
    return f"the tables hold no measure {name!r}{meant} They hold: {shown}"
