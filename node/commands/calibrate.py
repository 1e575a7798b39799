"""``calibrate``: a score model's scale, fitted to a site's own labels."""

import re
from collections.abc import Callable
from typing import Any

import click

from model.learning.recalibrated import Recalibrated
from node.commands.options import (
    config_option,
    json_option,
)
from node.commands.table_options import table_options
from node.learning.validation.options import labelling_options


def _matching(pattern: str, example: str) -> Callable[..., str | None]:
    """Return a callback of click that refuses what is not of a pattern."""

    def checked(
        _context: click.Context, _parameter: click.Parameter, value: str | None
    ) -> str | None:
        if value is not None and not re.fullmatch(pattern, value, re.ASCII):
            fact = f"{value!r} is not of the form {example}"
            raise click.BadParameter(fact)
        return value

    return checked


@click.command("calibrate")
@table_options
@labelling_options
@click.option(
    "--what",
    type=click.Choice([str(each) for each in Recalibrated]),
    default=str(Recalibrated.BOTH),
    show_default=True,
    help="Fit the intercept, or intercept and slope.",
)
@click.option(
    "--name",
    metavar="NAME",
    callback=_matching(
        r"[A-Za-z0-9][A-Za-z0-9_-]*", "our-scanner: letters, digits, _ and -"
    ),
    help="Of the calibrated model; that of the model with -calibrated without it.",
)
@click.option(
    "--model-version",
    default="1.0.0",
    show_default=True,
    metavar="N.N.N",
    callback=_matching(r"\d+\.\d+\.\d+", "1.0.0"),
    help="Version of the calibrated model.",
)
@config_option
@json_option
def calibrate_command(**asked: Any) -> None:
    """Fit the scale of a score model, the published one included, to local labels.

    The calibrated score is intercept + slope x score. An intercept repairs
    probabilities that are all too high or too low; a slope, those that are too extreme
    or too flat; neither repairs a wrong ranking, ever. Where the ranking is wrong, or
    not shown to be right, no model is written, and the exit code is 3.

    About 100 labels of each kind are recommended; with fewer, the interval says how
    sure the line is.

    \b
    Columns: animal, day and the model's features (--features);
    animal, day and the readout (--flow); optional: --design.

    \b
    Example:
      exhaustion-node calibrate --model zhang2023-fine --name ours --what both
        --features f.csv --flow flow.csv --cut-off median --out calibration

    Writes the model as NAME-VERSION.toml, report.html, report.pdf, summary.json,
    performance.csv, and scores and curves before and after. Put the model's file into
    a folder of score.model_folders, and its name into score.model, to use it.
    """  # noqa: D301 (click's mark of a paragraph that stays as it is)
    from node.commands.work.calibrate import do_calibrate

    do_calibrate(**asked)
