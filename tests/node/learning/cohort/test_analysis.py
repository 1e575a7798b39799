"""A cohort analysed: the data decide on the analysis, and nothing is mixed silently."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from model.learning.cohort.mixed_model import MixedModel
from model.learning.cohort.one_way import FTest
from model.learning.cohort.window import Window
from model.learning.estimate import NotAssessable
from node.learning.cohort.analysis import CohortAnalysis, MeasureCourse, analyse_cohort
from node.learning.cohort.options import (
    CohortError,
    CohortOptions,
    DayZero,
    GroupBy,
)
from node.learning.cohort.summary import (
    cohort_summary,
    mixing_notices,
    pooling_notices,
    situation_lines,
    unstated_notices,
    window_sentence,
)
from node.learning.cohort.tables import cohort_tables
from node.learning.cohort.tests import Comparison, Question, Situation
from tests.support.cohort import CD8, joined, radiotherapy


def analysed(rows: list[dict[str, Any]], **options: Any) -> CohortAnalysis:
    table = joined(rows, fractions=(CD8,))
    return analyse_cohort(table, CohortOptions(**options))


def course_of(analysis: CohortAnalysis, name: str) -> MeasureCourse:
    return next(each for each in analysis.courses if each.measure.name == name)


def over_days(analysis: CohortAnalysis, name: str, group: str = "RT") -> Comparison:
    return next(
        each
        for each in course_of(analysis, name).comparisons
        if each.question is Question.OVER_DAYS and each.of == group
    )


def test_animals_that_were_seen_once_are_compared_by_analysis_of_variance() -> None:
    analysis = analysed(radiotherapy())

    comparison = over_days(analysis, "terminal")

    assert comparison.situation is Situation.TERMINAL
    assert comparison.one_way is not None
    assert isinstance(comparison.one_way.test, FTest)
    assert len(comparison.pairs) == 10
    symbols = {(p.first, p.second): p.symbol for p in comparison.pairs}
    assert symbols["D0", "D3"] == ""
    assert symbols["D0", "D7"] == "***"


def test_animals_that_come_back_are_never_compared_as_if_they_were_others() -> None:
    analysis = analysed(radiotherapy(repeated=True))

    for comparison in course_of(analysis, "score").comparisons:
        assert comparison.situation is Situation.REPEATED
        assert comparison.one_way is None
        assert comparison.repeated is not None
        assert isinstance(comparison.repeated.model, MixedModel)
        assert comparison.repeated.model.animals == 6
        assert len(comparison.pairs) == 10


def test_one_animal_that_comes_back_is_enough_for_the_mixed_model() -> None:
    rows = radiotherapy()
    rows[6]["animal"] = rows[0]["animal"]

    comparison = over_days(analysed(rows), "terminal")

    assert comparison.situation is Situation.REPEATED
    assert comparison.one_way is None
    assert comparison.repeated is not None
    assert isinstance(comparison.repeated.model, NotAssessable)
    assert "1 of them have more than one value" in comparison.repeated.model.why


def test_groups_are_compared_on_each_day() -> None:
    control = radiotherapy(2, group="control", irradiation_day=np.nan)
    for row in control:
        row["animal"] = "c" + row["animal"]
        row["terminal"] = 35.0 + (row["terminal"] % 7)

    analysis = analysed(radiotherapy() + control)

    on_days = [
        each
        for each in course_of(analysis, "terminal").comparisons
        if each.question is Question.ON_A_DAY
    ]
    assert [each.of for each in on_days] == ["D0", "D3", "D7", "D14", "D21"]
    assert [len(each.pairs) for each in on_days] == [1] * 5
    assert on_days[2].pairs[0].symbol == "***"


def test_repeated_scans_of_two_groups_stand_in_one_mixed_model() -> None:
    other = radiotherapy(2, repeated=True, group="RT + ICI")
    for row in other:
        row["animal"] = "c" + row["animal"]

    analysis = analysed(radiotherapy(repeated=True) + other)

    fitted = over_days(analysis, "score").repeated
    assert fitted is not None
    assert fitted is over_days(analysis, "score", "RT + ICI").repeated
    assert set(fitted.terms) == {"group", "day", "group : day"}
    assert isinstance(fitted.model, MixedModel)
    assert fitted.model.animals == 12
    assert "RT + ICI : D7" in fitted.effects
    # On one day each animal stands once, so that day's groups are terminal.
    days = [
        each
        for each in course_of(analysis, "score").comparisons
        if each.question is Question.ON_A_DAY
    ]
    assert {each.situation for each in days} == {Situation.TERMINAL}


def test_a_cell_that_nobody_scanned_is_named_and_costs_no_fit() -> None:
    other = radiotherapy(2, repeated=True, group="RT + ICI")
    for row in other:
        row["animal"] = "c" + row["animal"]
    kept = [row for row in other if row["day"] != 14.0]

    fitted = over_days(analysed(radiotherapy(repeated=True) + kept), "score").repeated

    assert fitted is not None
    assert fitted.left_out == ("RT + ICI : D14 (no such scans)",)
    assert isinstance(fitted.terms["day"], NotAssessable)
    assert isinstance(fitted.terms["group : day"], FTest)
    assert fitted.terms["group : day"].between == 3


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("route", "IV"),
        ("tracer", "FLT"),
        ("scanner", "other scanner"),
        ("reconstruction", "FBP"),
        ("voxel_mm", 0.4),
        ("score_model", "zhang2023-64"),
    ],
)
def test_scans_of_several_kinds_are_not_compared_unasked(
    column: str, other: object
) -> None:
    rows = radiotherapy(tracer="FDG", reconstruction="MAP")
    for row in rows[:3]:
        row[column] = other

    analysis = analysed(rows)

    comparison = over_days(analysis, "score")
    assert comparison.is_refused
    assert not comparison.pairs
    assert course_of(analysis, "score").points["RT"], "the course is drawn all the same"
    (notice, refusal) = mixing_notices(analysis)
    assert "(3)" in notice
    assert "(27)" in notice
    assert "score" in notice
    assert "refused" in refusal
    # What the scanner does not enter is compared as ever.
    assert over_days(analysis, "terminal").pairs


def test_mixed_scans_are_pooled_when_that_is_allowed_and_it_is_said() -> None:
    rows = radiotherapy()
    rows[0]["route"] = "IV"

    analysis = analysed(rows, allow_mixed=True)

    assert not analysis.refused
    assert over_days(analysis, "score").pairs
    assert "pooled" in mixing_notices(analysis)[-1]
    assert "route: IP (29), IV (1)" in mixing_notices(analysis)[0]


def test_groups_of_different_scanners_are_tested_within_but_not_between() -> None:
    other = radiotherapy(2, group="RT + ICI", scanner="other scanner")
    for row in other:
        row["animal"] = "c" + row["animal"]

    analysis = analysed(radiotherapy() + other)

    refused = {(each.measure, each.question) for each in analysis.refused}
    assert refused == {
        ("score", Question.ON_A_DAY),
        ("suv_mean", Question.ON_A_DAY),
    }
    assert over_days(analysis, "score").pairs


def test_voxels_that_differ_by_rounding_are_of_one_kind() -> None:
    rows = radiotherapy()
    for row in rows[:3]:
        row["voxel_mm"] = 0.77638

    assert not analysed(rows).refused


def test_a_route_that_is_not_stated_is_no_reason_to_refuse() -> None:
    rows = radiotherapy()
    rows[0]["route"] = ""

    assert not analysed(rows).refused


def test_it_is_said_what_scans_do_not_state() -> None:
    rows = radiotherapy(route="intravenous")
    for row in rows[:4]:
        row["route"] = ""

    (said,) = unstated_notices(analysed(rows))

    assert "route (4 of 30 scans)" in said
    assert "tracer (all of 30 scans)" in said


def test_measures_that_are_analysed_alike_are_told_in_one_line() -> None:
    lines = situation_lines(analysed(radiotherapy()))

    assert len(lines) == 1
    assert "30 animals, 30 values" in lines[0]


def test_the_window_of_the_papers_course_is_found_and_worded_with_care() -> None:
    analysis = analysed(radiotherapy())

    (group,) = analysis.window.groups
    assert isinstance(group.window, Window)
    assert [(s.first, s.last, s.until) for s in group.window.spans] == [(3, 3, 7)]
    sentence = window_sentence(analysis.window, group)
    assert "on D3 after irradiation" in sentence
    # What was shown is what the rule asks: not that exhaustion stands still.
    assert "is shown to be less than half-way to its peak" in sentence
    assert "probability D3 > 99%" in sentence
    assert "opens between D0 and D3, and is over by D7" in sentence
    assert "hypothesis-generating, group level, not for this animal" in sentence


def test_the_window_counts_from_irradiation_whatever_the_days_count_from() -> None:
    rows = [
        {**row, "day": row["day"] + 10, "irradiation_day": 10.0}
        for row in radiotherapy()
    ]

    (group,) = analysed(rows).window.groups
    assert isinstance(group.window, Window)
    assert [span.first for span in group.window.spans] == [3.0]
    later = analysed(rows, day_zero=DayZero.IRRADIATION)
    assert course_of(later, "score").points["RT"][0].day == 0.0


def test_animals_killed_before_irradiation_are_the_baseline_of_their_group() -> None:
    rows = radiotherapy()
    for row in rows:
        if row["day"] == 0:
            row["irradiation_day"] = np.nan

    (group,) = analysed(rows).window.groups

    assert isinstance(group.window, Window)
    assert group.window.baseline_counts == (6, 6)
    assert group.without_irradiation == 0
    # In courses they have no day from irradiation; the window keeps them.
    (counted,) = analysed(rows, day_zero=DayZero.IRRADIATION).window.groups
    assert isinstance(counted.window, Window)
    assert counted.window.baseline_counts == (6, 6)


def test_scans_after_ici_say_nothing_of_the_window() -> None:
    rows = radiotherapy(ici_day=5.0)

    (group,) = analysed(rows).window.groups

    assert group.after_ici == 18
    assert isinstance(group.window, Window)
    assert [day.day for day in group.window.days] == [3.0]
    # Without the later days there is no peak to be half-way to.
    assert not group.window.spans


def test_without_irradiation_no_window_is_looked_for() -> None:
    analysis = analysed(radiotherapy(irradiation_day=np.nan))

    assert not analysis.window.groups
    assert "irradiation day" in analysis.window.why_none


def test_arrows_stand_only_where_a_change_is_beyond_repeatability() -> None:
    rows = radiotherapy(repeated=True)

    without = course_of(analysed(rows), "score")
    known = course_of(analysed(rows, coefficients={"score": 1.0}), "score")

    marks = [c.is_beyond for t in without.trajectories for c in t.changes]
    assert set(marks) == {None}
    assert "no repeatability coefficient" in without.coefficient_source
    for trajectory in known.trajectories:
        for change in trajectory.changes:
            assert change.is_beyond == (abs(change.size) > 1.0)
    beyond = {c.is_beyond for t in known.trajectories for c in t.changes}
    assert beyond == {True, False}


def test_regions_of_one_animal_count_as_one_animal() -> None:
    rows = radiotherapy()
    twin = {**rows[0], "roi": "second", "score": rows[0]["score"] + 2.0}

    analysis = analysed([*rows, twin])

    point = course_of(analysis, "score").points["RT"][0]
    assert point.count == 6
    expected = np.mean([row["score"] for row in rows[:6]]) + 1.0 / 6
    assert point.mean == pytest.approx(expected)
    (finding,) = analysis.rows.findings
    assert "2 regions count as one animal" in finding.fact


def test_rows_without_a_group_are_left_out_and_told() -> None:
    rows = radiotherapy()
    rows[0]["group"] = ""

    analysis = analysed(rows)

    assert course_of(analysis, "score").points["RT"][0].count == 5
    assert "names no group" in analysis.findings[0].fact


def test_without_any_group_all_animals_are_one() -> None:
    analysis = analysed(radiotherapy(group=""))

    assert analysis.rows.groups == ("all animals",)


def test_groups_that_pool_tumour_models_are_told_and_can_be_parted() -> None:
    rows = radiotherapy()
    for row in rows[::2]:
        row["tumour_model"] = "B16"

    pooled = analysed(rows)
    parted = analysed(rows, group_by=(GroupBy.GROUP, GroupBy.TUMOUR_MODEL))

    assert "RT pools the tumour models B16, LLC" in pooling_notices(pooled)[0]
    assert parted.rows.groups == ("RT, B16", "RT, LLC")
    assert not pooling_notices(parted)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("T cels CD8", "did you mean T cells CD8"),
        ("voxel_mm", "no measure with values"),
        ("mfi", "no measure with values"),
        ("group", "no measure with values"),
    ],
)
def test_a_measure_that_is_none_is_refused_by_name(name: str, said: str) -> None:
    with pytest.raises(CohortError, match=said):
        analysed(radiotherapy(), measures=(name,))


def test_days_from_irradiation_need_one() -> None:
    with pytest.raises(CohortError, match="--day-zero"):
        analysed(radiotherapy(irradiation_day=np.nan), day_zero=DayZero.IRRADIATION)


def test_every_table_has_its_columns_even_without_rows() -> None:
    tables = cohort_tables(analysed(radiotherapy()[:1], measures=("score",)))

    assert len(tables["courses"]) == 1
    assert tables["pairs"].empty
    assert "p_corrected" in tables["pairs"].columns


def test_the_tables_say_what_the_analysis_says() -> None:
    analysis = analysed(radiotherapy(repeated=True), coefficients={"score": 1.0})

    tables = cohort_tables(analysis)

    pairs = tables["pairs"].query("measure == 'score'")
    assert list(pairs["symbol"]) == [
        p.symbol for p in over_days(analysis, "score").pairs
    ]
    assert set(tables["mixed_model"]["measure"]) >= {"score", "terminal"}
    tests = tables["tests"].query("measure == 'score'")
    assert list(tests["analysis"]) == ["mixed model"]
    assert list(tests["term"]) == ["day"]
    moved = tables["trajectories"].query("measure == 'score'")
    assert moved["beyond_repeatability"].sum() > 0
    assert len(tables["values"].query("measure == 'score'")) == 30
    assert list(tables["window"]["in_window"])[:2] == [True, False]


def test_the_summary_of_a_refusal_says_what_and_why() -> None:
    rows = radiotherapy()
    rows[0]["route"] = "IV"

    summary = cohort_summary(analysed(rows, measures=("score",)))

    (refused,) = summary["refused"]
    assert refused["measure"] == "score"
    assert "route: IP (29), IV (1)" in refused["why"]


def test_features_of_several_preparations_are_not_pooled() -> None:
    rows = radiotherapy()
    for row in rows:
        row["glcm_Contrast"] = row["score"]
    table = joined(rows, features=("glcm_Contrast",), fractions=(CD8,))
    options = CohortOptions(measures=("glcm_Contrast",))

    one = analyse_cohort(table, options)
    two = analyse_cohort(replace(table, profiles={"a": "1", "b": "2"}), options)

    assert not one.refused
    assert two.refused
