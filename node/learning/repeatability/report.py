"""The report of ``repeatability``: what is kept first, then why, then everything."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from model.learning.repeatability.measurements import MINIMUM_SUBJECTS
from model.page.charts.repeatability import ConcordanceRow, concordance_pictures
from model.page.document import (
    Block,
    Column,
    Document,
    Figure,
    Notice,
    Points,
    Section,
    Table,
    Weight,
)
from node.learning.repeatability.results import COLUMNS, KEPT
from node.learning.repeatability.run import ModalityOutcome, RepeatabilityRun
from node.learning.report.reporting_items import items_for
from node.learning.report.sections import data_section, settings_section, software
from node.learning.tables.joined import JoinedTable

_METHODS = {
    "CCC": (
        "Lin's concordance correlation coefficient (Biometrics 1989, variance as "
        "corrected in 2000, moments over n); 95 % interval on Fisher's z. Of more than "
        "two repeats Barnhart's overall coefficient (Biometrics 2002), its interval "
        "from the jackknife on Fisher's z."
    ),
    "ICC(1,1), ICC(2,1) = ICC(A,1)": (
        "Shrout and Fleiss 1979, McGraw and Wong 1996; intervals from F. The first "
        "takes repeats as interchangeable; for the second a shift between sessions is "
        "a disagreement of its own."
    ),
    "Within-subject SD, repeatability coefficient (RC)": (
        "Root of the mean of the subjects' variances (Bland and Altman 1996), and 1.96 "
        "times root 2 times that: 95 % of two measurements of one subject differ by "
        "less. Intervals from chi-square."
    ),
    "Within-subject CV": (
        "Root mean square over subjects, in per cent. Undefined for a feature that is "
        "not of one sign in all measurements."
    ),
    "Bias": (
        "Mean of second less first, Student's interval; limits of agreement of Bland "
        "and Altman 1986. Of two repeats only."
    ),
    "Subjects": (
        "They count for a feature when it is defined in all their repeats. At least "
        f"{MINIMUM_SUBJECTS} are needed."
    ),
}


def repeatability_document(
    run: RepeatabilityRun, options: Mapping[str, Any], made_at: datetime
) -> Document:
    """Return the report.

    Parameters
    ----------
    run : RepeatabilityRun
    options : mapping of str to Any
        As people typed them.
    made_at : datetime
    """
    charts = list(_charts(run))
    return Document(
        title="Repeatability of features",
        subtitle=_subtitle(run),
        summary=[
            Points([told(each) for each in run.outcomes] or ["Nothing was measured."]),
            *(Notice(text) for text in run.cautions),
            *_held(run.rows.held),
        ],
        sections=[
            Section("Features that are kept", [_kept(run.kept)]),
            *([Section("Concordance by feature", charts)] if charts else []),
            Section("All features", [_all(run.results)]),
            Section("How the numbers are made", [_methods()]),
            data_section(_joined(run)),
            items_for("repeatability"),
            settings_section(options, None),
        ],
        made_by=software(),
        made_at=f"{made_at:%Y-%m-%d %H:%M} UTC",
        keywords=("repeatability", "test-retest", "concordance"),
    )


def told(outcome: ModalityOutcome) -> str:
    """Return what came of a modality in a sentence."""
    if outcome.refused:
        return f"{outcome.modality}: {outcome.refused}."
    repeats = " and ".join(map(str, outcome.repeats))
    return (
        f"{outcome.modality}: {outcome.kept} of {outcome.features} features are kept "
        f"(above {outcome.threshold:g}), from {outcome.regions} regions of "
        f"{outcome.subjects} subjects, repeats {repeats}."
    )


def shown_number(value: Any) -> str:
    """Return a number of a table in few digits; a dash where there is none."""
    return "–" if value is None or pd.isna(value) else f"{float(value):.3g}"  # noqa: RUF001 (a dash)


def shown_interval(row: Mapping[str, Any]) -> str:
    """Return a CCC with its interval."""
    if pd.isna(row["ccc"]):
        return "–"  # noqa: RUF001 (a dash)
    if pd.isna(row["low"]):
        return f"{row['ccc']:.3f} (no interval)"
    return f"{row['ccc']:.3f} ({row['low']:.3f} to {row['high']:.3f})"


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table by the names of their columns."""
    names = [str(name) for name in frame.columns]
    return [
        dict(zip(names, row, strict=True))
        for row in frame.itertuples(index=False, name=None)
    ]


