"""The Brier score: the mean squared error of probabilities, plain and scaled.

Design choice: the interval is Student's t on the scale of the logit, which keeps it
within 0 and 1 and follows the skewness that the mean of few squares has.

References
----------
Brier GW. Monthly Weather Review 1950; 78: 1-3.
Steyerberg EW et al. Assessing the performance of prediction models. Epidemiology 2010;
21: 128-138 (the scaled score).
"""

import numpy as np
from numpy.typing import ArrayLike

from model.learning.estimate import Assessed, Estimate
from model.learning.performance.grouped_error import (
    expit,
    grouped_standard_error,
    no_spread,
    t_width,
)
from model.learning.performance.observed import Floats, Observed, observed

LEAST_OF_EACH = 3
"""Of each label (animals, where they repeat), as for the C-index: with fewer, whether
the labels could be foretold at all is not to be seen."""


def brier_score(
    probabilities: ArrayLike,
    labels: ArrayLike,
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> Assessed:
    """Return the Brier score with its interval; 0 is perfect, 0.25 is a coin's.

    Parameters
    ----------
    probabilities : array_like of float, shape (observations,)
        Between 0 and 1.
    labels : array_like of int or bool, shape (observations,)
    groups : array_like, shape (observations,), optional
    level : float
    """
    seen = _probable(probabilities, labels, groups)
    lacking = seen.lacks(LEAST_OF_EACH)
    if lacking is not None:
        return lacking
    squares = (seen.foretold - seen.labels) ** 2
    value = float(squares.mean())
    error = grouped_standard_error(seen, squares - value)
    # One probability of a half for all has this error whatever the labels are.
    if not 0 < value < 1 or (error == 0 and np.ptp(seen.foretold) > 0):
        return no_spread(seen)
    width = t_width(seen, error, level) / (value * (1 - value))
    middle = np.log(value / (1 - value))
    low, high = expit(np.array([middle - width, middle + width]))
    method = f"Student's t on the logit scale{_over(seen)}"
    return Estimate(value, float(low), float(high), method, level)


def scaled_brier_score(
    probabilities: ArrayLike,
    labels: ArrayLike,
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> Assessed:
    """Return how much better the Brier score is than that of the prevalence alone.

    ``1 - Brier / (p (1 - p))`` with the observed prevalence p: 1 is perfect, 0 no
    better than saying p to everybody, less is worse. Its interval is of the first order
    (delta method), the prevalence's own error included.

    Parameters
    ----------
    probabilities : array_like of float, shape (observations,)
    labels : array_like of int or bool, shape (observations,)
    groups : array_like, shape (observations,), optional
    level : float
    """
    seen = _probable(probabilities, labels, groups)
    lacking = seen.lacks(LEAST_OF_EACH)
    if lacking is not None:
        return lacking
    squares = (seen.foretold - seen.labels) ** 2
    value, error = _scaled(seen, squares)
    if error == 0 and np.ptp(seen.foretold) > 0:
        return no_spread(seen)
    width = t_width(seen, error, level)
    method = f"Student's t, delta method{_over(seen)}"
    return Estimate(value, value - width, min(value + width, 1.0), method, level)


def _scaled(seen: Observed, squares: Floats) -> tuple[float, float]:
    """Return the scaled score and its standard error."""
    mean, prevalence = float(squares.mean()), float(seen.labels.mean())
    chance = prevalence * (1 - prevalence)
    of_prevalence = mean * (1 - 2 * prevalence) * (seen.labels - prevalence)
    influences = of_prevalence / chance**2 - (squares - mean) / chance
    return 1 - mean / chance, grouped_standard_error(seen, influences)


def _probable(
    probabilities: ArrayLike, labels: ArrayLike, groups: ArrayLike | None
) -> Observed:
    seen = observed(probabilities, labels, groups)
    if ((seen.foretold < 0) | (seen.foretold > 1)).any():
        message = "probabilities must lie between 0 and 1"
        raise ValueError(message)
    return seen


def _over(seen: Observed) -> str:
    return ", clustered over groups" if seen.repeats else ""
