"""A cohort in words and for programs: notices, the window's sentence, summary.json."""

from typing import Any

from model.learning.cohort.mixed_model import MixedModel
from model.learning.cohort.one_way import FTest
from model.learning.cohort.repeated import day_name
from model.learning.cohort.window import Span, Window
from model.learning.estimate import NotAssessable
from node.learning.cohort.analysis import CohortAnalysis, MeasureCourse
from node.learning.cohort.mixing import properties_of
from node.learning.cohort.options import GroupBy
from node.learning.cohort.rows import GROUP
from node.learning.cohort.tables import cohort_tables, why_untested
from node.learning.cohort.tests import Comparison, Situation
from node.learning.cohort.window import CAVEAT, CohortWindow, GroupWindow

SITUATIONS = {
    Situation.TERMINAL: "terminal groups: every animal has one day",
    Situation.REPEATED: "animals come back: a mixed model with an intercept for each",
}


_NEARLY = 0.99
"""Beyond this a share of draws of a few animals says nothing more."""


def mixing_notices(analysis: CohortAnalysis) -> list[str]:
    """Return what is mixed, with the rows of each kind; what a reader sees first."""
    by_text: dict[str, list[str]] = {}
    for followed in analysis.courses:
        for mixed in followed.mixed:
            by_text.setdefault(mixed.text, []).append(followed.measure.name)
    for each in analysis.window.groups:
        for mixed in each.mixed:
            by_text.setdefault(mixed.text, []).append(f"window of {each.group}")
    said = [
        f"Scans differ in {text}, for {', '.join(dict.fromkeys(names))}."
        for text, names in by_text.items()
    ]
    if not said:
        return []
    if analysis.options.allow_mixed:
        return [*said, "They were pooled, since --allow-mixed was given."]
    many = len(analysis.refused)
    return [
        *said,
        f"{many} comparisons that would pool them were refused; courses are drawn "
        f"all the same. Analyse each kind by itself, or give --allow-mixed."
        if many
        else "No comparison pools them.",
    ]


def unstated_notices(analysis: CohortAnalysis) -> list[str]:
    """Return what scans do not say of themselves, so that nobody can tell a mixture."""
    images = [each.measure for each in analysis.courses if each.measure.is_of_image]
    frame = analysis.rows.frame
    gaps: dict[str, str] = {}
    for measure in images:
        many = int(frame[measure.name].notna().sum())
        for stated in properties_of(frame, measure):
            if stated.is_open:
                name = stated.name.replace("_", " ").replace(" mm", " size")
                few = "all" if stated.not_stated == many else f"{stated.not_stated}"
                gaps.setdefault(name, f"{name} ({few} of {many} scans)")
    if not gaps:
        return []
    said = ", ".join(gaps.values())
    return [f"Not stated, so that nobody can tell whether they are mixed: {said}."]


def situation_lines(analysis: CohortAnalysis) -> list[str]:
    """Return how measures are analysed, those that are analysed alike in one line."""
    alike: dict[tuple[int, int, Situation], list[str]] = {}
    for each in analysis.courses:
        values = each.by_animal
        key = (values["animal"].nunique(), len(values), each.situation)
        alike.setdefault(key, []).append(each.measure.title)
    return [
        f"{', '.join(titles)}: {animals} animals, {scans} values; "
        f"{SITUATIONS[situation]}"
        for (animals, scans, situation), titles in alike.items()
    ]


def pooling_notices(analysis: CohortAnalysis) -> list[str]:
    """Return which groups pool tumour models, where groups are not made of these."""
    if GroupBy.TUMOUR_MODEL in analysis.options.group_by:
        return []
    frame = analysis.rows.frame
    said = []
    for group in analysis.rows.groups:
        models = frame.loc[frame[GROUP] == group, "tumour_model"].replace("", None)
        names = sorted(models.dropna().unique())
        if len(names) > 1:
            said.append(
                f"{group} pools the tumour models {', '.join(names)}; add --group-by "
                f"tumour_model to part them."
            )
    return said


def window_sentence(found: CohortWindow, each: GroupWindow) -> str:
    """Return what is said of a group's window.

    Parameters
    ----------
    found : CohortWindow
        Whose measures they are.
    each : GroupWindow
    """
    window = each.window
    if isinstance(window, NotAssessable):
        return f"{each.group}: the window is {_assessable(window)}"
    up = found.infiltration.title if found.infiltration else ""
    tired = found.exhaustion.title if found.exhaustion else ""
    assessed = [day for day in window.days if day.is_in is not None]
    if not assessed:
        days = "; ".join(f"{day_name(day.day)}: {_why(day)}" for day in window.days)
        return f"{each.group}: no day could be assessed ({days}) ({CAVEAT})."
    if not window.spans:
        return (
            f"{each.group}: on none of {len(assessed)} assessed days is {up} shown to "
            f"be up and {tired} shown to {_margin_text(window)}; no window ({CAVEAT})."
        )
    spans = " and ".join(_span_text(span, window) for span in window.spans)
    return (
        f"{each.group}: mean {up} is up while that of {tired} is shown to "
        f"{_margin_text(window)}, {spans} ({CAVEAT})."
    )


def _margin_text(window: Window) -> str:
    """Return what the rule asks of exhaustion, and no more than that."""
    if window.margin is not None:
        return f"have risen by less than {window.margin:g}"
    peak = "" if window.peak_day is None else f" on {day_name(window.peak_day)}"
    return f"be less than half-way to its peak{peak}"


