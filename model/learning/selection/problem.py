"""Features and a readout as the LASSO takes them: centred and standardised.

Design choice: standard deviations are the population's, as glmnet has them, so that
penalties mean the same there.

Design choice: a feature that is constant in the rows at hand has the coefficient 0, as
in glmnet. A fold or a resample may make any feature constant, and then nothing can be
learnt of it; only when all are constant is there an error. Values that are missing or
infinite are an error always: the caller leaves out such columns or rows, and says so.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from model.errors import ModelError

Floats = NDArray[np.float64]

_CONSTANT = 1e-12
"""A standard deviation below this share of the largest value is rounding."""


class UnfitForSelectionError(ModelError):
    """Nothing can be selected from these rows."""

    reason = "unfit_for_learning"
    remedy = "Correct the table, or leave out the columns that the message names."


class MissingValuesError(UnfitForSelectionError):
    """Values are missing or infinite.

    Attributes
    ----------
    columns : tuple of int
        Positions of the features, from 0; empty where it is the readout.
    """

    def __init__(self, columns: tuple[int, ...]) -> None:
        numbers = ", ".join(str(column + 1) for column in columns)
        where = f"feature columns {numbers}" if columns else "the readout"
        super().__init__(f"values of {where} are missing or infinite")
        self.columns = columns


class AllConstantError(UnfitForSelectionError):
    """No feature varies."""

    remedy = "Check the feature table: every feature has one value in all rows."

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__(f"all {columns} features are constant over {rows} rows")


class ConstantReadoutError(UnfitForSelectionError):
    """The readout does not vary."""

    remedy = "Leave out this readout, or check the table of flow cytometry."

    def __init__(self, rows: int) -> None:
        super().__init__(f"the readout is constant over {rows} rows")


@dataclass(frozen=True, eq=False)
class Problem:
    """A LASSO problem.

    Attributes
    ----------
    features : ndarray, shape (observations, features)
        Standardised; 0 where a feature is constant.
    readout : ndarray, shape (observations,)
        Centred.
    means, deviations : ndarray, shape (features,)
        Of the raw features; a deviation is 1 where the feature is constant.
    centre : float
        Mean of the raw readout.
    """

    features: Floats
    readout: Floats
    means: Floats
    deviations: Floats
    centre: float

    @classmethod
    def of(cls, features: Floats, readout: Floats) -> Self:
        """Return the problem of rows whose values are known to be finite."""
        means, deviations = features.mean(axis=0), features.std(axis=0)
        largest = abs(features).max(axis=0, initial=0.0)
        varies = deviations > _CONSTANT * largest
        deviations = np.where(varies, deviations, 1.0)
        standard = np.where(varies, (features - means) / deviations, 0.0)
        centre = float(readout.mean())
        return cls(standard, readout - centre, means, deviations, centre)

    @property
    def gram(self) -> Floats:
        """Return the features' correlations, shape (features, features)."""
        return np.asarray(self.features.T @ self.features / len(self.readout))

    @property
    def correlations(self) -> Floats:
        """Return the features' covariances with the readout, shape (features,)."""
        return np.asarray(self.features.T @ self.readout / len(self.readout))

    def foretell(self, features: Floats, standardised: Floats) -> Floats:
        """Return what standardised coefficients foretell of other rows.

        Parameters
        ----------
        features : ndarray, shape (observations, features)
            Raw.
        standardised : ndarray, shape (penalties, features)

        Returns
        -------
        ndarray, shape (penalties, observations)
        """
        raw = standardised / self.deviations
        return np.asarray(self.centre + raw @ (features - self.means).T)


def checked(features: ArrayLike, readout: ArrayLike) -> tuple[Floats, Floats]:
    """Return features and readout as arrays of finite numbers that vary.

    Raises
    ------
    MissingValuesError, AllConstantError, ConstantReadoutError
    ValueError
        When shapes disagree: a defect of the caller.
    """
    values = np.asarray(features, np.float64)
    measured = np.asarray(readout, np.float64)
    if values.ndim != 2 or measured.shape != values.shape[:1]:  # noqa: PLR2004 - matrix
        message = "features must be a matrix with as many rows as the readout has"
        raise ValueError(message)
    finite = np.isfinite(values).all(axis=0)
    if not finite.all():
        raise MissingValuesError(tuple(np.flatnonzero(~finite).tolist()))
    if not np.isfinite(measured).all():
        raise MissingValuesError(())
    if not len(values) or not np.ptp(values, axis=0).any():
        raise AllConstantError(*values.shape)
    if measured.std() <= _CONSTANT * abs(measured).max():
        raise ConstantReadoutError(len(measured))
    return values, measured
