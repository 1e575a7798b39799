"""The shapes between two shapes.

Design choice: shapes are interpolated by their signed distance, in millimetres, which
is positive inside. Where the two balance, nothing is drawn.

References
----------
* Raya SP, Udupa JK. Shape-based interpolation of multidimensional objects. IEEE Trans
  Med Imaging 1990.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.contours.axes import DECIMALS_OF_A_VOXEL
from model.contours.outlines import Outlines
from model.contours.scanlines import fill

_DECIMALS = 6
_MARGIN = 2


def signed_distances(
    shapes: NDArray[np.bool_], spacing_mm: tuple[float, float]
) -> NDArray[np.float64] | None:
    """Return how far each pixel's centre lies within each shape.

    Parameters
    ----------
    shapes : ndarray of bool, shape (shapes, lines, places)
        Nothing lies inside beyond the edge of the array.
    spacing_mm : tuple of float
        Between lines, and between places.

    Returns
    -------
    ndarray, shape (shapes, lines, places), or None
        Millimetres, negative outside; None when a shape is empty, to which nothing has
        a distance.
    """
    if not shapes.any(axis=(1, 2)).all():
        return None
    distances = [
        ndimage.distance_transform_edt(shape, sampling=spacing_mm)
        - ndimage.distance_transform_edt(~shape, sampling=spacing_mm)
        for shape in np.pad(shapes, ((0, 0), (1, 1), (1, 1)))
    ]
    return np.asarray(distances, np.float64)[:, 1:-1, 1:-1]


def between(
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
    part: float | NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Return what lies inside at a part of the way from the lower to the upper shape.

    Parameters
    ----------
    lower, upper : ndarray
        Signed distances of the same centres, mm.
    part : float or ndarray
        0 at the lower shape, 1 at the upper.
    """
    mixed = (1.0 - part) * lower + part * upper
    return np.asarray(np.round(mixed, _DECIMALS) > 0, np.bool_)


def distances_at(
    places_mm: NDArray[np.float64], pair: tuple[Outlines, Outlines], pitch_mm: float
) -> NDArray[np.float64] | None:
    """Return how far places of a plane lie within two shapes that are drawn in it.

    Parameters
    ----------
    places_mm : ndarray, shape (places, 2)
    pair : tuple of Outlines
        Of points in the plane, shape (points, 2), mm.
    pitch_mm : float
        Of the pixels by which distances are measured.

    Returns
    -------
    ndarray, shape (2, places), or None
        Millimetres, negative outside; None when a shape is empty near the places.
    """
    points = np.concatenate([each.points for each in pair])
    low = np.maximum(points.min(axis=0), places_mm.min(axis=0)) - _MARGIN * pitch_mm
    high = np.minimum(points.max(axis=0), places_mm.max(axis=0)) + _MARGIN * pitch_mm
    if (low >= high).any():
        return None
    lines, columns = (np.ceil((high - low) / pitch_mm).astype(np.int64) + 1).tolist()
    indices = np.round((points - low) / pitch_mm, DECIMALS_OF_A_VOXEL)
    drawn = Outlines(
        np.column_stack([np.zeros(len(points)), indices]),
        np.concatenate([each.sizes for each in pair]),
    )
    shapes = np.zeros((2, lines, columns), np.bool_)
    fill(shapes, drawn, np.repeat([0, 1], [len(each.sizes) for each in pair]))
    distances = signed_distances(shapes, (pitch_mm, pitch_mm))
    if distances is None:
        return None
    at = ((places_mm - low) / pitch_mm).T
    sampled = [
        ndimage.map_coordinates(each, at, order=1, mode="nearest") for each in distances
    ]
    return np.asarray(sampled, np.float64)
