"""Convex hulls of points in space, and the greatest distance between two of them.

Design choice: the dimension of the points is decided before the hull is built. Points
whose extent in a direction is below 1e-9 of their greatest one lie in a plane, on a
line or in one place; they have a hull of their own, with volume 0, where a library for
solid bodies fails. Coordinates and lengths may be in any one unit; the names say mm
since that is what a grid gives.

Design choice: the two points that lie furthest apart are vertices of the hull, so that
only these are compared: exact, in milliseconds where comparing all would take minutes.

References
----------
* Barber CB, Dobkin DP, Huhdanpaa H. The quickhull algorithm for convex hulls. ACM
  Transactions on Mathematical Software 1996, doi 10.1145/235815.235821.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull
from scipy.spatial.distance import cdist

Points = NDArray[np.float64]

_PLANE, _SOLID = 2, 3
"""Dimensions in which a library makes the hull."""
_FLAT = 1e-9
"""Extent in relation to the greatest one under which a direction counts as flat."""
_ONE_PLACE = 1e-12
"""Extent in relation to the coordinates under which it is their rounding alone."""
_FEW = 64
"""So many points are compared with each other without building a hull first."""
_ROWS_AT_ONCE = 1024
"""Bounds the memory of a comparison to this many rows of distances."""


@dataclass(frozen=True, eq=False)
class Hull:
    """The convex hull of points.

    Attributes
    ----------
    volume_mm3 : float
        0 for points in a plane, on a line or in one place, by definition.
    area_mm2 : float
        Of the surface; of points in a plane both sides of the polygon, which is the
        limit of an ever thinner body; 0 for points on a line or in one place.
    vertices_mm : ndarray, shape (n, 3)
        The extreme points, a subset of the given ones.
    """

    volume_mm3: float
    area_mm2: float
    vertices_mm: Points

    @property
    def diameter_mm(self) -> float:
        """Greatest distance between two of the points; 0 for a single one."""
        return _furthest(self.vertices_mm)


def hull_of(points_mm: Points) -> Hull:
    """Return the convex hull of points.

    Parameters
    ----------
    points_mm : ndarray, shape (n, 3)
        Finite; at least one. Repeated points do no harm.

    Returns
    -------
    Hull

    Raises
    ------
    ValueError
        When there is no point, or a coordinate is not finite.
    """
    points = _checked(points_mm)
    within, unit = _in_own_axes(points)
    if within.shape[1] == _SOLID:
        body = ConvexHull(within)
        vertices = points[body.vertices]
        return Hull(float(body.volume) * unit**3, float(body.area) * unit**2, vertices)
    if within.shape[1] == _PLANE:
        # Of a polygon the library's "volume" is the area.
        polygon = ConvexHull(within)
        sides = 2 * float(polygon.volume) * unit**2
        return Hull(0.0, sides, points[polygon.vertices])
    return Hull(0.0, 0.0, points[_ends(within)])


def greatest_distance(points_mm: Points) -> float:
    """Return the greatest distance between any two points; 0 for a single one.

    Parameters
    ----------
    points_mm : ndarray, shape (n, 3)
        Finite; at least one.

    Returns
    -------
    float
        In the unit of the coordinates.

    Raises
    ------
    ValueError
        When there is no point, or a coordinate is not finite.
    """
    points = _checked(points_mm)
    return _furthest(points) if len(points) <= _FEW else hull_of(points).diameter_mm


def _furthest(points: Points) -> float:
    return max(
        float(cdist(points[first : first + _ROWS_AT_ONCE], points).max())
        for first in range(0, len(points), _ROWS_AT_ONCE)
    )


def _checked(points_mm: Points) -> Points:
    points = np.asarray(points_mm, np.float64)
    if points.shape != (len(points), 3) or not len(points):
        message = f"expected at least one point in space, not shape {points.shape}"
        raise ValueError(message)
    if not np.isfinite(points).all():
        message = "expected finite coordinates"
        raise ValueError(message)
    return points


def _in_own_axes(points: Points) -> tuple[Points, float]:
    """Return coordinates along the directions in which the points extend.

    Returns
    -------
    within : ndarray, shape (n, 0..3)
        A rigid motion of the points, without the directions in which they are flat, in
        a unit in which they are neither tiny nor huge, since the library takes the one
        and the other for flat.
    unit : float
        That unit: a power of two, which changes no digit.
    """
    # From one of the points first: the mean of large coordinates is rounded.
    centred = points - points[0]
    centred -= centred.mean(axis=0)
    unit = 2.0 ** int(np.frexp(np.abs(centred).max())[1])
    centred /= unit
    # Through R of QR, since the squares of a covariance would lose half the digits.
    _, _, axes = np.linalg.svd(np.linalg.qr(centred, mode="r"))
    along = centred @ axes.T
    extents = np.ptp(along, axis=0)
    greatest = extents.max()
    if greatest * unit <= _ONE_PLACE * np.abs(points).max():
        return np.empty((len(points), 0)), unit
    solid = extents > _FLAT * greatest
    return (centred if solid.all() else np.asarray(along[:, solid])), unit


def _ends(within: Points) -> NDArray[np.intp]:
    """Return the index of one point, or of the two ends of a line."""
    if within.shape[1] == 0:
        return np.array([0])
    return np.array([within[:, 0].argmin(), within[:, 0].argmax()])
