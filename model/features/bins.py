"""The grey levels of the Image Biomarker Standardisation Initiative.

The fixed bin number and the fixed bin size divide the range of values into bins of one
width and count the edges that lie at or below a value.

References
----------
* Image biomarker standardisation initiative, reference manual, arXiv:1612.07003,
  section 2.7: fixed bin number (K15C), fixed bin size (Q3RU).
"""

import numpy as np
from numpy.typing import NDArray

from model.features.levels import (
    ON_THE_EDGE,
    GreyLevels,
    NotLevelsError,
    Range,
    UnsupportedPreparationError,
    bounded_count,
    edges_below,
    finite_values,
    levelled,
    one_level,
    range_of,
)


def fixed_bin_number(values: NDArray[np.floating], bins: int) -> GreyLevels:
    """Return the levels of a fixed number of bins between least and greatest value.

    Parameters
    ----------
    values : ndarray, shape (voxels,)
    bins : int

    Returns
    -------
    GreyLevels
        ``floor(bins * (I - least) / (greatest - least)) + 1``, the greatest value in
        the last bin; a single level when all values are equal.

    Raises
    ------
    NonFiniteValuesError, TooManyLevelsError, UnsupportedPreparationError

    References
    ----------
    * IBSI K15C.
    """
    exact = finite_values(values)
    return in_bins_of_range(exact, range_of(exact), bins)


def fixed_bin_size(
    values: NDArray[np.floating], bin_size: float, lowest: float | None
) -> GreyLevels:
    """Return the levels of bins of one size from a value on.

    Parameters
    ----------
    values : ndarray, shape (voxels,)
    bin_size : float
        In the image's unit.
    lowest : float or None
        Where the first bin begins: the lower end of a re-segmentation; None for the
        least value. Values below it count as this.

    Returns
    -------
    GreyLevels
        ``floor((I - lowest) / bin_size) + 1``; there are as many as the greatest value
        needs.

    Raises
    ------
    NonFiniteValuesError, TooManyLevelsError, UnsupportedPreparationError

    References
    ----------
    * IBSI Q3RU.
    """
    exact = finite_values(values)
    least, greatest = range_of(exact)
    low = least if lowest is None else lowest
    return in_bins_of_size(exact, bin_size, (low, max(low, greatest)))


def given_levels(values: NDArray[np.floating]) -> GreyLevels:
    """Return values that are levels already: whole numbers from 1 on.

    Raises
    ------
    NonFiniteValuesError, TooManyLevelsError
    NotLevelsError
        When a value is below 1 or not a whole number to within 1e-9.
    """
    exact = finite_values(values)
    whole = np.rint(exact)
    odd = (np.abs(exact - whole) > ON_THE_EDGE) | (whole < 1)
    if odd.any():
        raise NotLevelsError(float(exact[odd][0]), int(np.count_nonzero(odd)))
    return levelled(whole, int(whole.max(initial=1)))


def in_bins_of_range(
    values: NDArray[np.float64], limits: Range, bins: int
) -> GreyLevels:
    """Return the levels of a number of bins between two limits.

    Parameters
    ----------
    values : ndarray, shape (voxels,)
        Finite.
    limits : tuple of float
        A single level where the second is not above the first.
    bins : int

    Raises
    ------
    TooManyLevelsError, UnsupportedPreparationError
    """
    low, high = limits
    if bins < 1:
        raise UnsupportedPreparationError("levels", bins)
    if not low < high:
        return one_level(values)
    positions = bins * (values - low) / (high - low)
    return levelled(edges_below(positions) + 1, bounded_count(bins))


def in_bins_of_size(
    values: NDArray[np.float64], bin_size: float, limits: Range
) -> GreyLevels:
    """Return the levels of bins of one size from the first limit on.

    Parameters
    ----------
    values : ndarray, shape (voxels,)
        Finite.
    bin_size : float
    limits : tuple of float
        There are as many levels as the second needs.

    Raises
    ------
    TooManyLevelsError, UnsupportedPreparationError
    """
    if not 0 < bin_size < float("inf"):
        raise UnsupportedPreparationError("bin_size", bin_size)
    low, high = limits
    if values.size == 0:
        return one_level(values)
    # In this order, so that bins too small for any number overflow without a warning.
    with np.errstate(over="ignore"):
        count = bounded_count(edges_below(np.float64(high - low) / bin_size) + 1)
        # So may values far below the first bin, which count as in it.
        return levelled(edges_below((values - low) / bin_size) + 1, count)
