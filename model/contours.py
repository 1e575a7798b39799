"""Contours in patient space, and the voxels that they enclose."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Contour:
    """One closed planar polygon.

    Attributes
    ----------
    points_mm : ndarray, shape (points, 3)
        LPS millimetres; the last point joins the first.
    """

    points_mm: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Roi:
    """A region of interest as it was drawn.

    Attributes
    ----------
    number : int
        Number of the region in its structure set.
    name : str
    contours : tuple of Contour
    frame_of_reference : str
        Name of the coordinate system of the points.
    """

    number: int
    name: str
    contours: tuple[Contour, ...]
    frame_of_reference: str
