"""Oblique contours: each plane applies to the slab of space around it.

Design choice: a voxel belongs to the contour plane that is nearest to its centre along
the planes' normal. A plane reaches half-way to its neighbours, and the outermost as far
outward as inward. The regular distance of planes is the lower median of the distances
of neighbours. Planes further apart than one and a half times that, and than one and a
half voxels, leave a gap, into which each reaches half the regular distance. A single
plane, and each of two that leave a gap, reaches half a voxel to either side. The extent
of a voxel along the normal is that of its inscribed ellipsoid: in a grid of cubes the
same in every direction, and along an axis of the grid its spacing.

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
    SAME_PLANE_MM,
    Direction,
    require_parallel_planes,
    steps_of,
)
from model.contours.outlines import Integers, Outlines
from model.grid import Grid

_GAP = 1.5
# Islands that lie far apart show what rounding leaves of an error in the normal.
_SAME_OBLIQUE_PLANE_MM = 2.5 * SAME_PLANE_MM


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
    step_mm : float
        What a gap is counted in: the regular distance, or a voxel if that is more.
    """

    grid: Grid
    outlines: Outlines
    normal: Direction
    slabs: tuple[Slab, ...]
    step_mm: float

    @classmethod
    def of(
        cls, outlines: Outlines, grid: Grid, normal: Direction, roi_name: str
    ) -> "Slabs":
        """Return the slabs of contours in mm.

        Raises
        ------
        NonPlanarContourError, MixedOrientationsError
        """
        voxel = float(np.linalg.norm(steps_of(grid) @ normal))
        require_parallel_planes(outlines, normal, voxel, roi_name)
        groups = _planes(outlines.means @ normal)
        heights = np.array([height for height, _ in groups])
        distances = np.diff(heights)
        regular = _regular_distance(distances, voxel)
        step = max(regular, voxel)
        joined = distances <= _GAP * step
        reach = np.where(joined, distances, regular) / 2
        outer = reach if len(reach) else np.array([regular / 2])
        below = np.concatenate([outer[:1], reach])
        above = np.concatenate([reach, outer[-1:]])
        # Neighbours share one number, so that no centre lies in both or in neither.
        lows, highs = heights - below, heights + above
        lows[1:] = np.where(joined, highs[:-1], lows[1:])
        slabs = tuple(
            Slab(float(low), height, float(high), contours)
            for (height, contours), low, high in zip(groups, lows, highs, strict=True)
        )
        return cls(grid, outlines, normal, slabs, step)

    @property
    def gaps(self) -> int:
        """Planes that are missing between the outermost, as far as voxels lie there."""
        corners = np.indices((2, 2, 2)).reshape(3, -1).T * (
            np.array(self.grid.shape) - 1.0
        )
        image = self.grid.points_mm(corners) @ self.normal
        missing = 0
        for lower, upper in pairwise(self.slabs):
            if upper.low > lower.high:
                distance = upper.height - lower.height
                steps = int(np.rint(distance / self.step_mm))
                inside = (image - lower.height) * steps / distance
                first = max(int(np.ceil(inside.min())), 1)
                last = min(int(np.floor(inside.max())), steps - 1)
                missing += max(last - first + 1, 0)
        return missing

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


def _planes(heights: NDArray[np.float64]) -> list[tuple[float, Integers]]:
    """Return distinct planes in rising order, each with the contours that lie in it."""
    rising = np.argsort(heights, kind="stable")
    cuts = np.flatnonzero(np.diff(heights[rising]) > _SAME_OBLIQUE_PLANE_MM) + 1
    return [(float(heights[g].mean()), g) for g in np.split(rising, cuts)]


def _regular_distance(distances: NDArray[np.float64], voxel_mm: float) -> float:
    """Return the distance of neighbouring planes, mm."""
    if len(distances) > 1:
        return float(np.sort(distances)[(len(distances) - 1) // 2])
    near = len(distances) == 1 and distances[0] <= _GAP * voxel_mm
    return float(distances[0]) if near else voxel_mm
