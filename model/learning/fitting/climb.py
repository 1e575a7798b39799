"""Newton's ascent of a logistic likelihood, plain or with Firth's penalty.

Design choice: our own, since no library among the locked ones has Firth's likelihood,
and the plain one is the same ascent without its penalty. Fisher scoring, with steps
that are limited and halved until the likelihood no longer falls; brglm2 and glm of R,
and statsmodels, are its peers in the tests.

References
----------
Firth D. Bias reduction of maximum likelihood estimates. Biometrika 1993; 80: 27-38.
Heinze G, Schemper M. A solution to the problem of separation in logistic regression.
Statistics in Medicine 2002; 21: 2409-2419.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotrf, dpotrs
from scipy.special import expit

from model.errors import ModelError

Floats = NDArray[np.float64]

_STEPS = 500
_SETTLED = 1e-10
"""The largest step, in standardised units, after which the ascent is at its top."""
_LONGEST_STEP = 5.0
_ROUNDING = 1e-12
"""The fall of a likelihood, as a share of its size, that rounding alone makes."""


class UnsettledFitError(ModelError):
    """A logistic likelihood's top was not reached."""

    reason = "unfit_for_learning"
    remedy = "Fit fewer features, or features that say less of the same."

    def __init__(self) -> None:
        super().__init__(f"the fit did not settle within {_STEPS} steps")


@dataclass(frozen=True, eq=False)
class Point:
    """A likelihood at one place.

    Attributes
    ----------
    parameters : ndarray, shape (parameters,)
    value : float
        The log-likelihood, with its penalty if it has one.
    gradient : ndarray, shape (parameters,)
        The score, modified as by Firth if penalised.
    information, covariance : ndarray, shape (parameters, parameters)
        Fisher's information, and its inverse.
    """

    parameters: Floats
    value: float
    gradient: Floats
    information: Floats
    covariance: Floats


@dataclass(frozen=True, eq=False)
class Likelihood:
    """The log-likelihood of labels over a matrix.

    Attributes
    ----------
    matrix : ndarray, shape (observations, parameters)
        Of full column rank.
    labels : ndarray of float, shape (observations,)
        0 or 1.
    penalised : bool
        Whether half the log-determinant of Fisher's information is added: the logarithm
        of Jeffreys' prior.
    """

    matrix: Floats
    labels: Floats
    penalised: bool

    def at(self, parameters: Floats) -> Point | None:
        """Return the likelihood at parameters, or None where it has no curvature left.

        That is so far out that every foretold probability is 0 or 1 to the last digit.
        """
        line = self.matrix @ parameters
        p = expit(line)
        # Each factor of p (1 - p) without cancellation.
        weights = p * expit(-line)
        information = (self.matrix.T * weights) @ self.matrix
        triangle, failed = dpotrf(information, lower=1)
        if failed:
            return None
        covariance = dpotrs(triangle, np.eye(len(triangle)), lower=1)[0]
        value = self.labels @ line - np.logaddexp(0.0, line).sum()
        off = self.labels - p
        if self.penalised:
            value += np.log(triangle.diagonal()).sum()
            # Half of what each label weighs in its own fit draws it to one half.
            spread = np.einsum("ij,ij->i", self.matrix @ covariance, self.matrix)
            off = off + weights * spread * (0.5 - p)
        gradient = self.matrix.T @ off
        return Point(parameters, float(value), gradient, information, covariance)


def climb(
    likelihood: Likelihood,
    start: Floats | None = None,
    held: tuple[int, ...] = (),
) -> Point:
    """Return the top of a likelihood.

    Parameters
    ----------
    likelihood : Likelihood
        One that has a top: plain only where no line separates the labels.
    start : ndarray, shape (parameters,), optional
        Zeros if not given.
    held : tuple of int
        Parameters that keep their start. The penalty stays that of the whole
        information, as Heinze and Schemper have it.

    Raises
    ------
    UnsettledFitError
    """
    size = likelihood.matrix.shape[1]
    free = np.array([at for at in range(size) if at not in held], np.intp)
    here = likelihood.at(np.zeros(size) if start is None else start)
    if here is None:
        raise UnsettledFitError
    for _ in range(_STEPS):
        there = _no_lower(likelihood, here, _step(here, free))
        moved = float(abs(there.parameters - here.parameters).max())
        here = there
        if moved < _SETTLED:
            return here
    raise UnsettledFitError


def _step(here: Point, free: NDArray[np.intp]) -> Floats:
    """Return a step of Fisher scoring over the free parameters, of limited length."""
    if len(free) == len(here.parameters):
        step = here.covariance @ here.gradient
    else:
        step = np.zeros(len(here.parameters))
        block = here.information[np.ix_(free, free)]
        step[free] = np.linalg.solve(block, here.gradient[free])
    longest = max(_LONGEST_STEP, float(abs(step).max()))
    return np.asarray(step * (_LONGEST_STEP / longest))


def _no_lower(likelihood: Likelihood, here: Point, step: Floats) -> Point:
    """Return the point a step, or a part of it, away that is no lower."""
    floor = here.value - _ROUNDING * (1 + abs(here.value))
    there = likelihood.at(here.parameters + step)
    while there is None or there.value < floor:
        step = step / 2
        if abs(step).max() < _SETTLED:
            return here
        there = likelihood.at(here.parameters + step)
    return there
