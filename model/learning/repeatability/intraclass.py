"""Intraclass correlation: the share of the variance that is between subjects.

ICC(1,1) of Shrout and Fleiss, McGraw and Wong's ICC(1), takes the repeats as
interchangeable. ICC(2,1), McGraw and Wong's ICC(A,1), takes them as sessions that all
subjects share; a shift between sessions counts as disagreement.

References
----------
* Shrout PE, Fleiss JL. Intraclass correlations: uses in assessing rater reliability.
  Psychological Bulletin 86:420-428, 1979.
* McGraw KO, Wong SP. Forming inferences about some intraclass correlation coefficients.
  Psychological Methods 1:30-46, 1996; table 4 (coefficients), table 7 (intervals).
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from model.learning.estimate import Assessed, Estimate, NotAssessable
from model.learning.repeatability.measurements import (
    EQUAL_REPEATS,
    ROUNDING,
    Measurements,
    repeats_are_equal,
    why_not,
)


@dataclass(frozen=True)
class MeanSquares:
    """The two-way analysis of variance without replication.

    Attributes
    ----------
    subjects, repeats : int
    between_subjects : float
        Mean square of subjects, n - 1 degrees of freedom.
    between_repeats : float
        Of repeats, k - 1.
    residual : float
        (n - 1)(k - 1).
    within_subjects : float
        Of the one-way analysis, n(k - 1).
    """

    subjects: int
    repeats: int
    between_subjects: float
    between_repeats: float
    residual: float
    within_subjects: float


def mean_squares(measurements: Measurements) -> MeanSquares:
    """Return the mean squares of measurements, shape (subjects, repeats)."""
    subjects, repeats = measurements.shape
    centred = measurements - measurements.mean()
    of_subjects = centred.mean(axis=1, keepdims=True)
    of_repeats = centred.mean(axis=0, keepdims=True)
    residual = centred - of_subjects - of_repeats
    degrees = (subjects - 1) * (repeats - 1)
    return MeanSquares(
        subjects=subjects,
        repeats=repeats,
        between_subjects=float(repeats * (of_subjects**2).sum() / (subjects - 1)),
        between_repeats=float(subjects * (of_repeats**2).sum() / (repeats - 1)),
        residual=float((residual**2).sum() / degrees),
        within_subjects=float(
            ((centred - of_subjects) ** 2).sum() / (subjects * (repeats - 1))
        ),
    )


def icc_one_way(measurements: Measurements, level: float = 0.95) -> Assessed:
    """Return ICC(1,1): one-way random effects, single measurement.

    Parameters
    ----------
    measurements : ndarray, shape (subjects, repeats)
    level : float

    Returns
    -------
    Estimate or NotAssessable
        The latter also where all subjects have the same mean, so that nothing lies
        between them: F is 0 and has no interval.
    """
    known = _known(measurements, level)
    if known is not None:
        return known
    found = mean_squares(measurements)
    n, k = found.subjects, found.repeats
    ratio = found.between_subjects / found.within_subjects
    upper = 0.5 + level / 2
    low = ratio / stats.f.ppf(upper, n - 1, n * (k - 1))
    high = ratio * stats.f.ppf(upper, n * (k - 1), n - 1)
    value, low, high = ((each - 1) / (each + k - 1) for each in (ratio, low, high))
    return Estimate(float(value), float(low), float(high), "ICC(1,1), F", level)


def icc_agreement(measurements: Measurements, level: float = 0.95) -> Assessed:
    """Return ICC(2,1) = ICC(A,1): two-way random effects, absolute agreement.

    Parameters
    ----------
    measurements : ndarray, shape (subjects, repeats)
    level : float

    Returns
    -------
    Estimate or NotAssessable
        The latter also where all subjects have the same mean, so that nothing lies
        between them: F is 0 and has no interval.
    """
    known = _known(measurements, level)
    if known is not None:
        return known
    found = mean_squares(measurements)
    n, k = found.subjects, found.repeats
    rows, columns, rest = (
        found.between_subjects,
        found.between_repeats,
        found.residual,
    )
    spread = rows + (k - 1) * rest + k * (columns - rest) / n
    value = (rows - rest) / spread
    # McGraw and Wong's a and b, both times n(1 - value).
    of_columns = k * value
    of_rest = n * (1 - value) + k * value * (n - 1)
    mixed = of_columns * columns + of_rest * rest
    freedom = mixed**2 / (
        (of_columns * columns) ** 2 / (k - 1)
        + (of_rest * rest) ** 2 / ((n - 1) * (k - 1))
    )
    upper = 0.5 + level / 2
    common = k * columns + (k * n - k - n) * rest
    below = float(stats.f.ppf(upper, n - 1, freedom))
    above = float(stats.f.ppf(upper, freedom, n - 1))
    low = n * (rows - below * rest) / (below * common + n * rows)
    high = n * (above * rows - rest) / (common + n * above * rows)
    return Estimate(
        float(value), float(low), float(high), "ICC(2,1) = ICC(A,1), F", level
    )


def _known(measurements: Measurements, level: float) -> Assessed | None:
    missing = why_not(measurements)
    if missing is not None:
        return missing
    if repeats_are_equal(measurements):
        return Estimate(1.0, None, None, EQUAL_REPEATS, level)
    means = measurements.mean(axis=1)
    if np.ptp(means) <= ROUNDING * np.abs(measurements).max():
        return NotAssessable(
            f"not assessable at n = {len(measurements)}: all subjects have the same "
            "mean"
        )
    return None


__all__ = ["MeanSquares", "icc_agreement", "icc_one_way", "mean_squares"]
