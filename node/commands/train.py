"""``train``: a score model from a site's own tables."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from model.learning.readout import Readout
from model.learning.selection.penalty_rule import PenaltyRule
from node.commands.options import (
    config_option,
    json_option,
)
from node.commands.table_options import table_options
from node.learning.validation.groupings import ANIMAL, GROUPINGS
from node.learning.validation.options import LARGEST_SEED, SEED

_METHODS = ("firth", "paper")
_LEAST_FOLDS = 3


def _matching(
    pattern: str, meaning: str
) -> Callable[[click.Context, click.Parameter, str], str]:
    """Return a callback that refuses what does not fit, before anything is done."""

    def checked(
        _context: click.Context, _parameter: click.Parameter, value: str
    ) -> str:
        if re.fullmatch(pattern, value, re.ASCII) is None:
            fact = f"{value!r} is not made of {meaning}"
            raise click.BadParameter(fact)
        return value

    return checked


@click.command("train")
@table_options
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the model, the report and its tables.",
)
@click.option(
    "--name",
    default="site-trained",
    show_default=True,
    callback=_matching(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", "letters, digits, - and _"),
    help="Of the model.",
)
@click.option(
    "--model-version",
    "version",
    default="1.0.0",
    show_default=True,
    metavar="X.Y.Z",
    help="Of the model; one that is there is never replaced.",
    callback=_matching(r"[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}", "X.Y.Z, such as 1.0.0"),
)
@click.option(
    "--label",
    type=click.Choice([str(readout) for readout in Readout]),
    default=str(Readout.TERMINAL),
    show_default=True,
    help="Readout that is cut at its median; above it the label is 1.",
)
@click.option(
    "--at-least",
    type=click.IntRange(1, len(Readout)),
    default=2,
    show_default=True,
    help="For how many readouts a feature must be selected.",
)
@click.option(
    "--penalty",
    type=click.Choice([str(rule) for rule in PenaltyRule]),
    default=str(PenaltyRule.MINIMUM),
    show_default=True,
    help="Of the LASSO: of least cross-validated error, or the largest within one "
    "standard error of it.",
)
@click.option(
    "--method",
    type=click.Choice(_METHODS),
    default="firth",
    show_default=True,
    help="Firth's penalised likelihood with intercept correction, or the paper's "
    "maximum likelihood, which does not exist where features separate the labels.",
)
@click.option(
    "--group-by",
    "grouping",
    type=click.Choice(GROUPINGS),
    default=ANIMAL,
    show_default=True,
    help="What is never parted between fitting and testing.",
)
@click.option(
    "--kept",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="repeatability.csv of the command repeatability: only what it keeps takes "
    "part.",
)
@click.option("--no-ct", is_flag=True, help="Leave CT features out.")
@click.option(
    "--profile",
    metavar="NAME|FILE",
    help="How the PET features were prepared, where the tables do not say.",
)
@click.option(
    "--folds",
    type=click.IntRange(_LEAST_FOLDS),
    default=5,
    show_default=True,
    help="Of cross-validation.",
)
@click.option(
    "--repeats",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="Rounds of cross-validation.",
)
@click.option(
    "--permutations",
    type=click.IntRange(0),
    default=200,
    show_default=True,
    help="Arrangements of the readouts for the permutation P; 0 for none.",
)
@click.option(
    "--permutation-repeats",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Rounds of cross-validation in each arrangement.",
)
@click.option(
    "--resamples",
    type=click.IntRange(20),
    default=200,
    show_default=True,
    help="Bootstrap samples for optimism, and subsamples for selection frequencies.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, LARGEST_SEED),
    default=SEED,
    show_default=True,
    help="Of all that is drawn at random; the same seed gives the same model file.",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    help="Processes; as many as there are processors without it. No number hangs on "
    "it.",
)
@config_option
@json_option
def train_command(**asked: Any) -> None:
    """Train a score model on these tables, by the paper's method.

    A LASSO per readout, features selected for several readouts, logistic regression of
    the label at its median. All of it is judged on animals that it has not seen, and
    the first answer is whether texture is more than volume and day.

    \b
    Columns: animal, day and features (--features); animal, day, terminal and, as far
    as there are, early, early_to_terminal and mfi (--flow); tumour_model, batch, cage
    (--design).

    \b
    Example:
      exhaustion-node features STUDY --table features.csv
      exhaustion-node train --features features.csv --flow flow.csv
        --design design.csv --name our-scanner --out trained

    Writes NAME-VERSION.toml (the model), report.html, report.pdf, summary.json, and as
    CSV candidates, coefficients, path, frequencies, folds, baselines, left_out,
    permutations and findings. Exit code 3: no model file was written, as the report
    says.
    """  # noqa: D301 (click's mark of a paragraph that stays as it is)
    from node.commands.work.train import do_train

    do_train(**asked)
