"""A logistic line through labels: ``logit(p) = intercept + slope x score``.

Both numbers, or the intercept alone with the slope held at 1 (the score an offset), by
maximum likelihood or with Firth's penalty, and intervals by profile likelihood.

Design choice: limits are where the profile log-likelihood has fallen by half a quantile
of chi-squared, which follows the skewness of few labels, where Wald's limits do not.
Where groups repeat, the fall that is allowed grows by the parameter's sandwich variance
over its model variance, at least 1 (after Rotnitzky and Jewell), and the quantile is
Student's t squared with groups - 2 degrees of freedom.

References
----------
Cox DR. Two further applications of a model for binary regression. Biometrika 1958; 45:
562-565.
Venzon DJ, Moolgavkar SH. A method for computing profile-likelihood-based confidence
intervals. Applied Statistics 1988; 37: 87-94.
Rotnitzky A, Jewell NP. Biometrika 1990; 77: 485-497.
Firth D. Bias reduction of maximum likelihood estimates. Biometrika 1993; 80: 27-38.
Heinze G, Schemper M. A solution to the problem of separation in logistic regression.
Statistics in Medicine 2002; 21: 2409-2419 (its penalised profile).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import chi2, f

from model.learning.estimate import Estimate
from model.learning.performance.grouped_error import expit
from model.learning.performance.observed import Floats, Observed

_STEPS = 200
_SETTLED = 1e-9
"""Steps are quadratic here, so that what follows one of this length is nothing."""
_LONGEST_STEP = 5.0
_LEVEL = 1e-12
_DOUBLINGS = 60


@dataclass(frozen=True, eq=False)
class LogisticLine:
    """A fitted line.

    Attributes
    ----------
    parameters : ndarray, shape (1,) or (2,)
        Intercept, and slope where it was fitted.
    covariance : ndarray, square
        The sandwich over groups where they repeat, else the inverse information.
    lows, highs : ndarray
        Limits of the intervals; infinite where the likelihood has none.
    """

    parameters: Floats
    covariance: Floats
    lows: Floats
    highs: Floats

    def estimate(self, which: int, *, method: str, level: float) -> Estimate:
        """Return a parameter with its limits; one that is infinite is none."""
        low, high = float(self.lows[which]), float(self.highs[which])
        return Estimate(
            float(self.parameters[which]),
            low if math.isfinite(low) else None,
            high if math.isfinite(high) else None,
            method,
            level,
        )


@dataclass(frozen=True, eq=False)
class _Likelihood:
    """The log-likelihood of labels over a design, with Firth's penalty or without."""

    design: Floats
    offset: Floats
    labels: Floats
    penalised: bool

    def value(self, parameters: Floats) -> float:
        """Return the log-likelihood, without overflow."""
        line = self.offset + self.design @ parameters
        plain = self.labels @ line - np.logaddexp(0.0, line).sum()
        if not self.penalised:
            return float(plain)
        sign, size = np.linalg.slogdet(self.information(parameters))
        return float(plain + 0.5 * size) if sign > 0 else -math.inf

    def information(self, parameters: Floats) -> Floats:
        """Return Fisher's information."""
        p = expit(self.offset + self.design @ parameters)
        return np.asarray((self.design.T * (p * (1 - p))) @ self.design)

    def gradient(self, parameters: Floats) -> Floats:
        """Return the score, modified by Firth where penalised."""
        p = expit(self.offset + self.design @ parameters)
        off = self.labels - p
        if self.penalised:
            weights = p * (1 - p)
            inverse = np.linalg.pinv(self.information(parameters))
            hat = weights * np.einsum("ij,jk,ik->i", self.design, inverse, self.design)
            off = off + hat * (0.5 - p)
        return np.asarray(self.design.T @ off)


def logistic_line(
    seen: Observed,
    *,
    with_slope: bool,
    penalised: bool = False,
    level: float = 0.95,
) -> LogisticLine:
    """Return the line through labels, with profile limits of each parameter.

    Parameters
    ----------
    seen : Observed
        Scores on the logit scale, with labels of both classes; scores that differ
        where the slope is fitted, and that do not separate the classes unless
        penalised.
    with_slope : bool
        Whether the slope is fitted, or held at 1.
    penalised : bool
        Whether Firth's penalty is added.
    level : float
    """
    likelihood = _likelihood(seen, with_slope=with_slope, penalised=penalised)
    best = _best(likelihood)
    covariance, falls = _spread(seen, likelihood, best, level)
    limits = [
        [
            _limit(likelihood, best, covariance, (which, sign), falls[which])
            for which in range(len(best))
        ]
        for sign in (-1, 1)
    ]
    lows, highs = np.asarray(limits, np.float64)
    return LogisticLine(best, covariance, lows, highs)


def line_parameters(
    seen: Observed, *, with_slope: bool, penalised: bool = False
) -> Floats:
    """Return the parameters of `logistic_line` without limits, which is faster."""
    likelihood = _likelihood(seen, with_slope=with_slope, penalised=penalised)
    return _best(likelihood)


