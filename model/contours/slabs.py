"""Oblique contours: each plane applies to the slab of space around it.

Design choice: a voxel takes the contour plane that is nearest to its centre, as far as
half a voxel, which is the rule of parallel contours (`model.contours.layers`). Contours
that a registration tilts by a hair keep their voxels but for those on the edge. The
extent of a voxel along the normal is that of its inscribed ellipsoid: in a grid of
cubes the same in every direction, and along an axis of the grid its spacing.

Design choice: where every voxel between two planes is cut by one of them, they reach
half-way to each other, though the distance be more than the voxel's ellipsoid. Planes
further apart leave a gap that grows from nothing; where most planes leave none, a
fifth of a voxel more opens none either, since single planes stray. What a gap is
counted in are voxels. Beyond the outermost planes reaches half a voxel, as beyond a
single one.

Design choice: centres are tested where they lie after a step of a hundred-thousandth of
the smallest spacing to the left, a hundredth of that posterior and a hundredth of that
superior. No written coordinate is as fine, every sum of coordinates is finer; so a
centre on an outline or between two planes belongs to one side, however the image is
stored, as it does where contours are parallel to the grid.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from model.contours.interpolation import between, distances_at
from model.contours.lattice import Lattice
from model.contours.orientation import (
    Direction,
    require_parallel_planes,
    steps_of,
)
from model.contours.outlines import Integers, Outlines
from model.contours.planes import planes_of
from model.grid import Grid

# By how much distances may exceed the voxels that are cut: of all planes, by rounding;
# of single ones, as they stray.
_ROUNDING = 1.01
_STRAYING = 1.2
# Of the median, what still is a distance of neighbours.
_NEIGHBOURS = 1.5


@dataclass(frozen=True, eq=False)
class Slab:
    """A contour plane and how far it reaches.

    Attributes
    ----------
    low, height, high : float
        Along the normal, mm: where the slab begins, where the plane lies, where the
        slab ends.
    contours : ndarray of int
    """

    low: float
    height: float
    high: float
    contours: Integers


@dataclass(frozen=True, eq=False)
class Slabs:
    """The slabs to which a region's oblique contours apply.

    Attributes
    ----------
    grid : Grid
    outlines : Outlines
        In LPS millimetres.
    normal : ndarray, shape (3,)
    slabs : tuple of Slab
        In rising order.
    voxel_mm : float
        Extent of a voxel along the normal, in which gaps are counted.
    """

    grid: Grid
    outlines: Outlines
    normal: Direction
    slabs: tuple[Slab, ...]
    voxel_mm: float

    @classmethod
    def of(
        cls, outlines: Outlines, grid: Grid, normal: Direction, roi_name: str
    ) -> "Slabs":
        """Return the slabs of contours in mm.

        Raises
        ------
        NonPlanarContourError, MixedOrientationsError
        """
        ways = steps_of(grid) @ normal
        voxel, cut = float(np.linalg.norm(ways)), float(np.abs(ways).sum())
        require_parallel_planes(outlines, normal, voxel, roi_name)
        along = outlines.means @ normal
        groups = planes_of(along / voxel, voxel)
        heights = np.array([float(along[group].mean()) for group in groups])
        distances = np.diff(heights)
        reach = _inward_reach(distances, voxel, cut)
        lows = heights - np.concatenate([[voxel / 2], reach])
        highs = heights + np.concatenate([reach, [voxel / 2]])
        # Neighbours share one number, so that no centre lies in both or in neither.
        joined = reach == distances / 2
        lows[1:] = np.where(joined, highs[:-1], lows[1:])
        slabs = tuple(
            Slab(float(low), float(height), float(high), contours)
            for low, height, high, contours in zip(
                lows, heights, highs, groups, strict=True
            )
        )
        return cls(grid, outlines, normal, slabs, voxel)

    @property
    def gaps(self) -> int:
        """How many voxels the gaps between the planes are wide, within the grid."""
        corners = np.indices((2, 2, 2)).reshape(3, -1).T * (
            np.array(self.grid.shape) - 1.0
        )
        image = self.grid.points_mm(corners) @ self.normal
        low, high = float(image.min()), float(image.max())
        widths = [
            min(upper.low, high) - max(lower.high, low)
            for lower, upper in pairwise(self.slabs)
            if upper.low > lower.high
        ]
        wide = sum(width for width in widths if width > 0)
        return max(int(np.rint(wide / self.voxel_mm)), 1) if wide else 0

    def inside(self, *, interpolate_gaps: bool) -> NDArray[np.bool_]:
        """Return what the contours enclose, shape ``grid.shape``."""
        inside = np.zeros(self.grid.shape, np.bool_)
        lattice = self._lattice()
        if lattice is None:
            return inside
        found = lattice.enclosed(
            (self.outlines.only(slab.contours), slab.low, slab.high)
            for slab in self.slabs
        )
        if interpolate_gaps:
            for lower, upper in pairwise(self.slabs):
                if upper.low > lower.high:
                    self._interpolate(found, lattice, lower, upper)
        inside[lattice.window] = lattice.as_stored(found)
        return inside

    def _lattice(self) -> Lattice | None:
        """Return the lines of voxels near the contours; None when there are none."""
        reach = max(
            max(slab.height - slab.low, slab.high - slab.height) for slab in self.slabs
        )
        points, way = self.outlines.points, reach * self.normal
        ends = np.concatenate([points + way, points - way])
        return Lattice.around(ends, self.grid, self.normal)

    def _interpolate(
        self, found: NDArray[np.bool_], lattice: Lattice, lower: Slab, upper: Slab
    ) -> None:
        """Fill the centres between two slabs."""
        lines, places = lattice.between(lower.high, upper.low)
        if not len(lines):
            return
        flat = lattice.flat(lines, places)
        pair = (
            lattice.flattened(self.outlines.only(lower.contours)),
            lattice.flattened(self.outlines.only(upper.contours)),
        )
        distances = distances_at(flat, pair, min(self.grid.spacing_mm))
        if distances is not None:
            heights = lattice.height[lines] + places * lattice.step_height
            part = (heights - lower.height) / (upper.height - lower.height)
            found[lines, places] = between(distances[0], distances[1], part)


def _inward_reach(
    distances: NDArray[np.float64], voxel_mm: float, cut_mm: float
) -> NDArray[np.float64]:
    """Return how far planes reach towards each other, mm, shape (planes - 1,).

    Parameters
    ----------
    distances : ndarray, shape (planes - 1,)
        Of neighbouring planes, mm.
    voxel_mm : float
        Extent of a voxel's inscribed ellipsoid along the normal.
    cut_mm : float
        Extent of the voxel itself: planes no further apart cut every voxel.
    """
    widest = cut_mm
    if _regular_distance(distances) <= _ROUNDING * cut_mm:
        widest *= _STRAYING
    apart = np.maximum(cut_mm - distances / 2, voxel_mm / 2)
    return np.asarray(np.where(distances <= widest, distances / 2, apart))


def _regular_distance(distances: NDArray[np.float64]) -> float:
    """Return the mean distance of neighbouring planes, mm, as gaps leave it."""
    if not len(distances):
        return 0.0
    median = np.sort(distances)[(len(distances) - 1) // 2]
    return float(distances[distances <= _NEIGHBOURS * median].mean())
