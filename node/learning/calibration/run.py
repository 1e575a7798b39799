"""Calibration: a model's scale fitted to local labels, and what that is worth.

Design choice: what the calibrated scores show on the labels that they were fitted to is
corrected for optimism, by fitting the line again on bootstrap samples of animals. The
C-index is the same before and after, since a line with a positive slope keeps ranks.

Design choice: a model is not calibrated on the rows that it was made from. There it is
calibrated already, by having been fitted; a line through the same labels would undo
what keeps a fit to few data from being too extreme.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from config.refusal import RefusalError
from config.schema import Settings
from model.learning.estimate import Assessed, NotAssessable
from model.learning.recalibrated import Recalibrated
from model.learning.recalibration import RecalibrationFit, fit_recalibration
from model.score.score_model import Calibration, ScoreModel
from node.learning.tables.choice import TableChoice
from node.learning.validation.labels import LabelRule
from node.learning.validation.numbers import (
    Curves,
    Drawing,
    corrected_numbers,
    curves_of,
    numbers_of,
    recalibration_refit,
)
from node.learning.validation.rows import ScoredRows
from node.learning.validation.run import LabelOptions, labelled_rows
from node.learning.validation.setting import Setting, setting_of


class OwnRowsError(RefusalError):
    """A model was to be calibrated on the rows that it was made from."""

    def __init__(self, model: ScoreModel, reason: str) -> None:
        super().__init__(
            f"{model.name} {model.version} was made from these rows ({reason}), on "
            f"which it is calibrated already. Calibrate it on other animals."
        )


@dataclass(frozen=True, eq=False)
class After:
    """What the calibrated scores are worth.

    Attributes
    ----------
    rows : ScoredRows
        The same rows with calibrated scores.
    numbers : mapping of str to Assessed
        Corrected for optimism; the C-index is that of before.
    curves : Curves
        On the labels that the line was fitted to, and so uncorrected.
    """

    rows: ScoredRows
    numbers: Mapping[str, Assessed]
    curves: Curves


@dataclass(frozen=True, eq=False)
class Calibrated:
    """What a calibration finds.

    Attributes
    ----------
    rows : ScoredRows
        Scored by the model before.
    rule : LabelRule
    labels : ndarray of bool
    what : Recalibrated
    fit : RecalibrationFit or NotAssessable
        The latter where the calibration is refused.
    before : mapping of str to Assessed
    curves : Curves
        Before.
    after : After or None
        None where the calibration is refused.
    seed : int
    """

    rows: ScoredRows
    rule: LabelRule
    labels: NDArray[np.bool_]
    what: Recalibrated
    fit: RecalibrationFit | NotAssessable
    before: Mapping[str, Assessed]
    curves: Curves
    after: After | None
    seed: int


def run_calibration(
    choice: TableChoice,
    settings: Settings,
    labelling: LabelOptions,
    what: Recalibrated,
    drawing: Drawing,
) -> Calibrated:
    """Return what a calibration on local labels gives.

    Parameters
    ----------
    choice : TableChoice
    settings : Settings
    labelling : LabelOptions
    what : Recalibrated
    drawing : Drawing

    Raises
    ------
    config.refusal.RefusalError
        With what must be put right in tables, model or options.
    """
    rows, rule = labelled_rows(choice, settings, labelling)
    setting = setting_of(rows)
    if setting.setting is Setting.APPARENT:
        raise OwnRowsError(rows.model, setting.reason)
    return calibrate(rows, rule, what, drawing)


def calibrate(
    rows: ScoredRows, rule: LabelRule, what: Recalibrated, drawing: Drawing
) -> Calibrated:
    """Return what a calibration of rows that a model scores gives."""
    labels = rule.labels(rows.values)
    seen = rows.labelled(labels)
    fit = fit_recalibration(seen, what)
    after = None
    if isinstance(fit, RecalibrationFit):
        after = _after(rows, labels, fit, drawing)
    return Calibrated(
        rows=rows,
        rule=rule,
        labels=labels,
        what=what,
        fit=fit,
        before=numbers_of(seen),
        curves=curves_of(seen, drawing.seed),
        after=after,
        seed=drawing.seed,
    )


def _after(
    rows: ScoredRows,
    labels: NDArray[np.bool_],
    fit: RecalibrationFit,
    drawing: Drawing,
) -> After:
    scores = fit.intercept.value + fit.slope.value * rows.scores
    model = replace(rows.model, calibration=Calibration.SITE, cut_off=0.0)
    calibrated = replace(rows, scores=scores, model=model)
    seen = calibrated.labelled(labels)
    plain = numbers_of(seen)
    refit = recalibration_refit(rows.scores, labels, fit.what)
    numbers = corrected_numbers(seen, plain, refit, drawing)
    # A line with a positive slope leaves every rank where it was.
    numbers["c_index"] = plain["c_index"]
    return After(calibrated, numbers, curves_of(seen, drawing.seed))