def _subtitle(run: RepeatabilityRun) -> str:
    return ", ".join(dict.fromkeys(str(file) for file in run.rows.frame["file"]))


def _held(held: Sequence[Mapping[str, str | None]]) -> Iterator[Block]:
    if held:
        yield Notice(
            f"{len(held)} could not be measured and are not among the numbers:"
        )
        yield Points([f"{each['reason']}: {each['detail']}" for each in held])


def _kept(kept: pd.DataFrame) -> Block:
    if kept.empty:
        return Notice("No feature is kept. That is a valid answer.", Weight.NOTE)
    return Table(
        [
            Column("Feature"),
            Column("CCC", numeric=True),
            Column("Repeatability coefficient", numeric=True),
        ],
        [
            [
                str(row["name"]),
                shown_interval(row),
                shown_number(row["repeatability_coefficient"]),
            ]
            for row in records(kept)
        ],
        "In kept.csv, for train --kept; two scans of one subject differ by less than "
        "the repeatability coefficient in 95 % of the cases",
    )


def _charts(run: RepeatabilityRun) -> Iterator[Block]:
    for outcome in run.outcomes:
        if outcome.refused:
            continue
        mine = run.results[run.results["modality"] == outcome.modality]
        rows = [_chart_row(row) for row in records(mine)]
        for picture in concordance_pictures(rows, outcome.threshold):
            yield Figure(
                picture,
                f"{outcome.modality}: concordance of test and retest by feature, with "
                f"its 95 % interval; the broken line is the threshold.",
                f"Of {outcome.features} {outcome.modality} features {outcome.kept} lie "
                f"above {outcome.threshold:g}. The numbers stand in the table of all "
                "features.",
            )


def _chart_row(row: Mapping[str, Any]) -> ConcordanceRow:
    value, low, high = (
        None if pd.isna(row[name]) else float(row[name])
        for name in ("ccc", "low", "high")
    )
    return ConcordanceRow(
        feature=str(row["feature"]),
        family=str(row["family"]),
        value=value,
        low=low,
        high=high,
        kept=row["kept"] == KEPT,
    )


def _all(results: pd.DataFrame) -> Block:
    shown = ("icc", "wcv_percent", "repeatability_coefficient", "bias")
    return Table(
        [
            Column("Feature"),
            Column("Image"),
            Column("Pairs", numeric=True),
            Column("CCC", numeric=True),
            Column("ICC(1,1)", numeric=True),
            Column("CV %", numeric=True),
            Column("RC", numeric=True),
            Column("Bias", numeric=True),
            Column("Kept"),
        ],
        [
            [
                str(row["feature"]),
                str(row["modality"]),
                str(row["pairs"]),
                shown_interval(row),
                *(shown_number(row[name]) for name in shown),
                str(row["kept"]),
            ]
            for row in records(results)
        ],
        f"repeatability.csv has these and more: {len(COLUMNS)} columns, with every "
        "interval and why a feature is kept or not",
    )


def _methods() -> Block:
    return Table([Column("Number"), Column("How it is made")], list(_METHODS.items()))


def _joined(run: RepeatabilityRun) -> JoinedTable:
    rows = run.rows
    return JoinedTable(
        frame=rows.frame.rename(columns={"subject": "animal"}),
        features=rows.features,
        findings=run.findings,
        sources=rows.sources,
        profiles=rows.profiles,
    )
