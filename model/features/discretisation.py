"""From voxel values to grey levels.

IBEX maps values linearly onto 1..n and *rounds*, so that the two end levels are half as
wide as the others. The fixed bin number and the fixed bin size of IBSI divide the range
into bins of one width and count the edges that lie at or below a value.

Design choice: a position that lies on an edge (for IBEX, on a half) to within 1e-9 of a
level counts as lying on it, and belongs to the level above it. Otherwise the last bit
of a floating-point quotient would decide: 0.3 / 0.1 is less than 3, and the same image
in other units could get other levels. Whole numbers are not moved by this: theirs are
quotients with a far greater distance to any edge that they do not lie on.

Design choice: a value outside the limits counts as the limit that it lies beyond. That
is IBEX's rule for fixed limits. It never happens in IBSI's own configurations, where
re-segmentation has left such values out.

References
----------
* IBEX, GrayLevelCooccurenceMatrix25 (GrayLimits and NumLevels).
* Image biomarker standardisation initiative, reference manual, arXiv:1612.07003,
  section 2.7: fixed bin number (K15C), fixed bin size (Q3RU).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.errors import ModelError
from model.features.preparation import Discretisation, Limits, Preparation

MAXIMUM_LEVELS = 4096
"""A co-occurrence matrix has the square of it: 128 MiB for each direction."""

_ON_THE_EDGE = 1e-9
_HALF = 0.5

Range = tuple[float, float]


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
    exact = _finite(values)
    match preparation.discretisation:
        case Discretisation.NONE:
            return given_levels(exact)
        case Discretisation.IBSI_FIXED_BIN_SIZE:
            return _sized(exact, preparation)
        case Discretisation.IBSI_FIXED_BIN_NUMBER:
            return _numbered(exact, _limits(exact, preparation), _levels(preparation))
        case Discretisation.IBEX_FIXED_COUNT | Discretisation.IBEX_UNIT_STEP:
            return _rounded(exact, _limits(exact, preparation), preparation)


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
    exact = _finite(values)
    return _numbered(exact, _range(exact), bins)


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
    exact = _finite(values)
    least, greatest = _range(exact)
    low = least if lowest is None else lowest
    return _stepped(exact, bin_size, (low, max(low, greatest)))


def given_levels(values: NDArray[np.floating]) -> GreyLevels:
    """Return values that are levels already: whole numbers from 1 on.

    Raises
    ------
    NonFiniteValuesError, TooManyLevelsError
    NotLevelsError
        When a value is below 1 or not a whole number to within 1e-9.
    """
    exact = _finite(values)
    whole = np.rint(exact)
    odd = (np.abs(exact - whole) > _ON_THE_EDGE) | (whole < 1)
    if odd.any():
        raise NotLevelsError(float(exact[odd][0]), int(np.count_nonzero(odd)))
    return _levelled(whole, int(whole.max(initial=1)))


def _rounded(
    values: NDArray[np.float64], limits: Range, preparation: Preparation
) -> GreyLevels:
    """Return IBEX's levels."""
    low, high = limits
    if not low < high:
        return _one_level(values)
    if preparation.discretisation is Discretisation.IBEX_UNIT_STEP:
        # One level per unit of the image; a span below one unit is one level.
        count = _bounded(np.floor(high - low + _ON_THE_EDGE) + 1)
    else:
        count = _bounded(_levels(preparation))
    positions = (count - 1) * (values - low) / (high - low) + _HALF
    return _levelled(_edges_below(positions) + 1, count)


def _numbered(values: NDArray[np.float64], limits: Range, bins: int) -> GreyLevels:
    low, high = limits
    if bins < 1:
        raise UnsupportedPreparationError("levels", bins)
    if not low < high:
        return _one_level(values)
    positions = bins * (values - low) / (high - low)
    return _levelled(_edges_below(positions) + 1, _bounded(bins))


