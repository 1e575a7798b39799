"""How far measurements of one subject lie apart when nothing has changed.

Design choice: the within-subject variance is that of the one-way analysis: a shift
between the sessions is part of it, since a later scan of an animal will have it too.

Design choice: the coefficient of variation is the root mean square of the subjects' own
(Bland 2006; Quan and Shih 1996 compare the approaches). It is undefined for a feature
that is not of one sign throughout: a subject whose mean is near 0 would make it as
large as one likes.

References
----------
* Bland JM, Altman DG. Measurement error. BMJ 313:744, 1996; Measuring agreement in
  method comparison studies. Stat Methods Med Res 8:135-160, 1999.
* Raunig DL, McShane LM, Pennello G, et al. Quantitative imaging biomarkers: a review of
  statistical methods for technical performance assessment. Stat Methods Med Res
  24:27-67, 2015; section 3 (repeatability coefficient and its chi-square interval).
* Quan H, Shih WJ. Assessing reproducibility by the within-subject coefficient of
  variation with random effects models. Biometrics 52:1195-1203, 1996.
"""

import numpy as np
from scipy import stats

from model.learning.estimate import Assessed, Estimate, NotAssessable
from model.learning.repeatability.measurements import (
    EQUAL_REPEATS,
    Measurements,
    repeats_are_equal,
    why_not,
)

REPEATABILITY_FACTOR = 1.96 * float(np.sqrt(2))
"""Two measurements of one subject differ by less than this many within-subject standard
deviations in 95 % of the cases."""

_SIGNS = "undefined: the feature is not of one sign in all measurements"


def within_subject_deviation(
    measurements: Measurements, level: float = 0.95
) -> Assessed:
    """Return the within-subject standard deviation, in the feature's unit.

    Parameters
    ----------
    measurements : ndarray, shape (subjects, repeats)
    level : float
    """
    missing = _why_not(measurements)
    if missing is not None:
        return missing
    value = float(np.sqrt(measurements.var(axis=1, ddof=1).mean()))
    return _with_interval(value, measurements, level)


def repeatability_coefficient(
    measurements: Measurements, level: float = 0.95
) -> Assessed:
    """Return below what two measurements of one subject differ in 95 % of the cases.

    1.96 times the root of 2 times the within-subject standard deviation.

    Parameters
    ----------
    measurements : ndarray, shape (subjects, repeats)
    level : float
        Of the coefficient's own interval.
    """
    deviation = within_subject_deviation(measurements, level)
    if isinstance(deviation, NotAssessable):
        return deviation
    value = REPEATABILITY_FACTOR * deviation.value
    return _with_interval(value, measurements, level)


def within_subject_variation(
    measurements: Measurements, level: float = 0.95
) -> Assessed:
    """Return the within-subject coefficient of variation, in per cent.

    The root of the mean over subjects of variance / mean^2. Its interval is that of the
    chi-square distribution, which holds as long as it is small (below about 15 %).

    Parameters
    ----------
    measurements : ndarray, shape (subjects, repeats)
    level : float
    """
    missing = _why_not(measurements)
    if missing is not None:
        return missing
    if not (np.all(measurements > 0) or np.all(measurements < 0)):
        return NotAssessable(_SIGNS)
    relative = measurements / measurements.mean(axis=1, keepdims=True)
    value = 100 * float(np.sqrt(relative.var(axis=1, ddof=1).mean()))
    return _with_interval(value, measurements, level)


def _why_not(measurements: Measurements) -> NotAssessable | None:
    missing = why_not(measurements)
    if missing is not None:
        return missing
    if repeats_are_equal(measurements):
        return NotAssessable(EQUAL_REPEATS)
    return None


def _with_interval(value: float, measurements: Measurements, level: float) -> Estimate:
    subjects, repeats = measurements.shape
    degrees = subjects * (repeats - 1)
    low, high = value * np.sqrt(
        degrees / stats.chi2.ppf([0.5 + level / 2, 0.5 - level / 2], degrees)
    )
    return Estimate(value, float(low), float(high), f"chi-square, {degrees} df", level)
