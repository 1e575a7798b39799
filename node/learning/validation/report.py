"""The report of a validation."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.learning.performance.grouped_error import expit
from model.page.document import (
    Block,
    Document,
    Notice,
    Paragraph,
    Points,
    Section,
    Weight,
)
from model.score.score_model import Calibration
from node.learning.report.model_card import model_card
from node.learning.report.reporting_items import items_for
from node.learning.report.sections import (
    data_section,
    findings_table,
    settings_section,
    software,
)
from node.learning.validation.figures import (
    curve_frames,
    curve_reasons,
    figures_section,
)
from node.learning.validation.numbers import Validation
from node.learning.validation.rows import ScoredRows, left_out_of, outside_of
from node.learning.validation.setting import Setting
from node.learning.validation.words import (
    assessed_data,
    assessed_text,
    left_out_lines,
    numbers_frame,
    numbers_table,
)

Labels = NDArray[np.bool_]

UNCALIBRATED = (
    "The published model is uncalibrated on your scanner: numbers of its probabilities "
    "(Brier score, calibration, net benefit) say how far off its scale is, and nothing "
    "about its ranking. `exhaustion-node calibrate` fits the scale to local labels."
)
_APPARENT = (
    "Apparent, not external: the model was made from these rows, or from some of them "
    "({reason}). The "
    "numbers are corrected for optimism by fitting its {fitted} again on bootstrap "
    "samples of animals. {rest}"
)
_OF_TERMS = (
    "The selection of the terms is not repeated, so that they are still too good. The "
    "nested cross-validation in the model's file, and other animals, are what counts."
)
_OF_LINE = "The ranking is that of the model before. Other animals are what counts."


def validation_document(
    found: Validation, options: Mapping[str, Any], made_at: datetime
) -> Document:
    """Return the report.

    Parameters
    ----------
    found : Validation
    options : mapping of str to Any
        As they were typed.
    made_at : datetime
        Timezone-aware.
    """
    model = found.rows.model
    return Document(
        title=f"Validation of {model.name} {model.version}",
        subtitle=f"{found.setting.setting} to the model; label: {found.rule.text}",
        summary=_summary(found),
        sections=[
            _performance(found),
            figures_section(
                found.rows, found.labels, found.curves, "Curves and scores"
            ),
            domain_section(found.rows),
            left_out_section(found.rows),
            data_section(found.rows.table),
            model_card(model),
            settings_section(options, found.seed),
            items_for("validate"),
        ],
        made_by=software(),
        made_at=made_at.isoformat(timespec="seconds"),
    )


def validation_summary(found: Validation) -> dict[str, Any]:
    """Return what the report says, for programs."""
    rows, rule = found.rows, found.rule
    model = rows.model
    return {
        "model": {
            "name": model.name,
            "version": model.version,
            "sha256": model.sha256,
            "calibration": str(model.calibration),
        },
        "setting": str(found.setting.setting),
        "setting_reason": found.setting.reason,
        "label": str(rule.readout),
        "cut_off": rule.cut_off,
        "cut_off_origin": rule.origin,
        **counts_of(rows, found.labels),
        "performance": {
            name: assessed_data(number) for name, number in found.numbers.items()
        },
        "apparent": {
            name: assessed_data(number) for name, number in found.apparent.items()
        },
        **curve_reasons(found.curves),
        "outside_domain": outside_of(rows),
        "remarks": remarks_of(rows),
        "seed": found.seed,
    }


def apparent_text(found: Validation) -> str:
    """Return what must be said of a validation on the model's own rows."""
    site = found.rows.model.calibration is Calibration.SITE
    return _APPARENT.format(
        reason=found.setting.reason,
        fitted="calibration" if site else "own terms",
        rest=_OF_LINE if site else _OF_TERMS,
    )


def counts_of(rows: ScoredRows, labels: Labels) -> dict[str, Any]:
    """Return how many there are of everything."""
    return {
        "observations": len(rows.scores),
        "animals": rows.animals,
        "events": int(labels.sum()),
        "left_out": [finding.fact for finding in rows.left_out],
        "statements": list(rows.table.statements),
    }


