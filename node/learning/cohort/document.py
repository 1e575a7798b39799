"""A cohort's report: what it says, in the order in which a reader needs it."""

from collections.abc import Mapping, Sequence
from typing import Any

from model.learning.cohort.one_way import FTest
from model.learning.cohort.pair import Pair
from model.learning.cohort.repeated import Repeated, day_name
from model.learning.cohort.window import Window
from model.learning.estimate import NotAssessable
from model.page.document import (
    Block,
    Column,
    Document,
    Notice,
    Paragraph,
    Points,
    Section,
    Table,
    Weight,
)
from node.learning.cohort.analysis import CohortAnalysis, MeasureCourse
from node.learning.cohort.pictures import (
    course_figures,
    trajectory_figures,
    window_figure,
)
from node.learning.cohort.summary import (
    chance_text,
    mixing_notices,
    pooling_notices,
    situation_lines,
    unstated_notices,
    window_sentence,
)
from node.learning.cohort.tables import why_untested
from node.learning.cohort.tests import Comparison
from node.learning.cohort.window import CAVEAT, GroupWindow
from node.learning.report.reporting_items import items_for
from node.learning.report.writing import (
    data_section,
    findings_table,
    settings_section,
    software,
)

WINDOW_RULE = (
    "A day is in the window when the lower limit of infiltration's difference from "
    "baseline is above 0, and the upper limit of exhaustion is below its margin: that "
    "exhaustion did not rise must be shown; that no rise was seen is not enough. "
    "Limits are of Student's t over animals, for all days together (Bonferroni). The "
    "probability is the share of 2000 Bayesian bootstrap draws of animals, widened for "
    "their number, in which both means lie in the window; it does not decide."
)
RULES = (
    "Pairs are two-sided and corrected by Bonferroni within a comparison; "
    "nothing is corrected for the number of measures. # P < 0.1, * P < 0.05, "
    "** P < 0.01, *** P < 0.001. Limits of differences hold for all pairs of a "
    "comparison together (95 %)."
)


def cohort_document(
    analysis: CohortAnalysis, settings: Mapping[str, Any], made_at: str
) -> Document:
    """Return the report.

    Parameters
    ----------
    analysis : CohortAnalysis
    settings : mapping of str to Any
        Every option with its value, as people type it.
    made_at : str
    """
    return Document(
        title="Cohort",
        subtitle=", ".join(analysis.rows.groups),
        summary=_head(analysis),
        sections=[
            Section("Courses", _courses(analysis)),
            Section("From irradiation to ICI", _window(analysis)),
            Section("Comparisons", _comparisons(analysis)),
            Section("Single animals", _animals(analysis)),
            data_section(analysis.table),
            *_own_findings(analysis),
            settings_section(settings, analysis.options.seed),
            items_for("cohort"),
        ],
        made_by=software(),
        made_at=made_at,
        keywords=("cohort", *(each.measure.name for each in analysis.courses)),
    )


def _head(analysis: CohortAnalysis) -> list[Block]:
    mixed = mixing_notices(analysis)
    blocks: list[Block] = [Notice(" ".join(mixed))] if mixed else []
    blocks.extend(Notice(text) for text in pooling_notices(analysis))
    blocks.extend(
        Paragraph(window_sentence(analysis.window, each))
        for each in analysis.window.groups
    )
    animals = analysis.rows.frame["animal"].nunique()
    groups = len(analysis.rows.groups)
    blocks.append(
        Paragraph(
            f"{_count(animals, 'animal')} in {_count(groups, 'group')}, "
            f"{_count(len(analysis.courses), 'measure')}."
        )
    )
    blocks.append(Points(situation_lines(analysis)))
    unstated = unstated_notices(analysis)
    blocks.extend(Notice(text, Weight.NOTE) for text in unstated)
    return blocks


def _courses(analysis: CohortAnalysis) -> list[Block]:
    blocks: list[Block] = [*course_figures(analysis)]
    for followed in analysis.courses:
        rows = [
            [
                group,
                day_name(point.day),
                str(point.count),
                _number(point.mean),
                _number(point.sd),
                _number(point.sem),
            ]
            for group, points in followed.points.items()
            for point in points
        ]
        heads = [Column("Group"), Column("Day")]
        numbers = [Column(name, numeric=True) for name in ("n", "Mean", "SD", "SEM")]
        blocks.append(Table([*heads, *numbers], rows, followed.measure.title))
    return blocks


def _window(analysis: CohortAnalysis) -> list[Block]:
    found = analysis.window
    blocks: list[Block] = [
        Notice(f"This is {CAVEAT}.", Weight.WARNING),
        Paragraph(WINDOW_RULE),
    ]
    if found.why_none:
        return [*blocks, Paragraph(f"No group was looked at: {found.why_none}.")]
    for each in found.groups:
        blocks.append(Paragraph(window_sentence(found, each)))
        left = _left_out(each)
        if left:
            blocks.append(Paragraph(left))
        if isinstance(each.window, Window) and found.infiltration and found.exhaustion:
            titles = (found.infiltration.title, found.exhaustion.title)
            blocks.append(window_figure(each.window, each.group, titles))
            blocks.append(_window_table(each.window, titles))
    return blocks


def _left_out(each: GroupWindow) -> str:
    parts = []
    if each.after_ici:
        parts.append(f"{each.after_ici} scans after the first ICI")
    if each.without_irradiation:
        parts.append(f"{each.without_irradiation} scans of animals not irradiated")
    return f"{each.group}: left out {' and '.join(parts)}." if parts else ""


