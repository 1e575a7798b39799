"""Which columns say something that those before them do not."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_OWN = 1e-5
"""What columns before it must leave of a standardised column. Less is rounding of the
features, which are exact to some ten digits, and a fit on it has none."""

_CONSTANT = 1e-10
"""A standard deviation below this share of the largest value is rounding."""


def varying(features: Floats) -> NDArray[np.bool_]:
    """Return which columns are not constant, shape (columns,)."""
    if not len(features):
        return np.zeros(features.shape[1], np.bool_)
    largest = abs(features).max(axis=0)
    return np.asarray(features.std(axis=0) > _CONSTANT * largest)


def independent(
    features: Floats, order: Sequence[int], most: int | None = None
) -> tuple[int, ...]:
    """Return columns that are neither constant nor follow from those before them.

    Parameters
    ----------
    features : ndarray, shape (observations, columns)
    order : sequence of int
        Columns, those that are to be kept first.
    most : int, optional
        No more than this many.

    Returns
    -------
    tuple of int
        In the given order.

    Notes
    -----
    Gram-Schmidt, twice for its rounding, after an intercept.
    """
    vary = varying(features)
    kept: list[int] = []
    span = np.empty((len(features), 0))
    for column in order:
        if most is not None and len(kept) >= most:
            break
        if not vary[column]:
            continue
        values = features[:, column] - features[:, column].mean()
        values = values / np.linalg.norm(values)
        rest = values - span @ (span.T @ values)
        rest = rest - span @ (span.T @ rest)
        own = float(np.linalg.norm(rest))
        if own > LEAST_OWN:
            kept.append(column)
            span = np.column_stack([span, rest / own])
    return tuple(kept)
