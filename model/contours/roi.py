"""A region of interest as it was drawn."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model.affine import Affine


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


def moved(roi: Roi, join: Affine, frame_of_reference: str) -> Roi:
    """Return the region in another frame of reference.

    An affine map leaves planes plane and parallel planes parallel, so that a region
    that could be rasterised before can be so after.

    Parameters
    ----------
    roi : Roi
    join : Affine
        From the region's frame of reference to the other.
    frame_of_reference : str
        Name of the other.
    """
    contours = tuple(Contour(join.apply(each.points_mm)) for each in roi.contours)
    return replace(roi, contours=contours, frame_of_reference=frame_of_reference)
