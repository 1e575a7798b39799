"""The LASSO of a readout: its path, and the penalty chosen by cross-validation.

The objective is that of glmnet and scikit-learn,
``|y - Zb|^2 / (2 observations) + penalty |b|_1``, with Z standardised by the
population's standard deviation; the intercept is not penalised.

References
----------
Tibshirani R. Regression shrinkage and selection via the lasso. Journal of the Royal
Statistical Society B 1996; 58: 267-288.
Friedman J, Hastie T, Tibshirani R. Regularization paths for generalized linear models
via coordinate descent. Journal of Statistical Software 2010; 33(1) (the grid, the
errors over folds and the one-standard-error rule, as in cv.glmnet).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from model.learning.selection.folds import deal
from model.learning.selection.optimum import optima
from model.learning.selection.penalty_rule import PenaltyRule
from model.learning.selection.problem import Problem, checked

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LassoOptions:
    """How a penalty is chosen.

    Attributes
    ----------
    folds : int
        At least 2; leave-one-group-out where there are fewer groups.
    penalties : int
        How many, at equal ratios.
    smallest_ratio : float
        The smallest penalty over the largest, at which the first feature enters.
    rule : PenaltyRule
    """

    folds: int = 5
    penalties: int = 100
    smallest_ratio: float = 1e-3
    rule: PenaltyRule = PenaltyRule.MINIMUM


@dataclass(frozen=True, eq=False)
class LassoSelection:
    """What a readout chose.

    Attributes
    ----------
    penalties : ndarray, shape (penalties,)
        Falling, in the readout's unit.
    errors : ndarray, shape (penalties,)
        Mean squared error over the folds, weighted by their observations.
    standard_errors : ndarray, shape (penalties,)
        Of the errors, over the folds.
    penalty : float
        The chosen one. The largest means that no feature is chosen: a valid answer.
    intercept : float
    coefficients : ndarray, shape (features,)
        Of raw features, in the readout's unit; 0 where not chosen.
    standardised : ndarray, shape (features,)
        The same for one standard deviation of each feature.
    selected : tuple of int
        Positions of the chosen features.
    """

    penalties: Floats
    errors: Floats
    standard_errors: Floats
    penalty: float
    intercept: float
    coefficients: Floats
    standardised: Floats
    selected: tuple[int, ...]


def lasso_path(features: ArrayLike, readout: ArrayLike, penalties: ArrayLike) -> Floats:
    """Return LASSO coefficients on given penalties.

    Parameters
    ----------
    features : array_like, shape (observations, features)
        Raw.
    readout : array_like, shape (observations,)
    penalties : array_like, shape (penalties,)
        Above 0, in any order.

    Returns
    -------
    ndarray, shape (penalties, features)
        Of raw features.

    Raises
    ------
    UnfitForSelectionError
        Where values are missing, nothing varies, or no optimum was found.
    """
    problem = Problem.of(*checked(features, readout))
    wanted = np.asarray(penalties, np.float64)
    if wanted.ndim != 1 or not (wanted > 0).all():
        message = "penalties must be a vector of numbers above 0"
        raise ValueError(message)
    if not len(wanted):
        return np.zeros((0, len(problem.means)))
    falling = np.argsort(-wanted, kind="stable")
    found = np.empty((len(wanted), len(problem.means)))
    found[falling] = optima([problem], wanted[falling])[0] / problem.deviations
    return found


def select(
    features: ArrayLike,
    readout: ArrayLike,
    groups: ArrayLike,
    options: LassoOptions,
    seed: int,
) -> LassoSelection:
    """Return the features that a readout chooses.

    Parameters
    ----------
    features : array_like, shape (observations, features)
        Raw. A feature that is constant is never chosen.
    readout : array_like, shape (observations,)
    groups : array_like, shape (observations,)
        Observations of one group fall into one fold.
    options : LassoOptions
    seed : int
        Of how groups are dealt to folds.

    Raises
    ------
    UnfitForSelectionError
        Where values are missing, nothing varies, groups are too few, or no optimum was
        found.

    Notes
    -----
    Features are standardised again inside each fold, on what it is fitted on; the
    penalties are those of all rows. All of it is as in cv.glmnet with `foldid`.
    """
    values, measured = checked(features, readout)
    fold_of = deal(groups, options.folds, seed)
    whole = Problem.of(values, measured)
    largest = float(abs(whole.correlations).max())
    steps = np.linspace(0.0, 1.0, options.penalties)
    penalties = largest * options.smallest_ratio**steps
    parts = [fold_of != fold for fold in range(int(fold_of.max()) + 1)]
    problems = [Problem.of(values[part], measured[part]) for part in parts]
    own, *others = optima([whole, *problems], penalties)
    losses = np.array(
        [
            np.square(problem.foretell(values[~part], path) - measured[~part]).mean(
                axis=1
            )
            for problem, part, path in zip(problems, parts, others, strict=True)
        ]
    )
    errors, standard_errors = _over_folds(losses, np.array([(~p).sum() for p in parts]))
    at = _chosen(errors, standard_errors, options.rule)
    coefficients = own[at] / whole.deviations
    return LassoSelection(
        penalties,
        errors,
        standard_errors,
        float(penalties[at]),
        whole.centre - float(whole.means @ coefficients),
        coefficients,
        own[at],
        tuple(np.flatnonzero(own[at]).tolist()),
    )


def _over_folds(losses: Floats, sizes: NDArray[np.int_]) -> tuple[Floats, Floats]:
    """Return the mean loss over folds and its standard error, weighted by size."""
    errors = np.average(losses, axis=0, weights=sizes)
    variances = np.average(np.square(losses - errors), axis=0, weights=sizes)
    return errors, np.sqrt(variances / (len(losses) - 1))


def _chosen(errors: Floats, standard_errors: Floats, rule: PenaltyRule) -> int:
    """Return the position of the penalty that a rule takes."""
    # Of equal errors the larger penalty's, which stands first.
    smallest = int(np.argmin(errors))
    if rule is PenaltyRule.MINIMUM:
        return smallest
    allowed = errors[smallest] + standard_errors[smallest]
    return int(np.flatnonzero(errors <= allowed)[0])
