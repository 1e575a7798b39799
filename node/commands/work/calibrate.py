"""``calibrate``: a score model's scale, fitted to a site's own labels."""

import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from model.learning.estimate import NotAssessable
from model.learning.recalibrated import Recalibrated
from model.learning.recalibration import RecalibrationFit
from model.score.score_model import ScoreModel
from node import clock
from node.commands.exits import EXIT_HELD
from node.commands.options import (
    console,
    print_json,
    settings_of,
    writable_folder,
)
from node.commands.work.as_typed import as_typed
from node.learning.calibration.model import (
    CalibratedNames,
    model_of_calibration,
    remarks_on,
    write_calibrated_model,
)
from node.learning.calibration.report import (
    calibration_document,
    calibration_summary,
    calibration_tables,
)
from node.learning.calibration.run import Calibrated, run_calibration
from node.learning.report.writing import json_ready, write_report
from node.learning.tables.choice import TableChoice
from node.learning.validation.numbers import Drawing
from node.learning.validation.rows import left_out_of
from node.learning.validation.run import LabelOptions
from node.learning.validation.words import QUANTITIES, assessed_text, left_out_lines


def do_calibrate(
    *,
    tables: TableChoice,
    model: str,
    label: str | None,
    cut_off: str | None,
    grouping: str,
    what: str,
    name: str | None,
    model_version: str,
    out: Path,
    resamples: int,
    seed: int,
    config_file: Path | None,
    as_json: bool,
) -> None:
    """Do what ``calibrate`` was asked."""
    settings = settings_of(config_file)
    writable_folder(out)
    labels = LabelOptions(model, label, cut_off, grouping)
    drawing = Drawing(seed, resamples)
    found = run_calibration(tables, settings, labels, Recalibrated(what), drawing)
    made = _write(found, CalibratedNames(name, model_version), out)
    options = as_typed(
        {
            **vars(tables),
            **vars(labels),
            "what": what,
            "name": name,
            "model_version": model_version,
            "resamples": resamples,
        }
    )
    document = calibration_document(found, made, options, clock.now())
    summary = calibration_summary(found, made)
    files = write_report(document, out, calibration_tables(found), summary)
    if as_json:
        print_json(json_ready({**summary, "files": files}))
    else:
        _show(console(), found, made, out)
    if made is None:
        sys.exit(EXIT_HELD)


def _write(found: Calibrated, names: CalibratedNames, out: Path) -> ScoreModel | None:
    fit, after = found.fit, found.after
    if not isinstance(fit, RecalibrationFit) or after is None:
        return None
    return write_calibrated_model(model_of_calibration(found, fit, after, names), out)


def _show(page: Console, found: Calibrated, made: ScoreModel | None, out: Path) -> None:
    fit, rows = found.fit, found.rows
    if isinstance(fit, NotAssessable):
        page.print(f"[bold]refused[/bold]: {escape(fit.why)}", soft_wrap=True)
    elif made is not None:
        page.print(f"wrote {out / f'{made.name}-{made.version}.toml'}", soft_wrap=True)
        page.print(f"intercept {assessed_text(fit.intercept)}", soft_wrap=True)
        page.print(f"slope {assessed_text(fit.slope)}", soft_wrap=True)
    page.print(
        f"{len(rows.scores)} scans of {rows.animals} animals, "
        f"{int(found.labels.sum())} with {escape(found.rule.text)}",
        soft_wrap=True,
    )
    page.print(_numbers(found))
    if isinstance(fit, RecalibrationFit):
        for remark in remarks_on(found, fit):
            page.print(escape(remark), soft_wrap=True)
    for line in left_out_lines(left_out_of(rows)):
        page.print(escape(line), soft_wrap=True)
    page.print(f"wrote {out / 'report.html'}", soft_wrap=True)


def _numbers(found: Calibrated) -> Table:
    table = Table(box=None)
    for title in ("", "before", "after (optimism-corrected)"):
        table.add_column(title, overflow="fold")
    after = {} if found.after is None else found.after.numbers
    for name, number in found.before.items():
        later = after.get(name)
        shown = "-" if later is None else assessed_text(later)
        table.add_row(
            QUANTITIES[name].title, escape(assessed_text(number)), escape(shown)
        )
    return table
