"""Which way the planes of a region's contours lie.

Design choice: contours are parallel to two axes of the grid when none of them leaves
its layer of voxels by more than a fifth of it, and when all of them together are tilted
so little that islands drawn in one plane stay in one plane. Contours are written with
two or three decimals of a millimetre; the thinnest slices are near 0.1 mm. All others
are oblique, and share one normal by least squares.

Design choice: a region of which one contour leaves its plane by more than a fifth of a
voxel, and by more than rounding does, or whose contours lie in planes that are not
parallel, is refused. PS3.3 C.8.8.6 says of neither which voxels are inside.
"""

import numpy as np
from numpy.typing import NDArray

from model.contours.outlines import Outlines
from model.errors import ModelError
from model.grid import Grid

PLANARITY_VOXELS = 0.2
"""By how much of a voxel a contour may leave its plane."""

_LEVEL_MM = 0.02

# Coordinates with two decimals leave a plane by a third of this.
_ROUNDING_MM = 0.05
_ZERO = 1e-6

Direction = NDArray[np.float64]
"""A unit vector, LPS, shape (3,)."""


def steps_of(grid: Grid) -> NDArray[np.float64]:
    """Return the way to the next voxel along each array axis, shape (3, 3), mm."""
    steps = (grid.slice_step_mm, grid.row_step_mm, grid.column_step_mm)
    return np.array(steps, np.float64)


def common_normal(outlines: Outlines) -> Direction:
    """Return the direction along which the contours are thinnest.

    It points to the left, else posterior, else superior.

    Parameters
    ----------
    outlines : Outlines
        In LPS millimetres.
    """
    scatter = outlines.scatters.sum(axis=0)
    normal = np.asarray(np.linalg.eigh(scatter)[1][:, 0], np.float64)
    (seen,) = np.nonzero(np.abs(normal) > _ZERO)
    return -normal if normal[seen[0]] < 0 else normal


def parallel_axis(outlines: Outlines, grid: Grid, normal: Direction) -> int | None:
    """Return the array axis across which the contours lie; None if they are oblique.

    Parameters
    ----------
    outlines : Outlines
        In LPS millimetres.
    grid : Grid
    normal : ndarray, shape (3,)
        Of the contours.
    """
    if not len(outlines.sizes):
        return 0
    indices = outlines.in_other_coordinates(grid.indices(outlines.points))
    leaves = (indices.highs - indices.lows).max(axis=0)
    for axis in np.argsort(leaves, kind="stable").tolist():
        if leaves[axis] > PLANARITY_VOXELS:
            break
        if _drift_mm(outlines, grid, normal, axis) <= _LEVEL_MM:
            return int(axis)
    return None


def _drift_mm(outlines: Outlines, grid: Grid, normal: Direction, axis: int) -> float:
    """Return by how much a plane of contours leaves its layer across the region."""
    others = np.delete(steps_of(grid), axis, axis=0)
    across = np.cross(others[0], others[1])
    across /= np.linalg.norm(across)
    cosine = float(normal @ across)
    if not cosine:
        return float("inf")
    return float(np.ptp(outlines.points @ (normal / cosine - across)))


def require_parallel_planes(
    outlines: Outlines, normal: Direction, voxel_mm: float, roi_name: str
) -> None:
    """Refuse contours that do not lie in planes across the normal.

    Parameters
    ----------
    outlines : Outlines
        In LPS millimetres.
    normal : ndarray, shape (3,)
    voxel_mm : float
        Extent of a voxel along the normal.
    roi_name : str
        Which a message names.

    Raises
    ------
    NonPlanarContourError
    MixedOrientationsError
    """
    allowed = max(PLANARITY_VOXELS * voxel_mm, _ROUNDING_MM)
    leaves = _thicknesses(outlines, np.tile(normal, (len(outlines.sizes), 1)))
    if leaves.max() <= allowed:
        return
    own = _thicknesses(outlines, np.linalg.eigh(outlines.scatters)[1][:, :, 0])
    if own.max() > allowed:
        raise NonPlanarContourError(roi_name, float(own.max()), allowed)
    raise MixedOrientationsError(roi_name, float(leaves.max()), allowed)


def _thicknesses(
    outlines: Outlines, normals: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how thick each contour is along its normal, mm, shape (contours,)."""
    along = np.repeat(normals, outlines.sizes, axis=0)
    centred = outlines.points - np.repeat(outlines.means, outlines.sizes, axis=0)
    heights = np.einsum("ij,ij->i", centred, along)
    high = np.maximum.reduceat(heights, outlines.starts)
    return np.asarray(high - np.minimum.reduceat(heights, outlines.starts), np.float64)


class NonPlanarContourError(ModelError):
    """A contour does not lie in a plane."""

    reason = "contour_planes"
    remedy = "Draw each contour in one plane of the PET or of its CT."

    def __init__(self, roi_name: str, leaves_mm: float, allowed_mm: float) -> None:
        super().__init__(
            f"a contour of {roi_name!r} does not lie in a plane: its points spread over"
            f" {leaves_mm:.2f} mm across it, where {allowed_mm:.2f} mm are allowed"
        )
        self.roi_name = roi_name
        self.leaves_mm = leaves_mm


class MixedOrientationsError(ModelError):
    """Contours of one region lie in planes that are not parallel."""

    reason = "contour_planes"
    remedy = "Draw all contours of a region in one orientation, or as two regions."

    def __init__(self, roi_name: str, leaves_mm: float, allowed_mm: float) -> None:
        super().__init__(
            f"the contours of {roi_name!r} lie in planes of different orientations:"
            f" across their common direction one spreads over {leaves_mm:.2f} mm, where"
            f" {allowed_mm:.2f} mm are allowed"
        )
        self.roi_name = roi_name
        self.leaves_mm = leaves_mm
