"""The C-index: how well scores rank, with an interval.

For labels of two classes it is the area under the ROC curve: the probability that an
observation above the cut-off of the label scores higher than one below it, ties counted
half.

Design choice: the interval is a score interval, as Newcombe's (2006) method 5: its
limits are the values of theta from which the estimate is just z standard errors away,
with the standard error *at theta*. So it stays within 0 and 1, is not symmetric, and
has a length even where the ranking is perfect. The variance has Newcombe's shape
(Hanley and McNeil's of two exponential distributions, with numbers of cases evened
out), times a factor that the data give: DeLong's (1988) variance, or Obuchowski's
(1997) for clustered data, over the shape's at the estimate. Where there are few
discordant pairs that factor is mostly noise, so its logarithm is weighed with E/(E+1),
E = min(cases, controls) * min(C, 1-C); for a perfect ranking it is 1. Simulations
decided: at n = 100 it covers 93 to 97 % for normal distributions of equal and unequal
spread and for exponential ones, from C = 0.5 to 0.95; the logit of DeLong's variance
falls to 91 % at C = 0.95 and to 66 % at n = 18; Newcombe's own falls to 92 % where
spreads are unequal. `docs/validate.md` has the coverage at 18, 30 and 45.

References
----------
DeLong ER, DeLong DM, Clarke-Pearson DL. Biometrics 1988; 44: 837-845.
Sun X, Xu W. IEEE Signal Processing Letters 2014; 21: 1389-1393 (by ranks).
Obuchowski NA. Nonparametric analysis of clustered ROC curve data. Biometrics 1997; 53:
567-578.
Newcombe RG. Confidence intervals for an effect size measure based on the Mann-Whitney
statistic. Part 2. Statistics in Medicine 2006; 25: 559-573.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm, rankdata

from model.learning.estimate import Assessed, Estimate
from model.learning.performance.observed import Observed, observed

Floats = NDArray[np.float64]

LEAST_OF_EACH = 3
"""Of each label (animals, where they repeat). With two of each even a perfect ranking
has an interval that reaches below 0.5 (to 0.39), so that nothing could be learnt."""

_HALVINGS = 60
"""Of the bracket of a limit; beyond the precision of floating point numbers."""


def concordance(scores: ArrayLike, labels: ArrayLike) -> float:
    """Return the C-index of scores, NaN where all labels are of one class.

    Parameters
    ----------
    scores : array_like of float, shape (observations,)
    labels : array_like of int or bool, shape (observations,)
    """
    seen = observed(scores, labels)
    if not seen.labels.any() or seen.labels.all():
        return math.nan
    above, _ = placements(seen.foretold[seen.labels], seen.foretold[~seen.labels])
    return float(above.mean())


def c_index(
    scores: ArrayLike,
    labels: ArrayLike,
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> Assessed:
    """Return the C-index with its interval.

    Parameters
    ----------
    scores : array_like of float, shape (observations,)
    labels : array_like of int or bool, shape (observations,)
    groups : array_like, shape (observations,), optional
        Observations of one group, such as scans of one animal, are not independent;
        the variance is then Obuchowski's and numbers of cases are numbers of groups.
    level : float
        Nominal coverage.
    """
    seen = observed(scores, labels, groups)
    lacking = seen.lacks(LEAST_OF_EACH)
    if lacking is not None:
        return lacking
    value, variance = clustered_variance(seen)
    low, high = interval(value, variance, seen.cases, seen.controls, level)
    whose = "Obuchowski's (clustered)" if seen.repeats else "DeLong's"
    method = f"score interval (Newcombe's method 5) scaled to {whose} variance"
    return Estimate(value, float(low), float(high), method, level)


def placements(cases: ArrayLike, controls: ArrayLike) -> tuple[Floats, Floats]:
    """Return for each score the share of the other class that it is ranked right to.

    Parameters
    ----------
    cases : array_like of float, shape (..., cases)
        Scores of observations with the label 1.
    controls : array_like of float, shape (..., controls)

    Returns
    -------
    tuple of ndarray, shapes (..., cases) and (..., controls)
        Their means are both the C-index.
    """
    above, below = np.asarray(cases, np.float64), np.asarray(controls, np.float64)
    number, other = above.shape[-1], below.shape[-1]
    ranks = rankdata(np.concatenate([above, below], axis=-1), axis=-1)
    of_cases = (ranks[..., :number] - rankdata(above, axis=-1)) / other
    of_controls = 1 - (ranks[..., number:] - rankdata(below, axis=-1)) / number
    return of_cases, of_controls


def delong_variance(of_cases: Floats, of_controls: Floats) -> Floats:
    """Return DeLong's variance of the C-index from placements, for each data set.

    Parameters
    ----------
    of_cases, of_controls : ndarray, shapes (..., cases) and (..., controls)
    """
    spread_above = of_cases.var(axis=-1, ddof=1) / of_cases.shape[-1]
    spread_below = of_controls.var(axis=-1, ddof=1) / of_controls.shape[-1]
    return np.asarray(spread_above + spread_below)


def clustered_variance(seen: Observed) -> tuple[float, float]:
    """Return the C-index and Obuchowski's variance of it.

    Where no group repeats, that is DeLong's.
    """
    marks = seen.labels
    of_cases, of_controls = placements(seen.foretold[marks], seen.foretold[~marks])
    value = float(of_cases.mean())
    off = np.empty(seen.count)
    off[marks], off[~marks] = of_cases - value, of_controls - value
    above = seen.per_group(np.where(marks, off, 0.0))
    below = seen.per_group(np.where(marks, 0.0, off))
    number, other = int(marks.sum()), int((~marks).sum())
    total = seen.group_count
    return value, float(
        seen.cases / (seen.cases - 1) * (above @ above) / number**2
        + seen.controls / (seen.controls - 1) * (below @ below) / other**2
        + 2 * total / (total - 1) * (above @ below) / (number * other)
    )


def interval(
    values: ArrayLike,
    variances: ArrayLike,
    cases: int,
    controls: int,
    level: float = 0.95,
) -> tuple[Floats, Floats]:
    """Return the limits of the C-index, for each data set.

    Parameters
    ----------
    values, variances : array_like of float, any shape
        C-indices and their variances by DeLong or Obuchowski.
    cases, controls : int
        Independent observations of each label.
    level : float
    """
    value = np.asarray(values, np.float64)
    factor = _factor(value, np.asarray(variances, np.float64), cases, controls)
    z = norm.ppf((1 + level) / 2)

    def limit(end: float) -> Floats:
        """Halve the bracket from the estimate to an end of the scale."""
        inner, outer = value, np.full_like(value, end)
        for _ in range(_HALVINGS):
            middle = (inner + outer) / 2
            error = np.sqrt(factor * _shape(middle, cases, controls))
            reached = np.abs(value - middle) <= z * error
            inner = np.where(reached, middle, inner)
            outer = np.where(reached, outer, middle)
        return np.asarray((inner + outer) / 2)

    low, high = limit(0.0), limit(1.0)
    # A perfect ranking is compatible with itself.
    return np.where(value <= 0, 0.0, low), np.where(value >= 1, 1.0, high)


def _shape(theta: Floats, cases: int, controls: int) -> Floats:
    """Return the variance of the C-index at theta, as Newcombe's method 5 has it."""
    even = (cases + controls) / 2 - 1
    pairs = 1 + even * ((1 - theta) / (2 - theta) + theta / (1 + theta))
    return np.asarray(theta * (1 - theta) * pairs / (cases * controls))


def _factor(value: Floats, variance: Floats, cases: int, controls: int) -> Floats:
    """Return by how much the data's variance exceeds the shape's."""
    expected = _shape(value, cases, controls)
    known = (variance > 0) & (expected > 0)
    ratio = np.where(known, variance, 1.0) / np.where(known, expected, 1.0)
    discordant = min(cases, controls) * np.minimum(value, 1 - value)
    return np.asarray(ratio ** (discordant / (discordant + 1)))
