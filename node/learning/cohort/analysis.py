"""``cohort``: the analysis whole, from the joined table to values that are shown.

analysis = analyse_cohort(table, options)
document = cohort_document(analysis, ...)       (cohort_document)
tables, summary = ...                           (cohort_tables, cohort_summary)
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from model.learning.cohort.course import CoursePoint, course
from model.learning.cohort.trajectory import Change, changes
from node.learning.cohort.measures import Measure, measures_of
from node.learning.cohort.mixing import Mixing, mixed_in
from node.learning.cohort.options import CohortOptions
from node.learning.cohort.rows import CohortRows, cohort_rows
from node.learning.cohort.tests import Comparison, Situation, comparisons_of
from node.learning.cohort.window import CohortWindow, cohort_window
from node.learning.tables.joined import Finding, JoinedTable

NO_COEFFICIENT = (
    "no repeatability coefficient was given, so that no change of an animal can be "
    "told from the scatter of repetition; see --repeatability and "
    "--repeatability-coefficient"
)


@dataclass(frozen=True)
class Trajectory:
    """What one animal did.

    Attributes
    ----------
    group, animal : str
    changes : tuple of Change
    """

    group: str
    animal: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, eq=False)
class MeasureCourse:
    """All that is said of one measure.

    Attributes
    ----------
    measure : Measure
    by_animal : pandas.DataFrame
        One row an animal and day: group, day, animal, value.
    points : mapping of str to tuple of CoursePoint
        By group.
    comparisons : tuple of Comparison
    mixed : tuple of Mixing
        Over all groups.
    trajectories : tuple of Trajectory
        Of animals with two days or more.
    coefficient : float or None
        Repeatability coefficient.
    coefficient_source : str
        Where it is from, or why there is none.
    """

    measure: Measure
    by_animal: pd.DataFrame
    points: Mapping[str, tuple[CoursePoint, ...]]
    comparisons: tuple[Comparison, ...]
    mixed: tuple[Mixing, ...]
    trajectories: tuple[Trajectory, ...]
    coefficient: float | None
    coefficient_source: str

    @property
    def situation(self) -> Situation:
        """Return whether any animal of the measure comes back."""
        repeats = self.by_animal.duplicated(["group", "animal"]).any()
        return Situation.REPEATED if repeats else Situation.TERMINAL


@dataclass(frozen=True, eq=False)
class CohortAnalysis:
    """What the tables say of a cohort.

    Attributes
    ----------
    table : JoinedTable
    options : CohortOptions
    rows : CohortRows
    courses : tuple of MeasureCourse
    window : CohortWindow
    """

    table: JoinedTable
    options: CohortOptions
    rows: CohortRows
    courses: tuple[MeasureCourse, ...]
    window: CohortWindow

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return the findings of the join and of the cohort."""
        return (*self.table.findings, *self.rows.findings)

    @property
    def refused(self) -> tuple[Comparison, ...]:
        """Return the comparisons that were refused."""
        return tuple(
            each
            for followed in self.courses
            for each in followed.comparisons
            if each.is_refused
        )

    @property
    def window_is_refused(self) -> bool:
        """Return whether a group's window was refused."""
        allowed = self.options.allow_mixed
        return any(each.mixed and not allowed for each in self.window.groups)


def analyse_cohort(
    table: JoinedTable,
    options: CohortOptions,
    tick: Callable[[], None] | None = None,
) -> CohortAnalysis:
    """Return courses, comparisons, the window and trajectories.

    Parameters
    ----------
    table : JoinedTable
    options : CohortOptions
    tick : callable, optional
        Called after each measure.

    Raises
    ------
    CohortError
        When a measure is none, or no row has a group and a day.
    """
    measures = measures_of(table, options.measures)
    rows = cohort_rows(table, options)
    courses = []
    for measure in measures:
        courses.append(_followed(table, rows, measure, options))
        if tick is not None:
            tick()
    window = cohort_window(table, rows, options)
    return CohortAnalysis(table, options, rows, tuple(courses), window)


def _followed(
    table: JoinedTable, rows: CohortRows, measure: Measure, options: CohortOptions
) -> MeasureCourse:
    values = rows.values(measure.name)
    coefficient = options.coefficients.get(measure.name)
    unnamed = NO_COEFFICIENT if coefficient is None else "given"
    return MeasureCourse(
        measure=measure,
        by_animal=values,
        points={
            group: _points(values[values["group"] == group]) for group in rows.groups
        },
        comparisons=comparisons_of(table, rows, measure, options),
        mixed=mixed_in(rows.frame, measure, table.profiles),
        trajectories=_trajectories(values, coefficient),
        coefficient=coefficient,
        coefficient_source=options.coefficient_sources.get(measure.name, unnamed),
    )


def _points(values: pd.DataFrame) -> tuple[CoursePoint, ...]:
    return course(
        values["value"].to_numpy(np.float64), values["day"].to_numpy(np.float64)
    )


def _counted(group: str, animal: str) -> tuple[str, list[str | tuple[int, str]]]:
    """Return a key by which m2 comes before m10."""
    parts = re.split(r"([0-9]+)", animal)
    # Digits stand at the odd places of all names.
    return group, [
        (int(part), part) if place % 2 else part.casefold()
        for place, part in enumerate(parts)
    ]


def _trajectories(
    values: pd.DataFrame, coefficient: float | None
) -> tuple[Trajectory, ...]:
    found = []
    back = values[values.duplicated(["group", "animal"], keep=False)]
    scans = {
        (str(group), str(animal)): own
        for (group, animal), own in back.groupby(["group", "animal"])
    }
    for group, animal in sorted(scans, key=lambda key: _counted(*key)):
        own = scans[group, animal]
        moved = changes(
            own["value"].to_numpy(np.float64),
            own["day"].to_numpy(np.float64),
            coefficient,
        )
        found.append(Trajectory(group, animal, moved))
    return tuple(found)
