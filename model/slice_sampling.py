"""Planes sampled from a stack of slices, slice by slice.

A stack is more than a picture of it needs. Who draws a plane asks here which slices it
meets, and brings them one after the other; each is sampled bilinearly where the plane
meets it, and linearly between it and its neighbours.

Design choice: every slice is placed by its own corner. Distances between slices may
differ, and slices may be shifted against each other; they must only be parallel.

Design choice: a slice reaches half the usual distance beyond its centre, and a pixel
half of its own. Beyond that nothing is known, and the picture is NaN.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.display_planes import Lattice

Floats = NDArray[np.float64]
_HALF = 0.5
_ALONG = 2.0
"""Slices through which a plane may run and still count as one along them."""


@dataclass(frozen=True, eq=False)
class SliceStack:
    """Where parallel slices lie.

    Attributes
    ----------
    axes : ndarray, shape (3, 3)
        Unit vectors along the rows of pixels (to the next column), along the columns
        (to the next row), and along the normal.
    corners_mm : ndarray, shape (slices, 3)
        Centre of each slice's first pixel, along these axes; the last of them rises.
    shape : tuple of int
        (rows, columns).
    spacing_mm : tuple of float
        Between rows, between columns.
    """

    axes: Floats
    corners_mm: Floats
    shape: tuple[int, int]
    spacing_mm: tuple[float, float]

    @property
    def places_mm(self) -> Floats:
        """Of each slice, along the normal."""
        return self.corners_mm[:, 2]

    @cached_property
    def step_mm(self) -> float:
        """Usual distance between slices; of a single one, between its pixels."""
        gaps = np.diff(self.places_mm)
        return float(np.median(gaps)) if gaps.size else min(self.spacing_mm)

    def between(self, low_mm: float, high_mm: float) -> range:
        """Return the slices between two places, and the next one beyond each."""
        first = int(np.searchsorted(self.places_mm, low_mm, "right")) - 1
        last = int(np.searchsorted(self.places_mm, high_mm, "left"))
        return range(max(first, 0), min(last, len(self.corners_mm) - 1) + 1)


class PlaneSampling:
    """A plane while it is sampled from a stack.

    Parameters
    ----------
    stack : SliceStack
    lattice : Lattice
        The pixels of the plane, in the stack's coordinates.
    """

    def __init__(self, stack: SliceStack, lattice: Lattice) -> None:
        self._stack = stack
        rows, columns = (np.arange(count)[:, np.newaxis] for count in lattice.shape)
        origin, down, across = (
            stack.axes @ np.array(way)
            for way in (lattice.origin_mm, lattice.down_mm, lattice.across_mm)
        )
        points = (origin + rows * down)[:, np.newaxis] + (columns * across)[np.newaxis]
        self._points = points.reshape(-1, 3)
        self._picture = np.zeros(len(self._points))
        self._weight = np.zeros(len(self._points))
        self._shape = lattice.shape
        self.slices: tuple[int, ...] = ()

    @cached_property
    def reach_mm(self) -> tuple[float, float]:
        """Least and greatest place along the normal of the slices."""
        places = self._points[:, 2]
        return float(places.min()), float(places.max())

    @property
    def runs_along(self) -> bool:
        """Whether the plane runs along the slices, and meets few of them."""
        low, high = self.reach_mm
        return high - low <= _ALONG * self._stack.step_mm

    def choose(self, slices: Sequence[int]) -> None:
        """Settle from which slices the plane is drawn.

        Parameters
        ----------
        slices : sequence of int
            Rising; those that the plane does not meet are not used.
        """
        met = self._stack.between(*self.reach_mm)
        self.slices = tuple(k for k in slices if k in met)
        places = self._points[:, 2]
        chosen = self._stack.places_mm[list(self.slices)]
        if not chosen.size:
            return
        numbers = np.arange(chosen.size, dtype=np.float64)
        along = np.interp(places, chosen, numbers)
        lower = np.minimum(along.astype(np.intp), max(chosen.size - 2, 0))
        self._upper = along - lower
        margin = _HALF * self._stack.step_mm
        ends = self._stack.places_mm[[0, -1]] + (-margin, margin)
        lower[(places < ends[0]) | (places > ends[1])] = -1
        self._order = np.argsort(lower, kind="stable")
        self._starts = np.searchsorted(lower[self._order], np.arange(chosen.size + 1))

    def add(
        self,
        number: int,
        stored: NDArray[np.number],
        rescale: tuple[float, float] = (1.0, 0.0),
    ) -> None:
        """Add what a slice is of the plane.

        Parameters
        ----------
        number : int
            Of the slice in the stack; one that the plane does not use adds nothing.
        stored : ndarray, shape (rows, columns)
        rescale : (slope, intercept)
            From stored values to those of the picture.
        """
        if number not in self.slices:
            return
        at = self.slices.index(number)
        above = self._order[self._starts[at] : self._starts[at + 1]]
        points, weight = [above], [1.0 - self._upper[above]]
        if at:
            below = self._order[self._starts[at - 1] : self._starts[at]]
            points.append(below)
            weight.append(self._upper[below])
        slope, intercept = rescale
        met, part, sampled = self._sampled(
            number, stored, np.concatenate(points), np.concatenate(weight)
        )
        self._picture[met] += part * (slope * sampled + intercept)
        self._weight[met] += part

    def picture(self) -> NDArray[np.float32]:
        """Return the plane, shape of its lattice, NaN where no slice lies."""
        with np.errstate(invalid="ignore"):
            drawn = self._picture / np.where(self._weight > 0.0, self._weight, np.nan)
        return drawn.reshape(self._shape).astype(np.float32)

    def _sampled(
        self,
        number: int,
        stored: NDArray[np.number],
        points: NDArray[np.intp],
        weight: Floats,
    ) -> tuple[NDArray[np.intp], Floats, Floats]:
        """Return which points lie in a slice, with their weights and its values."""
        stack = self._stack
        offsets = self._points[points, :2] - stack.corners_mm[number, :2]
        columns, rows = (offsets / stack.spacing_mm[::-1]).T
        inside = _within(rows, stack.shape[0]) & _within(columns, stack.shape[1])
        inside &= weight > 0.0
        sampled = _bilinear(stored, rows[inside], columns[inside])
        return points[inside], weight[inside], sampled


def _within(places: Floats, count: int) -> NDArray[np.bool_]:
    return (places >= -_HALF) & (places <= count - _HALF)


def _bilinear(values: NDArray[np.number], rows: Floats, columns: Floats) -> Floats:
    above, down = _split(rows, values.shape[0])
    left, right = _split(columns, values.shape[1])
    below = np.minimum(above + 1, values.shape[0] - 1)
    beside = np.minimum(left + 1, values.shape[1] - 1)
    upper = values[above, left] * (1.0 - right) + values[above, beside] * right
    lower = values[below, left] * (1.0 - right) + values[below, beside] * right
    return np.asarray(upper * (1.0 - down) + lower * down, np.float64)


def _split(places: Floats, count: int) -> tuple[NDArray[np.intp], Floats]:
    """Return the pixel at or before each place, and how far beyond it that lies."""
    clipped = np.clip(places, 0.0, count - 1.0)
    whole = np.minimum(clipped.astype(np.intp), max(count - 2, 0))
    return whole, clipped - whole
