"""``train``: a score model from a site's own tables."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from config.feature_profiles import find_profile
from config.refusal import RefusalError
from config.schema import Settings
from model.errors import ModelError
from model.features.preparation import Preparation
from model.learning.fitting.logistic import Method
from model.learning.readout import Readout
from model.learning.selection.penalty_rule import PenaltyRule
from model.score.score_model import ScoreModel
from node import clock
from node.commands.exits import EXIT_HELD
from node.commands.options import (
    console,
    notes,
    print_json,
    settings_of,
    writable_folder,
)
from node.learning.made_model import preparation_of
from node.learning.repeatability.table import read_repeatability
from node.learning.report.writing import json_ready, write_report
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
from node.learning.training.summary import training_summary
from node.learning.training.tables import training_tables

_METHODS = {"firth": Method.FIRTH, "paper": Method.MAXIMUM_LIKELIHOOD}


def do_train(
    *,
    tables: TableChoice,
    out: Path,
    profile: str | None,
    config_file: Path | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """Do what ``train`` was asked; what else it was asked is for `_options_of`."""
    settings = settings_of(config_file)
    options = _options_of(**asked)
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


def _options_of(
    *,
    name: str,
    version: str,
    label: str,
    at_least: int,
    penalty: str,
    method: str,
    grouping: str,
    kept: Path | None,
    no_ct: bool,
    folds: int,
    repeats: int,
    permutations: int,
    permutation_repeats: int,
    resamples: int,
    seed: int,
    workers: int | None,
) -> TrainOptions:
    """Return how a model is to be trained and judged, of what was typed."""
    return TrainOptions(
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
