"""Standard errors of means and sums over observations that come in groups."""

import math

import numpy as np
import scipy.special
from scipy.stats import t

from model.learning.estimate import NotAssessable
from model.learning.performance.observed import Floats, Observed


def grouped_standard_error(seen: Observed, influences: Floats) -> float:
    """Return the standard error of a mean, from what each observation adds to it.

    The sandwich estimate over groups, with the correction g/(g-1) for their number
    (Liang and Zeger 1986); without repeats the usual standard deviation over sqrt(n).

    Parameters
    ----------
    seen : Observed
    influences : ndarray of float, shape (observations,)
        Whose mean is 0: how far each observation moves the number, times how many
        there are.
    """
    sums = seen.per_group(influences)
    many = seen.group_count
    return math.sqrt(many / (many - 1) * float(sums @ sums)) / seen.count


def t_width(seen: Observed, error: float, level: float) -> float:
    """Return half the length of an interval: Student's t with groups - 1."""
    return float(t.ppf((1 + level) / 2, seen.group_count - 1)) * error


def no_spread(seen: Observed) -> NotAssessable:
    """Return why errors that are all alike make no interval, and so no number."""
    return NotAssessable(
        f"not assessable at n = {seen.count}: the errors of all probabilities are "
        f"alike, so that nothing tells how they would spread"
    )


def expit(scores: Floats) -> Floats:
    """Return the probabilities of scores on the logit scale, without overflow."""
    return np.asarray(scipy.special.expit(np.asarray(scores, np.float64)))
