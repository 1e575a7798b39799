"""Limits of a parameter by the profile of a likelihood.

A limit is where the log-likelihood, maximised over all other parameters, lies so much
below its top. It follows the skewness that few or separated labels make, which standard
errors cannot. The profile is followed out from its top: with separated labels and
features that are correlated there may be a second, lower branch.

References
----------
Venzon DJ, Moolgavkar SH. A method for computing profile-likelihood-based confidence
intervals. Applied Statistics 1988; 37: 87-94.
"""

import math
from collections.abc import Callable

from scipy.optimize import brentq

from model.learning.fitting.climb import Likelihood, Point, climb

_DOUBLINGS = 60
_LONGEST_STEP = 10.0
"""Of the first step, in logits: where probabilities are all 0 and 1, a standard error
has no end."""


def profile_limit(
    likelihood: Likelihood, top: Point, which: int, sign: int, fall: float
) -> float:
    """Return where the profile of a parameter has fallen, infinite if nowhere.

    Parameters
    ----------
    likelihood : Likelihood
    top : Point
        Its top.
    which : int
        Of its parameters.
    sign : int
        1 for the upper limit, -1 for the lower one.
    fall : float
        Of the log-likelihood.

    Raises
    ------
    UnsettledFitError
    """
    inside = top

    def left(value: float) -> float:
        nonlocal inside
        # The others start where a normal likelihood has them: from elsewhere a line
        # with its origin far from the scores does not find back.
        along = inside.covariance[:, which] / inside.covariance[which, which]
        start = inside.parameters + (value - inside.parameters[which]) * along
        start[which] = value
        found = climb(likelihood, start, (which,))
        rest = found.value - top.value + fall
        # From beyond the limit the way back may lead along another branch.
        if rest >= 0:
            inside = found
        return rest

    error = math.sqrt(float(top.covariance[which, which]))
    return limit(left, float(top.parameters[which]), sign * error)


def limit(left: Callable[[float], float], start: float, step: float) -> float:
    """Return where a function falls to 0, infinite if nowhere.

    Parameters
    ----------
    left : callable
        Above 0 at the start, and falling from there.
    start : float
    step : float
        The first one, doubled as long as it is too short; its sign is the direction.
    """
    sign = math.copysign(1.0, step)
    width = min(abs(step), _LONGEST_STEP * (1 + abs(start)))
    outer = start
    for _ in range(_DOUBLINGS):
        inner, outer = outer, outer + sign * width
        if left(outer) < 0:
            return float(brentq(left, inner, outer, xtol=1e-10, rtol=1e-10))
        width *= 2
    return math.inf * sign
