"""What a validation finds: every number with its interval, or why there is none.

Design choice: on rows that the model was made from, the numbers are corrected for
optimism: the model's own terms are fitted again on bootstrap samples of animals, by the
model's own method. The selection of the terms is not repeated, which needs the features
that were not selected; the nested cross-validation of `train` is the number for that,
and the model's file has it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.errors import ModelError
from model.learning.estimate import Assessed, NotAssessable
from model.learning.fitting.firth import fit_firth
from model.learning.fitting.maximum_likelihood import fit_maximum_likelihood
from model.learning.performance.brier import brier_score, scaled_brier_score
from model.learning.performance.calibration import calibration
from model.learning.performance.calibration_curve import (
    CalibrationCurve,
    CalibrationGroups,
    calibration_groups,
    calibration_line,
    flexible_calibration,
)
from model.learning.performance.concordance import c_index
from model.learning.performance.decision import DecisionCurve, decision_curve
from model.learning.performance.grouped_error import expit
from model.learning.performance.observed import Floats, Observed
from model.learning.performance.optimism import corrected, optimism
from model.learning.recalibrated import Recalibrated
from model.learning.recalibration import recalibrated_scores
from model.learning.resampling import Indices
from model.score.score_model import Calibration
from node.learning.report.progress import progress
from node.learning.validation.labels import LabelRule
from node.learning.validation.rows import ScoredRows
from node.learning.validation.setting import FoundSetting, Setting

Refit = Callable[[Indices], Floats | None]

SPANS: Mapping[str, tuple[float, float]] = {
    "c_index": (0.0, 1.0),
    "brier_score": (0.0, 1.0),
    "scaled_brier_score": (-np.inf, 1.0),
    "observed_minus_foretold": (-1.0, 1.0),
}


@dataclass(frozen=True, eq=False)
class Curves:
    """What the plots show."""

    groups: CalibrationGroups | NotAssessable
    line: CalibrationCurve | NotAssessable
    flexible: CalibrationCurve | NotAssessable
    decision: DecisionCurve | NotAssessable


@dataclass(frozen=True, eq=False)
class Validation:
    """What a validation finds.

    Attributes
    ----------
    rows : ScoredRows
    rule : LabelRule
    labels : ndarray of bool
    setting : FoundSetting
    numbers : mapping of str to Assessed
        By the names of `model.learning.performance.optimism.QUANTITIES`; on the model's
        own rows corrected for optimism.
    apparent : mapping of str to Assessed
        On the model's own rows what they show, uncorrected; else empty.
    curves : Curves
    seed : int
    """

    rows: ScoredRows
    rule: LabelRule
    labels: NDArray[np.bool_]
    setting: FoundSetting
    numbers: Mapping[str, Assessed]
    apparent: Mapping[str, Assessed]
    curves: Curves
    seed: int


@dataclass(frozen=True)
class Drawing:
    """How much is drawn at random.

    Attributes
    ----------
    seed : int
    resamples : int
        Bootstrap samples of the correction for optimism.
    """

    seed: int
    resamples: int


def validate(
    rows: ScoredRows, rule: LabelRule, setting: FoundSetting, drawing: Drawing
) -> Validation:
    """Return what rows say of the model that scores them.

    Parameters
    ----------
    rows : ScoredRows
    rule : LabelRule
    setting : FoundSetting
    drawing : Drawing
    """
    labels = rule.labels(rows.values)
    seen = rows.labelled(labels)
    plain = numbers_of(seen)
    apparent: Mapping[str, Assessed] = {}
    numbers: Mapping[str, Assessed] = plain
    if setting.setting is Setting.APPARENT:
        apparent = plain
        numbers = corrected_numbers(seen, plain, refit_of(rows, labels), drawing)
        if rows.model.calibration is Calibration.SITE:
            # A line with a positive slope leaves every rank where it was.
            numbers = {**numbers, "c_index": plain["c_index"]}
    return Validation(
        rows=rows,
        rule=rule,
        labels=labels,
        setting=setting,
        numbers=numbers,
        apparent=apparent,
        curves=curves_of(seen, drawing.seed),
        seed=drawing.seed,
    )


def numbers_of(seen: Observed) -> dict[str, Assessed]:
    """Return what scores show of labels, uncorrected."""
    probabilities = expit(seen.foretold)
    line = calibration(seen.foretold, seen.labels, seen.groups)
    return {
        "c_index": c_index(seen.foretold, seen.labels, seen.groups),
        "brier_score": brier_score(probabilities, seen.labels, seen.groups),
        "scaled_brier_score": scaled_brier_score(
            probabilities, seen.labels, seen.groups
        ),
        "calibration_in_the_large": line.in_the_large,
        "calibration_intercept": line.intercept,
        "calibration_slope": line.slope,
        "observed_minus_foretold": line.difference,
    }


def curves_of(seen: Observed, seed: int) -> Curves:
    """Return what the plots show."""
    of = (seen.foretold, seen.labels, seen.groups)
    decided = decision_curve(expit(seen.foretold), *of[1:], seed=seed)
    return Curves(
        groups=calibration_groups(*of),
        line=calibration_line(*of),
        flexible=flexible_calibration(*of),
        decision=decided,
    )


def corrected_numbers(
    seen: Observed, plain: Mapping[str, Assessed], refit: Refit, drawing: Drawing
) -> dict[str, Assessed]:
    """Return numbers less their optimism.

    Parameters
    ----------
    seen : Observed
    plain : mapping of str to Assessed
        As `numbers_of` has them.
    refit : callable
        Scores of all rows by the model fitted again on some.
    drawing : Drawing
    """
    if all(isinstance(each, NotAssessable) for each in plain.values()):
        return dict(plain)
    with progress("Correcting for optimism", drawing.resamples) as tick:
        found = optimism(
            seen, refit, seed=drawing.seed, resamples=drawing.resamples, tick=tick
        )
    everything = (-np.inf, np.inf)
    return {
        name: corrected(number, found[name], SPANS.get(name, everything))
        for name, number in plain.items()
    }


def refit_of(rows: ScoredRows, labels: NDArray[np.bool_]) -> Refit:
    """Return what fits a model again: its terms, or the recalibration of its score.

    Parameters
    ----------
    rows : ScoredRows
        Of a model with a provenance.
    labels : ndarray of bool
    """
    made = rows.model.provenance
    if rows.model.calibration is Calibration.SITE and made and made.recalibration:
        again = made.recalibration
        before = (rows.scores - again.intercept) / again.slope
        what = Recalibrated.INTERCEPT if again.slope == 1 else Recalibrated.BOTH
        return recalibration_refit(before, labels, what)
    features, numbers = rows.features, labels.astype(int)
    by_firth = made is None or "firth" in made.method.casefold()
    fit = fit_firth if by_firth else fit_maximum_likelihood

    def refit(drawn: Indices) -> Floats | None:
        try:
            return fit(features[drawn], numbers[drawn]).scores(features)
        except ModelError:
            return None

    return refit


def recalibration_refit(
    scores: Floats, labels: NDArray[np.bool_], what: Recalibrated
) -> Refit:
    """Return what recalibrates scores again on drawn rows.

    Parameters
    ----------
    scores : ndarray of float
        Before recalibration.
    labels : ndarray of bool
    what : Recalibrated
    """

    def refit(drawn: Indices) -> Floats | None:
        if np.ptp(scores[drawn]) == 0:
            return None
        again = Observed(scores[drawn], labels[drawn], np.arange(len(drawn)))
        try:
            return recalibrated_scores(again, what, scores)
        except ModelError:
            return None

    return refit
