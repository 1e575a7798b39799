"""Recalibration: ``intercept + slope x score`` of any model, on labels of a site.

What it repairs, and what it does not:

========= ======================= =====================================================
fitted    repairs                 cannot repair
========= ======================= =====================================================
intercept probabilities that are  probabilities that are too extreme or too flat; the
          all too high or low     ranking
both      that, and probabilities the ranking: a score that ranks animals wrongly ranks
          too extreme or flat     them as wrongly afterwards
========= ======================= =====================================================

Design choice: maximum likelihood, unless a threshold of the score separates the labels.
Then there is none, and Firth's penalised likelihood is used, which is finite and says
how little is known by its interval.

Design choice: a slope of 0 or below, or an interval of the slope that includes 0, means
that the ranking is wrong, or not shown to be right. No calibration repairs that, so
there is none, not even of the intercept: its probabilities would be the prevalence in
disguise.

How many labels it takes: about 100 of each label for a slope that is known well enough
to be used without second thoughts (Vergouwe 2005, Collins 2016; Van Calster 2016 asks
for 200 for a flexible curve). Below that recalibration is still what few data bear best
(Steyerberg 2004), and the interval says how sure it is. Riley's (2021) criterion for
external data is an interval of the slope of width 0.4 about a slope of 1; here, where
the slope of a score on another scanner can be anything, it is 0.4 of the slope.

References
----------
Cox DR. Biometrika 1958; 45: 562-565.
Steyerberg EW et al. Validation and updating of predictive logistic regression models: a
study on sample size and shrinkage. Statistics in Medicine 2004; 23: 2567-2586.
Vergouwe Y et al. Substantial effective sample sizes were required for external
validation studies of predictive logistic regression models. Journal of Clinical
Epidemiology 2005; 58: 475-483.
Collins GS, Ogundimu EO, Altman DG. Sample size considerations for the external
validation of a multivariable prognostic model. Statistics in Medicine 2016; 35:
214-226.
Van Calster B et al. Journal of Clinical Epidemiology 2016; 74: 167-176.
Riley RD et al. Minimum sample size for external validation of a clinical prediction
model with a binary outcome. Statistics in Medicine 2021; 40: 4230-4251.
Heinze G, Schemper M. Statistics in Medicine 2002; 21: 2409-2419.
"""

import math
from dataclasses import dataclass

import numpy as np

from model.learning.estimate import Estimate, NotAssessable
from model.learning.fitting.climb import UnsettledFitError
from model.learning.performance.calibration import LEAST_OF_EACH, interval_method
from model.learning.performance.logistic_line import (
    is_separated,
    line_parameters,
    logistic_line,
)
from model.learning.performance.observed import Floats, Observed
from model.learning.recalibrated import Recalibrated

RECOMMENDED_OF_EACH = 100
"""Labels above the cut-off, and below (Vergouwe 2005, Collins 2016)."""
WANTED_SLOPE_WIDTH = 0.4
"""Of the interval of the slope, in slopes (Riley 2021, for a slope of 1)."""
WANTED_INTERCEPT_WIDTH = 0.8
"""Of the interval of the intercept: at one half, a probability known to 0.1 either way
(the logistic curve has a slope of a quarter there)."""


@dataclass(frozen=True)
class RecalibrationFit:
    """A line over a model's score.

    Attributes
    ----------
    what : Recalibrated
    intercept : Estimate
    slope : Estimate
        1 without an interval where only the intercept was fitted.
    shown_slope : Estimate
        The slope that the labels show, whether or not it is used.
    penalised : bool
        Whether the classes are separated, so that Firth's penalty was needed.
    wanted_labels : int or None
        Observations for intervals of the wanted widths, were they like these; None
        where an interval has no end.
    """

    what: Recalibrated
    intercept: Estimate
    slope: Estimate
    shown_slope: Estimate
    penalised: bool
    wanted_labels: int | None


