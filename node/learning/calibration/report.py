"""The report of a calibration."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from model.learning.estimate import NotAssessable
from model.learning.recalibrated import Recalibrated
from model.learning.recalibration import (
    RECOMMENDED_OF_EACH,
    WANTED_INTERCEPT_WIDTH,
    WANTED_SLOPE_WIDTH,
    RecalibrationFit,
)
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
from model.score.score_model import ScoreModel
from node.learning.calibration.model import AFTER, BEFORE, remarks_on
from node.learning.calibration.run import Calibrated
from node.learning.report.model_card import model_card
from node.learning.report.reporting_items import items_for
from node.learning.report.sections import data_section, settings_section, software
from node.learning.validation.figures import (
    curve_frames,
    curve_reasons,
    figures_section,
)
from node.learning.validation.report import (
    all_findings,
    counts_of,
    domain_section,
    left_out_section,
    scores_frame,
)
from node.learning.validation.rows import outside_of
from node.learning.validation.words import (
    assessed_data,
    assessed_text,
    numbers_frame,
    numbers_table,
)

_WORDS = {
    Recalibrated.INTERCEPT: "the intercept",
    Recalibrated.BOTH: "intercept and slope",
}
_REPAIRS = Table(
    [Column("Fitted"), Column("Repairs"), Column("Cannot repair")],
    [
        [
            "intercept",
            "probabilities that are all too high or too low",
            "probabilities that are too extreme or too flat; a wrong ranking, ever",
        ],
        [
            "intercept and slope",
            "that, and probabilities that are too extreme or too flat",
            "a wrong ranking, ever",
        ],
    ],
    "What a calibration repairs",
)
NUMBERS_NEEDED = (
    f"About {RECOMMENDED_OF_EACH} labels of each kind are recommended (Vergouwe 2005; "
    f"Collins 2016), and an interval of the slope no wider than {WANTED_SLOPE_WIDTH} "
    f"of it (Riley 2021), or of an intercept alone no wider than "
    f"{WANTED_INTERCEPT_WIDTH}. With fewer, a line is still what few labels bear best "
    f"(Steyerberg 2004); its interval says how sure it is."
)


def calibration_document(
    found: Calibrated,
    made: ScoreModel | None,
    options: Mapping[str, Any],
    made_at: datetime,
) -> Document:
    """Return the report.

    Parameters
    ----------
    found : Calibrated
    made : ScoreModel or None
        The calibrated model, with its checksum; None where it was refused.
    options : mapping of str to Any
        As they were typed.
    made_at : datetime
        Timezone-aware.
    """
    base = found.rows.model
    return Document(
        title=f"Calibration of {base.name} {base.version}",
        subtitle=f"of {_WORDS[found.what]}; label: {found.rule.text}",
        summary=_summary(found, made),
        sections=[
            _line(found),
            _performance(found),
            figures_section(found.rows, found.labels, found.curves, "Before"),
            *_after(found),
            domain_section(found.rows),
            left_out_section(found.rows),
            data_section(found.rows.table),
            model_card(base if made is None else made),
            settings_section(options, found.seed),
            items_for("calibrate"),
        ],
        made_by=software(),
        made_at=made_at.isoformat(timespec="seconds"),
    )


def calibration_summary(found: Calibrated, made: ScoreModel | None) -> dict[str, Any]:
    """Return what the report says, for programs."""
    base, fit = found.rows.model, found.fit
    after = found.after
    return {
        "model": {"name": base.name, "version": base.version, "sha256": base.sha256},
        "what": str(found.what),
        "label": str(found.rule.readout),
        "cut_off": found.rule.cut_off,
        "cut_off_origin": found.rule.origin,
        **counts_of(found.rows, found.labels),
        "refused": fit.why if isinstance(fit, NotAssessable) else None,
        **_fit_data(fit),
        "before": {name: assessed_data(each) for name, each in found.before.items()},
        "after": None
        if after is None
        else {name: assessed_data(each) for name, each in after.numbers.items()},
        **curve_reasons(found.curves),
        "outside_domain": outside_of(found.rows),
        "calibrated_model": None
        if made is None
        else {
            "name": made.name,
            "version": made.version,
            "sha256": made.sha256,
            "path": f"{made.name}-{made.version}.toml",
            "intercept": made.intercept,
            "coefficients": dict(made.coefficients),
        },
        "remarks": []
        if isinstance(fit, NotAssessable)
        else list(remarks_on(found, fit)),
        "seed": found.seed,
    }


def calibration_tables(found: Calibrated) -> dict[str, pd.DataFrame]:
    """Return the tables that stand beside the report."""
    settings = {BEFORE: found.before}
    tables = {
        "findings": all_findings(found.rows),
        "scores_before": scores_frame(found.rows, found.labels),
    }
    tables |= {f"{k}_before": v for k, v in curve_frames(found.curves).items()}
    if found.after is not None:
        settings[AFTER] = found.after.numbers
        tables["scores_after"] = scores_frame(found.after.rows, found.labels)
        curves = curve_frames(found.after.curves)
        tables |= {f"{name}_after": frame for name, frame in curves.items()}
    return {"performance": numbers_frame(settings), **tables}


def _fit_data(fit: RecalibrationFit | NotAssessable) -> dict[str, Any]:
    if isinstance(fit, NotAssessable):
        names = ("intercept", "slope", "shown_slope", "penalised", "wanted_labels")
        return dict.fromkeys(names)
    return {
        "intercept": assessed_data(fit.intercept),
        "slope": assessed_data(fit.slope),
        "shown_slope": assessed_data(fit.shown_slope),
        "penalised": fit.penalised,
        "wanted_labels": fit.wanted_labels,
    }


def _summary(found: Calibrated, made: ScoreModel | None) -> list[Block]:
    fit = found.fit
    rows = found.rows
    counts = (
        f"{len(rows.scores)} scans of {rows.animals} animals, "
        f"{int(found.labels.sum())} above the cut-off ({found.rule.text})."
    )
    if isinstance(fit, NotAssessable) or made is None:
        why = fit.why if isinstance(fit, NotAssessable) else ""
        return [Notice(f"Refused; no model was written: {why}."), Paragraph(counts)]
    line = f"{assessed_text(fit.intercept)} + {assessed_text(fit.slope)} x score"
    written = f"{made.name} {made.version} was written. Its score is {line}."
    return [Paragraph(written), Paragraph(counts), Points(remarks_on(found, fit))]


def _line(found: Calibrated) -> Section:
    blocks: list[Block] = [_REPAIRS, Paragraph(NUMBERS_NEEDED)]
    fit = found.fit
    if isinstance(fit, NotAssessable):
        blocks.insert(0, Notice(f"Refused: {fit.why}."))
        return Section("The line over the score", blocks)
    wanted = "not to be told" if fit.wanted_labels is None else str(fit.wanted_labels)
    rows = [
        ["intercept", assessed_text(fit.intercept), fit.intercept.method],
        ["slope", assessed_text(fit.slope), fit.slope.method],
        ["slope that labels show", assessed_text(fit.shown_slope), ""],
        ["labels for such an interval", wanted, f"now {len(found.rows.scores)}"],
    ]
    head = [Column("Number"), Column("Value (95 % interval)"), Column("Method")]
    return Section(
        "The line over the score", [Table(head, rows, "What was fitted"), *blocks]
    )


def _performance(found: Calibrated) -> Section:
    text = (
        "Before: the model as it was, on rows that it has not seen. After: corrected "
        "for optimism by fitting the line again on bootstrap samples of animals. The "
        "C-index stays, for a line with a positive slope keeps every rank."
    )
    blocks: list[Block] = [Paragraph(text), numbers_table(found.before, BEFORE)]
    if found.after is not None:
        blocks.append(numbers_table(found.after.numbers, AFTER))
    return Section("Performance before and after", blocks)


def _after(found: Calibrated) -> list[Section]:
    if found.after is None:
        return []
    section = figures_section(
        found.after.rows, found.labels, found.after.curves, "After"
    )
    fitted = Notice(
        "These curves are of the labels that the line was fitted to, and so look "
        "better than other animals will.",
        Weight.NOTE,
    )
    return [Section(section.title, [fitted, *section.blocks])]
