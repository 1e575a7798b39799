"""The window of each irradiated group: which rows speak for it, and by which measures.

Design choice: days count from each animal's irradiation, whatever --day-zero says.
Animals without one that stand in a group where all others were irradiated on one day,
and were seen by then, are its baseline (killed before the others were irradiated).
Scans after the first immune checkpoint inhibition say nothing of irradiation alone and
are left out.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from model.learning.cohort.window import (
    Followed,
    Window,
    WindowOptions,
    find_window,
)
from model.learning.estimate import NotAssessable
from node.learning.cohort.measures import Measure, has_values, measure_of
from node.learning.cohort.mixing import Mixing, mixed_in
from node.learning.cohort.options import CohortOptions
from node.learning.cohort.rows import GROUP, CohortRows
from node.learning.tables.joined import JoinedTable

CAVEAT = "hypothesis-generating, group level, not for this animal"
_INFILTRATION = "t cells cd8"
"""CIBERSORTx' name of CD8+ T cells in its matrix LM22."""
_EXHAUSTION = ("terminal", "score")


@dataclass(frozen=True)
class GroupWindow:
    """The window of one group.

    Attributes
    ----------
    group : str
    window : Window or NotAssessable
    mixed : tuple of Mixing
    after_ici, without_irradiation : int
        Rows that were left out.
    """

    group: str
    window: Window | NotAssessable
    mixed: tuple[Mixing, ...] = ()
    after_ici: int = 0
    without_irradiation: int = 0


@dataclass(frozen=True)
class CohortWindow:
    """What the cohort says of the time from irradiation to ICI.

    Attributes
    ----------
    infiltration, exhaustion : Measure or None
    groups : tuple of GroupWindow
    why_none : str
        Why no group was looked at; empty where one was.
    """

    infiltration: Measure | None
    exhaustion: Measure | None
    groups: tuple[GroupWindow, ...] = ()
    why_none: str = ""


def cohort_window(
    table: JoinedTable, rows: CohortRows, options: CohortOptions
) -> CohortWindow:
    """Return the window of each group that holds irradiated animals.

    Raises
    ------
    CohortError
        When a measure that was named is none.
    """
    infiltration = _infiltration(table, options.infiltration)
    exhaustion = _exhaustion(table, options.exhaustion)
    if infiltration is None:
        why = "no table holds 'T cells CD8'; name a measure with --infiltration"
        return CohortWindow(infiltration, exhaustion, (), why)
    if exhaustion is None:
        why = "no table holds 'terminal' or a score; name a measure with --exhaustion"
        return CohortWindow(infiltration, exhaustion, (), why)
    irradiated = [
        group
        for group in rows.groups
        if rows.grouped.loc[rows.grouped[GROUP] == group, "irradiation_day"]
        .notna()
        .any()
    ]
    if not irradiated:
        why = "the design names no irradiation day"
        return CohortWindow(infiltration, exhaustion, (), why)
    found = tuple(
        _group_window(table, rows, group, (infiltration, exhaustion), options)
        for group in irradiated
    )
    return CohortWindow(infiltration, exhaustion, found)


def _infiltration(table: JoinedTable, wanted: str | None) -> Measure | None:
    if wanted is not None:
        return measure_of(table, wanted)
    for name in table.fractions:
        plain = name.lower().replace("_", " ").replace(".", " ").strip()
        if plain == _INFILTRATION and has_values(table.frame, name):
            return measure_of(table, name)
    return None


def _exhaustion(table: JoinedTable, wanted: str | None) -> Measure | None:
    if wanted is not None:
        return measure_of(table, wanted)
    for name in _EXHAUSTION:
        if has_values(table.frame, name):
            return measure_of(table, name)
    return None


def _group_window(
    table: JoinedTable,
    rows: CohortRows,
    group: str,
    measures: tuple[Measure, Measure],
    options: CohortOptions,
) -> GroupWindow:
    # A baseline that was never irradiated has no day from irradiation in the courses.
    own = rows.grouped[rows.grouped[GROUP] == group]
    since = own["day"] - _irradiation(own)
    undated = since.isna()
    late = ~undated & (own["day"] > own["ici_day"])
    kept = own[~undated & ~late]
    mixed = tuple(
        each for measure in measures for each in mixed_in(kept, measure, table.profiles)
    )
    left_out = {
        "after_ici": int(late.sum()),
        "without_irradiation": int(undated.sum()),
    }
    if mixed and not options.allow_mixed:
        texts = "; ".join(each.text for each in mixed)
        why = NotAssessable(f"refused, since the group mixes {texts}")
        return GroupWindow(group, why, mixed, **left_out)
    window = find_window(
        _followed(kept, since[kept.index], measures),
        WindowOptions(margin=options.margin, seed=options.seed),
    )
    return GroupWindow(group, window, mixed, **left_out)


def _irradiation(own: pd.DataFrame) -> "pd.Series[float]":
    """Return each row's day of irradiation, that of the group for its baseline."""
    days = own["irradiation_day"].astype(float)
    known = days.dropna().unique()
    if len(known) > 1:
        return days
    before = days.isna() & (own["day"] <= known[0])
    return days.mask(before, known[0])


def _followed(
    kept: pd.DataFrame, since: "pd.Series[float]", measures: tuple[Measure, Measure]
) -> Followed:
    keys = [kept["animal"], since.rename("since")]
    infiltration, exhaustion = (measure.name for measure in measures)
    columns = list(dict.fromkeys([infiltration, exhaustion]))
    means = kept.groupby(keys, sort=True)[columns].mean().reset_index()
    _, animals = np.unique(means["animal"].to_numpy(str), return_inverse=True)
    return Followed(
        days=means["since"].to_numpy(np.float64),
        animals=animals.astype(np.intp),
        infiltration=means[infiltration].to_numpy(np.float64),
        exhaustion=means[exhaustion].to_numpy(np.float64),
    )