def fit_recalibration(
    seen: Observed, what: Recalibrated, level: float = 0.95
) -> RecalibrationFit | NotAssessable:
    """Return the line over a score that labels show, or why there is none.

    Parameters
    ----------
    seen : Observed
        Scores on the logit scale.
    what : Recalibrated
    level : float

    Returns
    -------
    RecalibrationFit or NotAssessable
        The latter with too few labels, equal scores, or a ranking that is wrong or not
        shown.
    """
    lacking = seen.lacks(LEAST_OF_EACH) or _equal_scores(seen)
    if lacking is not None:
        return lacking
    penalised = is_separated(seen)
    both = _both(seen, level, penalised=penalised)
    if isinstance(both, NotAssessable):
        return both
    intercept, slope = both
    if what is Recalibrated.BOTH:
        return _fit(seen, what, intercept, (slope, slope), penalised=penalised)
    alone = logistic_line(seen, with_slope=False, level=level)
    intercept = alone.estimate(0, method=interval_method(seen), level=level)
    held = Estimate(1.0, None, None, "held at 1", level)
    return _fit(seen, what, intercept, (held, slope), penalised=False)


def recalibrated_scores(fitted: Observed, what: Recalibrated, scores: Floats) -> Floats:
    """Return scores after a recalibration on other data, without intervals.

    Parameters
    ----------
    fitted : Observed
        What the line is fitted to: both classes, and scores that differ.
    what : Recalibrated
    scores : ndarray of float
        Before recalibration.
    """
    if what is Recalibrated.INTERCEPT:
        alone = line_parameters(fitted, with_slope=False)
        return np.asarray(scores + alone[0])
    penalised = is_separated(fitted)
    intercept, slope = line_parameters(fitted, with_slope=True, penalised=penalised)
    return np.asarray(intercept + slope * scores)


def _equal_scores(seen: Observed) -> NotAssessable | None:
    if np.ptp(seen.foretold) > 0:
        return None
    return NotAssessable(f"not assessable at n = {seen.count}: all scores are equal")


def _both(
    seen: Observed, level: float, *, penalised: bool
) -> tuple[Estimate, Estimate] | NotAssessable:
    """Return intercept and slope, fitted together, unless the ranking is not shown."""
    try:
        line = logistic_line(seen, with_slope=True, penalised=penalised, level=level)
    except UnsettledFitError as error:
        return NotAssessable(f"not assessable at n = {seen.count}: {error}")
    firth = "Firth's penalised " if penalised else ""
    method = f"{firth}{interval_method(seen)}"
    intercept, slope = (
        line.estimate(which, method=method, level=level) for which in range(2)
    )
    return _wrong_ranking(seen, slope) or (intercept, slope)


def _wrong_ranking(seen: Observed, slope: Estimate) -> NotAssessable | None:
    low = -math.inf if slope.low is None else slope.low
    if low > 0:
        return None
    high = math.inf if slope.high is None else slope.high
    told = f"{slope.value:.3g} ({low:.3g} to {high:.3g})"
    if slope.value <= 0:
        fact = "higher scores go with fewer labels above the cut-off, not with more"
    else:
        fact = "the interval includes 0, so that the ranking is not shown to be right"
    return NotAssessable(
        f"the slope of the labels over the score is {told} at n = {seen.count}: "
        f"{fact}. No intercept and no slope repair a ranking"
    )


def _fit(
    seen: Observed,
    what: Recalibrated,
    intercept: Estimate,
    slopes: tuple[Estimate, Estimate],
    *,
    penalised: bool,
) -> RecalibrationFit:
    used, shown = slopes
    return RecalibrationFit(
        what=what,
        intercept=intercept,
        slope=used,
        shown_slope=shown,
        penalised=penalised,
        wanted_labels=_wanted(seen, what, intercept, used),
    )


def _wanted(
    seen: Observed, what: Recalibrated, intercept: Estimate, slope: Estimate
) -> int | None:
    """Return how many labels give the wanted widths: they shrink with 1/sqrt(n).

    With a slope, the intercept is one at a score of 0, which may be far from every
    animal, so that the slope alone counts.
    """
    both = what is Recalibrated.BOTH
    found = slope if both else intercept
    if found.low is None or found.high is None:
        return None
    wanted = WANTED_SLOPE_WIDTH * slope.value if both else WANTED_INTERCEPT_WIDTH
    return math.ceil(seen.count * ((found.high - found.low) / wanted) ** 2)
