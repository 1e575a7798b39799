"""Masks carried from one grid to another, and taken out of each other.

Design choice: a voxel of the new grid belongs to a region when its centre lies in a
voxel of the old one that does. Nothing is interpolated: the region on the new grid is
the body that somebody painted, sampled at the centres, by the rule that holds for
contours.

Design choice: a centre on the face between two voxels belongs to the one into which it
would move by an infinitesimal step to the left, then posterior, then superior (LPS+),
after indices are rounded to a millionth of a voxel; as for outlines (`model.contours`).
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from model.affine import Affine
from model.errors import ModelError
from model.grid import Grid, Mask, Vector, require_same_grid

_DECIMALS_OF_A_VOXEL = 6
# Of a voxel, to which positions in files may round.
_SAME_PLACE = 0.05
_PARALLEL = 1e-9
_HALF = 0.5

Box = tuple[slice, slice, slice]


@dataclass(frozen=True, eq=False)
class Carried:
    """A mask on another grid than it was painted on.

    Attributes
    ----------
    mask : Mask
    outside : int
        Voxels of the painted mask whose centres lie outside the new grid.
    same_voxels : bool
        Whether the voxels of both grids coincide where both have any, whatever the
        order of their axes.
    """

    mask: Mask
    outside: int
    same_voxels: bool


def moved_grid(grid: Grid, join: Affine, frame_of_reference: str) -> Grid:
    """Return a grid in another frame of reference.

    Parameters
    ----------
    grid : Grid
    join : Affine
        From the grid's frame of reference to the other.
    frame_of_reference : str
        Name of the other.

    Raises
    ------
    FlatteningError
        When the map leaves no volume.
    """
    ways = np.array(
        [(0, 0, 0), grid.slice_step_mm, grid.row_step_mm, grid.column_step_mm]
    )
    ends = join.apply(ways + np.asarray(grid.origin_mm))
    steps = ends[1:] - ends[0]
    if abs(np.linalg.det(steps)) <= _PARALLEL * np.prod(np.linalg.norm(steps, axis=1)):
        raise FlatteningError(grid.frame_of_reference, frame_of_reference)
    return Grid(
        shape=grid.shape,
        origin_mm=_vector(ends[0]),
        slice_step_mm=_vector(steps[0]),
        row_step_mm=_vector(steps[1]),
        column_step_mm=_vector(steps[2]),
        frame_of_reference=frame_of_reference,
    )


def carried(mask: Mask, grid: Grid) -> Carried:
    """Return a mask on another grid of the same frame of reference.

    Parameters
    ----------
    mask : Mask
        As it was painted.
    grid : Grid
        On which it is wanted.

    Returns
    -------
    Carried
        Without any voxel where the grids do not meet, or where the region is too small
        to hold a centre.
    """
    inside = np.zeros(grid.shape, np.bool_)
    same_voxels = _same_voxels(mask.grid, grid)
    if not mask.voxels:
        return Carried(Mask(grid, inside), 0, same_voxels)
    corners = _corners(mask)
    box = _box(grid.indices(mask.grid.points_mm(corners)), grid)
    # Slice by slice: the indices of a whole grid would take ten times its room.
    for index in range(box[0].start, box[0].stop):
        inside[index, box[1], box[2]] = _sampled(mask, grid, index, box)
    outside = 0
    if any(part.start >= part.stop for part in box):
        outside = mask.voxels
    elif _beyond(corners, mask.grid, grid).any():
        painted = np.argwhere(mask.inside).astype(np.float64)
        outside = int(np.count_nonzero(_beyond(painted, mask.grid, grid)))
    return Carried(Mask(grid, inside), outside, same_voxels)


def without(mask: Mask, taken: Mask) -> Mask:
    """Return a mask without the voxels of another on its grid.

    Raises
    ------
    GridMismatchError
        When they stand on different grids.
    """
    require_same_grid(mask.grid, taken.grid)
    kept = np.flatnonzero(mask.inside)
    # Only pages with voxels are written to, as large grids are mostly empty.
    inside = np.zeros(mask.grid.shape, np.bool_)
    inside.ravel()[kept[~taken.inside.ravel()[kept]]] = True
    return Mask(mask.grid, inside)


def shared_voxels(first: Mask, second: Mask) -> int:
    """Return how many voxels belong to both masks.

    Raises
    ------
    GridMismatchError
        When they stand on different grids.
    """
    require_same_grid(first.grid, second.grid)
    # Within both boxes: hundreds of regions are compared pair by pair.
    both = tuple(
        slice(max(one.start, other.start), max(0, min(one.stop, other.stop)))
        for one, other in zip(first.box, second.box, strict=True)
    )
    return int(np.count_nonzero(first.inside[both] & second.inside[both]))


def _corners(mask: Mask) -> NDArray[np.float64]:
    """Return the outermost indices of the box that holds a mask, shape (8, 3)."""
    ends = []
    for axis in range(3):
        others = tuple({0, 1, 2} - {axis})
        used = np.flatnonzero(mask.inside.any(axis=others))
        ends.append((used[0] - _HALF, used[-1] + _HALF))
    return np.array(list(product(*ends)), np.float64)


def _beyond(indices: NDArray[np.float64], old: Grid, new: Grid) -> NDArray[np.bool_]:
    """Return which places in one grid lie outside the voxels of another."""
    places = new.indices(old.points_mm(indices))
    beyond = (places < -_HALF) | (places > np.array(new.shape) - _HALF)
    return np.asarray(beyond.any(axis=1), np.bool_)


def _box(places: NDArray[np.float64], grid: Grid) -> Box:
    """Return the part of a grid that lies between places."""
    start = np.clip(np.floor(places.min(axis=0)), 0, grid.shape).astype(int)
    stop = np.clip(np.ceil(places.max(axis=0)) + 1, 0, grid.shape).astype(int)
    return (
        slice(int(start[0]), int(stop[0])),
        slice(int(start[1]), int(stop[1])),
        slice(int(start[2]), int(stop[2])),
    )


def _sampled(mask: Mask, grid: Grid, index: int, box: Box) -> NDArray[np.bool_]:
    """Return which centres of a slice lie in voxels of the mask."""
    rows, columns = np.mgrid[box[1], box[2]]
    indices = np.stack([np.full(rows.shape, index), rows, columns], axis=-1)
    points = grid.points_mm(indices.reshape(-1, 3).astype(np.float64))
    nearest = _nearest(mask.grid, points)
    known = ((nearest >= 0) & (nearest < np.array(mask.grid.shape))).all(axis=1)
    found = np.zeros(len(nearest), np.bool_)
    k, j, i = nearest[known].T
    found[known] = mask.inside[k, j, i]
    return found.reshape(rows.shape)


def _nearest(grid: Grid, points_mm: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the voxels in which points lie, shape (points, 3)."""
    places = np.round(grid.indices(points_mm), _DECIMALS_OF_A_VOXEL)
    upward = np.floor(places + _HALF)
    downward = np.ceil(places - _HALF)
    return np.where(_rising(grid), upward, downward).astype(np.int64)


