"""Calibration of scores: whether what is foretold at 70 % comes true in 70 %.

Three numbers, of the line ``logit(p) = intercept + slope x score`` (Cox 1958):

========================== ============================================================
calibration in the large   The intercept with the slope held at 1. Above 0: risks are
                           underestimated on the whole; 0 is right.
slope                      Below 1: foretold risks are too extreme, as those of a model
                           that was fitted too closely; 0: the score says nothing; below
                           0: it ranks the wrong way.
intercept                  That goes with the slope (R: `rms::val.prob`); it has a
                           meaning of its own at a slope of 1, only.
========================== ============================================================

References
----------
Cox DR. Biometrika 1958; 45: 562-565.
Van Calster B et al. A calibration hierarchy for risk models was defined: from utopia to
empirical data. Journal of Clinical Epidemiology 2016; 74: 167-176.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from model.learning.estimate import Assessed, Estimate, NotAssessable
from model.learning.fitting.climb import UnsettledFitError
from model.learning.performance.grouped_error import (
    expit,
    grouped_standard_error,
    no_spread,
    t_width,
)
from model.learning.performance.logistic_line import (
    is_separated,
    logistic_line,
)
from model.learning.performance.observed import Observed, observed

LEAST_OF_EACH = 5
"""Of each label (animals, where they repeat). With fewer, samples without any relation
are separated by chance in more than one of a hundred draws (2 / binomial(9, 4) = 1.6 %
at four and five), and then there is no slope."""


@dataclass(frozen=True)
class Calibration:
    """How a score's probabilities compare with what happened.

    Attributes
    ----------
    in_the_large : Assessed
        Intercept with the slope held at 1.
    intercept, slope : Assessed
        Fitted together.
    difference : Assessed
        Observed minus mean foretold probability.
    """

    in_the_large: Assessed
    intercept: Assessed
    slope: Assessed
    difference: Assessed


def calibration(
    scores: ArrayLike,
    labels: ArrayLike,
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> Calibration:
    """Return the calibration of scores.

    Parameters
    ----------
    scores : array_like of float, shape (observations,)
        On the logit scale.
    labels : array_like of int or bool, shape (observations,)
    groups : array_like, shape (observations,), optional
    level : float
    """
    seen = observed(scores, labels, groups)
    lacking = seen.lacks(LEAST_OF_EACH)
    if lacking is not None:
        return Calibration(lacking, lacking, lacking, lacking)
    large = logistic_line(seen, with_slope=False, level=level)
    intercept, slope = _line(seen, level)
    return Calibration(
        in_the_large=_bounded(
            seen, large.estimate(0, method=interval_method(seen), level=level)
        ),
        intercept=intercept,
        slope=slope,
        difference=_difference(seen, level),
    )


def no_slope(seen: Observed) -> NotAssessable | None:
    """Return why no slope can be fitted by maximum likelihood; None if one can."""
    start = f"not assessable at n = {seen.count}:"
    if np.ptp(seen.foretold) == 0:
        return NotAssessable(f"{start} all scores are equal")
    if is_separated(seen):
        return NotAssessable(
            f"{start} a threshold of the score separates the classes, so that the "
            f"likelihood has no maximum"
        )
    return None


def interval_method(seen: Observed) -> str:
    """Return how the limits of a line's parameters are made."""
    scaled = ", scaled to the clustered variance" if seen.repeats else ""
    return f"profile likelihood{scaled}"


def _line(seen: Observed, level: float) -> tuple[Assessed, Assessed]:
    """Return intercept and slope, fitted together."""
    missing = no_slope(seen)
    if missing is not None:
        return missing, missing
    try:
        line = logistic_line(seen, with_slope=True, level=level)
    except UnsettledFitError as error:
        missing = NotAssessable(f"not assessable at n = {seen.count}: {error}")
        return missing, missing
    method = interval_method(seen)
    intercept, slope = (
        _bounded(seen, line.estimate(which, method=method, level=level))
        for which in range(2)
    )
    return intercept, slope


def _bounded(seen: Observed, found: Estimate) -> Assessed:
    """Return a number that its interval bounds on one side at least."""
    if found.low is not None or found.high is not None:
        return found
    return NotAssessable(
        f"not assessable at n = {seen.count}: its interval has no end on either side"
    )


def _difference(seen: Observed, level: float) -> Assessed:
    """Return observed minus foretold, with Student's t over groups."""
    off = seen.labels - expit(seen.foretold)
    if np.ptp(off) == 0:
        return no_spread(seen)
    value = float(off.mean())
    width = t_width(seen, grouped_standard_error(seen, off - value), level)
    return Estimate(value, value - width, value + width, "Student's t", level)
