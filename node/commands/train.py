"""``train``: a score model from a site's own tables."""

import os
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from config.feature_profiles import find_profile
from config.refusal import RefusalError
from config.schema import Settings
from model.errors import ModelError
from model.features.preparation import Preparation
from model.learning.fitting.logistic import Method
from model.learning.readout import Readout
from model.learning.selection.lasso import PenaltyRule
from model.score.score_model import ScoreModel
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
from node.learning.made_model import preparation_of
from node.learning.repeatability_table import read_repeatability
from node.learning.report import json_ready, write_report
from node.learning.tables.choice import TableChoice
from node.learning.tables.join import read_joined
from node.learning.tables.joined import JoinedTable
from node.learning.tables.profile import profile_of
from node.learning.training.display import print_training
from node.learning.training.model import NoModel, model_of, write_trained_model
from node.learning.training.options import Judgement, TrainOptions
from node.learning.training.report import training_document
from node.learning.training.rows import training_rows_of
from node.learning.training.run import Training, train
from node.learning.training.tables import training_summary, training_tables
from node.learning.validation.groupings import ANIMAL, GROUPINGS
from node.learning.validation.options import LARGEST_SEED, SEED

_METHODS = {"firth": Method.FIRTH, "paper": Method.MAXIMUM_LIKELIHOOD}
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
    type=click.Choice(list(_METHODS)),
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
def train_command(
    *,
    tables: TableChoice,
    out: Path,
    name: str,
    version: str,
    label: str,
    at_least: int,
    penalty: str,
    method: str,
    grouping: str,
    kept: Path | None,
    no_ct: bool,
    profile: str | None,
    folds: int,
    repeats: int,
    permutations: int,
    permutation_repeats: int,
    resamples: int,
    seed: int,
    workers: int | None,
    config_file: Path | None,
    as_json: bool,
) -> None:
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
    settings = settings_of(config_file)
    options = TrainOptions(
        name=name,
        version=version,
        label=Readout(label),
        at_least=at_least,
        penalty=PenaltyRule(penalty),
        method=_METHODS[method],
        grouping=grouping,
        kept=kept,
        with_ct=not no_ct,
        judgement=Judgement(
            folds, repeats, permutations, permutation_repeats, resamples
        ),
        seed=seed,
        workers=workers or os.cpu_count() or 1,
    )
    writable_folder(out)
    _require_new(out / options.file_name)
    training, model = _trained(tables, settings, options, profile)
    if isinstance(model, ScoreModel):
        model = write_trained_model(model, out)
    typed = {**vars(tables), **_typed(options), "profile": profile}
    with notes().status("writing the report"):
        document = training_document(training, model, typed, clock.now())
        summary = training_summary(training, model)
        files = write_report(document, out, training_tables(training), summary)
    if isinstance(model, ScoreModel):
        files = (options.file_name, *files)
    if as_json:
        print_json(json_ready({**summary, "files": files}))
    else:
        print_training(console(), training, model, out)
    if isinstance(model, NoModel):
        sys.exit(EXIT_HELD)


def _trained(
    tables: TableChoice,
    settings: Settings,
    options: TrainOptions,
    profile: str | None,
) -> tuple[Training, ScoreModel | NoModel]:
    table = read_joined(tables, settings)
    preparation = _preparation(table, settings, profile)
    repeatable = None if options.kept is None else read_repeatability(options.kept)
    names = None if repeatable is None else repeatable.kept
    rows = training_rows_of(table, options, preparation, names)
    try:
        training = train(rows, options)
    except ModelError as error:
        fact = f"{error}. {error.remedy}"
        raise RefusalError(fact) from error
    source = None if repeatable is None else repeatable.source
    return training, model_of(training, preparation, source)


def _preparation(
    table: JoinedTable, settings: Settings, profile: str | None
) -> Preparation:
    """Return how the PET features were prepared, as the tables or the option say."""
    folders = settings.score_model_folders
    if profile is None:
        return preparation_of(profile_of(table, folders))
    named = find_profile(profile, folders)
    said = [sha256 for sha256 in table.profiles.values() if sha256]
    if said and said[0] != named.sha256:
        ((stated, _),) = table.profiles.items()
        fact = f"--profile {named.name}: the tables say {stated}. Leave the option out."
        raise RefusalError(fact)
    return preparation_of(named)


def _require_new(path: Path) -> None:
    if path.exists():
        fact = (
            f"{path} exists, and a model's file is not replaced. Choose another "
            f"--name, --model-version or --out."
        )
        raise RefusalError(fact)


def _typed(options: TrainOptions) -> dict[str, Any]:
    """Return the options as the report names them."""
    # The number of processes changes nothing, and would differ between computers.
    known = vars(replace(options, workers=1))
    judged = vars(known.pop("judgement"))
    known.pop("workers")
    return {**known, **judged}
