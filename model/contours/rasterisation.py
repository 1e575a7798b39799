"""From contours to voxels: which rule applies, and what it gives."""

import numpy as np
from numpy.typing import NDArray

from model.contours.axes import DECIMALS_OF_A_VOXEL
from model.contours.layers import Layers
from model.contours.orientation import common_normal, parallel_axis
from model.contours.outlines import all_outlines, drawn_outlines
from model.contours.roi import Roi
from model.contours.slabs import Slabs
from model.errors import ModelError
from model.grid import Grid, Mask


def rasterise(roi: Roi, grid: Grid, *, interpolate_gaps: bool = False) -> Mask:
    """Return the voxels whose centres the contours enclose.

    The caller makes sure that contours and grid share a frame of reference.

    Parameters
    ----------
    roi : Roi
    grid : Grid
    interpolate_gaps : bool
        Whether what `gaps_of` counts is filled with the shapes between the planes on
        either side; never beyond the outermost planes.

    Returns
    -------
    Mask
        On the grid; without any voxel when contours inside the image are too small to
        enclose a centre.

    Raises
    ------
    NonPlanarContourError
        When a contour leaves its plane.
    MixedOrientationsError
        When the contours' planes are not parallel.
    RoiOutsideImageError
        When no voxel is enclosed and contours lie outside the image.

    References
    ----------
    * DICOM PS3.3 C.8.8.6.3.
    """
    mask = Mask(grid, _stack(roi, grid).inside(interpolate_gaps=interpolate_gaps))
    if not mask.voxels and outside_contours(roi, grid):
        raise RoiOutsideImageError(roi, grid)
    return mask


def gaps_of(roi: Roi, grid: Grid) -> int:
    """Return how many planes are missing between the outermost contour planes.

    Returns
    -------
    int
        Layers of the image (slices, when the contours lie in its slices) that lie
        between layers with contours and have none. Of oblique contours: the planes that
        their regular distance would have in a wider one, as far as voxels lie there.

    Raises
    ------
    NonPlanarContourError, MixedOrientationsError
    """
    return _stack(roi, grid).gaps


def outside_contours(roi: Roi, grid: Grid) -> int:
    """Return how many contours lie outside the image, wholly or in part.

    The image ends half a voxel beyond its outermost centres.
    """
    outlines = all_outlines(roi)
    indexed = outlines.in_other_coordinates(
        np.round(grid.indices(outlines.points), DECIMALS_OF_A_VOXEL)
    )
    slack = 0.5 + 10.0**-DECIMALS_OF_A_VOXEL
    last = np.array(grid.shape) - 1.0
    beyond = (indexed.lows < -slack) | (indexed.highs > last + slack)
    return int(np.count_nonzero(beyond.any(axis=1)))


def _stack(roi: Roi, grid: Grid) -> Layers | Slabs:
    """Return the contours as they apply to the grid."""
    outlines = drawn_outlines(roi)
    normal = common_normal(outlines)
    axis = parallel_axis(outlines, grid, normal)
    if axis is not None:
        return Layers.of(outlines, grid, axis)
    return Slabs.of(outlines, grid, normal, roi.name)


class RoiOutsideImageError(ModelError):
    """Contours enclose no voxel because they lie outside the image."""

    reason = "roi_outside_image"
    remedy = "Check that the contours were drawn on this image, or on its CT."

    def __init__(self, roi: Roi, grid: Grid) -> None:
        points = np.concatenate([contour.points_mm for contour in roi.contours])
        corners = np.indices((2, 2, 2)).reshape(3, -1).T * (np.array(grid.shape) - 1.0)
        image = grid.points_mm(corners)
        super().__init__(
            f"the contours of {roi.name!r} span {_box(points)} and enclose no voxel of"
            f" the image, whose voxel centres span {_box(image)}"
        )
        self.roi_name = roi.name


def _box(points_mm: NDArray[np.float64]) -> str:
    low, high = points_mm.min(axis=0), points_mm.max(axis=0)
    spans = ", ".join(
        f"{axis} {a:.1f} to {b:.1f}"
        for axis, a, b in zip("xyz", low, high, strict=True)
    )
    return f"{spans} mm"
