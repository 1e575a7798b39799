"""Comparisons: which are made of a measure, and by which analysis.

A comparison answers one question, and its pairs are corrected for each other:

============ =========================================================================
over days    Does the measure move with time in this group? Pairs are its days.
on a day     Do groups differ on this day? Pairs are the groups.
============ =========================================================================

The data decide on the analysis: where every animal of a comparison stands in it once,
it is the analysis of variance of terminal groups; where any comes back, the mixed model
of all groups whose animals come back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from model.learning.cohort.one_way import OneWay, compare
from model.learning.cohort.pair import NoPair, Pair
from model.learning.cohort.repeated import (
    Repeated,
    Scans,
    analyse_repeated,
    day_name,
)
from model.learning.cohort.variance import Variance
from node.learning.cohort.measures import Measure
from node.learning.cohort.mixing import Mixing, mixed_in
from node.learning.cohort.options import CohortOptions
from node.learning.cohort.rows import DAY, GROUP, CohortRows
from node.learning.tables.joined import JoinedTable


class Question(StrEnum):
    """What a comparison answers."""

    OVER_DAYS = "over days"
    ON_A_DAY = "on a day"


class Situation(StrEnum):
    """What the data are."""

    TERMINAL = "terminal"
    """Every animal stands in the comparison once."""
    REPEATED = "repeated"
    """Some animal stands in it more than once."""


@dataclass(frozen=True)
class Comparison:
    """One question to one measure.

    Attributes
    ----------
    measure : str
    question : Question
    of : str
        The group whose days, or the day whose groups, are compared.
    situation : Situation
    mixed : tuple of Mixing
        What its rows should not, but do, differ in.
    is_refused : bool
        Whether it was not tested for that.
    one_way : OneWay or None
        Of terminal groups.
    repeated : Repeated or None
        Of animals that come back; the same for all groups of a measure.
    """

    measure: str
    question: Question
    of: str
    situation: Situation
    mixed: tuple[Mixing, ...] = ()
    is_refused: bool = False
    one_way: OneWay | None = None
    repeated: Repeated | None = None

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Return the pairs that were compared."""
        if self.one_way is not None:
            return self.one_way.pairs
        return () if self.repeated is None else self.repeated.pairs.get(self.of, ())

    @property
    def not_compared(self) -> tuple[NoPair, ...]:
        """Return the pairs that could not be compared."""
        if self.one_way is not None:
            return self.one_way.not_compared
        if self.repeated is None:
            return ()
        return self.repeated.not_compared.get(self.of, ())


def comparisons_of(
    table: JoinedTable, rows: CohortRows, measure: Measure, options: CohortOptions
) -> tuple[Comparison, ...]:
    """Return the comparisons of a measure, days of each group first.

    Parameters
    ----------
    table : JoinedTable
    rows : CohortRows
    measure : Measure
    options : CohortOptions
    """
    asked = _Asked(table, rows, measure, options)
    values = rows.values(measure.name)
    over_days = [asked.over_days(values, group) for group in rows.groups]
    on_days = [asked.on_a_day(values, day) for day in sorted(values["day"].unique())]
    plain = [each for each in (*over_days, *on_days) if each is not None]
    return tuple(asked.with_mixed_model(values, plain))


@dataclass(frozen=True, eq=False)
class _Asked:
    """What every comparison of a measure needs."""

    table: JoinedTable
    rows: CohortRows
    measure: Measure
    options: CohortOptions

    def over_days(self, values: pd.DataFrame, group: str) -> Comparison | None:
        own = values[values["group"] == group]
        days = sorted(own["day"].unique())
        if len(days) < 2:  # noqa: PLR2004 - a comparison is of two
            return None
        mixed = self._mixed(self.rows.frame[GROUP] == group)
        cells = {day_name(day): own[own["day"] == day] for day in days}
        return self._comparison(Question.OVER_DAYS, group, cells, mixed)

    def on_a_day(self, values: pd.DataFrame, day: float) -> Comparison | None:
        own = values[values["day"] == day]
        groups = [name for name in self.rows.groups if name in set(own["group"])]
        if len(groups) < 2:  # noqa: PLR2004 - a comparison is of two
            return None
        mixed = self._mixed(self.rows.frame[DAY] == day)
        cells = {name: own[own["group"] == name] for name in groups}
        return self._comparison(Question.ON_A_DAY, day_name(day), cells, mixed)

    def with_mixed_model(
        self, values: pd.DataFrame, plain: Sequence[Comparison]
    ) -> list[Comparison]:
        """Fit the mixed model once, and give it to the comparisons that need it."""
        waiting = [
            each
            for each in plain
            if each.situation is Situation.REPEATED
            and each.question is Question.OVER_DAYS
        ]
        if not waiting:
            return list(plain)
        groups = [each.of for each in waiting]
        # One model of several groups compares them, so what they differ in counts.
        mixed = self._mixed(self.rows.frame[GROUP].isin(groups))
        refused = bool(mixed) and not self.options.allow_mixed
        fitted = None if refused else analyse_repeated(_scans(values, groups))
        return [
            Comparison(
                each.measure,
                each.question,
                each.of,
                each.situation,
                mixed,
                is_refused=refused,
                repeated=fitted,
            )
            if each in waiting
            else each
            for each in plain
        ]

    def _mixed(self, chosen: "pd.Series[bool]") -> tuple[Mixing, ...]:
        return mixed_in(self.rows.frame[chosen], self.measure, self.table.profiles)

    def _comparison(
        self,
        question: Question,
        of: str,
        cells: dict[str, pd.DataFrame],
        mixed: tuple[Mixing, ...],
    ) -> Comparison:
        animals = pd.concat([cell["animal"] for cell in cells.values()])
        situation = (
            Situation.REPEATED if animals.duplicated().any() else (Situation.TERMINAL)
        )
        refused = bool(mixed) and not self.options.allow_mixed
        tested = None
        if situation is Situation.TERMINAL and not refused:
            tested = _one_way(cells, self.options.variance)
        return Comparison(
            self.measure.name,
            question,
            of,
            situation,
            mixed,
            is_refused=refused,
            one_way=tested,
        )


def _one_way(cells: dict[str, pd.DataFrame], variance: Variance) -> OneWay:
    return compare(
        {name: cell["value"].to_numpy(np.float64) for name, cell in cells.items()},
        variance,
    )


def _scans(values: pd.DataFrame, groups: Sequence[str]) -> Scans:
    own = values[values["group"].isin(groups)]
    return Scans(
        values=own["value"].to_numpy(np.float64),
        days=own["day"].to_numpy(np.float64),
        groups=own["group"].to_numpy(str),
        animals=own["animal"].to_numpy(str),
    )
