"""What a calibration plot shows: groups of like probability, and curves through labels.

Three things, as far as there are labels for them:

- groups of nearly equal size in the order of the probability, each with its share of
  labels above the cut-off and Wilson's interval, for which animals count, not scans;
- the line of `performance.calibration` with its band (pointwise, delta method);
- a flexible curve: a restricted cubic spline of the score with five knots, with its
  band. It needs 200 of each label (Van Calster 2016); of fewer it shows the sample.

References
----------
Wilson EB. Journal of the American Statistical Association 1927; 22: 209-212.
Van Calster B et al. Journal of Clinical Epidemiology 2016; 74: 167-176.
Harrell FE. Regression Modeling Strategies, 2nd ed. 2015, section 2.4.5 (the spline and
its knots).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from model.learning.estimate import NotAssessable
from model.learning.performance.calibration import LEAST_OF_EACH, no_slope
from model.learning.performance.grouped_error import expit
from model.learning.performance.logistic_line import fitted_curve
from model.learning.performance.observed import Floats, Observed, observed

SMALLEST_GROUP = 10
"""Observations of a plotted group. Of fewer, Wilson's interval is half the scale."""
MOST_GROUPS = 10
LEAST_FOR_FLEXIBLE = 200
"""Of each label, by Van Calster 2016."""

_KNOTS = (0.05, 0.275, 0.5, 0.725, 0.95)
_POINTS = 101


@dataclass(frozen=True, eq=False)
class CalibrationGroups:
    """Groups of like probability; every array has shape (groups,)."""

    foretold: Floats
    """Mean probability."""
    observed: Floats
    low: Floats
    high: Floats
    observations: NDArray[np.intp]
    animals: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class CalibrationCurve:
    """A curve with its band; every array has shape (points,)."""

    foretold: Floats
    observed: Floats
    low: Floats
    high: Floats


def calibration_groups(
    scores: ArrayLike,
    labels: ArrayLike,
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> CalibrationGroups | NotAssessable:
    """Return shares of labels among observations of like probability.

    Parameters
    ----------
    scores : array_like of float, shape (observations,)
        On the logit scale.
    labels : array_like of int or bool, shape (observations,)
    groups : array_like, shape (observations,), optional
        Animals.
    level : float
    """
    seen = observed(scores, labels, groups)
    number = min(MOST_GROUPS, seen.count // SMALLEST_GROUP)
    if number < 2:  # noqa: PLR2004 (one group has nothing to be compared with)
        return NotAssessable(
            f"not assessable at n = {seen.count}: two groups of {SMALLEST_GROUP} are "
            f"the minimum"
        )
    parts = _like_scores(seen.foretold, number)
    if len(parts) < 2:  # noqa: PLR2004 (as above)
        return NotAssessable(
            f"not assessable at n = {seen.count}: too many scores are equal for two "
            f"groups of {SMALLEST_GROUP}"
        )
    animals = np.array([len(np.unique(seen.groups[part])) for part in parts], np.intp)
    shares = np.array([seen.labels[part].mean() for part in parts])
    low, high = wilson(shares, animals, level)
    return CalibrationGroups(
        foretold=np.array([expit(seen.foretold[part]).mean() for part in parts]),
        observed=shares,
        low=low,
        high=high,
        observations=np.array([len(part) for part in parts], np.intp),
        animals=animals,
    )


def _like_scores(scores: Floats, number: int) -> list[NDArray[np.intp]]:
    """Return about so many groups in the order of the scores, equal ones together.

    Dealt out by the order of rows, equal scores would make groups of one probability
    that differ by chance alone.
    """
    order = np.argsort(scores, kind="stable")
    in_order, count = scores[order], len(scores)
    ends = np.cumsum([len(part) for part in np.array_split(order, number)])[:-1]
    cuts: list[int] = []
    for end in np.searchsorted(in_order, in_order[ends - 1], side="right").tolist():
        before = cuts[-1] if cuts else 0
        if min(end - before, count - end) >= SMALLEST_GROUP:
            cuts.append(end)
    return [np.asarray(part, np.intp) for part in np.split(order, cuts)]


def calibration_line(
    scores: ArrayLike,
    labels: ArrayLike,
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> CalibrationCurve | NotAssessable:
    """Return the logistic line through the labels, on the scale of probabilities."""
    seen = observed(scores, labels, groups)
    lacking = seen.lacks(LEAST_OF_EACH) or no_slope(seen)
    if lacking is not None:
        return lacking
    return _curve(seen, lambda at: np.column_stack([np.ones(len(at)), at]), level)


def flexible_calibration(
    scores: ArrayLike,
    labels: ArrayLike,
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> CalibrationCurve | NotAssessable:
    """Return a smooth curve through the labels, on the scale of probabilities."""
    seen = observed(scores, labels, groups)
    lacking = seen.lacks(LEAST_FOR_FLEXIBLE) or no_slope(seen)
    if lacking is not None:
        return lacking
    knots = np.unique(np.quantile(_standard(seen)(seen.foretold), _KNOTS))
    if len(knots) < len(_KNOTS):
        return NotAssessable(
            f"not assessable at n = {seen.count}: too many scores are equal for a "
            f"flexible curve"
        )
    return _curve(seen, lambda at: _restricted_spline(at, knots), level)


def wilson(
    shares: Floats, numbers: NDArray[np.intp], level: float
) -> tuple[Floats, Floats]:
    """Return Wilson's limits of shares of so many."""
    z = norm.ppf((1 + level) / 2)
    middle = (shares + z**2 / (2 * numbers)) / (1 + z**2 / numbers)
    spread = np.sqrt(shares * (1 - shares) / numbers + z**2 / (4 * numbers**2))
    width = z * spread / (1 + z**2 / numbers)
    return np.clip(middle - width, 0, 1), np.clip(middle + width, 0, 1)


def _curve(
    seen: Observed, design_of: Callable[[Floats], Floats], level: float
) -> CalibrationCurve:
    at = np.linspace(seen.foretold.min(), seen.foretold.max(), _POINTS)
    standard = _standard(seen)
    parameters, covariance = fitted_curve(seen, design_of(standard(seen.foretold)))
    design = design_of(standard(at))
    line = design @ parameters
    error = np.sqrt(np.einsum("ij,jk,ik->i", design, covariance, design))
    width = norm.ppf((1 + level) / 2) * error
    return CalibrationCurve(
        expit(at), expit(line), expit(line - width), expit(line + width)
    )


def _standard(seen: Observed) -> Callable[[Floats], Floats]:
    """Return what brings scores to mean 0 and standard deviation 1, as fits want it."""
    centre, deviation = seen.foretold.mean(), seen.foretold.std()
    return lambda at: np.asarray((at - centre) / deviation)


def _restricted_spline(at: Floats, knots: Floats) -> Floats:
    """Return the basis of a cubic spline that is linear beyond its knots."""
    last, before = knots[-1], knots[-2]
    scale = (last - knots[0]) ** 2

    def cubed(knot: float) -> Floats:
        return np.maximum(at - knot, 0) ** 3

    terms = [
        (
            cubed(knot)
            - cubed(before) * (last - knot) / (last - before)
            + cubed(last) * (before - knot) / (last - before)
        )
        / scale
        for knot in knots[:-2]
    ]
    return np.column_stack([np.ones(len(at)), at, *terms])
