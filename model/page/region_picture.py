"""A region's map over its image, as a small picture.

Design choice: the map keeps its voxels, hard-edged, and only the image below is
interpolated: a value between two voxels is one that nobody computed.

Design choice: the picture shows the region and as much around it, and no scale. It is
for recognising a result; the summary page is for looking at it.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from model.page.summary.palette import coloured

_AROUND = 1.0
"""What is shown beside the region on each side, by the region's size."""
_LEAST_AROUND_MM = 2.0
_BRIGHTEST_PERCENT = 99.5
_GREY_LEVELS = 255.0


def region_picture(
    index: NDArray[np.floating],
    below: NDArray[np.floating] | None,
    spacing_mm: tuple[float, float],
    columns: int,
) -> NDArray[np.uint8]:
    """Return the part of a slice around a region in colours.

    Parameters
    ----------
    index : ndarray, shape (rows, columns)
        NaN outside the region; at least one value is finite.
    below : ndarray of the same shape, or None
        The image that the map was computed from; black without it.
    spacing_mm : tuple of float
        Between rows, between columns.
    columns : int
        Width of the picture.

    Returns
    -------
    ndarray of uint8, shape (rows, columns, 3)
        Its pixels are square; rows follow from what is shown.
    """
    rows_at, columns_at = _places(np.isfinite(index), spacing_mm, columns)
    places = np.meshgrid(rows_at, columns_at, indexing="ij")
    nearest = tuple(np.rint(place).astype(int) for place in places)
    values = index[nearest]
    grey = np.zeros(values.shape)
    if below is not None:
        shown = np.nan_to_num(np.asarray(below, float))
        grey = map_coordinates(shown, places, order=1, mode="nearest") / _white(shown)
    picture: NDArray[np.uint8] = np.repeat(
        (np.clip(grey, 0.0, 1.0) * _GREY_LEVELS).astype(np.uint8)[..., None], 3, axis=2
    )
    known = np.isfinite(values)
    low, high = np.nanmin(index), np.nanmax(index)
    picture[known] = coloured((values[known] - low) / ((high - low) or 1.0), "viridis")
    return picture


def _places(
    region: NDArray[np.bool_], spacing_mm: tuple[float, float], columns: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the rows and the columns of the slice at the picture's pixels."""
    bounds = [
        _shown(
            np.flatnonzero(region.any(axis=1 - axis)),
            region.shape[axis],
            spacing_mm[axis],
        )
        for axis in range(2)
    ]
    sizes_mm = [
        (last - first + 1) * spacing
        for (first, last), spacing in zip(bounds, spacing_mm, strict=True)
    ]
    rows = max(round(columns * sizes_mm[0] / sizes_mm[1]), 1)
    found = [
        np.clip(
            first - 0.5 + (np.arange(count) + 0.5) * (last - first + 1) / count,
            first,
            last,
        )
        for (first, last), count in zip(bounds, (rows, columns), strict=True)
    ]
    return found[0], found[1]


def _shown(there: NDArray[np.intp], length: int, spacing_mm: float) -> tuple[int, int]:
    """Return the first and the last line of pixels that are shown."""
    first, last = int(there[0]), int(there[-1])
    around = max((last - first + 1) * _AROUND, _LEAST_AROUND_MM / spacing_mm)
    return max(int(first - around), 0), min(int(last + around), length - 1)


def _white(shown: NDArray[np.float64]) -> float:
    """Return the value that is shown white."""
    above = shown[shown > 0.0]
    return float(np.percentile(above, _BRIGHTEST_PERCENT)) if above.size else 1.0
