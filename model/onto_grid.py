"""An image averaged onto a coarser grid, as a scanner of that resolution would see it.

A voxel of the new grid gets the mean of the image over the voxel's own extent, a box
whose faces lie half-way between its neighbours. Nothing is point sampled: a PET voxel
of an Inveon holds some hundred of its CT's, and one of them says little of it.

Where the axes of both grids are parallel, in any order and direction, the mean is exact
for an image that is constant within each of its voxels: each counts by the part of the
box that it fills, along one axis after the other. Where they are turned against each
other, the box is divided into parts no larger than the image's voxels, and the mean is
taken of the image, linearly interpolated, at their centres.

Design choice: beyond the image nothing is known. A voxel gets the mean of what the
image covers of it, and NaN where that is less than half.
"""

from itertools import permutations

import numpy as np
import scipy.ndimage
import scipy.sparse
from numpy.typing import NDArray

from model.errors import ModelError
from model.grid import Grid, Volume

_HALF = 0.5
_LEAST_PART = 0.5
_ROUNDING = 1e-9
_PARALLEL = 1e-4
"""Sine of the angle between axes up to which they are parallel: 0.01 mm over 100 mm."""
_MOST_PARTS = 16
"""Into which a voxel is divided along an axis."""

Values = NDArray[np.float64]


def averaged_onto(volume: Volume, grid: Grid) -> Volume:
    """Return an image averaged over the voxels of another grid.

    Parameters
    ----------
    volume : Volume
        Of any spacing; where it is the coarser, its voxels are repeated.
    grid : Grid
        In the same frame of reference.

    Returns
    -------
    Volume
        In the image's unit; NaN where the image covers less than half of a voxel.

    Raises
    ------
    OtherFrameError
        When the two lie in different frames of reference.
    """
    if grid.frame_of_reference != volume.grid.frame_of_reference:
        raise OtherFrameError(volume.grid.frame_of_reference, grid.frame_of_reference)
    axes = _parallel_axes(volume.grid, grid)
    if axes is None:
        values, covered = _by_parts(volume, grid)
    else:
        values, covered = _by_overlap(volume, grid, axes)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(covered >= _LEAST_PART - _ROUNDING, values / covered, np.nan)
    return Volume(grid, mean, volume.unit)


def _steps(grid: Grid) -> Values:
    return np.array([grid.slice_step_mm, grid.row_step_mm, grid.column_step_mm])


def _parallel_axes(source: Grid, target: Grid) -> tuple[int, int, int] | None:
    """Return for each axis of the target which of the source runs along it."""
    ours = _steps(target) / np.array(target.spacing_mm)[:, np.newaxis]
    theirs = _steps(source) / np.array(source.spacing_mm)[:, np.newaxis]
    for a, b, c in permutations(range(3)):
        apart = np.linalg.norm(np.cross(ours, theirs[[a, b, c]]), axis=1)
        if apart.max() <= _PARALLEL:
            return a, b, c
    return None


def _by_overlap(
    volume: Volume, grid: Grid, axes: tuple[int, int, int]
) -> tuple[Values, Values]:
    """Return sums, weighted by part of the target's voxel, and the part covered."""
    values = np.transpose(volume.values, axes).astype(np.float64, copy=False)
    covered = np.ones((1, 1, 1))
    origin = volume.grid.indices(np.array([grid.origin_mm]))[0]
    ways = volume.grid.indices(grid.origin_mm + _steps(grid)) - origin
    # From the finest axis on, so that the array shrinks early.
    for axis in (2, 1, 0):
        along = axes[axis]
        weights = _overlaps(
            origin[along], ways[axis, along], grid.shape[axis], values.shape[axis]
        )
        values = _along(weights, values, axis)
        part = np.asarray(weights.sum(axis=1), np.float64).ravel()
        covered = covered * part.reshape(np.roll((-1, 1, 1), axis))
    return values, covered


def _overlaps(
    start: float, step: float, count: int, extent: int
) -> scipy.sparse.csr_array:
    """Return which part of each target voxel each source voxel fills.

    Parameters
    ----------
    start, step : float
        Of the target's centres, in voxels of the source.
    count, extent : int
        Voxels of the target and of the source.

    Returns
    -------
    csr_array, shape (count, extent)
    """
    centres = start + step * np.arange(count)
    half = 0.5 * abs(step)
    low, high = centres - half, centres + half
    rows, columns, parts = [], [], []
    for voxel in range(count):
        first = max(int(np.floor(low[voxel] + 0.5)), 0)
        last = min(int(np.floor(high[voxel] + 0.5)), extent - 1)
        index = np.arange(first, last + 1)
        within = np.minimum(high[voxel], index + 0.5)
        within = within - np.maximum(low[voxel], index - 0.5)
        part = within / (2.0 * half)
        kept = part > _ROUNDING
        rows.append(np.full(np.count_nonzero(kept), voxel))
        columns.append(index[kept])
        parts.append(part[kept])
    where = (np.concatenate(rows), np.concatenate(columns))
    return scipy.sparse.csr_array(
        (np.concatenate(parts), where), shape=(count, extent), dtype=np.float64
    )


def _along(weights: scipy.sparse.csr_array, values: Values, axis: int) -> Values:
    moved = np.moveaxis(values, axis, 0)
    flat = np.ascontiguousarray(moved).reshape(moved.shape[0], -1)
    summed = np.asarray(weights @ flat).reshape(-1, *moved.shape[1:])
    return np.asarray(np.moveaxis(summed, 0, axis), np.float64)


def _by_parts(volume: Volume, grid: Grid) -> tuple[Values, Values]:
    """Return the same of grids that are turned against each other."""
    into = volume.grid.indices(grid.origin_mm + _steps(grid))
    into = into - volume.grid.indices(np.array([grid.origin_mm]))
    counts = np.clip(np.ceil(np.abs(into).max(axis=1) - _ROUNDING), 1, _MOST_PARTS)
    offsets = [(np.arange(int(n)) + 0.5) / int(n) - 0.5 for n in counts]
    sums = np.zeros(grid.shape)
    covered = np.zeros(grid.shape)
    plane = np.stack(np.meshgrid(*map(np.arange, grid.shape[1:]), indexing="ij"), -1)
    flat = plane.reshape(-1, 2).astype(np.float64)
    parts = np.stack(np.meshgrid(*offsets, indexing="ij"), -1).reshape(-1, 3)
    high = np.array(volume.grid.shape) - _HALF
    # A slice at a time: all parts of all voxels would not fit into memory.
    for index in range(grid.shape[0]):
        centres = np.column_stack([np.full(len(flat), float(index)), flat])
        for part in parts:
            places = volume.grid.indices(grid.points_mm(centres + part))
            inside = ((places >= -_HALF) & (places <= high)).all(axis=1)
            found = scipy.ndimage.map_coordinates(
                volume.values, places[inside].T, order=1, mode="nearest"
            )
            sums[index].reshape(-1)[inside] += found / len(parts)
            covered[index].reshape(-1)[inside] += 1.0 / len(parts)
    return sums, covered


class OtherFrameError(ModelError):
    """An image is to be averaged onto a grid of another frame of reference."""

    reason = "frame_of_reference"
    remedy = "Send the Spatial Registration that joins the two images."

    def __init__(self, image: str, grid: str) -> None:
        super().__init__(f"the image lies in {image}, the grid in {grid}")
