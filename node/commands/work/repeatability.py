"""``repeatability``: which features say the same when nothing has changed."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from model.learning.repeatability.keeping import DecidedOn
from node import clock
from node.commands.exits import EXIT_HELD
from node.commands.options import (
    console,
    notes,
    print_json,
    settings_of,
    writable_folder,
)
from node.display import print_held, print_text
from node.learning.repeatability.pair_by import PairBy
from node.learning.repeatability.report import (
    records,
    repeatability_document,
    shown_interval,
    shown_number,
    told,
)
from node.learning.repeatability.results import Thresholds
from node.learning.repeatability.rows import RepeatedRows
from node.learning.repeatability.run import (
    RepeatabilityRun,
    as_summary,
    run_repeatability,
)
from node.learning.repeatability.studies import (
    StudyOptions,
    read_retest_studies,
    study_extraction,
)
from node.learning.repeatability.table_in import TableOptions, read_retest_tables
from node.learning.report.writing import findings_table, json_ready, write_report
from node.options.case import reading_limits


def do_repeatability(
    context: click.Context,
    *,
    tables: tuple[Path, ...],
    test: Path | None,
    retest: tuple[Path, ...],
    out: Path,
    ccc_pet: float,
    ccc_ct: float,
    on: str,
    repeats: tuple[int, ...],
    columns: dict[str, str],
    named: tuple[str, ...],
    modalities: tuple[str, ...],
    pair_by: str,
    rois: tuple[str, ...],
    profile: str | None,
    config_file: Path | None,
    species: str | None,
    as_json: bool,
) -> None:
    """Do what ``repeatability`` was asked."""
    writable_folder(out)
    if tables:
        rows = read_retest_tables(tables, TableOptions(columns, named))
    else:
        settings = settings_of(config_file, species=species)
        options = StudyOptions(
            study_extraction(settings, profile, rois),
            tuple(dict.fromkeys(modalities)),
            PairBy(pair_by),
            reading_limits(settings),
        )
        rows = _measured([*filter(None, [test]), *retest], options)
    run = run_repeatability(rows, Thresholds(ccc_pet, ccc_ct, DecidedOn(on)), repeats)
    _finish(run, out, _settings(context), as_json=as_json)


def _measured(folders: Sequence[Path], options: StudyOptions) -> RepeatedRows:
    with notes().status("reading studies") as status:
        return read_retest_studies(folders, options, status.update)


def _settings(context: click.Context) -> dict[str, Any]:
    """Return the options as people type them; where results go is none of theirs."""
    beside = {"out", "as_json"}
    return {
        parameter.opts[0]: _without_folder(context.params[parameter.name])
        for parameter in context.command.params
        if parameter.name in context.params and parameter.name not in beside
    }


def _without_folder(value: Any) -> Any:
    """Return a path's last name; its folders may name a person."""
    if isinstance(value, Path):
        return value.name
    return [_without_folder(each) for each in value] if _is_several(value) else value


def _is_several(value: Any) -> bool:
    return isinstance(value, tuple | list)


def _finish(
    run: RepeatabilityRun, out: Path, settings: dict[str, Any], *, as_json: bool
) -> None:
    document = repeatability_document(run, settings, clock.now())
    names = {
        "repeatability": run.results,
        "kept": run.kept,
        "findings": findings_table(run.findings),
    }
    summary = {"command": "repeatability", **as_summary(run), "settings": settings}
    files = [*(f"{each}.csv" for each in names), "report.html", "report.pdf"]
    summary = json_ready({**summary, "files": [*files, "summary.json"]})
    write_report(document, out, names, summary)
    if as_json:
        print_json(summary)
    else:
        _show(run, out)
    print_held(notes(), [dict(each) for each in run.rows.held])
    if run.refused:
        sys.exit(EXIT_HELD)


def _show(run: RepeatabilityRun, out: Path) -> None:
    page = console()
    for outcome in run.outcomes:
        print_text(page, told(outcome))
    if not run.outcomes:
        print_text(page, "Nothing was measured.")
    for caution in run.cautions:
        print_text(page, f"! {caution}", hang=2)
    if len(run.kept):
        page.print(_kept_table(run))
    if run.findings:
        print_text(page, f"{len(run.findings)} findings about rows: findings.csv")
    page.print(f"wrote {out / 'report.html'}", soft_wrap=True, markup=False)


def _kept_table(run: RepeatabilityRun) -> Table:
    table = Table("kept", box=None, pad_edge=False)
    for title in ("CCC", "repeatability coefficient"):
        table.add_column(title, justify="right")
    for row in records(run.kept):
        table.add_row(
            str(row["name"]),
            shown_interval(row),
            shown_number(row["repeatability_coefficient"]),
        )
    return table
