"""A region whose outline is moved by half a voxel, in and out.

A centre whose distance from the outline is at most half a voxel belongs to the region
that is moved outwards and not to the one that is moved inwards. Outlines lie in planes:
they move within their planes, and no plane is added or lost beyond what that does.

Design choice: distances are measured in voxels, in the plane. Half a voxel is half the
way to the next row and half the way to the next column, whatever their spacing is.

Design choice: outlines move as they were drawn where they explain the region, which is
in each plane where the voxels that they enclose are the voxels of the region. In every
other plane the region's own outline moves, along the edges of its voxels: of segments,
of oblique contours, of planes that were interpolated and of those from which another
region was taken out.

Design choice: a centre that lies on the moved outline, to the two decimals with which
coordinates are written, counts as reached. An outline along the edges of voxels is half
a voxel away from the centres of a whole ring of them, inside and outside; were they not
reached, half a voxel would move nothing. Such outlines so move by one ring, where
smooth outlines reach half of the voxels along them, and have the wider range.

Design choice: an edge that is drawn twice, there and back, as the bridge of a keyhole
is, bounds nothing and is left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.contours import Roi
from model.contours.layers import Layer, Layers
from model.contours.orientation import common_normal, parallel_axis
from model.contours.outlines import Outlines, drawn_outlines, runs
from model.grid import Grid, Mask

Inside = NDArray[np.bool_]

_HALF = 0.5
# What two decimals leave of a place, but no part of a small voxel that anybody means.
_HALF_WAY_MM = 0.0055
_HALF_WAY_OF_VOXEL = 0.02
# Points nearer to each other than this, in voxels, are one point.
_DECIMALS_OF_A_POINT = 2
_POINTS_AT_ONCE = 4096


@dataclass(frozen=True, eq=False)
class MovedContour:
    """A region whose outline was moved by half a voxel.

    Attributes
    ----------
    inner, outer : Mask
        The region with its outline moved in, which may be empty, and out.
    planes_as_drawn : int
        In how many planes the outlines moved as they were drawn.
    planes_of_voxels : int
        In how many planes the outline along the region's own voxels did.
    """

    inner: Mask
    outer: Mask
    planes_as_drawn: int
    planes_of_voxels: int


def moved_contour(mask: Mask, roi: Roi) -> MovedContour:
    """Return a region with its outline half a voxel further in, and further out.

    Parameters
    ----------
    mask : Mask
        The voxels that are used.
    roi : Roi
        As it was drawn, whether or not its contours explain the voxels.
    """
    layers = _layers(roi, mask.grid)
    axis = 0 if layers is None else layers.axes.order[0]
    # One voxel of the surroundings is as far as half a voxel reaches.
    inner, outer = mask.inside.copy(), mask.inside.copy()
    explained = np.zeros(mask.grid.shape[axis], np.bool_)
    if layers is not None:
        explained = _move_as_drawn(mask, layers, inner, outer)
    own = _planes_of(mask.inside, axis) & ~explained
    _move_rings(mask, axis, np.flatnonzero(own), inner, outer)
    return MovedContour(
        inner=Mask(mask.grid, inner),
        outer=Mask(mask.grid, outer),
        planes_as_drawn=int(np.count_nonzero(explained)),
        planes_of_voxels=int(np.count_nonzero(own)),
    )


def _layers(roi: Roi, grid: Grid) -> Layers | None:
    """Return the outlines in layers of voxels; None where they lie in none."""
    outlines = drawn_outlines(roi)
    if not len(outlines.sizes):
        return None
    axis = parallel_axis(outlines, grid, common_normal(outlines))
    return None if axis is None else Layers.of(outlines, grid, axis)


def _planes_of(inside: Inside, axis: int) -> NDArray[np.bool_]:
    others = tuple({0, 1, 2} - {axis})
    return np.asarray(inside.any(axis=others), np.bool_)


def _move_as_drawn(
    mask: Mask, layers: Layers, inner: Inside, outer: Inside
) -> NDArray[np.bool_]:
    """Move the outlines in the planes that they explain.

    Returns
    -------
    ndarray of bool, shape (planes,)
        Which planes those are, in array order.
    """
    axes = layers.axes
    drawn = axes.view(layers.inside(interpolate_gaps=False))
    used = axes.view(np.asarray(mask.inside))
    explained = np.zeros(axes.shape[0], np.bool_)
    slack = _HALF_WAY_MM / min(axes.spacing_mm[1:])
    reach = _HALF + min(slack, _HALF_WAY_OF_VOXEL)
    moved = []
    for layer in layers.layers:
        index = layer.index
        if 0 <= index < axes.shape[0] and np.array_equal(drawn[index], used[index]):
            explained[index] = True
            moved.append(layer)
    for some in _together(moved, layers.outlines):
        edges = _bounding_edges(some, layers.outlines)
        reached = _reached(edges, axes.shape[1:], reach)
        axes.view(inner)[reached] = False
        axes.view(outer)[reached] = True
    return explained[::-1] if axes.flipped[0] else explained


@dataclass(frozen=True, eq=False)
class _Edges:
    """Edges of outlines in planes.

    Attributes
    ----------
    planes : ndarray of int, shape (edges,)
    ends : ndarray, shape (edges, 2 ends, 2)
        As (line, place) indices.
    """

    planes: NDArray[np.int64]
    ends: NDArray[np.float64]


def _together(layers: Sequence[Layer], outlines: Outlines) -> Iterator[list[Layer]]:
    """Give layers as they are moved at once: some, but no more than memory bears."""
    some: list[Layer] = []
    points = 0
    for layer in layers:
        some.append(layer)
        points += int(outlines.sizes[layer.contours].sum())
        if points >= _POINTS_AT_ONCE:
            yield some
            some, points = [], 0
    if some:
        yield some


def _bounding_edges(layers: Sequence[Layer], outlines: Outlines) -> _Edges:
    """Return the edges that bound something in their layer."""
    chosen = outlines.only(np.concatenate([layer.contours for layer in layers]))
    numbers = np.array([layer.index for layer in layers], np.int64)
    planes = np.repeat(numbers, [len(layer.contours) for layer in layers])
    planes = np.repeat(planes, chosen.sizes)
    ends = np.stack([chosen.points[:, 1:], chosen.next_points[:, 1:]], axis=1)
    rounded = np.round(ends, _DECIMALS_OF_A_POINT) + 0.0
    first, second = rounded[:, 0], rounded[:, 1]
    swapped = (first[:, 0] > second[:, 0]) | (
        (first[:, 0] == second[:, 0]) & (first[:, 1] > second[:, 1])
    )
    rounded[swapped] = rounded[swapped, ::-1]
    _, where, times = np.unique(
        np.column_stack([planes, rounded.reshape(-1, 4)]),
        axis=0,
        return_index=True,
        return_counts=True,
    )
    once = where[times % 2 == 1]
    return _Edges(planes[once], np.asarray(ends[once], np.float64))


def _reached(
    edges: _Edges, shape: tuple[int, ...], reach: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the centres that lie so near to an edge of their plane.

    Parameters
    ----------
    edges : _Edges
    shape : tuple of int
        Lines and places of a plane.
    reach : float
        In voxels.

    Returns
    -------
    tuple of ndarray
        Planes, lines and places; some centres several times.
    """
    planes, starts, ends = _pieces(edges)
    low = np.ceil(np.minimum(starts, ends) - reach).astype(np.int64)
    high = np.floor(np.maximum(starts, ends) + reach).astype(np.int64)
    low = np.maximum(low, 0)
    high = np.minimum(high, np.array(shape) - 1)
    widths = np.maximum(high - low + 1, 0)
    counts = widths.prod(axis=1)
    piece = np.repeat(np.arange(len(starts)), counts)
    numbers = runs(np.zeros(len(starts), np.int64), counts)
    across = np.maximum(widths[piece, 1], 1)
    lines = low[piece, 0] + numbers // across
    places = low[piece, 1] + numbers % across
    near = _distances(np.column_stack([lines, places]), starts[piece], ends[piece])
    found = near <= reach
    return planes[piece[found]], lines[found], places[found]


