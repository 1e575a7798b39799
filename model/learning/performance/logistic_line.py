"""A logistic line through labels: ``logit(p) = intercept + slope x score``.

Both numbers, or the intercept alone with the slope held at 1 (the score an offset), by
maximum likelihood or with Firth's penalty, and intervals by profile likelihood.

Design choice: limits are where the profile log-likelihood has fallen by half a quantile
of chi-squared, which follows the skewness of few labels, where Wald's limits do not.
Where groups repeat, the fall that is allowed grows by the parameter's sandwich variance
over its model variance, at least 1 (after Rotnitzky and Jewell), and the quantile is
Student's t squared with groups - 2 degrees of freedom.

Design choice: the ascent is that of `fitting.climb`, over scores with mean 0 and
standard deviation 1. A published score may have any origin and any scale on another
scanner; far from 0 a line over raw scores has no digits left.

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
from scipy.special import expit
from scipy.stats import chi2, f

from model.learning.estimate import Estimate
from model.learning.fitting.climb import Likelihood, Point, UnsettledFitError, climb
from model.learning.fitting.firth import corrected_intercept
from model.learning.fitting.profile import limit, profile_limit
from model.learning.performance.observed import Floats, Observed

_TIE = 1e-5
"""Scores nearer than this share of their standard deviation are a tie between classes.
Were nothing else between them, the likelihood would have its top where no digit of its
curvature is left."""


@dataclass(frozen=True, eq=False)
class LogisticLine:
    """A fitted line.

    Attributes
    ----------
    parameters : ndarray, shape (1,) or (2,)
        Intercept, and slope where it was fitted.
    lows, highs : ndarray
        Limits of the intervals; infinite where the likelihood has none.
    """

    parameters: Floats
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
        Whether Firth's penalty is added to a line with a slope.
    level : float

    Raises
    ------
    UnsettledFitError
        When the labels are separated but for rounding.
    """
    if not with_slope:
        return _intercept_alone(seen, level)
    line = _Standard.of(seen, penalised=penalised)
    best = climb(line.likelihood)
    to_raw = line.to_raw()
    bread = np.diag(to_raw @ best.covariance @ to_raw.T)
    meat = np.diag(to_raw @ _covariance(seen, line.likelihood, best) @ to_raw.T)
    falls = _fall(seen, level) * np.maximum(1.0, meat / bread)
    from_zero = line.from_zero()
    parameters = to_raw @ best.parameters
    at_zero = from_zero.at(np.array([parameters[0], best.parameters[1]]))
    if at_zero is None:
        raise UnsettledFitError
    lows, highs = (
        np.array(
            [
                profile_limit(from_zero, at_zero, 0, sign, falls[0]),
                profile_limit(line.likelihood, best, 1, sign, falls[1])
                / line.deviation,
            ]
        )
        for sign in (-1, 1)
    )
    return LogisticLine(parameters, lows, highs)


def line_parameters(
    seen: Observed, *, with_slope: bool, penalised: bool = False
) -> Floats:
    """Return the parameters of `logistic_line` without limits, which is faster."""
    if not with_slope:
        alone = corrected_intercept(seen.foretold, seen.labels.astype(np.float64))
        return np.array([alone])
    line = _Standard.of(seen, penalised=penalised)
    return np.asarray(line.to_raw() @ climb(line.likelihood).parameters)


def fitted_curve(seen: Observed, design: Floats) -> tuple[Floats, Floats]:
    """Return parameters and covariance of any design's logistic regression.

    Parameters
    ----------
    seen : Observed
        Whose labels the design does not separate.
    design : ndarray, shape (observations, parameters)
        The first column of ones, the others of a deviation near 1.

    Raises
    ------
    UnsettledFitError
    """
    likelihood = Likelihood(design, seen.labels.astype(np.float64), penalised=False)
    best = climb(likelihood)
    return best.parameters, _covariance(seen, likelihood, best)


def is_separated(seen: Observed) -> bool:
    """Return whether a threshold of the score parts the classes, ties allowed."""
    above, below = seen.foretold[seen.labels], seen.foretold[~seen.labels]
    tie = _TIE * float(seen.foretold.std())
    return bool(above.min() >= below.max() - tie or above.max() <= below.min() + tie)


@dataclass(frozen=True, eq=False)
class _Standard:
    """A line over scores with mean 0 and standard deviation 1."""

    likelihood: Likelihood
    mean: float
    deviation: float

    @classmethod
    def of(cls, seen: Observed, *, penalised: bool) -> "_Standard":
        mean, deviation = float(seen.foretold.mean()), float(seen.foretold.std())
        design = np.column_stack(
            [np.ones(seen.count), (seen.foretold - mean) / deviation]
        )
        labels = seen.labels.astype(np.float64)
        return cls(Likelihood(design, labels, penalised), mean, deviation)

    def to_raw(self) -> Floats:
        """Return what makes intercept and slope of the standard parameters."""
        return np.array([[1.0, -self.mean / self.deviation], [0, 1 / self.deviation]])

    def from_zero(self) -> Likelihood:
        """Return the likelihood whose first parameter is the raw intercept."""
        design = self.likelihood.matrix.copy()
        design[:, 1] += self.mean / self.deviation
        return Likelihood(design, self.likelihood.labels, self.likelihood.penalised)


def _intercept_alone(seen: Observed, level: float) -> LogisticLine:
    """Return the intercept beside the scores as an offset."""
    labels = seen.labels.astype(np.float64)
    best = corrected_intercept(seen.foretold, labels)

    def value(intercept: float) -> float:
        line = seen.foretold + intercept
        return float(
            np.where(seen.labels, -np.logaddexp(0, -line), -np.logaddexp(0, line)).sum()
        )

    p = expit(seen.foretold + best)
    information = float((p * expit(-seen.foretold - best)).sum())
    fall = _fall(seen, level)
    if seen.repeats:
        sums = seen.per_group(labels - p)
        many = seen.group_count
        spread = many / (many - 1) * float(sums @ sums)
        # Where all probabilities are 0 or 1 there is no information to compare with.
        fall *= max(1.0, spread / information) if information > 0 else math.inf
    top = value(best)
    error = 1 / math.sqrt(information) if information > 0 else 1.0
    ends = [
        limit(lambda at: value(at) - top + fall, best, sign * error) for sign in (-1, 1)
    ]
    return LogisticLine(np.array([best]), np.array(ends[:1]), np.array(ends[1:]))


def _fall(seen: Observed, level: float) -> float:
    """Return how far a profile may fall, were groups' scans independent."""
    if not seen.repeats:
        return float(chi2.ppf(level, 1)) / 2
    return float(f.ppf(level, 1, max(seen.group_count - 2, 1))) / 2


def _covariance(seen: Observed, likelihood: Likelihood, best: Point) -> Floats:
    """Return the sandwich over groups, or the inverse information without repeats."""
    bread = best.covariance
    if not seen.repeats:
        return bread
    p = expit(likelihood.matrix @ best.parameters)
    parts = likelihood.matrix * (likelihood.labels - p)[:, None]
    sums = np.column_stack([seen.per_group(column) for column in parts.T])
    many = seen.group_count
    return np.asarray(many / (many - 1) * bread @ (sums.T @ sums) @ bread)