def fitted_curve(seen: Observed, design: Floats) -> tuple[Floats, Floats]:
    """Return parameters and covariance of any design's logistic regression.

    Parameters
    ----------
    seen : Observed
        Whose labels the design does not separate.
    design : ndarray, shape (observations, parameters)
        The first column of ones.
    """
    labels = seen.labels.astype(np.float64)
    likelihood = _Likelihood(design, np.zeros(seen.count), labels, penalised=False)
    best = _best(likelihood)
    return best, _spread(seen, likelihood, best, 0.95)[0]


def is_separated(seen: Observed) -> bool:
    """Return whether a threshold of the score parts the classes, ties allowed."""
    above, below = seen.foretold[seen.labels], seen.foretold[~seen.labels]
    return bool(above.min() >= below.max() or above.max() <= below.min())


def _likelihood(seen: Observed, *, with_slope: bool, penalised: bool) -> _Likelihood:
    ones = np.ones(seen.count)
    labels = seen.labels.astype(np.float64)
    if with_slope:
        design = np.column_stack([ones, seen.foretold])
        return _Likelihood(design, np.zeros(seen.count), labels, penalised)
    return _Likelihood(ones[:, None], seen.foretold, labels, penalised)


def _best(likelihood: _Likelihood) -> Floats:
    """Return the parameters of the highest likelihood."""
    # From where the foretold share is near the observed one: far from it probabilities
    # are 0 and 1 to the last digit, and no slope shows the way.
    share = float(likelihood.labels.mean())
    start = np.zeros(likelihood.design.shape[1])
    start[0] = math.log(share / (1 - share)) - float(np.median(likelihood.offset))
    return _maximum(likelihood, start, np.ones(len(start), bool))


def _maximum(likelihood: _Likelihood, start: Floats, free: NDArray[np.bool_]) -> Floats:
    """Climb by Fisher scoring over the free parameters, halving steps that overshoot.

    Firth's modified score is used for all; with a fixed parameter the penalty stays
    that of the whole information, as Heinze and Schemper have it.
    """
    at, value = start.astype(np.float64), likelihood.value(start)
    for _ in range(_STEPS):
        gradient = likelihood.gradient(at)[free]
        information = likelihood.information(at)[np.ix_(free, free)]
        step = np.zeros_like(at)
        step[free] = np.linalg.lstsq(information, gradient, rcond=None)[0]
        # Lengths are those of the line, which have no unit, not of the parameters.
        length = float(abs(likelihood.design @ step).max())
        shrunk = min(1.0, _LONGEST_STEP / max(length, _SETTLED))
        while (there := likelihood.value(at + shrunk * step)) < value - _LEVEL:
            shrunk /= 2
            if shrunk * length < _SETTLED:
                return at
        at, value = at + shrunk * step, there
        if length < _SETTLED:
            break
    return at


def _spread(
    seen: Observed, likelihood: _Likelihood, best: Floats, level: float
) -> tuple[Floats, Floats]:
    """Return the covariance, and how far each profile may fall."""
    bread = np.linalg.pinv(likelihood.information(best))
    if not seen.repeats:
        fall = float(chi2.ppf(level, 1)) / 2
        return np.asarray(bread, np.float64), np.full(len(best), fall)
    p = expit(likelihood.offset + likelihood.design @ best)
    parts = likelihood.design * (likelihood.labels - p)[:, None]
    sums = np.column_stack([seen.per_group(column) for column in parts.T])
    many = seen.group_count
    clustered = many / (many - 1) * bread @ (sums.T @ sums) @ bread
    wider = np.maximum(1.0, np.diag(clustered) / np.diag(bread))
    quantile = f.ppf(level, 1, max(many - 2, 1))
    falls = wider * float(quantile) / 2
    return clustered, np.asarray(falls, np.float64)


def _limit(
    likelihood: _Likelihood,
    best: Floats,
    covariance: Floats,
    wanted: tuple[int, int],
    fall: float,
) -> float:
    """Return where the profile of a parameter has fallen far enough on one side."""
    which, sign = wanted
    if not covariance[which, which] > 0:
        return math.inf * sign
    free = np.arange(len(best)) != which
    top = likelihood.value(best)
    along = covariance[:, which] / covariance[which, which]

    def over(value: float) -> float:
        """Return how much of the fall is left with the parameter held."""
        # The others start where a normal likelihood has them: from elsewhere a line
        # with its origin far from the scores does not find back.
        held = best + (value - best[which]) * along
        held[which] = value
        if free.any():
            held = _maximum(likelihood, held, free)
        return likelihood.value(held) - top + fall

    step = math.sqrt(float(covariance[which, which]))
    outer = best[which]
    for _ in range(_DOUBLINGS):
        inner, outer = outer, outer + sign * step
        if over(outer) < 0:
            return float(brentq(over, inner, outer, xtol=1e-9 * step, rtol=1e-10))
        step *= 2
    return math.inf * sign
