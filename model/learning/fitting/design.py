"""Rows that a logistic regression can be fitted to, standardised.

Design choice: every fit works on features with mean 0 and standard deviation 1. Both
likelihoods have the same maximum in any affine coordinates (Firth's penalty changes by
a constant), and GLCM features near 0.01 beside volumes near 1000 would otherwise cost
half of the digits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import qr

from model.errors import ModelError

Floats = NDArray[np.float64]

_CONSTANT = 1e-12
"""A standard deviation below this share of the largest value is rounding."""
_COLLINEAR = 1e-7
"""What others leave of a standardised column, below which nothing of it is known: half
the digits of a double, at which the information matrix, its square, has none."""
_TAKES_PART = 1e-5
"""The least weight, on standardised columns, of one that another hangs on."""


class UnfitRowsError(ModelError):
    """No logistic regression can be fitted to these rows."""

    reason = "unfit_for_learning"
    remedy = "Correct the table, or leave out the columns that the message names."


class OneClassError(UnfitRowsError):
    """All labels are the same."""

    remedy = "Add observations of the other class, or choose another cut-off."

    def __init__(self, label: int, count: int) -> None:
        super().__init__(f"all {count} labels are {label}: there are no two classes")
        self.label = label
        self.count = count


class ColumnsError(UnfitRowsError):
    """Columns of the features are at fault.

    Attributes
    ----------
    columns : tuple of int
        Their positions, from 0.
    """

    fault = "cannot be used"

    def __init__(self, columns: Sequence[int], names: Sequence[str]) -> None:
        self.columns = tuple(int(column) for column in columns)
        super().__init__(f"{named(self.columns, names)} {self.fault}")


class NotFiniteError(ColumnsError):
    """Columns hold values that are no numbers."""

    fault = "has, or have, values that are missing or infinite"


class ConstantColumnsError(ColumnsError):
    """Columns have one value in all rows."""

    fault = "has, or have, the same value in all rows"


class CollinearColumnsError(ColumnsError):
    """Columns follow from each other."""

    fault = "are collinear: one follows from the others"


class TooManyColumnsError(UnfitRowsError):
    """There are as many parameters as rows, or more."""

    remedy = "Fit fewer features, or add observations."

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__(
            f"{columns} features and an intercept cannot be fitted to {rows} rows"
        )
        self.rows = rows
        self.columns = columns


def named(columns: Sequence[int], names: Sequence[str]) -> str:
    """Return columns as a message tells them: by name, else by position from 1."""
    if names:
        return ", ".join(names[column] for column in columns)
    numbers = ", ".join(str(column + 1) for column in columns)
    return f"{'column' if len(columns) == 1 else 'columns'} {numbers}"


@dataclass(frozen=True, eq=False)
class Design:
    """Features and labels that a logistic regression can be fitted to.

    Attributes
    ----------
    matrix : ndarray, shape (observations, 1 + features)
        Ones, then the standardised features.
    labels : ndarray of float, shape (observations,)
        0 or 1, both of them there.
    means, deviations : ndarray, shape (features,)
        Of the raw features; population standard deviation.
    """

    matrix: Floats
    labels: Floats
    means: Floats
    deviations: Floats

    @classmethod
    def of(
        cls, features: ArrayLike, labels: ArrayLike, names: Sequence[str] = ()
    ) -> Self:
        """Return the design of features and labels.

        Parameters
        ----------
        features : array_like, shape (observations, features)
            There may be no feature.
        labels : array_like of int or bool, shape (observations,)
        names : sequence of str, optional
            Of the features, for messages.

        Raises
        ------
        OneClassError, NotFiniteError, ConstantColumnsError
        TooManyColumnsError, CollinearColumnsError
        ValueError
            When shapes disagree or a label is neither 0 nor 1: a defect of the caller.
        """
        values = np.asarray(features, np.float64)
        marks = _labels(labels)
        if values.ndim != 2 or len(values) != len(marks):  # noqa: PLR2004 - a matrix
            message = "features must be a matrix with as many rows as there are labels"
            raise ValueError(message)
        if marks.min() == marks.max():
            raise OneClassError(int(marks[0]), len(marks))
        means, deviations = _scale(values, names)
        standard = (values - means) / deviations
        _refuse_dependent(standard, names)
        return cls(
            np.column_stack([np.ones(len(marks)), standard]), marks, means, deviations
        )

    def raw(self, parameters: Floats) -> Floats:
        """Return parameters as they apply to raw features, shape (1 + features,)."""
        return np.asarray(self._to_raw() @ parameters)

    def raw_errors(self, covariance: Floats) -> Floats:
        """Return standard errors of the raw parameters, shape (1 + features,)."""
        there = self._to_raw()
        return np.asarray(np.sqrt(np.einsum("ij,jk,ik->i", there, covariance, there)))

    def _to_raw(self) -> Floats:
        there = np.diag(np.concatenate([[1.0], 1 / self.deviations]))
        there[0, 1:] = -self.means / self.deviations
        return there


def _labels(labels: ArrayLike) -> Floats:
    marks = np.asarray(labels)
    if marks.ndim != 1 or not len(marks) or not ((marks == 0) | (marks == 1)).all():
        message = "labels must be a vector of 0 and 1"
        raise ValueError(message)
    return marks.astype(np.float64)


def _scale(values: Floats, names: Sequence[str]) -> tuple[Floats, Floats]:
    finite = np.isfinite(values).all(axis=0)
    if not finite.all():
        raise NotFiniteError(np.flatnonzero(~finite).tolist(), names)
    means, deviations = values.mean(axis=0), values.std(axis=0)
    constant = deviations <= _CONSTANT * abs(values).max(axis=0, initial=0.0)
    if constant.any():
        raise ConstantColumnsError(np.flatnonzero(constant).tolist(), names)
    return means, deviations


def _refuse_dependent(standard: Floats, names: Sequence[str]) -> None:
    rows, columns = standard.shape
    if columns + 1 > rows:
        raise TooManyColumnsError(rows, columns)
    if columns <= 1:
        return
    triangle, order = qr(standard / np.sqrt(rows), mode="r", pivoting=True)
    triangle = triangle[:columns]
    left = abs(np.diag(triangle))
    if left[-1] > _COLLINEAR:
        return
    rank = int((left > _COLLINEAR).sum())
    # The first column too many, by the columns that were taken before it.
    weights = np.linalg.solve(triangle[:rank, :rank], triangle[:rank, rank])
    others = order[:rank][abs(weights) > _TAKES_PART]
    raise CollinearColumnsError(sorted([*others.tolist(), int(order[rank])]), names)
