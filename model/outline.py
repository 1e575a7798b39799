"""Outlines of a mask, as a contouring station draws them: along the pixels' edges."""

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

Corner = tuple[int, int]


def staircase_outlines(inside: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
    """Return the closed outlines of the pixels of one plane.

    Every outline runs along the outer edges of pixels with the region on its right (in
    an image whose rows run down), so holes run the other way round. Pixels that touch
    at a corner only are outlined apart.

    Parameters
    ----------
    inside : ndarray of bool, shape (rows, columns)

    Returns
    -------
    list of ndarray, shape (corners, 2)
        Continuous (row, column) indices of the corners, half-way between pixel centres;
        the last joins the first. Only corners where the outline turns are listed.
    """
    # A region is small beside its plane.
    rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return []
    first = np.array([rows[0], columns[0]], np.float64)
    box = inside[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    following = _edges(box)
    outlines = []
    while following:
        corners = _loop(following)
        outlines.append(_turns(np.array(corners, np.float64)) + first - 0.5)
    return outlines


def _edges(inside: NDArray[np.bool_]) -> dict[Corner, list[Corner]]:
    """Return where the boundary goes from each corner; corner (r, c) tops pixel (r, c).

    Corners are visited in reading order, so that equal masks give equal outlines.
    """
    padded = np.pad(inside, 1)
    centre = padded[1:-1, 1:-1]
    sides = (
        (padded[:-2, 1:-1], (0, 0), (0, 1)),
        (padded[1:-1, 2:], (0, 1), (1, 1)),
        (padded[2:, 1:-1], (1, 1), (1, 0)),
        (padded[1:-1, :-2], (1, 0), (0, 0)),
    )
    following: dict[Corner, list[Corner]] = defaultdict(list)
    for neighbour, start, end in sides:
        for row, column in np.argwhere(centre & ~neighbour).tolist():
            first = (row + start[0], column + start[1])
            following[first].append((row + end[0], column + end[1]))
    return dict(sorted(following.items()))


def _loop(following: dict[Corner, list[Corner]]) -> list[Corner]:
    """Take one closed way out of the edges that are left."""
    start = next(iter(following))
    corners, corner, came = [start], start, (0, 0)
    while True:
        ways = following[corner]
        # Where two pixels touch at a corner, the right turn stays with the same pixel.
        ways.sort(key=lambda way: way != _right_of(corner, came))
        onward = ways.pop(0)
        if not ways:
            del following[corner]
        came = (onward[0] - corner[0], onward[1] - corner[1])
        corner = onward
        if corner == start:
            return corners
        corners.append(corner)


def _right_of(corner: Corner, came: Corner) -> Corner:
    row, column = came
    return (corner[0] + column, corner[1] - row)


def _turns(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Drop the corners at which the outline goes straight on."""
    before = corners - np.roll(corners, 1, axis=0)
    after = np.roll(corners, -1, axis=0) - corners
    return corners[np.any(before != after, axis=1)]
