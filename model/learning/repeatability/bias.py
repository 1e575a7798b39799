"""Whether the retest is higher than the test, and between what the differences lie.

References
----------
* Bland JM, Altman DG. Statistical methods for assessing agreement between two methods
  of clinical measurement. Lancet 327:307-310, 1986.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from model.learning.estimate import Estimate, NotAssessable
from model.learning.repeatability.measurements import (
    MINIMUM_REPEATS,
    Measurements,
    why_not,
)

LIMITS_FACTOR = 1.96
"""Standard deviations of the differences on either side of the bias: 95 % of them."""


@dataclass(frozen=True)
class Agreement:
    """Bland and Altman's numbers of two repeats.

    Attributes
    ----------
    bias : Estimate
        Mean of second less first, in the feature's unit, with Student's interval.
    low, high : float
        Limits of agreement: bias -+ 1.96 standard deviations of the differences.
    """

    bias: Estimate
    low: float
    high: float


def agreement(
    measurements: Measurements, level: float = 0.95
) -> Agreement | NotAssessable:
    """Return bias and limits of agreement of two repeats.

    Parameters
    ----------
    measurements : ndarray, shape (subjects, 2)
    level : float
    """
    missing = why_not(measurements)
    if missing is not None:
        return missing
    subjects, repeats = measurements.shape
    if repeats > MINIMUM_REPEATS:
        return NotAssessable(f"a bias is of two repeats; there are {repeats}")
    differences = measurements[:, 1] - measurements[:, 0]
    bias = float(differences.mean())
    deviation = float(differences.std(ddof=1))
    quantile = float(stats.t.ppf(0.5 + level / 2, subjects - 1))
    half = quantile * deviation / float(np.sqrt(subjects))
    spread = LIMITS_FACTOR * deviation
    return Agreement(
        Estimate(bias, bias - half, bias + half, "Student's t", level),
        bias - spread,
        bias + spread,
    )
