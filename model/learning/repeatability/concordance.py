"""Lin's concordance correlation coefficient, and Barnhart's for more than two repeats.

Design choice: moments divide by n, as Lin's do; `Moments.UNBIASED` divides by n - 1.
The interval is made on Fisher's z by default, which keeps it inside -1 to 1 and covers
better than the asymptotic one where n is small (Lin 1989, section 4).

References
----------
* Lin LI-K. A concordance correlation coefficient to evaluate reproducibility.
  Biometrics 45:255-268, 1989; and its correction, Biometrics 56:324-325, 2000, whose
  variance is used here.
* Barnhart HX, Haber M, Song J. Overall concordance correlation coefficient for
  evaluating agreement among multiple observers. Biometrics 58:1020-1027, 2002.
* Efron B, Tibshirani RJ. An introduction to the bootstrap, 1993; section 11.5 (the
  jackknife's standard error).
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from model.learning.estimate import Assessed, Estimate, NotAssessable
from model.learning.repeatability.measurements import (
    EQUAL_REPEATS,
    MINIMUM_REPEATS,
    Measurements,
    a_repeat_is_constant,
    repeats_are_equal,
    why_not,
)

_CONSTANT = "not assessable at n = {}: one of the repeats has a single value"
_EXACT = 1e-12
"""How near to 1 or -1 a coefficient is one of these: repeats then differ by about a
millionth of the feature's spread, as features do that were rounded to single precision.
Fisher's z of it would be of rounding."""
_MIRRORED = "no interval: test and retest mirror each other but for rounding"


class Interval(StrEnum):
    """How the interval of a coefficient of two repeats is made."""

    FISHER_Z = "fisher_z"
    """Symmetric on Fisher's z."""
    ASYMPTOTIC = "asymptotic"
    """Symmetric on the coefficient itself."""


class Moments(StrEnum):
    """By what variances and the covariance are divided."""

    LIN = "lin"
    """By n, as in Lin 1989."""
    UNBIASED = "unbiased"
    """By n - 1."""


@dataclass(frozen=True)
class ConcordanceOptions:
    """How a coefficient is made.

    Attributes
    ----------
    interval : Interval
        For two repeats; more have the jackknife's on Fisher's z.
    moments : Moments
    level : float
        Coverage of the interval.
    """

    interval: Interval = Interval.FISHER_Z
    moments: Moments = Moments.LIN
    level: float = 0.95


LIN = ConcordanceOptions()
"""As Lin 1989 and 2000, at 95 %."""


def concordance_correlation(
    measurements: Measurements, options: ConcordanceOptions = LIN
) -> Assessed:
    """Return how near the repeats lie to being identical, 1 at most.

    Lin's coefficient of two repeats; Barnhart's overall coefficient of more, which is
    Lin's for two.

    Parameters
    ----------
    measurements : ndarray, shape (subjects, repeats)
    options : ConcordanceOptions

    Returns
    -------
    Estimate or NotAssessable
        The latter with too few subjects, or where a repeat has a single value. Where
        the repeats of every subject are equal but for rounding, 1 without an interval.
    """
    missing = why_not(measurements)
    if missing is not None:
        return missing
    subjects, repeats = measurements.shape
    if repeats_are_equal(measurements):
        return Estimate(1.0, None, None, EQUAL_REPEATS, options.level)
    if a_repeat_is_constant(measurements):
        return NotAssessable(_CONSTANT.format(subjects))
    assess = _lin if repeats == MINIMUM_REPEATS else _overall
    return assess(measurements, options)


def overall_coefficient(
    measurements: Measurements, moments: Moments = Moments.LIN
) -> float:
    """Return Barnhart's coefficient; of two repeats, Lin's.

    Twice the sum of the covariances of pairs of repeats, over (repeats - 1) times the
    sum of the variances plus the sum of the squared differences of the means of pairs.
    """
    repeats = measurements.shape[1]
    covariances = np.cov(measurements, rowvar=False, ddof=_ddof(moments))
    means = measurements.mean(axis=0)
    first, second = np.triu_indices(repeats, 1)
    shared = 2 * covariances[first, second].sum()
    spread = (repeats - 1) * np.trace(covariances)
    return float(shared / (spread + ((means[first] - means[second]) ** 2).sum()))


