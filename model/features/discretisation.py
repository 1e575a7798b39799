"""From voxel values to grey levels, as IBEX does it.

IBEX maps values linearly onto 1..n and *rounds*, so that the two end levels are half as
wide as the others: neither the fixed bin number nor the fixed bin size of IBSI.

Design choice: a position that lies on a half to within 1e-9 of a level counts as lying
on it and is rounded up (away from zero, as MATLAB rounds). Otherwise the last bit of a
floating-point product would decide, and the same image in other units could get other
levels.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.errors import ModelError
from model.features.preparation import Discretisation, Limits, Preparation

_HALF = 0.5 + 1e-9


@dataclass(frozen=True, eq=False)
class GreyLevels:
    """The grey levels of a region.

    Attributes
    ----------
    values : ndarray of int32, shape (voxels,)
        1..count, in array order of the mask.
    count : int
        Number of levels that there may be, whether or not each occurs.
    """

    values: NDArray[np.int32]
    count: int


def grey_levels(values: NDArray[np.floating], preparation: Preparation) -> GreyLevels:
    """Return the grey levels of the values in a mask.

    Values that are equal throughout, that are zero throughout, or whose non-zero ones
    are all equal have no range to divide: they are one level.

    Parameters
    ----------
    values : ndarray, shape (voxels,)
    preparation : Preparation

    Returns
    -------
    GreyLevels
        With ``lo`` and ``hi`` the least and greatest non-zero value, the level of value
        ``I`` is ``1 + (count - 1) * (I - lo) / (hi - lo)`` rounded to the nearest whole
        number, halves up, and clipped to 1..count.

    Raises
    ------
    NonFiniteValuesError
        When a value is infinite or not a number.
    UnsupportedPreparationError
        When the limits are not the non-zero range.

    References
    ----------
    * IBEX, GrayLevelCooccurenceMatrix25 with adaptive limits.
    """
    if preparation.limits is not Limits.NONZERO_RANGE:
        raise UnsupportedPreparationError("limits", preparation.limits)
    exact = np.asarray(values, np.float64)
    finite = np.isfinite(exact)
    if not finite.all():
        raise NonFiniteValuesError(int(np.count_nonzero(~finite)), exact.size)
    nonzero = exact[exact != 0]
    if nonzero.size == 0 or nonzero.min() == nonzero.max():
        return GreyLevels(np.ones(exact.shape, np.int32), 1)
    low, high = float(nonzero.min()), float(nonzero.max())
    count = _count(high - low, preparation)
    positions = 1 + (count - 1) * (exact - low) / (high - low)
    levels = np.clip(np.floor(positions + _HALF), 1, count)
    return GreyLevels(levels.astype(np.int32), count)


def _count(span: float, preparation: Preparation) -> int:
    """Return the number of levels for values that span so much."""
    match preparation.discretisation:
        case Discretisation.IBEX_FIXED_COUNT:
            if preparation.levels is None:
                raise UnsupportedPreparationError("levels", None)
            return preparation.levels
        case Discretisation.IBEX_UNIT_STEP:
            # One level per unit of the image; a span below one unit is one level.
            return _bounded(int(np.floor(span)) + 1)
        case other:
            raise UnsupportedPreparationError("discretisation", other)


MAXIMUM_LEVELS = 4096
"""A co-occurrence matrix has the square of it: 128 MiB for each direction."""


def _bounded(count: int) -> int:
    if count > MAXIMUM_LEVELS:
        raise UnsupportedPreparationError("levels", count)
    return count


class NonFiniteValuesError(ModelError):
    """Values in a region are infinite or not numbers."""

    reason = "non_finite_values"
    remedy = "Look at the image in the region: some of its values are not numbers."

    def __init__(self, affected: int, voxels: int) -> None:
        super().__init__(f"{affected} of {voxels} voxels are infinite or not numbers")
        self.affected = affected
        self.voxels = voxels


class UnsupportedPreparationError(ModelError):
    """A way of preparing the image that cannot be computed here."""

    reason = "unsupported_preparation"
    remedy = "Choose a score model or profile whose preparation this version supports."

    def __init__(self, field: str, value: object) -> None:
        super().__init__(f"a preparation with {field} = {value} is not supported")
        self.field = field
        self.value = value
