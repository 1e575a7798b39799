"""Logistic regression by maximum likelihood, only where it exists.

Design choice: separation is looked for before the fit and refused by name. An ascent
that is merely stopped returns huge coefficients which pass for a perfect model.
"""

from collections.abc import Sequence

from numpy.typing import ArrayLike

from model.learning.fitting.climb import Likelihood, climb
from model.learning.fitting.design import Design
from model.learning.fitting.logistic import LogisticFit, Method
from model.learning.fitting.separation import SeparationError, separation_of


def fit_maximum_likelihood(
    features: ArrayLike, labels: ArrayLike, *, names: Sequence[str] = ()
) -> LogisticFit:
    """Return the logistic regression of the highest likelihood.

    Parameters
    ----------
    features : array_like, shape (observations, features)
    labels : array_like of int or bool, shape (observations,)
    names : sequence of str, optional
        Of the features, for messages.

    Raises
    ------
    SeparationError
        Where features separate the labels, completely or but for ties.
    UnfitRowsError, UnsettledFitError
        As of `fit_firth`.
    """
    design = Design.of(features, labels, names)
    separation = separation_of(design)
    if separation is not None:
        raise SeparationError(separation, names)
    top = climb(Likelihood(design.matrix, design.labels, penalised=False))
    raw = design.raw(top.parameters)
    errors = design.raw_errors(top.covariance)
    return LogisticFit(float(raw[0]), raw[1:], errors, Method.MAXIMUM_LIKELIHOOD)
