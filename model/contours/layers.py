"""Contours that are parallel to two axes of the grid: they apply to layers of voxels.

Design choice: a contour applies to the layer of voxels that is nearest to its plane,
within half a layer. Where several contour planes are nearest to one layer, as when
contours were drawn on thinner slices, the plane closest to the layer's centre counts.
Layers between the outermost ones to which no plane applies are gaps: nobody drew there.

Design choice: a plane that lies half-way between two layers, to the two decimals with
which coordinates are written, is half-way. Planes drawn there would else fall to either
side by their rounding, so that one layer had two and its neighbour none.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from model.contours.axes import DECIMALS_OF_A_VOXEL, Axes
from model.contours.interpolation import between, signed_distances
from model.contours.outlines import Integers, Outlines
from model.contours.planes import planes_of
from model.contours.scanlines import fill
from model.grid import Grid

# What two decimals leave of a place, but no part of a thin layer that anybody means.
_HALF_WAY_MM = 0.0055
_HALF_WAY_OF_LAYER = 0.008


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer of voxels and the contours that apply to it.

    Attributes
    ----------
    index : int
        May lie outside the grid.
    plane : float
        Continuous index of the contours' plane.
    contours : ndarray of int
    """

    index: int
    plane: float
    contours: Integers


@dataclass(frozen=True, eq=False)
class Layers:
    """The layers to which a region's contours apply.

    Attributes
    ----------
    grid : Grid
    axes : Axes
    outlines : Outlines
        As (layer, line, place) indices.
    layers : tuple of Layer
        In rising order.
    """

    grid: Grid
    axes: Axes
    outlines: Outlines
    layers: tuple[Layer, ...]

    @classmethod
    def of(cls, outlines: Outlines, grid: Grid, axis: int) -> "Layers":
        """Return the layers of contours in mm that lie across an array axis."""
        axes = Axes.of(grid, axis)
        indexed = outlines.in_other_coordinates(axes.indices(outlines.points, grid))
        planes = np.round(_plane_sums(indexed) / indexed.sizes, DECIMALS_OF_A_VOXEL)
        found = [
            (float(planes[group[0]]), group)
            for group in planes_of(planes, axes.spacing_mm[0])
        ]
        half_way = min(_HALF_WAY_MM / axes.spacing_mm[0], _HALF_WAY_OF_LAYER)
        return cls(grid, axes, indexed, _nearest_layers(found, half_way))

    @property
    def gaps(self) -> int:
        """Layers of the grid, between the outermost, to which no plane applies."""
        return sum(len(self._missing(*pair)) for pair in pairwise(self.layers))

    def inside(self, *, interpolate_gaps: bool) -> NDArray[np.bool_]:
        """Return what the contours enclose, shape ``grid.shape``."""
        inside = np.zeros(self.grid.shape, np.bool_)
        view = self.axes.view(inside)
        count = self.axes.shape[0]
        self._fill(view, [each for each in self.layers if 0 <= each.index < count])
        if interpolate_gaps:
            for pair in pairwise(self.layers):
                self._interpolate(view, *pair)
        return inside

    def _missing(self, lower: Layer, upper: Layer) -> range:
        start, stop = lower.index + 1, upper.index
        return range(max(start, 0), max(min(stop, self.axes.shape[0]), start, 0))

    def _interpolate(self, view: NDArray[np.bool_], lower: Layer, upper: Layer) -> None:
        """Fill the layers between two."""
        missing = self._missing(lower, upper)
        if not missing:
            return
        window = self._window(lower, upper)
        shapes = np.zeros((2, *self.axes.shape[1:]), np.bool_)
        self._fill(shapes, [replace(lower, index=0), replace(upper, index=1)])
        distances = signed_distances(shapes[:, *window], self.axes.spacing_mm[1:])
        if distances is None:
            return
        first, second = distances
        for index in missing:
            part = (index - lower.plane) / (upper.plane - lower.plane)
            view[index, *window] = between(first, second, part)

    def _window(self, lower: Layer, upper: Layer) -> tuple[slice, slice]:
        """Return lines and places that hold the contours of both."""
        contours = np.concatenate([lower.contours, upper.contours])
        last = np.array(self.axes.shape)
        low = np.clip(self.outlines.lows[contours].min(axis=0), 0, last)
        high = np.clip(self.outlines.highs[contours].max(axis=0) + 1, 0, last)
        lines, places = zip(np.floor(low[1:]), np.ceil(high[1:]), strict=True)
        return slice(*map(int, lines)), slice(*map(int, places))

    def _fill(self, view: NDArray[np.bool_], layers: list[Layer]) -> None:
        """Set what the outlines of some layers enclose."""
        if not layers:
            return
        chosen = self.outlines.only(np.concatenate([each.contours for each in layers]))
        indices = np.array([each.index for each in layers], np.int64)
        counts = [len(each.contours) for each in layers]
        fill(view, chosen, np.repeat(indices, counts))


def _plane_sums(outlines: Outlines) -> NDArray[np.float64]:
    if not len(outlines.sizes):
        return np.zeros(0)
    return np.asarray(np.add.reduceat(outlines.points[:, 0], outlines.starts))


def _nearest_layers(
    planes: list[tuple[float, Integers]], half_way: float
) -> tuple[Layer, ...]:
    nearest: dict[int, Layer] = {}
    for plane, contours in planes:
        index = int(np.ceil(plane - 0.5 - half_way))
        known = nearest.get(index)
        # Planes come in rising order: of two at equal distance the later is the
        # superior one, which is nearer to a centre that moves that way.
        if known is None or abs(plane - index) <= abs(known.plane - index):
            nearest[index] = Layer(index, plane, contours)
    return tuple(nearest.values())