def validation_tables(found: Validation) -> dict[str, pd.DataFrame]:
    """Return the tables that stand beside the report."""
    settings = {str(found.setting.setting): found.numbers}
    if found.apparent:
        settings = {"optimism-corrected": found.numbers, "apparent": found.apparent}
    return {
        "performance": numbers_frame(settings),
        "scores": scores_frame(found.rows, found.labels),
        "findings": all_findings(found.rows),
        **curve_frames(found.curves),
    }


def scores_frame(rows: ScoredRows, labels: Labels) -> pd.DataFrame:
    """Return every row with its score, readout and label."""
    keys = rows.frame[["animal", "day", "roi"]].reset_index(drop=True)
    return keys.assign(
        score=rows.scores,
        probability=expit(rows.scores),
        readout=rows.values,
        label=[int(label) for label in labels],
        inside_domain=[found.inside for found in rows.domain],
    )


def all_findings(rows: ScoredRows) -> pd.DataFrame:
    """Return what became of rows, in the join and in the scoring."""
    return findings_table([*rows.table.findings, *rows.left_out])


def domain_section(rows: ScoredRows) -> Section:
    """Return how the rows lie to the model's domain."""
    outside = outside_of(rows)
    count = sum(not found.inside for found in rows.domain)
    total = len(rows.domain)
    unknown = sorted({what for found in rows.domain for what in found.unknown})
    blocks: list[Block] = [
        Paragraph(f"{total - count} of {total} rows lie inside the model's domain.")
    ]
    if outside:
        told = [f"{fact} ({number} of {total})" for fact, number in outside.items()]
        text = "A score outside the domain is no probability of anything; the node "
        blocks += [
            Notice(f"{text}would give {count} of these rows none, and no class."),
            Points(told),
        ]
    if unknown:
        blocks.append(Paragraph(f"Not stated for every row: {', '.join(unknown)}."))
    return Section("Domain", blocks)


def left_out_section(rows: ScoredRows) -> Section:
    """Return the rows that have no score or no label."""
    told = left_out_lines(left_out_of(rows))
    blocks: list[Block] = [Points(told)] if told else []
    if not told:
        text = "Every row of the joined table has a score and a label."
        blocks.append(Paragraph(text))
    if rows.table.statements:
        blocks += [Paragraph("Of the reading of the tables:")]
        blocks += [Points(rows.table.statements)]
    return Section("Rows left out", blocks)


def remarks_of(rows: ScoredRows) -> list[str]:
    """Return what must be said with every number of a model."""
    return [UNCALIBRATED] if rows.model.calibration is Calibration.NONE else []


def _summary(found: Validation) -> list[Block]:
    rows = found.rows
    counts = (
        f"{len(rows.scores)} scans of {rows.animals} animals, "
        f"{int(found.labels.sum())} above the cut-off ({found.rule.text})."
    )
    blocks: list[Block] = []
    if found.setting.setting is Setting.APPARENT:
        blocks.append(Notice(apparent_text(found)))
    headline = f"C-index: {assessed_text(found.numbers['c_index'])}"
    blocks += [Paragraph(f"{headline}; {found.setting.setting}. {counts}")]
    blocks += [Notice(remark) for remark in remarks_of(rows)]
    outside = sum(not each.inside for each in rows.domain)
    if outside:
        text = f"{outside} of {len(rows.domain)} rows lie outside the model's domain."
        blocks.append(Notice(text))
    return blocks


def _performance(found: Validation) -> Section:
    setting = found.setting
    corrected = setting.setting is Setting.APPARENT
    name = "corrected for optimism" if corrected else "on external rows"
    blocks: list[Block] = [
        Paragraph(f"The rows are {setting.setting} to the model: {setting.reason}."),
        numbers_table(found.numbers, f"Performance, {name}"),
    ]
    if found.apparent:
        blocks.append(numbers_table(found.apparent, "Performance, apparent"))
    methods = {
        f"{each.method}" for each in found.numbers.values() if hasattr(each, "method")
    }
    blocks += [Paragraph("How intervals are made:"), Points(sorted(methods))]
    if rows_repeat(found.rows):
        text = "Scans of one group are not independent; intervals are of clustered data"
        blocks.append(Notice(f"{text}.", Weight.NOTE))
    return Section("Performance", blocks)


def rows_repeat(rows: ScoredRows) -> bool:
    """Return whether a group has several rows."""
    return len(set(rows.groups)) < len(rows.groups)
