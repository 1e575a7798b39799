"""``cohort``: how measures move in groups of animals, and in each of them."""

import sys
from pathlib import Path
from typing import Any

import click
from rich.markup import escape
from rich.table import Table as Grid

from model.learning.cohort.course import CoursePoint
from model.learning.cohort.one_way import Variance
from model.learning.cohort.repeated import day_name
from node import clock
from node.commands.exits import EXIT_HELD
from node.commands.options import (
    config_option,
    console,
    json_option,
    notes,
    print_json,
    settings_of,
    writable_folder,
)
from node.commands.table_options import table_options
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
    window_sentence,
)
from node.learning.cohort.tables import cohort_tables
from node.learning.progress import progress
from node.learning.report import json_ready, write_report
from node.learning.tables.choice import TableChoice
from node.learning.tables.join import read_joined


def _coefficients(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, float]:
    """Return the coefficients of ``--repeatability-coefficient``, by measure."""
    found = {}
    for value in values:
        name, _, number = value.rpartition("=")
        try:
            found[name.strip()] = float(number)
        except ValueError:
            found[name.strip()] = 0.0
        if not name.strip() or not 0 < found[name.strip()] < float("inf"):
            fact = f"{value!r} is not NAME=NUMBER above 0, such as score=1.2"
            raise click.BadParameter(fact)
    return found


@click.command("cohort")
@table_options
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the report and its tables.",
)
@click.option(
    "--measure",
    "measures",
    metavar="NAME",
    multiple=True,
    help="Column to follow (several times for several): score, a reading, suv_mean, "
    "suv_max, volume_ml, early, terminal, early_to_terminal, mfi, a fraction or a "
    "feature. Without it all of these that hold values, but for features.",
)
@click.option(
    "--group-by",
    type=click.Choice([str(each) for each in GroupBy]),
    multiple=True,
    default=[str(GroupBy.GROUP)],
    show_default=True,
    help="What makes a group; both together part groups by tumour model.",
)
@click.option(
    "--day-zero",
    type=click.Choice([str(each) for each in DayZero]),
    default=str(DayZero.STUDY),
    show_default=True,
    help="What days count from; the window always counts from irradiation.",
)
@click.option(
    "--variance",
    type=click.Choice([str(each) for each in Variance]),
    default=str(Variance.POOLED),
    show_default=True,
    help="Of the pairs of terminal groups: pooled over all groups (the paper), or each "
    "pair's own (Welch).",
)
@click.option(
    "--allow-mixed",
    is_flag=True,
    help="Test groups although their scans differ in route, tracer, reconstruction, "
    "scanner, voxel size or score model.",
)
@click.option(
    "--infiltration",
    metavar="NAME",
    help="Measure of infiltration for the window; CIBERSORTx' 'T cells CD8' without.",
)
@click.option(
    "--exhaustion",
    metavar="NAME",
    help="Measure of terminal exhaustion for the window; without it terminal (flow "
    "cytometry), or else the score.",
)
@click.option(
    "--margin",
    type=click.FloatRange(min=0, min_open=True),
    help="Rise of the measure of exhaustion that would matter, in its unit; without it "
    "half-way from baseline to its peak.",
)
@click.option(
    "--repeatability",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="repeatability.csv of the command repeatability; needed for arrows.",
)
@click.option(
    "--repeatability-coefficient",
    "given",
    metavar="NAME=NUMBER",
    multiple=True,
    callback=_coefficients,
    help="Repeatability coefficient of a measure, such as score=1.2.",
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=20231101,
              show_default=True, help="Of the bootstrap.")  # fmt: skip
@config_option
@json_option
def cohort_command(
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
    """Follow groups of animals, and each animal, over days.

    Mean, SD and SEM by group and day; one-way analysis of variance with Bonferroni's
    correction where every animal has one day, a mixed model where animals come back;
    the window from irradiation to ICI; single animals.

    Writes report.html, report.pdf, summary.json and courses, values, tests, pairs,
    mixed_model, window, trajectories and findings as CSV below --out. Exit code 3 says
    that comparisons were refused, since their scans are of several kinds.

    \b
    exhaustion-node cohort --features features.csv --flow flow.csv \\
        --fractions fractions.csv --design design.csv --out cohort
    """  # noqa: D301 - click leaves the lines after \b as they are
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
