"""Repeated measurements of a feature, and when they say nothing.

Design choice: a coefficient needs `MINIMUM_SUBJECTS` subjects. Fisher's z of a
concordance coefficient has a standard error of about 1 / sqrt(n - 2). At five subjects
the 95 % interval of 0.9 reaches down to 0.33, at four to 0.09: there, a feature that
repeats well cannot be told from one that does not repeat at all.

Design choice: what differs by less than `ROUNDING` of the greatest value is equal. A
feature that is constant by its definition may still carry the last digit's noise, and
the coefficients of noise mean nothing.
"""

import numpy as np
from numpy.typing import NDArray

from model.learning.estimate import NotAssessable

Measurements = NDArray[np.float64]
"""Finite values of one feature, shape (subjects, repeats)."""

MINIMUM_SUBJECTS = 5
"""Fewest subjects with all their repeats."""
MINIMUM_REPEATS = 2
ROUNDING = 1e-12
"""Part of the greatest absolute value that rounding may make up."""
ROUNDED = 1e-6
"""Part of the range of all measurements within which a subject's repeats are equal: as
of numbers that were written in single precision. A repeatability coefficient of it
would be exceeded by every change."""

EQUAL_REPEATS = "no interval: the repeats of every subject are equal but for rounding"
"""Why a coefficient of 1 has no interval."""


def why_not(measurements: Measurements) -> NotAssessable | None:
    """Return why nothing can be said of measurements, or None when something can.

    Parameters
    ----------
    measurements : ndarray, shape (subjects, repeats)
    """
    subjects, repeats = measurements.shape
    if repeats < MINIMUM_REPEATS:
        return NotAssessable(f"not assessable with {repeats} measurement a subject")
    if subjects < MINIMUM_SUBJECTS:
        return NotAssessable(
            f"not assessable at n = {subjects}: at least {MINIMUM_SUBJECTS} subjects "
            "with all their repeats are needed"
        )
    if _span(measurements) <= _noise(measurements):
        return NotAssessable(
            f"not assessable at n = {subjects}: all measurements are equal"
        )
    return None


def repeats_are_equal(measurements: Measurements) -> bool:
    """Return whether every subject's repeats are equal, as of one image read twice."""
    within = float(np.max(np.ptp(measurements, axis=1)))
    return within <= max(_noise(measurements), ROUNDED * _span(measurements))


def a_repeat_is_constant(measurements: Measurements) -> bool:
    """Return whether one of the repeats has a single value for all subjects."""
    between = float(np.min(np.ptp(measurements, axis=0)))
    return between <= _noise(measurements)


def _span(measurements: Measurements) -> float:
    return float(np.ptp(measurements))


def _noise(measurements: Measurements) -> float:
    return ROUNDING * float(np.max(np.abs(measurements)))