def chance_text(share: float) -> str:
    """Return a share of draws in per cent; nothing that was drawn is certain."""
    if share > _NEARLY:
        return f"> {_NEARLY:.0%}"
    return f"< {1 - _NEARLY:.0%}" if share < 1 - _NEARLY else f"{share:.0%}"


def _assessable(why: NotAssessable) -> str:
    return f"{why.why.rstrip('.')} ({CAVEAT})."


def _why(day: Any) -> str:
    parts = (day.infiltration, day.exhaustion, day.over_margin)
    whys = [part.why for part in parts if isinstance(part, NotAssessable)]
    return "; ".join(dict.fromkeys(whys)) or "its values do not vary"


def _span_text(span: Span, window: Window) -> str:
    inside = [
        day for day in window.days if span.first <= day.day <= span.last and day.is_in
    ]
    chances = ", ".join(
        f"{day_name(day.day)} {chance_text(day.probability)}"
        for day in inside
        if day.probability is not None
    )
    end = (
        f"and is over by {day_name(span.until)}"
        if span.until is not None
        else "and no later scan closes it"
    )
    if span.first == span.last:
        days = f"on {day_name(span.first)}"
    else:
        days = f"from {day_name(span.first)} to {day_name(span.last)}"
    return (
        f"{days} after irradiation (it opens between {day_name(span.after)} and "
        f"{day_name(span.first)}, {end}; probability {chances})"
    )


def cohort_summary(analysis: CohortAnalysis) -> dict[str, Any]:
    """Return the analysis for programs; `json_ready` makes absent numbers null.

    Parameters
    ----------
    analysis : CohortAnalysis
    """
    options = analysis.options
    return {
        "command": "cohort",
        "notices": [
            *mixing_notices(analysis),
            *pooling_notices(analysis),
            *unstated_notices(analysis),
        ],
        "group_by": options.group_by,
        "day_zero": options.day_zero,
        "variance": options.variance,
        "seed": options.seed,
        "groups": analysis.rows.groups,
        "window": _window(analysis),
        "measures": [_measure(each) for each in analysis.courses],
        "refused": [
            {
                "measure": each.measure,
                "question": each.question,
                "of": each.of,
                "why": why_untested(each),
            }
            for each in analysis.refused
        ],
        "findings": len(analysis.findings),
        "sources": analysis.table.sources,
    }


def _window(analysis: CohortAnalysis) -> dict[str, Any]:
    found = analysis.window
    rows = cohort_tables(analysis)["window"].astype(object)
    return {
        "caveat": CAVEAT,
        "infiltration": found.infiltration.name if found.infiltration else None,
        "exhaustion": found.exhaustion.name if found.exhaustion else None,
        "why_none": found.why_none,
        "groups": [
            {
                "group": each.group,
                "sentence": window_sentence(found, each),
                "margin": _margin(each.window),
                "spans": each.window.spans if isinstance(each.window, Window) else [],
                "rows_after_ici": each.after_ici,
                "rows_without_irradiation": each.without_irradiation,
                "days": rows[rows["group"] == each.group]
                .drop(columns=["group", "infiltration", "exhaustion"])
                .to_dict("records"),
            }
            for each in found.groups
        ],
    }


def _margin(window: Window | NotAssessable) -> str | float | None:
    if isinstance(window, NotAssessable):
        return None
    return "half-way to the peak" if window.margin is None else window.margin


def _measure(followed: MeasureCourse) -> dict[str, Any]:
    return {
        "name": followed.measure.name,
        "title": followed.measure.title,
        "animals_are": followed.situation,
        "analysis": SITUATIONS[followed.situation],
        "mixed": [each.text for each in followed.mixed],
        "repeatability_coefficient": followed.coefficient,
        "repeatability_from": followed.coefficient_source,
        "changes_beyond_repeatability": sum(
            change.is_beyond is True
            for trajectory in followed.trajectories
            for change in trajectory.changes
        ),
        "courses": followed.points,
        "comparisons": [_comparison(each) for each in followed.comparisons],
        "mixed_model": _mixed_model(followed),
    }


def _comparison(each: Comparison) -> dict[str, Any]:
    test = each.one_way.test if each.one_way is not None else None
    remarks = list(each.one_way.remarks) if each.one_way is not None else []
    return {
        "question": each.question,
        "of": each.of,
        "animals_are": each.situation,
        "refused": each.is_refused,
        "why_untested": why_untested(each),
        "anova": _test(test) if test is not None else None,
        "remarks": remarks,
        "pairs": [{**vars(pair), "symbol": pair.symbol} for pair in each.pairs],
        "not_compared": each.not_compared,
    }


def _mixed_model(followed: MeasureCourse) -> dict[str, Any] | None:
    fitted = next((c.repeated for c in followed.comparisons if c.repeated), None)
    if fitted is None:
        return None
    if not isinstance(fitted.model, MixedModel):
        return {"why": fitted.model.why}
    return {
        "animals": fitted.model.animals,
        "scans": fitted.model.observations,
        "between_variance": fitted.model.between_variance,
        "within_variance": fitted.model.within_variance,
        "at_boundary": fitted.model.at_boundary,
        "remarks": fitted.remarks,
        "terms": {name: _test(test) for name, test in fitted.terms.items()},
    }


def _test(test: FTest | NotAssessable) -> dict[str, Any]:
    return vars(test)
