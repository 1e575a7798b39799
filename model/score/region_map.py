"""A map of a region, kept as what it holds.

Design choice: a map is NaN on the whole grid but for its region. Kept whole, the maps
of some hundred regions, or of the organs of a person, take more memory than there is.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from model.grid import Grid, Mask


class ScalarMap(Protocol):
    """A map on a grid, whole; a `Volume` is one."""

    @property
    def grid(self) -> Grid:
        """The grid."""

    @property
    def values(self) -> NDArray[np.floating]:
        """The values, shape ``grid.shape``; NaN where undefined. Ask once."""


@dataclass(frozen=True, eq=False)
class RegionMap:
    """A map by the values of its region.

    Attributes
    ----------
    mask : Mask
    local : ndarray of float64, shape (voxels,)
        In array order; NaN where undefined.
    """

    mask: Mask
    local: NDArray[np.float64]

    @property
    def grid(self) -> Grid:
        """The grid of the mask."""
        return self.mask.grid

    @property
    def values(self) -> NDArray[np.float64]:
        """The whole map, made anew each time, shape ``grid.shape``."""
        values = np.full(self.grid.shape, np.nan)
        box = self.mask.box
        values[box][self.mask.inside[box]] = self.local
        return values
