"""From voxel values to grey levels, as a preparation says.

IBEX maps values linearly onto 1..n and *rounds*, so that the two end levels are half as
wide as the others. The bins of the Image Biomarker Standardisation Initiative have one
width (`model.features.bins`).

References
----------
* IBEX, GrayLevelCooccurenceMatrix25 (GrayLimits and NumLevels).
"""

import numpy as np
from numpy.typing import NDArray

from model.features.bins import given_levels, in_bins_of_range, in_bins_of_size
from model.features.levels import (
    ON_THE_EDGE,
    GreyLevels,
    Range,
    UnsupportedPreparationError,
    bounded_count,
    edges_below,
    finite_values,
    levelled,
    one_level,
    range_of,
)
from model.features.preparation import Discretisation, Limits, Preparation

_HALF = 0.5


def grey_levels(values: NDArray[np.floating], preparation: Preparation) -> GreyLevels:
    """Return the grey levels of the values in a mask.

    Values without a range to divide are one level: equal throughout, or (with the
    non-zero range as limits) with non-zero ones that are all equal.

    Parameters
    ----------
    values : ndarray, shape (voxels,)
    preparation : Preparation
        Its discretisation and limits, and what belongs to these. A fixed bin size
        begins at `Preparation.low`, without that at the lower end of the
        re-segmentation, and without that at the lower limit.

    Returns
    -------
    GreyLevels
        By the formula of `Discretisation`, clipped to 1..count.

    Raises
    ------
    NonFiniteValuesError
        When a value is infinite or not a number.
    NotLevelsError
        When the values should be levels already and are not.
    TooManyLevelsError
        When there would be more than `MAXIMUM_LEVELS`.
    UnsupportedPreparationError
        When the preparation lacks a number that its choices need.
    """
    exact = finite_values(values)
    match preparation.discretisation:
        case Discretisation.NONE:
            return given_levels(exact)
        case Discretisation.IBSI_FIXED_BIN_SIZE:
            return _sized(exact, preparation)
        case Discretisation.IBSI_FIXED_BIN_NUMBER:
            return in_bins_of_range(
                exact, _limits(exact, preparation), _levels(preparation)
            )
        case Discretisation.IBEX_FIXED_COUNT | Discretisation.IBEX_UNIT_STEP:
            return _rounded(exact, _limits(exact, preparation), preparation)


def _rounded(
    values: NDArray[np.float64], limits: Range, preparation: Preparation
) -> GreyLevels:
    """Return IBEX's levels."""
    low, high = limits
    if not low < high:
        return one_level(values)
    if preparation.discretisation is Discretisation.IBEX_UNIT_STEP:
        # One level per unit of the image; a span below one unit is one level.
        count = bounded_count(np.floor(high - low + ON_THE_EDGE) + 1)
    else:
        count = bounded_count(_levels(preparation))
    positions = (count - 1) * (values - low) / (high - low) + _HALF
    return levelled(edges_below(positions) + 1, count)


def _sized(values: NDArray[np.float64], preparation: Preparation) -> GreyLevels:
    if preparation.bin_size is None:
        raise UnsupportedPreparationError("bin_size", None)
    low, high = _limits(values, preparation)
    resegmentation = preparation.resegmentation
    if preparation.low is not None:
        low = preparation.low
    elif resegmentation is not None and resegmentation.low is not None:
        low = resegmentation.low
    return in_bins_of_size(values, preparation.bin_size, (low, max(low, high)))


def _limits(values: NDArray[np.float64], preparation: Preparation) -> Range:
    """Return between which values the levels lie."""
    match preparation.limits:
        case Limits.NONZERO_RANGE:
            return range_of(values[values != 0])
        case Limits.RANGE:
            return range_of(values)
        case Limits.FIXED:
            return _fixed(preparation)


def _fixed(preparation: Preparation) -> Range:
    low, high = preparation.low, preparation.high
    if low is None or high is None or not low < high:
        raise UnsupportedPreparationError("limits", f"fixed from {low} to {high}")
    return low, high


def _levels(preparation: Preparation) -> int:
    if preparation.levels is None:
        raise UnsupportedPreparationError("levels", None)
    return preparation.levels
