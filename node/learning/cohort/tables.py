"""A cohort as tables: what stands in the CSV files beside the report."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from model.learning.cohort.day_means import Difference
from model.learning.cohort.mixed_model import MixedModel
from model.learning.cohort.one_way import FTest
from model.learning.cohort.window import Window, WindowDay
from model.learning.estimate import NotAssessable
from node.learning.cohort.analysis import CohortAnalysis, MeasureCourse
from node.learning.cohort.tests import Comparison
from node.learning.report.writing import findings_table

Row = dict[str, Any]

_COLUMNS = {
    "courses": "measure group day n mean sd sem",
    "values": "measure group animal day value",
    "tests": "measure question of animals_are analysis term statistic df_between "
    "df_within p equal_variance_p mixed remarks",
    "pairs": "measure question of first second n_first n_second difference "
    "standard_error df p p_corrected low high symbol remarks",
    "mixed_model": "measure effect estimate standard_error df p low high animals "
    "scans between_variance within_variance intraclass_correlation at_boundary",
    "window": "group infiltration exhaustion day n_infiltration n_exhaustion "
    "infiltration_difference infiltration_low infiltration_high exhaustion_difference "
    "exhaustion_low exhaustion_high over_margin over_margin_low over_margin_high "
    "in_window probability remarks",
    "trajectories": "measure group animal from_day to_day from_value to_value change "
    "repeatability_coefficient beyond_repeatability",
}


def cohort_tables(analysis: CohortAnalysis) -> dict[str, pd.DataFrame]:
    """Return the tables by name; each has its columns even without rows.

    Parameters
    ----------
    analysis : CohortAnalysis
    """
    rows = {
        "courses": [row for each in analysis.courses for row in _courses(each)],
        "values": [row for each in analysis.courses for row in _values(each)],
        "tests": [row for each in analysis.courses for row in _tests(each)],
        "pairs": [row for each in analysis.courses for row in _pairs(each)],
        "mixed_model": [row for each in analysis.courses for row in _effects(each)],
        "window": list(_window(analysis)),
        "trajectories": [row for each in analysis.courses for row in _changes(each)],
    }
    tables = {
        name: pd.DataFrame(rows[name], columns=columns.split())
        for name, columns in _COLUMNS.items()
    }
    return {**tables, "findings": findings_table(analysis.findings)}


def why_untested(comparison: Comparison) -> str:
    """Return why a comparison has no test at all; empty when it has one."""
    if comparison.is_refused:
        mixed = "; ".join(each.text for each in comparison.mixed)
        return f"refused, since its scans differ in {mixed}"
    if comparison.one_way is None and comparison.repeated is None:
        return "not tested, since an animal stands in several groups"
    return ""


def _courses(followed: MeasureCourse) -> Iterator[Row]:
    for group, points in followed.points.items():
        for point in points:
            yield {
                "measure": followed.measure.name,
                "group": group,
                "day": point.day,
                "n": point.count,
                "mean": point.mean,
                "sd": point.sd,
                "sem": point.sem,
            }


def _values(followed: MeasureCourse) -> Iterator[Row]:
    columns = [str(name) for name in followed.by_animal.columns]
    for row in followed.by_animal.itertuples(index=False, name=None):
        yield {"measure": followed.measure.name, **dict(zip(columns, row, strict=True))}


def _tests(followed: MeasureCourse) -> Iterator[Row]:
    for comparison in followed.comparisons:
        if comparison.repeated is None:
            yield _one_way_row(comparison)
    fitted = next((each for each in followed.comparisons if each.repeated), None)
    if fitted is not None and fitted.repeated is not None:
        remarks = " ".join(fitted.repeated.remarks)
        model = fitted.repeated.model
        if isinstance(model, NotAssessable):
            yield _test_row(fitted, "mixed model", model, remarks)
        for term, test in fitted.repeated.terms.items():
            row = _test_row(fitted, "mixed model", test, remarks)
            yield {**row, "of": "all groups whose animals come back", "term": term}


def _one_way_row(comparison: Comparison) -> Row:
    tested = comparison.one_way
    if tested is None:
        return _test_row(comparison, "none", NotAssessable(why_untested(comparison)))
    row = _test_row(comparison, "one-way ANOVA", tested.test, " ".join(tested.remarks))
    return {**row, "equal_variance_p": tested.equal_variance_p}


def _test_row(
    comparison: Comparison,
    analysis: str,
    test: FTest | NotAssessable,
    remarks: str = "",
) -> Row:
    row = {
        "measure": comparison.measure,
        "question": comparison.question.value,
        "of": comparison.of,
        "animals_are": comparison.situation.value,
        "analysis": analysis,
        "mixed": "; ".join(each.text for each in comparison.mixed),
        "remarks": remarks,
    }
    if isinstance(test, NotAssessable):
        return {**row, "remarks": f"{test.why} {remarks}".strip()}
    return {
        **row,
        "statistic": test.statistic,
        "df_between": test.between,
        "df_within": test.within,
        "p": test.p,
    }


def _pairs(followed: MeasureCourse) -> Iterator[Row]:
    for comparison in followed.comparisons:
        start = {
            "measure": comparison.measure,
            "question": comparison.question.value,
            "of": comparison.of,
        }
        for pair in comparison.pairs:
            yield {
                **start,
                "first": pair.first,
                "second": pair.second,
                "n_first": pair.counts[0],
                "n_second": pair.counts[1],
                "difference": pair.difference,
                "standard_error": pair.standard_error,
                "df": pair.degrees_of_freedom,
                "p": pair.p,
                "p_corrected": pair.p_corrected,
                "low": pair.low,
                "high": pair.high,
                "symbol": pair.symbol,
            }
        for gap in comparison.not_compared:
            yield {
                **start,
                "first": gap.first,
                "second": gap.second,
                "n_first": gap.counts[0],
                "n_second": gap.counts[1],
                "remarks": gap.why.why,
            }


def _effects(followed: MeasureCourse) -> Iterator[Row]:
    fitted = next((c.repeated for c in followed.comparisons if c.repeated), None)
    if fitted is None or not isinstance(fitted.model, MixedModel):
        return
    model = fitted.model
    for name, effect in fitted.effects.items():
        yield {
            "measure": followed.measure.name,
            "effect": name,
            "estimate": effect.difference,
            "standard_error": effect.standard_error,
            "df": effect.degrees_of_freedom,
            "p": effect.p,
            "low": effect.low,
            "high": effect.high,
            "animals": model.animals,
            "scans": model.observations,
            "between_variance": model.between_variance,
            "within_variance": model.within_variance,
            "intraclass_correlation": model.intraclass_correlation,
            "at_boundary": model.at_boundary,
        }


def _window(analysis: CohortAnalysis) -> Iterator[Row]:
    found = analysis.window
    names = {
        "infiltration": found.infiltration.name if found.infiltration else None,
        "exhaustion": found.exhaustion.name if found.exhaustion else None,
    }
    for each in found.groups:
        if isinstance(each.window, Window):
            for day in each.window.days:
                yield {"group": each.group, **names, **_window_day(day)}
        else:
            yield {"group": each.group, **names, "remarks": each.window.why}


def _window_day(day: WindowDay) -> Row:
    row = {
        "day": day.day,
        "n_infiltration": day.counts[0],
        "n_exhaustion": day.counts[1],
        "in_window": day.is_in,
        "probability": day.probability,
        **_limits("infiltration", day.infiltration),
        **_limits("exhaustion", day.exhaustion),
        **_limits("over_margin", day.over_margin),
    }
    parts = (day.infiltration, day.exhaustion, day.over_margin)
    whys = [part.why for part in parts if isinstance(part, NotAssessable)]
    return {**row, "remarks": "; ".join(dict.fromkeys(whys))}


def _limits(name: str, difference: Difference | NotAssessable) -> Row:
    if isinstance(difference, NotAssessable):
        return {}
    value = name if name == "over_margin" else f"{name}_difference"
    return {
        value: difference.value,
        f"{name}_low": difference.low,
        f"{name}_high": difference.high,
    }


def _changes(followed: MeasureCourse) -> Iterator[Row]:
    for trajectory in followed.trajectories:
        for change in trajectory.changes:
            yield {
                "measure": followed.measure.name,
                "group": trajectory.group,
                "animal": trajectory.animal,
                "from_day": change.from_day,
                "to_day": change.to_day,
                "from_value": change.from_value,
                "to_value": change.to_value,
                "change": change.size,
                "repeatability_coefficient": followed.coefficient,
                "beyond_repeatability": change.is_beyond,
            }
