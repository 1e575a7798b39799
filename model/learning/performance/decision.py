"""The decision curve: what acting on a probability is worth, at each threshold.

The net benefit at a threshold t is ``TP/n - FP/n * t/(1-t)``: true positives, less
false positives at the price at which somebody acts who acts from t on. It is compared
with treating all and with treating none (0).

Design choice: the interval is by percentiles of a bootstrap over groups, of the net
benefit and of its gain over the better of treating all and none. It is pointwise: what
stands out at one threshold of many may be chance.

References
----------
Vickers AJ, Elkin EB. Decision curve analysis: a novel method for evaluating prediction
models. Medical Decision Making 2006; 26: 565-574.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from model.learning.estimate import NotAssessable
from model.learning.performance.observed import Floats, Observed, observed

LEAST_OF_EACH = 5
"""Of each label (animals, where they repeat). With fewer, resamples that lack a class
altogether make up a percentile of their own (2 * 0.5**8 = 0.8 % at four and four)."""

THRESHOLDS = tuple(step / 20 for step in range(1, 20))
"""0.05 to 0.95: who acts at less or more needs no score."""

RESAMPLES = 2000
"""From which a percentile of 2.5 is the 50th value."""


@dataclass(frozen=True, eq=False)
class NetBenefit:
    """Net benefits with pointwise limits; every array has shape (thresholds,)."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False)
class DecisionCurve:
    """Net benefits, per observation.

    Attributes
    ----------
    thresholds : ndarray, shape (thresholds,)
    model : NetBenefit
        Of acting where the probability is at least the threshold.
    treat_all : NetBenefit
        Of acting on everybody; on nobody it is 0.
    gain : NetBenefit
        Of the model over the better of treating all and none.
    level : float
    resamples : int
    """

    thresholds: Floats
    model: NetBenefit
    treat_all: NetBenefit
    gain: NetBenefit
    level: float
    resamples: int


def decision_curve(  # noqa: PLR0913 (what a curve is of, and how it is drawn)
    probabilities: ArrayLike,
    labels: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    seed: int,
    thresholds: ArrayLike = THRESHOLDS,
    resamples: int = RESAMPLES,
    level: float = 0.95,
) -> DecisionCurve | NotAssessable:
    """Return the decision curve with pointwise intervals.

    Parameters
    ----------
    probabilities : array_like of float, shape (observations,)
    labels : array_like of int or bool, shape (observations,)
    groups : array_like, shape (observations,), optional
        What the bootstrap draws whole.
    seed : int
    thresholds : array_like of float
        Between 0 and 1, both excluded.
    resamples : int
    level : float
    """
    seen = observed(probabilities, labels, groups)
    lacking = seen.lacks(LEAST_OF_EACH)
    if lacking is not None:
        return lacking
    at = np.asarray(thresholds, np.float64)
    once = np.ones((1, seen.group_count))
    generator = np.random.default_rng(seed)
    even = np.full(seen.group_count, 1 / seen.group_count)
    drawn = generator.multinomial(seen.group_count, even, size=resamples)
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    found = [
        (once_found[0], *np.quantile(drawn_found, tails, axis=0))
        for once_found, drawn_found in zip(
            _benefits(seen, at, once),
            _benefits(seen, at, drawn.astype(np.float64)),
            strict=True,
        )
    ]
    model, everybody, gain = (NetBenefit(*curve) for curve in found)
    return DecisionCurve(at, model, everybody, gain, level, resamples)


def _benefits(
    seen: Observed, thresholds: Floats, times: NDArray[np.float64]
) -> tuple[Floats, Floats, Floats]:
    """Return net benefits of model and of all, and the gain: (draws, thresholds) each.

    Parameters
    ----------
    times : ndarray, shape (draws, groups)
        How often each group was drawn.
    """
    weights = times[:, seen.groups]
    shares = weights / weights.sum(axis=1, keepdims=True)
    acted = seen.foretold[:, None] >= thresholds
    odds = thresholds / (1 - thresholds)
    worth = np.where(seen.labels[:, None], 1.0, -odds)
    model = shares @ (acted * worth)
    everybody = shares @ worth
    return model, everybody, model - np.maximum(everybody, 0)
