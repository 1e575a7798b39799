"""The convex hull of a region in one slice, as pixels: exact, in whole numbers.

Design choice: MATLAB's convex image (`regionprops`, `bwconvhull`), which IBEX calls:
the hull of the middles of the pixels' four sides, filled. A pixel belongs to it when
its centre lies in the hull or on its border. Twice the coordinates are whole numbers,
so that no pixel is won or lost to rounding. MATLAB's source was not at hand: how it
decides about centres exactly on a slanting border may differ.

Since every row of a hull is one run of pixels, it is kept as the first and last column
of each row.

References
----------
* Andrew AM. Another efficient algorithm for convex hulls in two dimensions. Information
  Processing Letters 9:216, 1979.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Columns = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SliceHull:
    """The convex image of one slice.

    Attributes
    ----------
    first, last : ndarray of int, shape (rows,)
        The columns between which a row's pixels lie, both inside; a row without pixels
        has its last column before its first one.
    """

    first: Columns
    last: Columns

    @property
    def pixels(self) -> int:
        """Number of pixels in the hull."""
        return _lengths(self.first, self.last)

    @property
    def inner_pixels(self) -> int:
        """Number of pixels whose four side neighbours are in the hull, too."""
        first = np.maximum(self.first[1:-1] + 1, self.first[:-2])
        last = np.minimum(self.last[1:-1] - 1, self.last[:-2])
        return _lengths(
            np.maximum(first, self.first[2:]), np.minimum(last, self.last[2:])
        )


def slice_hull(first: Columns, last: Columns, rows: NDArray[np.bool_]) -> SliceHull:
    """Return the convex image of a region in a slice.

    Parameters
    ----------
    first, last : ndarray of int, shape (rows,)
        First and last column of the region in each row; of no meaning in other rows.
    rows : ndarray of bool, shape (rows,)
        Which rows the region has pixels in; at least one.

    Returns
    -------
    SliceHull
        From the first to the last row of the region.
    """
    present = np.flatnonzero(rows)
    some = slice(int(present[0]), int(present[-1]) + 1)
    return SliceHull(
        first=-_reach(-first[some], rows[some]), last=_reach(last[some], rows[some])
    )


def _reach(last: Columns, rows: NDArray[np.bool_]) -> Columns:
    """Return the last column in the hull of each row, shape (rows,)."""
    # In half pixels: row r lies at 2r + 1. Its pixel's right side has its middle there,
    # and the middles of the upper and lower sides lie one before and one after.
    height = 2 * len(rows) + 1
    lowest = np.iinfo(np.int64).min
    furthest = np.full(height, lowest)
    furthest[1::2] = np.where(rows, 2 * last + 1, lowest)
    sides = np.where(rows, 2 * last, lowest)
    furthest[:-1:2] = sides
    np.maximum(furthest[2::2], sides, out=furthest[2::2])
    present = np.flatnonzero(furthest != lowest)
    corners = _outer_corners(present.tolist(), furthest[present].tolist())
    heights, columns = np.array(corners).T
    middles = np.arange(1, height, 2)
    before = np.searchsorted(heights, middles, side="right") - 1
    run = heights[before + 1] - heights[before]
    rise = columns[before + 1] - columns[before]
    return np.asarray(
        (columns[before] * run + rise * (middles - heights[before])) // (2 * run),
        np.int64,
    )


def _outer_corners(heights: list[int], columns: list[int]) -> list[tuple[int, int]]:
    """Return the corners of the border towards greater columns, by height."""
    corners: list[tuple[int, int]] = []
    for height, column in zip(heights, columns, strict=True):
        while len(corners) > 1 and _bends_inwards(
            corners[-2], corners[-1], (height, column)
        ):
            corners.pop()
        corners.append((height, column))
    return corners


def _bends_inwards(
    before: tuple[int, int], middle: tuple[int, int], after: tuple[int, int]
) -> bool:
    """Return whether the middle of three points is no corner of the border."""
    (y0, x0), (y1, x1), (y2, x2) = before, middle, after
    return (x1 - x0) * (y2 - y1) <= (x2 - x1) * (y1 - y0)


def _lengths(first: Columns, last: Columns) -> int:
    return int(np.maximum(last - first + 1, 0).sum())
