"""What a model loses outside the data that it was fitted to: Harrell's optimism.

The model is fitted again on each bootstrap sample. What it shows there, less what the
same fit shows on all the data, is that sample's optimism; the mean over samples is
taken off what the model shows on the data it was fitted to.

Design choice: the bootstrap draws whole groups. The interval is the apparent one, moved
by the optimism (Noma 2021's location-shifted interval), which is a little short where
the optimism is itself uncertain.

Design choice: a sample in which a number cannot be had (one class, a separating score)
is left out of that number's mean, and counted.

References
----------
Harrell FE, Lee KL, Mark DB. Multivariable prognostic models. Statistics in Medicine
1996; 15: 361-387.
Noma H et al. Confidence intervals of prediction accuracy measures for multivariable
prediction models based on the bootstrap-based optimism correction methods. Statistics
in Medicine 2021; 40: 5691-5701.
"""

import contextlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.learning.estimate import Assessed, Estimate, NotAssessable
from model.learning.fitting.climb import UnsettledFitError
from model.learning.performance.concordance import concordance
from model.learning.performance.grouped_error import expit
from model.learning.performance.logistic_line import is_separated, line_parameters
from model.learning.performance.observed import Floats, Observed
from model.learning.performance.resamples import RESAMPLES
from model.learning.resampling import Indices, grouped_bootstrap

LEAST_SHARE = 0.8
"""Of the samples, that must give a number; else it is of those that were easy."""

QUANTITIES = (
    "c_index",
    "brier_score",
    "scaled_brier_score",
    "calibration_in_the_large",
    "calibration_intercept",
    "calibration_slope",
    "observed_minus_foretold",
)
"""What has an optimism."""


@dataclass(frozen=True)
class Optimism:
    """How much better a number looks on the data that a model was fitted to.

    Attributes
    ----------
    mean : float
        NaN where no sample gave the number.
    used, resamples : int
    """

    mean: float
    used: int
    resamples: int


def optimism(
    seen: Observed,
    refit: Callable[[Indices], Floats | None],
    *,
    seed: int,
    resamples: int = RESAMPLES,
    tick: Callable[[], None] = lambda: None,
) -> Mapping[str, Optimism]:
    """Return the optimism of each of `QUANTITIES`.

    Parameters
    ----------
    seen : Observed
        All data; what was foretold is not used.
    refit : callable
        Given observations, repeated ones as often as they were drawn, returns the
        scores of all observations by a model fitted on those; None where it cannot be
        fitted.
    seed : int
    resamples : int
    tick : callable
        Called after each resample.
    """
    generator = np.random.default_rng(seed)
    gaps: dict[str, list[float]] = {name: [] for name in QUANTITIES}
    for _ in range(resamples):
        drawn = grouped_bootstrap(seen.groups, generator)
        scores = _scores_of(seen, refit, drawn)
        if scores is not None:
            there = numbers_of(scores[drawn], seen.labels[drawn])
            here = numbers_of(scores, seen.labels)
            for name in QUANTITIES:
                gap = there[name] - here[name]
                gaps[name] += [gap] if math.isfinite(gap) else []
        tick()
    return {
        name: Optimism(
            float(np.mean(found)) if found else math.nan, len(found), resamples
        )
        for name, found in gaps.items()
    }


def corrected(
    apparent: Assessed,
    found: Optimism,
    span: tuple[float, float] = (-math.inf, math.inf),
) -> Assessed:
    """Return a number less its optimism, with the interval moved along.

    Parameters
    ----------
    apparent : Assessed
    found : Optimism
    span : tuple of float
        Least and greatest value that the number can have.
    """
    if isinstance(apparent, NotAssessable):
        return apparent
    if found.used < LEAST_SHARE * found.resamples:
        return NotAssessable(
            f"not assessable: only {found.used} of {found.resamples} resamples gave "
            f"a number"
        )

    def moved(number: float | None) -> float | None:
        return None if number is None else float(np.clip(number - found.mean, *span))

    return Estimate(
        float(np.clip(apparent.value - found.mean, *span)),
        moved(apparent.low),
        moved(apparent.high),
        f"optimism-corrected ({found.used} bootstrap samples), the apparent interval "
        f"({apparent.method}) moved",
        apparent.level,
    )


def _scores_of(
    seen: Observed, refit: Callable[[Indices], Floats | None], drawn: Indices
) -> Floats | None:
    marks = seen.labels[drawn]
    return None if marks.all() or not marks.any() else refit(drawn)


def numbers_of(scores: Floats, labels: NDArray[np.bool_]) -> Mapping[str, float]:
    """Return what scores show, by the names of `QUANTITIES`; NaN where it is nothing.

    Parameters
    ----------
    scores : ndarray, shape (observations,)
        On the logit scale.
    labels : ndarray of bool, shape (observations,)
        Of both classes.
    """
    probabilities, share = expit(scores), float(labels.mean())
    brier = float(((probabilities - labels) ** 2).mean())
    seen = Observed(scores, labels, np.arange(len(labels)))
    line = np.full(2, math.nan)
    if np.ptp(scores) > 0 and not is_separated(seen):
        with contextlib.suppress(UnsettledFitError):
            line = line_parameters(seen, with_slope=True)
    found = (
        concordance(scores, labels),
        brier,
        1 - brier / (share * (1 - share)),
        float(line_parameters(seen, with_slope=False)[0]),
        float(line[0]),
        float(line[1]),
        float((labels - probabilities).mean()),
    )
    return dict(zip(QUANTITIES, found, strict=True))