def _pieces(
    edges: _Edges,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the edges in pieces of at most a voxel, as planes, starts and ends."""
    ways = edges.ends[:, 1] - edges.ends[:, 0]
    counts = np.maximum(np.ceil(np.linalg.norm(ways, axis=1)), 1).astype(np.int64)
    number = runs(np.zeros(len(ways), np.int64), counts)
    edge = np.repeat(np.arange(len(ways)), counts)
    part = (number / counts[edge])[:, np.newaxis]
    onward = ((number + 1) / counts[edge])[:, np.newaxis]
    start = edges.ends[edge, 0]
    return edges.planes[edge], start + part * ways[edge], start + onward * ways[edge]


def _distances(
    points: NDArray[np.int64], starts: NDArray[np.float64], ends: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how far each point is from its segment, shape (points,)."""
    ways = ends - starts
    squares = np.einsum("ij,ij->i", ways, ways)
    along = np.einsum("ij,ij->i", points - starts, ways)
    part = np.clip(along / np.where(squares > 0, squares, 1.0), 0.0, 1.0)
    nearest = starts + part[:, np.newaxis] * ways
    return np.asarray(np.linalg.norm(points - nearest, axis=1), np.float64)


def _move_rings(
    mask: Mask, axis: int, planes: NDArray[np.intp], inner: Inside, outer: Inside
) -> None:
    """Move the outline along the voxels of some planes: by the ring beside it."""
    cross = ndimage.generate_binary_structure(2, 1)
    used, less, more = (
        np.moveaxis(each, axis, 0) for each in (mask.inside, inner, outer)
    )
    for plane in planes:
        box = _window(used[plane])
        less[plane][box] = ndimage.binary_erosion(used[plane][box], cross)
        more[plane][box] = ndimage.binary_dilation(used[plane][box], cross)


def _window(inside: Inside) -> tuple[slice, slice]:
    """Return the part of a plane that holds its region and a voxel around it."""
    lines, places = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    return (
        slice(max(0, int(lines[0]) - 1), int(lines[-1]) + 2),
        slice(max(0, int(places[0]) - 1), int(places[-1]) + 2),
    )
