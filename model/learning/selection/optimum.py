"""LASSO coefficients that are known to be optimal.

Coefficients are an optimum exactly when the correlation of the residual with every
feature is within the penalty, and at it, with the coefficient's sign, where the
coefficient is not 0 (Karush, Kuhn and Tucker). `homotopy`'s answers are checked by
this; where one fails, features tie or nearly follow from each other, and scikit-learn's
coordinate descent goes on from there.
"""

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import enet_path

from model.learning.selection.homotopy import homotopy
from model.learning.selection.problem import Problem, UnfitForSelectionError

Floats = NDArray[np.float64]

_OPTIMAL = 1e-5
"""How far off a condition may be, as a share of the largest penalty. Paths are exact to
1e-14; between the two lie features that follow from others but for 1e-5 to 1e-4 of
their deviation (measured: at most 3e-6, as glmnet at a threshold of 1e-12). Coordinate
descent would take seconds there, and get no nearer."""
_DUAL_GAP = 1e-12
_ROUNDS = 20_000
"""About a second for 60 features."""


class UnsettledPathError(UnfitForSelectionError):
    """No optimum was found."""

    remedy = "Leave out features that say nearly the same as others."

    def __init__(self) -> None:
        super().__init__("the LASSO did not settle: features nearly follow from others")


def optima(problems: Sequence[Problem], penalties: Floats) -> Floats:
    """Return the standardised coefficients of several problems.

    Parameters
    ----------
    problems : sequence of Problem
        Of the same features.
    penalties : ndarray, shape (penalties,)
        Above 0, falling.

    Returns
    -------
    ndarray, shape (problems, penalties, features)

    Raises
    ------
    UnsettledPathError
    """
    grams = np.array([problem.gram for problem in problems])
    correlations = np.array([problem.correlations for problem in problems])
    found = homotopy(grams, correlations, penalties)
    for problem, gram, correlation, own in zip(
        problems, grams, correlations, found, strict=True
    ):
        off = conditions_missed(gram, correlation, own, penalties)
        largest = max(float(abs(correlation).max()), float(penalties[0]))
        # What is not a number is no optimum either.
        for at in np.flatnonzero(~(off <= _OPTIMAL * largest)):
            own[at] = _descend(problem, gram, correlation, own[at], penalties[at])
            again = conditions_missed(gram, correlation, own[[at]], penalties[[at]])
            if not again[0] <= _OPTIMAL * largest:
                raise UnsettledPathError
    return found


def conditions_missed(
    gram: Floats, correlations: Floats, coefficients: Floats, penalties: Floats
) -> Floats:
    """Return by how much each penalty's coefficients miss the conditions of an optimum.

    Parameters
    ----------
    gram : ndarray, shape (features, features)
    correlations : ndarray, shape (features,)
    coefficients : ndarray, shape (penalties, features)
    penalties : ndarray, shape (penalties,)

    Returns
    -------
    ndarray, shape (penalties,)
        In the penalty's unit, at least 0.
    """
    left = correlations - coefficients @ gram
    limits = penalties[:, None]
    beyond = np.maximum(abs(left) - limits, 0.0)
    at_limit = abs(left - limits * np.sign(coefficients))
    return np.asarray(np.where(coefficients == 0, beyond, at_limit).max(axis=1))


def _descend(
    problem: Problem,
    gram: Floats,
    correlations: Floats,
    start: Floats,
    penalty: float,
) -> Floats:
    """Return scikit-learn's coefficients at one penalty."""
    rows = len(problem.readout)
    with warnings.catch_warnings():
        # Whether it has converged is checked by the conditions, not by its gap.
        warnings.simplefilter("ignore", ConvergenceWarning)
        _, path, _ = enet_path(
            problem.features,
            problem.readout,
            l1_ratio=1.0,
            alphas=[penalty],
            precompute=gram * rows,
            Xy=correlations * rows,
            coef_init=np.where(np.isfinite(start), start, 0.0),
            check_input=False,
            tol=_DUAL_GAP,
            max_iter=_ROUNDS,
        )
    return np.asarray(path[:, 0])
