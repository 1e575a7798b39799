"""The figures of a cohort's report: which numbers go into which chart."""

from collections.abc import Sequence
from math import nan

from model.learning.cohort.day_means import Difference
from model.learning.cohort.repeated import day_name
from model.learning.cohort.window import Window
from model.learning.estimate import NotAssessable
from model.page.charts.cohort import (
    CoursePanel,
    GroupSeries,
    IntervalPanel,
    draw_courses,
    draw_window,
)
from model.page.charts.cohort_animals import AnimalLine, draw_animals, draw_each_animal
from model.page.document import Figure
from node.learning.cohort.analysis import CohortAnalysis, MeasureCourse, Trajectory
from node.learning.cohort.options import DayZero
from node.learning.cohort.tests import Question

PANELS_PER_FIGURE = 6
"""Measures that stand side by side on one page."""


def day_title(analysis: CohortAnalysis) -> str:
    """Return what the days are counted from, for an axis."""
    if analysis.options.day_zero is DayZero.IRRADIATION:
        return "Days after irradiation"
    return "Day of the study"


def course_figures(analysis: CohortAnalysis) -> list[Figure]:
    """Return the courses of all measures, some to a figure."""
    panels = [_panel(each, analysis.rows.groups) for each in analysis.courses]
    parts = [
        panels[start : start + PANELS_PER_FIGURE]
        for start in range(0, len(panels), PANELS_PER_FIGURE)
    ]
    return [
        Figure(
            draw_courses(part, day_title(analysis)),
            "Mean with SEM (thick bar) and SD (thin bar), and each animal "
            f"({_animals_text(part)}). Symbols: "
            "against the group's first day, corrected for all pairs of its days; "
            "# P < 0.1, * P < 0.05, ** P < 0.01, *** P < 0.001.",
            "Courses of " + ", ".join(panel.title for panel in part),
        )
        for part in parts
    ]


def _animals_text(panels: Sequence[CoursePanel]) -> str:
    """Return how many animals stand behind a mean of a figure."""
    counts = [
        sum(day == at for at, _ in series.points)
        for panel in panels
        for series in panel.series
        for day in series.days
    ]
    low, high = min(counts, default=0), max(counts, default=0)
    return f"n = {low}" if low == high else f"n = {low} to {high}"


def trajectory_figures(
    analysis: CohortAnalysis, followed: MeasureCourse
) -> list[Figure]:
    """Return all animals of a measure in one panel, then each in its own."""
    if not followed.trajectories:
        return []
    groups = analysis.rows.groups
    lines = [_line(each, groups) for each in followed.trajectories]
    titles = (day_title(analysis), followed.measure.title)
    arrows = _arrow_text(followed)
    return [
        Figure(
            draw_animals(lines, groups, titles),
            f"{followed.measure.title}: every animal that was seen more than once. "
            f"{arrows}",
            f"Lines of {len(lines)} animals over days",
        ),
        *(
            Figure(
                picture,
                f"{followed.measure.title}, animal by animal. {arrows}",
                "A small panel for each animal",
            )
            for picture in draw_each_animal(lines, groups, titles)
        ),
    ]


def window_figure(window: Window, group: str, titles: tuple[str, str]) -> Figure:
    """Return the differences from baseline that decide on the window."""
    panels = [
        _intervals((titles[0], "in: above 0"), window, "infiltration"),
        _intervals((titles[1], ""), window, "exhaustion"),
        _intervals(("Over its margin", "in: below 0"), window, "over_margin"),
    ]
    spans = [(span.first, span.last) for span in window.spans]
    return Figure(
        draw_window(panels, spans),
        f"{group}: differences from baseline with limits that hold for all days "
        f"together (95 %); shaded: days in the window.",
        f"Differences from baseline by day, window on {len(spans)} spans",
    )


def _panel(followed: MeasureCourse, groups: tuple[str, ...]) -> CoursePanel:
    return CoursePanel(
        followed.measure.title, [_series(followed, group) for group in groups]
    )


def _series(followed: MeasureCourse, group: str) -> GroupSeries:
    points = followed.points[group]
    own = followed.by_animal[followed.by_animal["group"] == group]
    marks = marks_of(followed, group)
    return GroupSeries(
        group,
        [point.day for point in points],
        [point.mean for point in points],
        [point.sd for point in points],
        [point.sem for point in points],
        [marks.get(point.day, "") for point in points],
        [
            (float(day), float(value))
            for day, value in zip(own["day"], own["value"], strict=True)
        ],
    )


def marks_of(followed: MeasureCourse, group: str) -> dict[float, str]:
    """Return symbols by day, of the pairs with the group's first day.

    Parameters
    ----------
    followed : MeasureCourse
    group : str
    """
    names = {day_name(point.day): point.day for point in followed.points[group]}
    first = next(iter(names), "")
    return {
        names[pair.second]: pair.symbol
        for comparison in followed.comparisons
        if comparison.question is Question.OVER_DAYS and comparison.of == group
        for pair in comparison.pairs
        if pair.first == first
    }


def _line(trajectory: Trajectory, groups: tuple[str, ...]) -> AnimalLine:
    moved = trajectory.changes
    return AnimalLine(
        trajectory.animal,
        groups.index(trajectory.group),
        [moved[0].from_day, *(each.to_day for each in moved)],
        [moved[0].from_value, *(each.to_value for each in moved)],
        [place for place, each in enumerate(moved) if each.is_beyond],
    )


def _arrow_text(followed: MeasureCourse) -> str:
    if followed.coefficient is None:
        return f"No arrows: {followed.coefficient_source}."
    return (
        f"Arrows: changes beyond the repeatability coefficient of "
        f"{followed.coefficient:.3g} ({followed.coefficient_source}); of the "
        f"changes of an animal that stays as it is about 1 in 20 would be, too."
    )


def _intervals(titles: tuple[str, str], window: Window, part: str) -> IntervalPanel:
    differences = [_drawn(getattr(day, part)) for day in window.days]
    return IntervalPanel(
        *titles,
        [day.day for day in window.days],
        [each.value for each in differences],
        [each.low for each in differences],
        [each.high for each in differences],
    )


def _drawn(difference: Difference | NotAssessable) -> Difference:
    if isinstance(difference, NotAssessable):
        return Difference(nan, nan, nan)
    return difference
