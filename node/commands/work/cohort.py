"""``cohort``: how measures move in groups of animals, and in each of them."""

import sys
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table as Grid

from model.learning.cohort.course import CoursePoint
from model.learning.cohort.repeated import day_name
from model.learning.cohort.variance import Variance
from node import clock
from node.commands.exits import EXIT_HELD
from node.commands.options import (
    console,
    notes,
    print_json,
    settings_of,
    writable_folder,
)
from node.learning.cohort.analysis import CohortAnalysis, analyse_cohort
from node.learning.cohort.document import cohort_document
from node.learning.cohort.measures import measures_of
from node.learning.cohort.options import CohortOptions, DayZero, GroupBy
from node.learning.cohort.pictures import marks_of
from node.learning.cohort.repeatability import coefficients_of
from node.learning.cohort.summary import (
    cohort_summary,
    mixing_notices,
    pooling_notices,
    unstated_notices,
    window_sentence,
)
from node.learning.cohort.tables import cohort_tables
from node.learning.report.progress import progress
from node.learning.report.writing import json_ready, write_report
from node.learning.tables.choice import TableChoice
from node.learning.tables.join import read_joined


def do_cohort(
    *,
    tables: TableChoice,
    out: Path,
    measures: tuple[str, ...],
    group_by: tuple[str, ...],
    day_zero: str,
    variance: str,
    allow_mixed: bool,
    infiltration: str | None,
    exhaustion: str | None,
    margin: float | None,
    repeatability: Path | None,
    given: dict[str, float],
    seed: int,
    config_file: Path | None,
    as_json: bool,
) -> None:
    """Do what ``cohort`` was asked."""
    settings = settings_of(config_file)
    writable_folder(out)
    table = read_joined(tables, settings)
    known = coefficients_of(table, repeatability, given, settings.score_model_folders)
    options = CohortOptions(
        measures=measures,
        group_by=tuple(GroupBy(each) for each in group_by),
        day_zero=DayZero(day_zero),
        variance=Variance(variance),
        allow_mixed=allow_mixed,
        infiltration=infiltration,
        exhaustion=exhaustion,
        margin=margin,
        coefficients=known.by_measure,
        coefficient_sources=known.sources,
        seed=seed,
    )
    total = len(measures_of(table, measures))
    with progress("Measures", total) as tick:
        analysis = analyse_cohort(table, options, tick)
    with notes().status("writing the report"):
        summary = _write(analysis, out, _settings(tables, options, repeatability))
    if as_json:
        print_json(summary)
    else:
        _show(analysis, summary["files"], out)
    if analysis.refused or analysis.window_is_refused:
        sys.exit(EXIT_HELD)


def _settings(
    tables: TableChoice, options: CohortOptions, repeatability: Path | None
) -> dict[str, Any]:
    """Return every option as people type it."""
    return {
        "--features": tables.features,
        "--ledger": tables.ledger,
        "--flow": tables.flow,
        "--fractions": tables.fractions,
        "--design": tables.design,
        "--roi": tables.roi,
        "--column": tables.columns,
        "--measure": options.measures or "all that hold values",
        "--group-by": options.group_by,
        "--day-zero": options.day_zero,
        "--variance": options.variance,
        "--allow-mixed": options.allow_mixed,
        "--infiltration": options.infiltration,
        "--exhaustion": options.exhaustion,
        "--margin": options.margin,
        "--repeatability": repeatability,
        "repeatability coefficients": options.coefficients,
    }


def _write(
    analysis: CohortAnalysis, out: Path, settings: dict[str, Any]
) -> dict[str, Any]:
    """Write all files; return the summary, with their names."""
    made_at = clock.now().isoformat(sep=" ", timespec="seconds")
    document = cohort_document(analysis, settings, made_at)
    summary = cohort_summary(analysis)
    files = write_report(document, out, cohort_tables(analysis), summary)
    whole: dict[str, Any] = json_ready({**summary, "files": files})
    return whole


def _show(analysis: CohortAnalysis, files: list[str], out: Path) -> None:
    page = console()
    for text in (*mixing_notices(analysis), *pooling_notices(analysis)):
        page.print(f"[bold yellow]{escape(text)}[/]")
    for each in analysis.window.groups:
        page.print(escape(window_sentence(analysis.window, each)))
    if analysis.window.why_none:
        page.print(escape(f"No window was looked for: {analysis.window.why_none}."))
    page.print(_grid(analysis))
    for text in unstated_notices(analysis):
        page.print(escape(text))
    if analysis.findings:
        page.print(f"{len(analysis.findings)} rows to be looked at: findings.csv")
    for name in files:
        page.print(f"wrote {out / name}", soft_wrap=True, markup=False)


def _grid(analysis: CohortAnalysis) -> Grid:
    """Return means and SEM, a row a measure and group, a column a day."""
    days = sorted(
        {
            point.day
            for followed in analysis.courses
            for points in followed.points.values()
            for point in points
        }
    )
    grid = Grid(title="mean (SEM, animals); symbols against the first day")
    grid.add_column("measure")
    grid.add_column("group")
    for day in days:
        grid.add_column(day_name(day), justify="right")
    for followed in analysis.courses:
        name = followed.measure.name
        for group, points in followed.points.items():
            marks = marks_of(followed, group)
            cells = {
                point.day: _cell(point, marks.get(point.day, "")) for point in points
            }
            row = [name, group, *(cells.get(day, "") for day in days)]
            grid.add_row(*(escape(cell) for cell in row))
            name = ""
        grid.add_section()
    return grid


def _cell(point: CoursePoint, mark: str) -> str:
    spread = "-" if point.sem is None else _short(point.sem, 2)
    return f"{_short(point.mean, 3)}{mark} ({spread}, {point.count})"


def _short(value: float, digits: int) -> str:
    """Return a number with few digits, whole ones never cut."""
    return f"{value:.0f}" if abs(value) >= 10**digits else f"{value:.{digits}g}"
