"""The rows of a cohort: which scans stand in which group, on which day.

Design choice: the animal is the unit. An animal with several regions on one day has one
value, their mean, and it is said how often that was so.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from node.learning.cohort.options import CohortError, CohortOptions, DayZero, GroupBy
from node.learning.tables.joined import Finding, FindingKind, JoinedTable

GROUP, DAY = "cohort_group", "cohort_day"
EVERYBODY = "all animals"
"""The group of tables that name none."""


@dataclass(frozen=True, eq=False)
class CohortRows:
    """Rows of the joined table with group and day.

    Attributes
    ----------
    frame : pandas.DataFrame
        Of the joined table, with `GROUP` (str) and `DAY` (float).
    groups : tuple of str
        In the order in which they are shown.
    findings : tuple of Finding
        Rows that were left out or doubted here.
    grouped : pandas.DataFrame
        All rows with `GROUP` and a day of the study: those of `frame`, and those that
        have no day of --day-zero.
    """

    frame: pd.DataFrame
    groups: tuple[str, ...]
    findings: tuple[Finding, ...]
    grouped: pd.DataFrame

    def values(self, measure: str) -> pd.DataFrame:
        """Return one value an animal and day: columns group, day, animal and value."""
        known = self.frame[self.frame[measure].notna()]
        means = known.groupby([GROUP, DAY, "animal"], sort=True)[measure].mean()
        found = means.reset_index()
        return found.rename(columns={GROUP: "group", DAY: "day", measure: "value"})


def cohort_rows(table: JoinedTable, options: CohortOptions) -> CohortRows:
    """Return the rows that can be followed.

    Raises
    ------
    CohortError
        When none is left.
    """
    frame = table.frame.copy()
    frame[GROUP] = _groups(frame, options.group_by)
    frame[DAY] = frame["day"].astype(float)
    if options.day_zero is DayZero.IRRADIATION:
        frame[DAY] -= frame["irradiation_day"].astype(float)
    unnamed, undated = frame[GROUP].isna(), frame[DAY].isna()
    findings = [
        *_left_out(frame[unnamed], "the design names no group"),
        *_left_out(frame[undated & ~unnamed], _no_day(options.day_zero)),
    ]
    kept = frame[~unnamed & ~undated]
    if kept.empty:
        fact = (
            f"no row of the tables has a group and a day from {options.day_zero}: "
            f"fill these columns of the design table, or choose another --day-zero"
        )
        raise CohortError(fact)
    findings += _several_regions(kept)
    groups = tuple(sorted(kept[GROUP].unique()))
    grouped = frame[~unnamed & frame["day"].notna()]
    return CohortRows(kept, groups, tuple(findings), grouped)


def _groups(frame: pd.DataFrame, by: tuple[GroupBy, ...]) -> pd.Series:
    named = [frame[str(column)].replace("", np.nan) for column in dict.fromkeys(by)]
    given = [column.astype(object) for column in named if column.notna().any()]
    if not given:
        return pd.Series(EVERYBODY, index=frame.index, dtype=object)
    label = given[0]
    for column in given[1:]:
        label = label + ", " + column
    return label


def _no_day(zero: DayZero) -> str:
    if zero is DayZero.IRRADIATION:
        return "the design names no irradiation day, and days count from it"
    return "it has no day"


def _left_out(rows: pd.DataFrame, why: str) -> list[Finding]:
    return [
        Finding(
            FindingKind.EXCLUDED,
            "joined table",
            None,
            "",
            f"animal {animal}, day {day:g}: left out of the cohort, since {why}",
        )
        for animal, day in zip(rows["animal"], rows["day"], strict=True)
    ]


def _several_regions(rows: pd.DataFrame) -> list[Finding]:
    sizes = rows.groupby([GROUP, DAY, "animal"], sort=True).size()
    several = sizes[sizes > 1].reset_index(name="count")
    return [
        Finding(
            FindingKind.DOUBTED,
            "joined table",
            None,
            "",
            f"animal {animal}, day {day:g}: its {count} regions count as one animal, "
            f"with their mean; choose one with --roi",
        )
        for day, animal, count in zip(
            several[DAY], several["animal"], several["count"], strict=True
        )
    ]