def _window_table(window: Window, titles: tuple[str, str]) -> Table:
    margin = "half-way" if window.margin is None else f"{window.margin:g}"
    columns = [
        Column("Day"),
        Column("n", numeric=True),
        Column(f"{titles[0]}, difference"),
        Column(f"{titles[1]}, difference"),
        Column(f"over its margin ({margin})"),
        Column("In the window"),
        Column("Probability", numeric=True),
    ]
    answers = {True: "yes", False: "no", None: "not assessable"}
    rows = [
        [
            day_name(day.day),
            f"{day.counts[0]} and {day.counts[1]}",
            _limits(day.infiltration),
            _limits(day.exhaustion),
            _limits(day.over_margin),
            answers[day.is_in],
            "" if day.probability is None else chance_text(day.probability),
        ]
        for day in window.days
    ]
    before = f"Baseline: {window.baseline_counts[0]} and {window.baseline_counts[1]}"
    return Table(columns, rows, f"{before} animals; days after irradiation")


def _comparisons(analysis: CohortAnalysis) -> list[Block]:
    blocks: list[Block] = [Paragraph(RULES)]
    for followed in analysis.courses:
        fitted = None
        for each in followed.comparisons:
            if each.repeated is not None and fitted is None:
                fitted = each.repeated
                blocks.extend(_mixed_model(followed, fitted))
            blocks.extend(_comparison(followed, each))
    if len(blocks) == 1:
        blocks.append(Paragraph("There is nothing to compare: one group on one day."))
    return blocks


def _mixed_model(followed: MeasureCourse, fitted: Repeated) -> list[Block]:
    title = f"{followed.measure.title}: mixed model, group x day + (1 | animal)"
    if isinstance(fitted.model, NotAssessable):
        return [Paragraph(f"{title}: {fitted.model.why}.")]
    model = fitted.model
    terms = "; ".join(f"{name}: {_test(test)}" for name, test in fitted.terms.items())
    blocks: list[Block] = [
        Paragraph(
            f"{title}. {model.animals} animals, {model.observations} scans; "
            f"{model.intraclass_correlation:.0%} of the variance lies between animals. "
            f"{terms}."
        )
    ]
    blocks.extend(Notice(text, Weight.NOTE) for text in fitted.remarks)
    # Effects are no family of comparisons: no correction and no symbol.
    rows = [_pair_row(name, each)[:-2] for name, each in fitted.effects.items()]
    columns = _pair_columns("Effect")[:-2]
    blocks.append(Table(columns, rows, f"{title}, fixed effects"))
    return blocks


def _comparison(followed: MeasureCourse, each: Comparison) -> list[Block]:
    title = f"{followed.measure.title}, {each.question} ({each.of})"
    why = why_untested(each)
    if why:
        return [Notice(f"{title}: {why}.")]
    blocks: list[Block] = []
    if each.one_way is not None:
        remarks = " ".join(each.one_way.remarks)
        equal = each.one_way.equal_variance_p
        spread = "" if equal is None else f" Brown-Forsythe {_with_p(equal)}."
        blocks.append(
            Paragraph(
                f"{title}: one-way analysis of variance, {_test(each.one_way.test)}."
                f"{spread} {remarks}".strip()
            )
        )
    if each.pairs:
        rows = [_pair_row(f"{p.first} - {p.second}", p) for p in each.pairs]
        blocks.append(Table(_pair_columns("Pair"), rows, f"{title}: pairs"))
    if each.not_compared and each.pairs:
        gaps = [f"{g.first} - {g.second}: {g.why.why}" for g in each.not_compared]
        blocks.append(Points(gaps))
    return blocks


def _pair_columns(first: str) -> list[Column]:
    names = ("n", "Difference (95 %)", "df", "P", "P corrected")
    return [
        Column(first),
        *(Column(name, numeric=True) for name in names),
        Column("Symbol"),
    ]


def _pair_row(name: str, pair: Pair) -> Sequence[str]:
    small = min(pair.counts)
    counts = f"{pair.counts[0]} / {pair.counts[1]}"
    return (
        name,
        str(small) if pair.counts[0] == pair.counts[1] else counts,
        f"{_number(pair.difference)} ({_number(pair.low)} to {_number(pair.high)})",
        f"{pair.degrees_of_freedom:.1f}",
        _p(pair.p),
        _p(pair.p_corrected),
        pair.symbol,
    )


def _animals(analysis: CohortAnalysis) -> list[Block]:
    blocks: list[Block] = []
    for followed in analysis.courses:
        blocks.extend(trajectory_figures(analysis, followed))
    if not blocks:
        blocks.append(Paragraph("No animal was seen on more than one day."))
    return blocks


def _own_findings(analysis: CohortAnalysis) -> list[Section]:
    found = findings_table(analysis.rows.findings)
    if found.empty:
        return []
    shown = [str(fact) for fact in found["fact"]]
    return [Section("Rows of the cohort", [Points(shown)])]


def _test(test: FTest | NotAssessable) -> str:
    if isinstance(test, NotAssessable):
        return test.why
    return (
        f"F({test.between:g}, {test.within:.1f}) = {test.statistic:.3g}, "
        f"{_with_p(test.p)}"
    )


def _limits(difference: Any) -> str:
    if isinstance(difference, NotAssessable):
        return difference.why
    low, high = _number(difference.low), _number(difference.high)
    return f"{_number(difference.value)} ({low} to {high})"


def _with_p(value: float) -> str:
    text = _p(value)
    return f"P {text}" if text.startswith("<") else f"P = {text}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _p(value: float) -> str:
    return "< 0.0001" if value < 1e-4 else f"{value:.2g}"  # noqa: PLR2004 - as is usual


def _number(value: float | None) -> str:
    return "-" if value is None or value != value else f"{value:.4g}"  # noqa: PLR0124 - NaN
