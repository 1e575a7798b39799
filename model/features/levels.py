"""Grey levels, and what values must be to become them.

Design choice: a position that lies on an edge (for IBEX, on a half) to within 1e-9 of a
level counts as lying on it, and belongs to the level above it. Otherwise the last bit
of a floating-point quotient would decide: 0.3 / 0.1 is less than 3, and the same image
in other units could get other levels. Whole numbers are not moved by this: theirs are
quotients with a far greater distance to any edge that they do not lie on.

Design choice: a value outside the limits counts as the limit that it lies beyond. That
is IBEX's rule for fixed limits. It never happens in IBSI's own configurations, where
re-segmentation has left such values out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.errors import ModelError

MAXIMUM_LEVELS = 4096
"""A co-occurrence matrix has the square of it: 128 MiB for each direction."""

ON_THE_EDGE = 1e-9
"""Part of a level that decides nothing."""

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


def finite_values(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return values in double precision.

    Raises
    ------
    NonFiniteValuesError
        When one is infinite or not a number.
    """
    exact = np.asarray(values, np.float64)
    finite = np.isfinite(exact)
    if not finite.all():
        raise NonFiniteValuesError(int(np.count_nonzero(~finite)), exact.size)
    return exact


def range_of(values: NDArray[np.float64]) -> Range:
    """Return the least and the greatest value; zeros where there are no values."""
    if values.size == 0:
        return 0.0, 0.0
    return float(values.min()), float(values.max())


def edges_below(positions: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    """Return how many whole numbers from 1 on lie at or below each position."""
    return np.asarray(np.floor(positions + ON_THE_EDGE), np.float64)


def levelled(levels: NDArray[np.float64], count: int) -> GreyLevels:
    """Return whole numbers as grey levels, those beyond 1..count as these.

    Raises
    ------
    TooManyLevelsError
    """
    bounded = bounded_count(count)
    return GreyLevels(np.clip(levels, 1, bounded).astype(np.int32), bounded)


def one_level(values: NDArray[np.float64]) -> GreyLevels:
    """Return level 1 for every value."""
    return GreyLevels(np.ones(values.shape, np.int32), 1)


def bounded_count(count: float | NDArray[np.float64]) -> int:
    """Return a number of levels that is no more than `MAXIMUM_LEVELS`.

    Raises
    ------
    TooManyLevelsError
    """
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
