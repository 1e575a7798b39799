"""Which contours lie in one plane.

Design choice: contours whose planes lie within `SAME_PLANE_MM` of each other were drawn
in one plane, an outline and its hole or two islands: writers round, and registrations
turn. It is never more than a quarter of a voxel. Contours of very thin slices lie as
close and are no plane: where such neighbours follow each other further than rounding
goes, each step is a plane of its own.
"""

import numpy as np
from numpy.typing import NDArray

from model.contours.outlines import Integers

SAME_PLANE_MM = 0.06
"""From the plane of a contour to the next; coordinates may stray by 0.05 mm."""

_SAME_PLANE_VOXELS = 0.25
_FARTHEST_MM = 0.1
_PART_OF_STEP = 0.5


def planes_of(heights: NDArray[np.float64], voxel_mm: float) -> list[Integers]:
    """Return the contours of each plane, the planes in rising order.

    Parameters
    ----------
    heights : ndarray, shape (contours,)
        Of the contours along their normal, in voxels.
    voxel_mm : float
        Extent of a voxel along the normal.
    """
    if not len(heights):
        return []
    tolerance = min(SAME_PLANE_MM / voxel_mm, _SAME_PLANE_VOXELS)
    rising = np.argsort(heights, kind="stable")
    found: list[Integers] = []
    for group in _split(rising, heights, tolerance):
        steps = np.diff(heights[group])
        if steps.sum() > max(_FARTHEST_MM / voxel_mm, tolerance):
            found += _split(group, heights, _PART_OF_STEP * float(steps.max()))
        else:
            found.append(group)
    return found


def _split(
    rising: Integers, heights: NDArray[np.float64], tolerance: float
) -> list[Integers]:
    cuts = np.flatnonzero(np.diff(heights[rising]) > tolerance) + 1
    return [np.asarray(group, np.int64) for group in np.split(rising, cuts)]