def _rising(grid: Grid) -> NDArray[np.bool_]:
    """Return along which array axes an infinitesimal step to LPS+ raises the index."""
    steps = grid.indices(np.asarray(grid.origin_mm) + np.eye(3))
    # Of each index, the first of x, y and z that moves it at all.
    moves = np.abs(steps) > _PARALLEL * np.abs(steps).max(axis=0)
    first = np.argmax(moves, axis=0)
    return np.asarray(steps[first, np.arange(3)] > 0, np.bool_)


def _same_voxels(first: Grid, second: Grid) -> bool:
    """Return whether the voxels of two grids coincide where both have any."""
    ends = [(0, extent - 1) for extent in first.shape]
    corners = np.array(list(product(*ends)), np.float64)
    places = second.indices(first.points_mm(corners))
    if np.abs(places - np.rint(places)).max() > _SAME_PLACE:
        return False
    start, *ways = second.indices(first.points_mm(np.vstack([np.zeros(3), np.eye(3)])))
    whole = np.abs(np.rint(np.array(ways) - start))
    # Each step is a step along one axis of the other grid, and along another each.
    return bool((whole.sum(axis=0) == 1).all() and (whole.sum(axis=1) == 1).all())


def _vector(values: NDArray[np.float64]) -> Vector:
    return (float(values[0]), float(values[1]), float(values[2]))


class FlatteningError(ModelError):
    """A map between frames of reference leaves no volume."""

    reason = "frame_of_reference"
    remedy = "Correct the Spatial Registration and send it again."

    def __init__(self, source: str, target: str) -> None:
        super().__init__(f"the map from {source} to {target} leaves no volume")
