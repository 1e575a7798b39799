"""``cohort``: how measures move in groups of animals, and in each of them."""

from pathlib import Path
from typing import Any

import click

from model.learning.cohort.variance import Variance
from node.commands.options import (
    config_option,
    json_option,
)
from node.commands.table_options import table_options
from node.learning.cohort.options import DayZero, GroupBy


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
def cohort_command(**asked: Any) -> None:
    """Follow groups of animals, and each animal, over days.

    Mean, SD and SEM by group and day; one-way analysis of variance with Bonferroni's
    correction where every animal has one day, a mixed model where animals come back;
    the window from irradiation to ICI; single animals.

    \b
    Columns: animal, day, score, suv_mean, features, ... (--features);
    animal, day and readouts (--flow); Mixture and cells (--fractions);
    animal, group, tumour_model, irradiation_day (--design).

    \b
    Example:
      exhaustion-node cohort --features features.csv --flow flow.csv
        --fractions fractions.csv --design design.csv --out cohort

    Writes report.html, report.pdf, summary.json and courses, values, tests, pairs,
    mixed_model, window, trajectories and findings as CSV below --out. Exit code 3 says
    that comparisons were refused, since their scans are of several kinds.
    """  # noqa: D301 - click leaves the lines after \b as they are
    from node.commands.work.cohort import do_cohort

    do_cohort(**asked)
