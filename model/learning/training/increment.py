"""Whether texture knows more than volume, uptake, day and tumour model.

Three answers, none of which is enough alone:

- the difference of the cross-validated C-indices of both and of the baseline, in the
  same folds, with the corrected resampled interval;
- the penalised likelihood ratio test of the cross-validated texture score beside the
  baseline. The score of an observation is the mean of those by fits that had not seen
  it, so that the selection is outside (pre-validation, Tibshirani and Efron 2002); a
  little too small P values remain (Hoefling and Tibshirani 2008);
- the same test of the chosen features themselves, on the rows that chose them. Its P is
  too small by the selection, and is given to show by how much.

References
----------
Tibshirani R, Efron B. Pre-validation and inference in microarrays. Statistical
Applications in Genetics and Molecular Biology 2002; 1: 1.
Hoefling H, Tibshirani R. A study of pre-validation. Annals of Applied Statistics 2008;
2: 643-664.
Heinze G, Schemper M. Statistics in Medicine 2002; 21: 2409-2419 (the test).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.errors import ModelError
from model.learning.estimate import Assessed
from model.learning.fitting.firth import firth_likelihood_ratio
from model.learning.training.contenders import BASELINE, BOTH
from model.learning.training.cross_validation import FoldResult
from model.learning.training.independent_columns import independent
from model.learning.training.recipe import Trained
from model.learning.training.resampled_interval import resampled_mean
from model.learning.training.training_set import TrainingSet

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Increment:
    """What texture adds to the baseline.

    Attributes
    ----------
    c_index, brier : Assessed
        Of both, less that of the baseline; a C-index that rises and a Brier score that
        falls are gains.
    p_cross_validated : float or None
        Of the cross-validated texture score; None where it cannot be tested, as of a
        score that is the same for all.
    p_after_selection : float or None
        Of the chosen features, too small by the selection.
    """

    c_index: Assessed
    brier: Assessed
    p_cross_validated: float | None
    p_after_selection: float | None


def increment_of(
    data: TrainingSet, final: Trained, results: Sequence[FoldResult]
) -> Increment:
    """Return what texture adds to the baseline.

    Parameters
    ----------
    data : TrainingSet
    final : Trained
        On all rows.
    results : sequence of FoldResult
        Of all rounds, with contenders.
    """
    labels = data.labels(final.cut_off)
    cross_validated = out_of_fold_scores(data.count, results)
    known = np.isfinite(cross_validated)
    ratio = tested_per_fitted(results)
    return Increment(
        c_index=resampled_mean(_gaps(results, "c_index"), ratio, (-1.0, 1.0)),
        brier=resampled_mean(_gaps(results, "brier"), ratio, (-1.0, 1.0)),
        p_cross_validated=_p_value(
            data.baseline[known], cross_validated[known, None], labels[known]
        ),
        p_after_selection=_p_value(
            data.baseline, data.features[:, list(final.chosen)], labels
        ),
    )


def out_of_fold_scores(count: int, results: Sequence[FoldResult]) -> Floats:
    """Return each observation's mean score by fits that had not seen it.

    NaN for an observation that no fold tested.
    """
    sums, times = np.zeros(count), np.zeros(count)
    for each in results:
        sums[each.tested] += each.scores
        times[each.tested] += 1
    return np.where(times > 0, sums / np.maximum(times, 1), math.nan)


def tested_per_fitted(results: Sequence[FoldResult]) -> float:
    """Return the mean ratio of groups that a fold tests to those it is fitted on."""
    if not results:
        return math.nan
    return float(np.mean([each.tested_groups / each.fitted_groups for each in results]))


def _gaps(results: Sequence[FoldResult], quantity: str) -> list[float]:
    found = [getattr(each, quantity) for each in results]
    return [each[BOTH] - each[BASELINE] for each in found]


def _p_value(
    baseline: Floats, texture: Floats, labels: NDArray[np.int_]
) -> float | None:
    """Return the P value of texture beside a baseline."""
    matrix = np.hstack([baseline, texture])
    width = baseline.shape[1]
    columns = independent(matrix, range(matrix.shape[1]), len(labels) // 3)
    reduced = [column for column in columns if column < width]
    if len(reduced) == len(columns):
        return None
    full = matrix[:, list(columns)]
    try:
        return firth_likelihood_ratio(full, matrix[:, reduced], labels)
    except ModelError:
        return None
