"""Firth's penalised likelihood, its intervals and its ratio test.

Design choice: coefficients are Firth's, the intercept is re-estimated by maximum
likelihood with their linear predictor as offset (FLIC). Firth's own intercept draws
foretold probabilities towards one half; with FLIC their mean is the observed share.

References
----------
Firth D. Bias reduction of maximum likelihood estimates. Biometrika 1993; 80: 27-38.
Heinze G, Schemper M. A solution to the problem of separation in logistic regression.
Statistics in Medicine 2002; 21: 2409-2419 (intervals and the ratio test).
Puhr R, Heinze G, Nold M, Lusa L, Geroldinger A. Firth's logistic regression with rare
events: accurate effect estimates and predictions? Statistics in Medicine 2017; 36:
2302-2317 (FLIC).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import chi2

from model.learning.fitting.climb import Likelihood, climb
from model.learning.fitting.design import Design
from model.learning.fitting.logistic import LogisticFit, Method
from model.learning.fitting.profile import profile_limit

Floats = NDArray[np.float64]

_WITHIN_SPAN = 1e-7
"""What the full features may leave of a reduced one that follows from them."""


def fit_firth(
    features: ArrayLike,
    labels: ArrayLike,
    *,
    intercept_correction: bool = True,
    names: Sequence[str] = (),
) -> LogisticFit:
    """Return Firth's logistic regression, which exists even for separated labels.

    Parameters
    ----------
    features : array_like, shape (observations, features)
    labels : array_like of int or bool, shape (observations,)
    intercept_correction : bool
        Whether the intercept is re-estimated so that the mean foretold probability is
        the observed share.
    names : sequence of str, optional
        Of the features, for messages.

    Raises
    ------
    UnfitRowsError
        Where there is one class only, or columns are not finite, constant or collinear,
        or as many as the rows.
    UnsettledFitError
    """
    design = Design.of(features, labels, names)
    top = climb(Likelihood(design.matrix, design.labels, penalised=True))
    parameters = top.parameters.copy()
    if intercept_correction:
        offset = design.matrix[:, 1:] @ parameters[1:]
        parameters[0] = corrected_intercept(offset, design.labels)
    raw = design.raw(parameters)
    errors = design.raw_errors(top.covariance)
    return LogisticFit(float(raw[0]), raw[1:], errors, Method.FIRTH)


def corrected_intercept(offset: Floats, labels: Floats) -> float:
    """Return the intercept at which the mean probability is the share of label 1.

    It is the maximum-likelihood intercept beside an offset.

    Parameters
    ----------
    offset : ndarray, shape (observations,)
    labels : ndarray of 0 and 1, shape (observations,)
        Of both classes.
    """
    share = float(labels.mean())
    centre = float(logit(share))

    def beyond(intercept: float) -> float:
        return float(expit(intercept + offset).mean()) - share

    low, high = centre - float(offset.max()), centre - float(offset.min())
    # A shade wider than where all offsets are the largest, or the smallest.
    shade = 1e-6 * (1 + float(abs(offset).max()))
    return float(brentq(beyond, low - shade, high + shade, xtol=1e-13, rtol=1e-14))


@dataclass(frozen=True, eq=False)
class Intervals:
    """Limits of coefficients by the profile penalised likelihood.

    Attributes
    ----------
    low, high : ndarray, shape (features,)
        Of raw coefficients.
    level : float
    """

    low: Floats
    high: Floats
    level: float


def firth_intervals(
    features: ArrayLike,
    labels: ArrayLike,
    *,
    level: float = 0.95,
    names: Sequence[str] = (),
) -> Intervals:
    """Return intervals of Firth's coefficients by profile penalised likelihood.

    Parameters
    ----------
    features, labels, names
        As of `fit_firth`, with its errors.
    level : float

    Notes
    -----
    A limit is where the penalised log-likelihood, maximised over all other parameters,
    lies half a quantile of chi-squared below its top (`profile`).
    """
    design = Design.of(features, labels, names)
    likelihood = Likelihood(design.matrix, design.labels, penalised=True)
    top = climb(likelihood)
    fall = float(chi2.ppf(level, 1)) / 2
    limits = [
        [
            profile_limit(likelihood, top, which, sign, fall)
            for which in range(1, len(top.parameters))
        ]
        for sign in (-1, 1)
    ]
    low, high = np.asarray(limits, np.float64) / design.deviations
    return Intervals(low, high, level)


def firth_likelihood_ratio(
    features_full: ArrayLike, features_reduced: ArrayLike, labels: ArrayLike
) -> float:
    """Return the P value of what full features know beyond reduced ones.

    Parameters
    ----------
    features_full : array_like, shape (observations, features)
    features_reduced : array_like, shape (observations, fewer features)
        Columns of the full features, or linear combinations of them; there may be none.
    labels : array_like of int or bool, shape (observations,)

    Raises
    ------
    UnfitRowsError, UnsettledFitError
        As of `fit_firth`, for the full features or the reduced ones.
    ValueError
        When the reduced features do not follow from the full ones, or are as many: a
        defect of the caller.

    Notes
    -----
    Twice the fall of the penalised log-likelihood when the further coefficients are
    held at 0, under chi-squared with as many degrees of freedom. Both tops are of one
    function, with the penalty of the full information (Heinze and Schemper 2002).
    """
    full = Design.of(features_full, labels)
    reduced = Design.of(features_reduced, labels)
    kept = reduced.matrix.shape[1]
    further = full.matrix.shape[1] - kept
    matrix = _reduced_first(full.matrix, reduced.matrix)
    if further < 1 or matrix.shape[1] != full.matrix.shape[1]:
        message = "reduced features must be fewer, and follow from the full ones"
        raise ValueError(message)
    likelihood = Likelihood(matrix, full.labels, penalised=True)
    held = tuple(range(kept, kept + further))
    without = climb(likelihood, held=held)
    # Separated labels may make a second, lower top, which one of the starts could find.
    starts = (None, without.parameters)
    top = max(climb(likelihood, start).value for start in starts)
    return float(chi2.sf(2 * (top - without.value), further))


def _reduced_first(full: Floats, reduced: Floats) -> Floats:
    """Return a basis of both spans, the first columns a basis of the reduced one."""
    first = np.asarray(np.linalg.qr(reduced)[0], np.float64)
    rest = full - first @ (first.T @ full)
    left, sizes, _ = np.linalg.svd(rest, full_matrices=False)
    further = left[:, sizes > _WITHIN_SPAN * np.sqrt(len(full))]
    # Of one length with the intercept's column, as steps are measured.
    return np.asarray(np.hstack([first, further]) * np.sqrt(len(full)), np.float64)
