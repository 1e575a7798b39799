"""Builders of contours on grids, and of the same voxels stored another way."""

from collections.abc import Iterable, Sequence
from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray

from model.contours import Contour, Roi
from model.grid import Grid, Vector

Points = NDArray[np.float64]
Outline = Sequence[tuple[float, float]]

FRAME = "1.2.3"

PET_LIKE = Grid(
    shape=(11, 14, 17),
    origin_mm=(-6.0, 3.0, 10.0),
    slice_step_mm=(0.0, 0.0, 0.796),
    row_step_mm=(0.0, 0.8, 0.0),
    column_step_mm=(0.8, 0.0, 0.0),
    frame_of_reference=FRAME,
)

STORAGES = [
    (order, flips)
    for order in permutations(range(3))
    for flips in product((False, True), repeat=3)
]
"""Every way to store a grid: the order of its axes, and which of them run back."""


def roi_of(*outlines: Points) -> Roi:
    return Roi(1, "tumour", tuple(map(Contour, outlines)), FRAME)


def square(low: float, high: float) -> list[tuple[float, float]]:
    return [(low, low), (low, high), (high, high), (high, low)]


def at_indices(grid: Grid, layer: float, outline: Outline) -> Points:
    """Return an outline of (row, column) indices on a slice as points."""
    return grid.points_mm(np.array([(layer, row, column) for row, column in outline]))


def cubes(count: int, spacing_mm: float = 1.0) -> Grid:
    """Return a grid of cubes along the patient's axes, around the origin."""
    first = -(count - 1) / 2 * spacing_mm
    return Grid(
        (count, count, count),
        (first, first, first),
        (0.0, 0.0, spacing_mm),
        (0.0, spacing_mm, 0.0),
        (spacing_mm, 0.0, 0.0),
        FRAME,
    )


def vector(values: Iterable[float]) -> Vector:
    x, y, z = (float(value) for value in values)
    return (x, y, z)


def steps_of(grid: Grid) -> Points:
    return np.array([grid.slice_step_mm, grid.row_step_mm, grid.column_step_mm])


def centres_of(grid: Grid) -> Points:
    """Return where the voxel centres lie, shape (slices, rows, columns, 3)."""
    indices = np.indices(grid.shape).reshape(3, -1).T.astype(np.float64)
    return grid.points_mm(indices).reshape(*grid.shape, 3)


def stored(
    grid: Grid, order: Sequence[int], flips: Sequence[bool]
) -> tuple[Grid, tuple[slice, ...]]:
    """Return the same voxels stored another way, and how arrays are turned back.

    An array on the grid equals ``array[ways].transpose(np.argsort(order))`` of the
    array on the other.
    """
    back = np.array(flips)
    steps, sizes = steps_of(grid), np.array(grid.shape)
    first = np.where(back, sizes - 1.0, 0.0)
    turned = np.where(back[:, np.newaxis], -steps, steps)[list(order)]
    slices, rows, columns = (int(size) for size in sizes[list(order)])
    other = Grid(
        (slices, rows, columns),
        vector(grid.points_mm(first[np.newaxis])[0]),
        vector(turned[0]),
        vector(turned[1]),
        vector(turned[2]),
        grid.frame_of_reference,
    )
    return other, tuple(slice(None, None, -1 if flips[axis] else 1) for axis in order)


def as_before(
    array: NDArray[np.bool_], order: Sequence[int], ways: tuple[slice, ...]
) -> NDArray[np.bool_]:
    """Return an array on a grid that was stored another way as it was stored first."""
    return array[ways].transpose(np.argsort(order))


def rotation(degrees: float, axis: Sequence[float]) -> Points:
    """Return the matrix that turns column vectors about an axis (Rodrigues)."""
    x, y, z = np.array(axis, np.float64) / np.linalg.norm(axis)
    turn = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = np.radians(degrees)
    return np.asarray(
        np.eye(3) + np.sin(angle) * turn + (1 - np.cos(angle)) * turn @ turn
    )


def turned_grid(grid: Grid, matrix: Points, shift: Sequence[float]) -> Grid:
    """Return the grid after ``matrix @ point + shift``."""
    slices, rows, columns = steps_of(grid) @ matrix.T
    origin = matrix @ np.array(grid.origin_mm) + shift
    return Grid(
        grid.shape,
        vector(origin),
        vector(slices),
        vector(rows),
        vector(columns),
        grid.frame_of_reference,
    )


def turned_roi(roi: Roi, matrix: Points, shift: Sequence[float]) -> Roi:
    """Return the region after ``matrix @ point + shift``."""
    return roi_of(*(each.points_mm @ matrix.T + shift for each in roi.contours))


def on_plane(
    outline: Iterable[Sequence[float]],
    axes: tuple[Sequence[float], Sequence[float]],
    through: Sequence[float],
) -> Points:
    """Return an outline of (a, b) mm along two axes of a plane as points."""
    return np.asarray(
        [
            np.array(through) + a * np.array(axes[0]) + b * np.array(axes[1])
            for a, b in outline
        ],
        np.float64,
    )
