"""The model file of a training, or why there is none.

Design choice: a model is written when the node can score with it. An empty model has
nothing to score; one that needs CT features cannot be computed by the node, which
scores PET; and separated labels have no maximum-likelihood fit.
"""

from dataclasses import dataclass
from pathlib import Path

from model.features.preparation import Preparation
from model.learning.estimate import Assessed, Estimate, NotAssessable
from model.learning.fitting.logistic import LogisticFit, Method
from model.learning.fitting.maximum_likelihood import fit_maximum_likelihood
from model.learning.fitting.separation import SeparationError
from model.learning.training.contenders import BASELINE, TEXTURE
from model.score.provenance import DataFile, Performance, Provenance
from model.score.score_model import ScoreModel
from node.learning.made_model import (
    Equation,
    cohort_of,
    domain_of,
    trained_model,
    trained_names,
    write_made_model,
)
from node.learning.report.sections import software
from node.learning.tables.feature_columns import CT_PREFIX
from node.learning.tables.joined import SourceFile
from node.learning.training.run import Training
from node.learning.training.words import (
    BOOTSTRAPPED,
    CROSS_VALIDATED,
    LEFT_OUT,
    METHODS,
    PENALTIES,
    estimate_of,
    events_of,
    notes_of,
    verdict_text,
)
from node.learning.validation.words import performance_of

EMPTY_MODEL, NEEDS_CT = "empty_model", "needs_ct_features"


@dataclass(frozen=True)
class NoModel:
    """Why no model file is written.

    Attributes
    ----------
    reason : str
        ``empty_model``, ``needs_ct_features`` or ``separated_labels``.
    detail : str
    """

    reason: str
    detail: str


def model_of(
    training: Training, preparation: Preparation, kept: SourceFile | None
) -> ScoreModel | NoModel:
    """Return the trained model, not yet written, or why there is none.

    Parameters
    ----------
    training : Training
    preparation : Preparation
        Of the PET features.
    kept : SourceFile or None
        Table of repeatability that chose candidates.
    """
    fit = training.final.fit
    refused = _refused(training)
    if refused is not None or fit is None:
        return refused or _empty(training)
    rows, options = training.rows, training.options
    cohort = cohort_of(rows.table, rows.positions)
    cut_off = training.final.cut_off
    names = trained_names(options.name, options.version, cohort, options.label, cut_off)
    return trained_model(
        names,
        _equation(training, fit),
        preparation,
        domain_of(rows.table, training.chosen, rows.positions),
        _provenance(training, kept),
    )


def write_trained_model(model: ScoreModel, folder: Path) -> ScoreModel:
    """Write a trained model and return it with its checksum.

    Raises
    ------
    config.score_models.ScoreModelError
    """
    return write_made_model(model, folder)


def _refused(training: Training) -> NoModel | None:
    if training.final.fit is None:
        return _empty(training)
    ct = [name for name in training.chosen if name.startswith(CT_PREFIX)]
    if ct:
        return NoModel(
            NEEDS_CT,
            f"the rule chose {', '.join(ct)}, and the node scores PET: no model is "
            f"written that it could not compute. Train without CT features (--no-ct)",
        )
    if training.final.fell_back:
        return NoModel(SeparationError.reason, _separation(training))
    return None


def _empty(training: Training) -> NoModel:
    return NoModel(
        EMPTY_MODEL,
        f"no feature was selected for {training.options.at_least} readouts. An empty "
        f"model is a valid answer: these tables do not say that texture foretells "
        f"{training.options.label}. There is nothing to score with",
    )


def _separation(training: Training) -> str:
    data = training.rows.data
    matrix = data.features[:, list(training.final.chosen)]
    labels = data.labels(training.final.cut_off)
    try:
        fit_maximum_likelihood(matrix, labels, names=training.chosen)
    except SeparationError as error:
        return f"{error}. {error.remedy}"
    message = "a fit that was separated exists now: a defect"
    raise AssertionError(message)


def _equation(training: Training, fit: LogisticFit) -> Equation:
    values = (float(value) for value in fit.coefficients)
    return Equation(
        float(fit.intercept), dict(zip(training.chosen, values, strict=True))
    )


def _provenance(training: Training, kept: SourceFile | None) -> Provenance:
    rows, options = training.rows, training.options
    return Provenance(
        made_by=software(),
        method=(
            f"LASSO per readout ({', '.join(rows.data.readouts)}), "
            f"{PENALTIES[options.penalty]}; features selected for at least "
            f"{options.at_least} readouts; logistic regression by "
            f"{METHODS[Method(options.method)]}"
        ),
        seed=options.seed,
        animals=rows.animals,
        observations=rows.data.count,
        events=events_of(training),
        label_readout=str(options.label),
        label_cut_off=training.final.cut_off,
        data=tuple(
            DataFile(each.role, each.name, each.sha256) for each in rows.table.sources
        ),
        performance=performance_of_training(training),
        remarks=(verdict_text(training), *_remarks(training, kept)),
    )


def _remarks(training: Training, kept: SourceFile | None) -> tuple[str, ...]:
    found = tuple(notes_of(training))
    if kept is None:
        return found
    text = f"Candidates were those that {kept.name} keeps, SHA-256 {kept.sha256}."
    return (*found, text)


def performance_of_training(training: Training) -> tuple[Performance, ...]:
    """Return what the model's file says of how well it does."""
    in_folds = {
        "c_index": training.c_index[TEXTURE],
        "brier_score": training.brier[TEXTURE],
    }
    numbers: list[Performance] = [
        *performance_of(in_folds, CROSS_VALIDATED),
        *performance_of(training.corrected, BOOTSTRAPPED),
        _named("C-index of the baseline", training.c_index[BASELINE]),
        _named("C-index gained over the baseline", training.increment.c_index),
        _permutation(training),
    ]
    for column, title in LEFT_OUT.items():
        found = training.left_out[column]
        if not isinstance(found, tuple):
            continue
        for each in found:
            setting = f"trained without {title} {each.name}"[:200]
            numbers += performance_of({"c_index": each.texture}, setting)
    return tuple(numbers)


def _permutation(training: Training) -> Performance:
    quantity, found = "permutation P of the C-index", training.permutations
    if isinstance(found, NotAssessable):
        return Performance(quantity, CROSS_VALIDATED, None, None, None, found.why)
    note = f"{len(found.drawn)} arrangements of whole groups"
    return Performance(quantity, CROSS_VALIDATED, found.p_value, None, None, note)


def _named(quantity: str, found: Assessed) -> Performance:
    estimate: Estimate | None = estimate_of(found)
    if estimate is None:
        why = getattr(found, "why", "not assessable")
        return Performance(quantity, CROSS_VALIDATED, None, None, None, why)
    return Performance(
        quantity,
        CROSS_VALIDATED,
        estimate.value,
        estimate.low,
        estimate.high,
        estimate.method,
    )
