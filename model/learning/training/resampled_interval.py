"""What the spread of folds says of their mean: the corrected resampled interval.

Folds of repeated cross-validation share most of what they were fitted on, so that their
plain standard error is far too small. Nadeau and Bengio add the ratio of tested to
fitted to ``1/J`` in the variance of the mean of J folds; Bouckaert and Frank use that
for repeated cross-validation, with Student's t of J - 1 degrees of freedom.

It is an approximation: the spread of folds cannot tell how an other sample of animals
would differ, and no estimator from one cross-validation is free of bias (Bengio and
Grandvalet 2004). `docs/statistics.md` has how often it holds the truth at 18, 30 and 45
animals.

References
----------
Nadeau C, Bengio Y. Inference for the generalization error. Machine Learning 2003; 52:
239-281.
Bouckaert RR, Frank E. Evaluating the replicability of significance tests for comparing
learning algorithms. PAKDD 2004: 3-12.
"""

import math
from collections.abc import Sequence

import numpy as np
from scipy.stats import t

from model.learning.estimate import Assessed, Estimate, NotAssessable

LEAST_FOLDS = 4
"""Scored folds; the spread of fewer is mostly chance."""

METHOD = "corrected resampled t over folds (Nadeau and Bengio 2003)"


def resampled_mean(
    values: Sequence[float],
    tested_per_fitted: float,
    span: tuple[float, float] = (-math.inf, math.inf),
    level: float = 0.95,
) -> Assessed:
    """Return the mean over folds with its corrected resampled interval.

    Parameters
    ----------
    values : sequence of float
        One for each fold of each repeat; those that are NaN are left out.
    tested_per_fitted : float
        Groups that a fold tests over groups that it is fitted on.
    span : tuple of float
        Least and greatest value that there can be.
    level : float
    """
    finite = np.asarray([value for value in values if math.isfinite(value)])
    if len(finite) < LEAST_FOLDS:
        return NotAssessable(
            f"not assessable: {len(finite)} folds could be scored, and {LEAST_FOLDS} "
            f"are the minimum"
        )
    mean = float(finite.mean())
    variance = (1 / len(finite) + tested_per_fitted) * float(finite.var(ddof=1))
    width = float(t.ppf((1 + level) / 2, len(finite) - 1)) * math.sqrt(variance)
    low, high = (float(np.clip(mean + sign * width, *span)) for sign in (-1, 1))
    return Estimate(mean, low, high, METHOD, level)