def lin_standard_error(
    measurements: Measurements, moments: Moments = Moments.LIN
) -> float:
    """Return the asymptotic standard error of Lin's coefficient.

    With r the correlation, C the bias correction factor, c = r C the coefficient, and
    a = 2 d^2 / D of the means' difference d and the coefficient's denominator D, the
    variance of Lin 2000 is ::

        [(1 - r^2) C^2 (1 - c^2) + 2 c^2 (1 - c) a - c^2 a^2 / 2] / (n - 2)

    which is Lin's expression, written without dividing by r.

    Parameters
    ----------
    measurements : ndarray, shape (subjects, 2)
    moments : Moments
    """
    covariances = np.cov(measurements, rowvar=False, ddof=_ddof(moments))
    deviations = np.sqrt(np.diag(covariances))
    product = deviations[0] * deviations[1]
    difference = float(np.diff(measurements.mean(axis=0))[0])
    denominator = np.trace(covariances) + difference**2
    correlation = covariances[0, 1] / product
    factor = 2 * product / denominator
    coefficient = correlation * factor
    shift = 2 * difference**2 / denominator
    variance = (
        (1 - correlation**2) * factor**2 * (1 - coefficient**2)
        + 2 * coefficient**2 * (1 - coefficient) * shift
        - coefficient**2 * shift**2 / 2
    ) / (len(measurements) - 2)
    # Rounding may leave less than nothing of a perfect line.
    return float(np.sqrt(max(variance, 0.0)))


def _lin(measurements: Measurements, options: ConcordanceOptions) -> Assessed:
    value = overall_coefficient(measurements, options.moments)
    if 1 - abs(value) < _EXACT:
        return _exact(value, options.level)
    error = lin_standard_error(measurements, options.moments)
    quantile = float(stats.norm.ppf(0.5 + options.level / 2))
    if options.interval is Interval.ASYMPTOTIC:
        low, high = value - quantile * error, value + quantile * error
        return Estimate(value, low, high, "Lin 2000, asymptotic", options.level)
    half = quantile * error / (1 - value**2)
    low, high = np.tanh(np.arctanh(value) + np.array([-half, half]))
    return Estimate(
        value, float(low), float(high), "Lin 2000, Fisher's z", options.level
    )


def _overall(measurements: Measurements, options: ConcordanceOptions) -> Assessed:
    value = overall_coefficient(measurements, options.moments)
    if 1 - abs(value) < _EXACT:
        return _exact(value, options.level)
    subjects = len(measurements)
    without = np.array(
        [
            overall_coefficient(np.delete(measurements, row, axis=0), options.moments)
            for row in range(subjects)
        ]
    )
    if not np.all(1 - np.abs(without) >= _EXACT):
        one = "all but one subject repeat exactly"
        return NotAssessable(f"not assessable at n = {subjects}: {one}")
    low, high = _jackknife(value, without, options.level)
    method = "Barnhart 2002, jackknife of Fisher's z"
    return Estimate(value, low, high, method, options.level)


def _exact(value: float, level: float) -> Estimate:
    whole = float(np.sign(value))
    return Estimate(whole, None, None, EQUAL_REPEATS if whole > 0 else _MIRRORED, level)


def _jackknife(
    value: float, without: NDArray[np.float64], level: float
) -> tuple[float, float]:
    subjects = len(without)
    each = np.arctanh(without)
    error = np.sqrt((subjects - 1) / subjects * ((each - each.mean()) ** 2).sum())
    half = float(stats.t.ppf(0.5 + level / 2, subjects - 1)) * error
    low, high = np.tanh(np.arctanh(value) + np.array([-half, half]))
    return float(low), float(high)


def _ddof(moments: Moments) -> int:
    return 1 if moments is Moments.UNBIASED else 0


def expected_interval(
    coefficient: float, subjects: int, level: float = 0.95
) -> tuple[float, float]:
    """Return which interval a coefficient of two repeats will have, before it is known.

    Without a shift and of equal variances, Fisher's z has the variance 1 / (n - 2).

    Parameters
    ----------
    coefficient : float
        Between -1 and 1.
    subjects : int
        At least 3.
    level : float
    """
    half = float(stats.norm.ppf(0.5 + level / 2)) / (subjects - 2) ** 0.5
    low, high = np.tanh(np.arctanh(coefficient) + np.array([-half, half]))
    return float(low), float(high)