def _sized(values: NDArray[np.float64], preparation: Preparation) -> GreyLevels:
    if preparation.bin_size is None:
        raise UnsupportedPreparationError("bin_size", None)
    low, high = _limits(values, preparation)
    resegmentation = preparation.resegmentation
    if preparation.low is not None:
        low = preparation.low
    elif resegmentation is not None and resegmentation.low is not None:
        low = resegmentation.low
    return _stepped(values, preparation.bin_size, (low, max(low, high)))


def _stepped(values: NDArray[np.float64], bin_size: float, limits: Range) -> GreyLevels:
    if not 0 < bin_size < float("inf"):
        raise UnsupportedPreparationError("bin_size", bin_size)
    low, high = limits
    if values.size == 0:
        return _one_level(values)
    # In this order, so that bins too small for any number overflow without a warning.
    with np.errstate(over="ignore"):
        count = _bounded(_edges_below(np.float64(high - low) / bin_size) + 1)
        # So may values far below the first bin, which count as in it.
        return _levelled(_edges_below((values - low) / bin_size) + 1, count)


def _limits(values: NDArray[np.float64], preparation: Preparation) -> Range:
    """Return between which values the levels lie."""
    match preparation.limits:
        case Limits.NONZERO_RANGE:
            return _range(values[values != 0])
        case Limits.RANGE:
            return _range(values)
        case Limits.FIXED:
            return _fixed(preparation)


def _fixed(preparation: Preparation) -> Range:
    low, high = preparation.low, preparation.high
    if low is None or high is None or not low < high:
        raise UnsupportedPreparationError("limits", f"fixed from {low} to {high}")
    return low, high


def _range(values: NDArray[np.float64]) -> Range:
    if values.size == 0:
        return 0.0, 0.0
    return float(values.min()), float(values.max())


def _levels(preparation: Preparation) -> int:
    if preparation.levels is None:
        raise UnsupportedPreparationError("levels", None)
    return preparation.levels


def _finite(values: NDArray[np.floating]) -> NDArray[np.float64]:
    exact = np.asarray(values, np.float64)
    finite = np.isfinite(exact)
    if not finite.all():
        raise NonFiniteValuesError(int(np.count_nonzero(~finite)), exact.size)
    return exact


def _edges_below(positions: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    """Return how many whole numbers from 1 on lie at or below each position."""
    return np.asarray(np.floor(positions + _ON_THE_EDGE), np.float64)


def _levelled(levels: NDArray[np.float64], count: int) -> GreyLevels:
    bounded = _bounded(count)
    return GreyLevels(np.clip(levels, 1, bounded).astype(np.int32), bounded)


def _one_level(values: NDArray[np.float64]) -> GreyLevels:
    return GreyLevels(np.ones(values.shape, np.int32), 1)


def _bounded(count: float | NDArray[np.float64]) -> int:
    if not count <= MAXIMUM_LEVELS:
        raise TooManyLevelsError(float(count))
    return int(count)


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


class TooManyLevelsError(UnsupportedPreparationError):
    """The values of a region make more grey levels than can be counted."""

    remedy = (
        "Choose a larger bin_size, a fixed number of levels, or a re-segmentation "
        "that leaves extreme values out."
    )

    def __init__(self, levels: float) -> None:
        super().__init__("levels", f"{levels:.0f} (at most {MAXIMUM_LEVELS})")
        self.levels = levels


class NotLevelsError(UnsupportedPreparationError):
    """An image should hold grey levels, and holds other values."""

    remedy = (
        "Choose a profile that makes grey levels of the image's values, such as "
        "ibsi-a, ibsi-b, ibsi-c, ibsi-d or ibsi-e."
    )

    def __init__(self, example: float, affected: int) -> None:
        super().__init__(
            "discretisation",
            f"none, of an image in which {affected} values of the region are no whole "
            f"numbers from 1 on (for example {example:g}),",
        )
        self.example = example
        self.affected = affected
