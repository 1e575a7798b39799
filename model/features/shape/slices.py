"""What IBEX measures slice by slice: ellipses, hulls, and pixels on the edge.

References
----------
* IBEX, `Shape_Feature_Roundness`, `_Orientation`, `_Convex`, `_ConvexHullVolume`, which
  call MATLAB's `regionprops` ("Eccentricity", "Orientation", "Solidity"), `bwconvhull`
  and `MKGetNumVoxBWMask`.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.features.shape.slice_hull import SliceHull

_OF_ONE_PIXEL = 1 / 12
"""Variance of a uniform distribution over one pixel."""
_SQUARE = 1e-6
"""Relative difference of the sides up to which a pixel is square."""


@dataclass(frozen=True)
class Ellipse:
    """The ellipse with the second central moments of a region in a slice.

    Attributes
    ----------
    eccentricity : float
        0 for a circle, towards 1 for a line.
    orientation_deg : float
        From the direction of the rows (x, to the right as displayed) to the major axis,
        counter-clockwise as displayed; above -90 and up to 90. 0 where no axis is the
        longer one, as in MATLAB.
    """

    eccentricity: float
    orientation_deg: float


def ellipse_of(image: NDArray[np.bool_], aspect: float) -> Ellipse:
    """Return the ellipse of a region in a slice.

    Parameters
    ----------
    image : ndarray of bool, shape (rows, columns)
        At least one pixel; all count as one region, connected or not.
    aspect : float
        Distance of the rows over that of the columns. MATLAB takes pixels as square;
        where they are not, the moments are those of lengths.

    Returns
    -------
    Ellipse
        A pixel is a square and not a point: its own variance is added.
    """
    # A rounding error in the spacing gives a square no longer side.
    stretch = 1.0 if math.isclose(aspect, 1.0, rel_tol=_SQUARE) else aspect
    # Sums of whole numbers below 2^53: exact, so that symmetry is seen as symmetry.
    sums = (
        _powers(image.shape[0]) @ image.astype(np.float64) @ _powers(image.shape[1]).T
    )
    (n, x, xx), (y, xy, _), (yy, _, _) = (map(int, row) for row in sums.tolist())
    horizontal = (n * xx - x * x) / n**2 + _OF_ONE_PIXEL
    vertical = ((n * yy - y * y) / n**2 + _OF_ONE_PIXEL) * stretch**2
    # Rows are counted downwards, angles from x upwards.
    mixed = (x * y - n * xy) / n**2 * stretch
    difference = math.hypot(horizontal - vertical, 2 * mixed)
    return Ellipse(
        math.sqrt(2 * difference / (horizontal + vertical + difference)),
        math.degrees(math.atan2(2 * mixed, horizontal - vertical)) / 2,
    )


def _powers(length: int) -> NDArray[np.float64]:
    places = np.arange(length, dtype=np.float64)
    return np.array([np.ones(length), places, places**2])


def inner_voxels(inside: NDArray[np.bool_]) -> int:
    """Return how many voxels have their four side neighbours in the slice inside, too.

    Parameters
    ----------
    inside : ndarray of bool, shape (slices, rows, columns)
        What lies beyond the array is outside.
    """
    centre = inside[:, 1:-1, 1:-1]
    inner = centre & inside[:, :-2, 1:-1]
    inner &= inside[:, 2:, 1:-1]
    inner &= inside[:, 1:-1, :-2]
    inner &= inside[:, 1:-1, 2:]
    return int(np.count_nonzero(inner))


def half_counted(voxels: int, inner: int) -> float:
    """Return the number of voxels when those on the edge of their slice count half.

    References
    ----------
    * IBEX, `MKGetNumVoxBWMask` with its default fraction of 0.5; the edge is MATLAB's
      `bwperim`, pixels with a side neighbour outside.
    """
    return (voxels + inner) / 2


def half_counted_hulls(hulls: tuple[SliceHull, ...]) -> float:
    """Return the pixels of all hulls, those on the edge of their hull counted half."""
    return sum(half_counted(hull.pixels, hull.inner_pixels) for hull in hulls)
