"""What a logistic regression gives: a score on the logit scale."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Method(StrEnum):
    """How a logistic regression is fitted."""

    FIRTH = "firth"
    """Firth's penalised likelihood: finite always, less biased with few labels."""
    MAXIMUM_LIKELIHOOD = "maximum_likelihood"
    """As the paper; it does not exist where a line separates the labels."""


@dataclass(frozen=True, eq=False)
class LogisticFit:
    """A fitted logistic regression.

    Attributes
    ----------
    intercept : float
    coefficients : ndarray, shape (features,)
        Of raw features; the score is ``intercept + features @ coefficients``.
    standard_errors : ndarray, shape (1 + features,)
        Of the intercept, then of the coefficients: from the inverse of Fisher's
        information at the fitted parameters, before an intercept's correction.
    method : Method
    """

    intercept: float
    coefficients: NDArray[np.float64]
    standard_errors: NDArray[np.float64]
    method: Method

    def scores(self, features: ArrayLike) -> NDArray[np.float64]:
        """Return the scores of features, on the logit scale, shape (observations,).

        Parameters
        ----------
        features : array_like, shape (observations, features)
        """
        return np.asarray(
            self.intercept + np.asarray(features, np.float64) @ self.coefficients
        )
