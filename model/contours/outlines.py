"""All contours of a region, one after the other, as arrays.

Design choice: what encloses nothing draws nothing. A contour whose points lie on one
line, within the rounding of its writer, makes no plane and hides none.

Design choice: a contour that repeats another, point for point, from whatever point and
whichever way round, is drawn once. By exclusive or the two would leave nothing, and
nobody draws an outline twice to have nothing; exports that write one twice exist.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.contours.roi import Roi

Points = NDArray[np.float64]
Integers = NDArray[np.int64]

_FEWEST_POINTS = 3
# Coordinates with two decimals stray from a line by this much.
_WIDTH_OF_A_LINE_MM = 0.005


@dataclass(frozen=True, eq=False)
class Outlines:
    """All contours of a region, one after the other.

    Attributes
    ----------
    points : ndarray, shape (points, 3)
        In whichever coordinates.
    sizes : ndarray of int, shape (contours,)
        How many points each contour has.
    """

    points: Points
    sizes: Integers

    @cached_property
    def starts(self) -> Integers:
        """First point of each contour, shape (contours,)."""
        return np.asarray(np.cumsum(self.sizes) - self.sizes, np.int64)

    @cached_property
    def next_points(self) -> Points:
        """The point that follows each on its contour, shape (points, 3)."""
        following = np.arange(1, len(self.points) + 1)
        following[self.starts + self.sizes - 1] = self.starts
        return self.points[following]

    @cached_property
    def means(self) -> Points:
        """Mean of the points of each contour, shape (contours, 3)."""
        if not len(self.sizes):
            return np.zeros((0, 3))
        sums = np.add.reduceat(self.points, self.starts, axis=0)
        return np.asarray(sums / self.sizes[:, np.newaxis], np.float64)

    @property
    def lows(self) -> Points:
        """Least coordinates of each contour, shape (contours, 3)."""
        if not len(self.sizes):
            return np.zeros((0, 3))
        return np.asarray(np.minimum.reduceat(self.points, self.starts, axis=0))

    @property
    def highs(self) -> Points:
        """Greatest coordinates of each contour, shape (contours, 3)."""
        if not len(self.sizes):
            return np.zeros((0, 3))
        return np.asarray(np.maximum.reduceat(self.points, self.starts, axis=0))

    @cached_property
    def scatters(self) -> NDArray[np.float64]:
        """Scatter of the points of each contour about their mean.

        Returns
        -------
        ndarray, shape (contours, 3, 3)
            Sums of products of coordinates, not divided by the number of points.
        """
        if not len(self.sizes):
            return np.zeros((0, 3, 3))
        centred = self.points - np.repeat(self.means, self.sizes, axis=0)
        products = centred[:, :, np.newaxis] * centred[:, np.newaxis, :]
        return np.asarray(np.add.reduceat(products, self.starts, axis=0))

    def in_other_coordinates(self, points: Points) -> "Outlines":
        """Return these contours with other numbers for the same points."""
        return Outlines(points, self.sizes)

    def only(self, which: Integers) -> "Outlines":
        """Return some of the contours, in the order in which they are named."""
        if np.array_equal(which, np.arange(len(self.sizes))):
            return self
        sizes = self.sizes[which]
        return Outlines(self.points[runs(self.starts[which], sizes)], sizes)


def runs(starts: Integers, counts: Integers) -> Integers:
    """Return start, start + 1, ... for each start, ``counts`` of them, in one array."""
    before = np.cumsum(counts) - counts
    along = np.arange(int(counts.sum())) - np.repeat(before, counts)
    return np.asarray(np.repeat(starts, counts) + along, np.int64)


def all_outlines(roi: Roi) -> Outlines:
    """Return every contour that has points."""
    return _stacked([each.points_mm for each in roi.contours if len(each.points_mm)])


def drawn_outlines(roi: Roi) -> Outlines:
    """Return the contours that enclose an area, each once."""
    return _unrepeated(_wide_outlines(roi))


def repeated_contours(roi: Roi) -> int:
    """Return how many contours repeat an earlier one and are left out."""
    outlines = _wide_outlines(roi)
    return len(outlines.sizes) - len(_unrepeated(outlines).sizes)


def _wide_outlines(roi: Roi) -> Outlines:
    enough = [c.points_mm for c in roi.contours if len(c.points_mm) >= _FEWEST_POINTS]
    outlines = _stacked(enough)
    variances = np.linalg.eigvalsh(outlines.scatters)[:, 1] / outlines.sizes
    return outlines.only(np.flatnonzero(variances > _WIDTH_OF_A_LINE_MM**2))


def _stacked(points: list[Points]) -> Outlines:
    sizes = np.array([len(each) for each in points], np.int64)
    return Outlines(np.concatenate(points) if points else np.zeros((0, 3)), sizes)


def _unrepeated(outlines: Outlines) -> Outlines:
    """Leave out contours that repeat an earlier one."""
    boxes = np.concatenate([outlines.lows, outlines.highs], axis=1)
    _, same_box, counts = np.unique(
        boxes, axis=0, return_inverse=True, return_counts=True
    )
    if not (counts > 1).any():
        return outlines
    kept, known = [], set()
    for number, box in enumerate(same_box.tolist()):
        if counts[box] > 1:
            edges = _edges_of(outlines, number)
            if edges in known:
                continue
            known.add(edges)
        kept.append(number)
    return outlines.only(np.array(kept, np.int64))


def _edges_of(outlines: Outlines, number: int) -> bytes:
    """Return the edges of a contour, whatever its first point and its way round."""
    start = outlines.starts[number]
    span = slice(start, start + outlines.sizes[number])
    # Adding zero makes a negative zero a positive one; the bytes differ otherwise.
    ends = np.stack([outlines.points[span], outlines.next_points[span]], axis=1) + 0.0
    ends = ends[(ends[:, 0] != ends[:, 1]).any(axis=1)]
    swapped = np.array([a > b for a, b in ends.tolist()], np.bool_)
    ends[swapped] = ends[swapped, ::-1]
    edges = ends.reshape(-1, 6)
    return bytes(edges[np.lexsort(edges.T)].tobytes())
