"""Boxes of an array in which a region lies.

Design choice: what is made around a region is made around each of its separate parts.
Two lesions at the ends of a body would else cost as much as the body.
"""

import numpy as np
from numpy.typing import NDArray

from model.grid import bounding_box

Inside = NDArray[np.bool_]
Box = tuple[slice, slice, slice]
Margin = tuple[int, int, int]
"""Voxels along (slice, row, column)."""


def widened(box: Box, margin: Margin, shape: tuple[int, ...]) -> Box:
    """Return a box with so many voxels more on every side, as far as the array goes."""
    first, second, third = (
        slice(max(0, part.start - more), min(size, part.stop + more))
        for part, more, size in zip(box, margin, shape, strict=True)
    )
    return first, second, third


def separate_boxes(inside: Inside, gaps: Margin) -> list[Box]:
    """Return boxes that together hold a region, cut apart where nothing of it lies.

    Parameters
    ----------
    inside : ndarray of bool, shape (slices, rows, columns)
    gaps : tuple of int
        A box is cut at more than so many empty planes that follow each other along
        (slice, row, column).

    Returns
    -------
    list of tuple of slice
        Each the smallest box of its part, none for an empty region; the same ones in
        the same order whenever the region is the same.
    """
    found: list[Box] = []
    waiting = [bounding_box(inside)]
    while waiting:
        box = waiting.pop()
        parts = _parts(inside[box], gaps)
        if len(parts) > 1:
            waiting.extend(_within(box, part) for part in parts)
        else:
            found.extend(_within(box, part) for part in parts)
    return found


def _parts(inside: Inside, gaps: Margin) -> list[Box]:
    """Return the boxes of the parts along the first axis that has any."""
    for axis, gap in enumerate(gaps):
        others = tuple({0, 1, 2} - {axis})
        used = np.flatnonzero(inside.any(axis=others))
        cuts = np.flatnonzero(np.diff(used) > gap + 1) + 1
        if cuts.size:
            return [_part(inside, axis, run) for run in np.split(used, cuts)]
    return [bounding_box(inside)] if inside.any() else []


def _part(inside: Inside, axis: int, run: NDArray[np.intp]) -> Box:
    """Return the box of what lies in a run of planes."""
    planes = slice(int(run[0]), int(run[-1]) + 1)
    first, second, third = (
        planes if each == axis else slice(0, None) for each in range(3)
    )
    return _within((first, second, third), bounding_box(inside[first, second, third]))


def _within(box: Box, part: Box) -> Box:
    """Return a part of a box as a part of the array."""
    first, second, third = (
        slice(outer.start + inner.start, outer.start + inner.stop)
        for outer, inner in zip(box, part, strict=True)
    )
    return first, second, third
