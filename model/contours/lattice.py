"""Lines of voxel centres that run through the planes of oblique contours.

The lines follow the axis of the grid that lies nearest to the planes, so that a line
stays long in one slab. Along a plane, places are measured in the direction of the lines
(x) and across it (y): all centres of a line share one y.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.contours.orientation import Direction, steps_of
from model.contours.outlines import Integers, Outlines, Points, runs
from model.grid import Grid

# Steps to the left, posterior and superior, in smallest spacings; see model.contours.
_ASIDE = (1e-5, 1e-7, 1e-9)
# A line that rises by less over its whole length lies in one plane.
_LEVEL_MM = 1e-9

Window = tuple[slice, slice, slice]


@dataclass(frozen=True, eq=False)
class Lattice:
    """Lines of voxel centres in a part of a grid.

    Attributes
    ----------
    window : tuple of slice
        The part of the grid.
    along : int
        Array axis that the lines follow.
    shape : tuple of int
        Lines along the other two axes, and centres on each line.
    right, up, normal : ndarray, shape (3,)
        Unit vectors of x, of y, and across the planes.
    x, y, height : ndarray, shape (lines,)
        Of the first centre of each line, mm along `right`, `up` and `normal`.
    step_x, step_height : float
        From a centre to the next on its line, mm.
    """

    window: Window
    along: int
    shape: tuple[int, int, int]
    right: Direction
    up: Direction
    normal: Direction
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    height: NDArray[np.float64]
    step_x: float
    step_height: float

    @classmethod
    def around(cls, points: Points, grid: Grid, normal: Direction) -> "Lattice | None":
        """Return the lines near some points; None when they are far from the grid."""
        window = _window(points, grid)
        if window is None:
            return None
        steps = steps_of(grid)
        along = int(np.argmin(np.abs(steps @ normal) / np.linalg.norm(steps, axis=1)))
        right = steps[along] - (steps[along] @ normal) * normal
        right /= np.linalg.norm(right)
        up = np.cross(normal, right)
        heads = np.stack(
            np.meshgrid(
                *(
                    np.arange(
                        part.start, part.start + 1 if axis == along else part.stop
                    )
                    for axis, part in enumerate(window)
                ),
                indexing="ij",
            ),
            axis=-1,
        )
        aside = min(grid.spacing_mm) * np.array(_ASIDE)
        centres = grid.points_mm(heads.reshape(-1, 3).astype(np.float64)) + aside
        sizes = [part.stop - part.start for part in window]
        count = sizes.pop(along)
        return cls(
            window=window,
            along=along,
            shape=(sizes[0], sizes[1], count),
            right=right,
            up=up,
            normal=normal,
            x=centres @ right,
            y=centres @ up,
            height=centres @ normal,
            step_x=float(steps[along] @ right),
            step_height=float(steps[along] @ normal),
        )

    def enclosed(
        self, pieces: Iterable[tuple[Outlines, float, float]]
    ) -> NDArray[np.bool_]:
        """Return the centres that outlines enclose within their slabs.

        Parameters
        ----------
        pieces : iterable of (Outlines, float, float)
            Outlines in LPS mm, and from which height up to which they apply; no two
            pieces overlap.

        Returns
        -------
        ndarray of bool, shape (lines, centres)
        """
        # A centre is inside when an odd number of outlines lie at or before it. Every
        # outline crosses a line an even number of times, and crossings beyond a slab
        # count at its end: nothing is left over for the next slab. Counts may wrap.
        counts = np.zeros((len(self.x), self.shape[2] + 1), np.uint8)
        for outlines, low, high in pieces:
            lines, places = self._crossings(outlines, *self._stretches(low, high))
            np.add.at(counts, (lines, places), np.uint8(1))
        np.add.accumulate(counts, axis=1, out=counts)
        return (counts[:, :-1] & 1).astype(np.bool_)

    def between(self, low: float, high: float) -> tuple[Integers, Integers]:
        """Return line and place of every centre from one height up to another."""
        first, stop = self._stretches(low, high)
        counts = np.maximum(stop - first, 0)
        return np.repeat(np.arange(len(first)), counts), runs(first, counts)

    def flat(self, lines: Integers, places: Integers) -> Points:
        """Return (y, x) of centres, shape (centres, 2), mm."""
        return np.column_stack([self.y[lines], self.x[lines] + places * self.step_x])

    def flattened(self, outlines: Outlines) -> Outlines:
        """Return outlines of LPS mm as (y, x), mm."""
        across = np.column_stack([self.up, self.right])
        return outlines.in_other_coordinates(outlines.points @ across)

    def as_stored(self, values: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return an array of (lines, centres) in the order of the grid's window."""
        return np.moveaxis(values.reshape(self.shape), 2, self.along)

    @cached_property
    def _rising(self) -> Integers:
        """Lines in the order of their y."""
        return np.argsort(self.y, kind="stable")

    def _stretches(self, low: float, high: float) -> tuple[Integers, Integers]:
        """Return where each line enters and leaves a slab, as places on it."""
        count = self.shape[2]
        if abs(self.step_height) * count < _LEVEL_MM:
            there = (low <= self.height) & (self.height < high)
            stops = np.where(there, count, 0)
            return np.zeros_like(stops), stops
        ends = [(end - self.height) / self.step_height for end in (low, high)]
        if self.step_height < 0:
            ends.reverse()
        first, stop = (np.clip(np.ceil(end), 0, count) for end in ends)
        return first.astype(np.int64), stop.astype(np.int64)

    def _crossings(
        self, outlines: Outlines, first: Integers, stop: Integers
    ) -> tuple[Integers, Integers]:
        """Return the line of each crossing, and the first place not before it."""
        met = self._rising[(first < stop)[self._rising]]
        flat = self.flattened(outlines)
        starts, ends = flat.points, flat.next_points
        # Edges run up, whichever way they were drawn, so that they round alike.
        upward = (starts[:, 0] < ends[:, 0])[:, np.newaxis]
        low, high = np.where(upward, starts, ends), np.where(upward, ends, starts)
        begin = np.searchsorted(self.y[met], low[:, 0])
        counts = np.searchsorted(self.y[met], high[:, 0]) - begin
        edge = np.repeat(np.arange(len(low)), counts)
        lines = met[runs(begin, counts)]
        low, high = low[edge], high[edge]
        part = (self.y[lines] - low[:, 0]) / (high[:, 0] - low[:, 0])
        crossing = low[:, 1] + part * (high[:, 1] - low[:, 1])
        places = np.ceil((crossing - self.x[lines]) / self.step_x)
        places = np.clip(places, first[lines], stop[lines])
        return lines, places.astype(np.int64)


def _window(points: Points, grid: Grid) -> Window | None:
    """Return the part of the grid that holds the points."""
    indices = grid.indices(points)
    size = np.array(grid.shape)
    low = np.clip(np.floor(indices.min(axis=0)), 0, size).astype(np.int64)
    high = np.clip(np.ceil(indices.max(axis=0)) + 1, 0, size).astype(np.int64)
    if (low >= high).any():
        return None
    first, second, third = (
        slice(int(a), int(b)) for a, b in zip(low, high, strict=True)
    )
    return first, second, third
