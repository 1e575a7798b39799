"""Slices across the patient's long axis, for images that were stored another way.

Design choice: slices are what the image was stored in, wherever its voxels are shorter
along some axes than along others: within such a slice it was sampled finely. Where
voxels are cubes nothing but the order of storage tells slices from rows, and the slices
are those across the patient's long axis. The digital phantom of the Image Biomarker
Standardisation Initiative is one image in two orders of storage; its reference values
in slices are those of transverse ones.
"""

from itertools import permutations

import numpy as np

from model.grid import Grid, Mask, Vector, Volume, require_same_grid

_SAME_LENGTH = 1e-3


def in_transverse_slices(volume: Volume, mask: Mask) -> tuple[Volume, Mask]:
    """Return an image of cubic voxels and its mask in transverse slices.

    Parameters
    ----------
    volume : Volume
    mask : Mask
        On the same grid.

    Returns
    -------
    tuple of (Volume, Mask)
        With the array axes in another order; the same objects where voxels are no cubes
        or slices are transverse already.

    Raises
    ------
    GridMismatchError
        When the mask stands on another grid.
    """
    require_same_grid(volume.grid, mask.grid)
    axes = _order(volume.grid)
    if axes == (0, 1, 2):
        return volume, mask
    grid = _reordered(volume.grid, axes)
    values = np.ascontiguousarray(np.transpose(volume.values, axes))
    inside = np.ascontiguousarray(np.transpose(mask.inside, axes))
    return Volume(grid, values, volume.unit), Mask(grid, inside)


def _order(grid: Grid) -> tuple[int, int, int]:
    """Return which axes become slices, rows and columns."""
    spacing = np.array(grid.spacing_mm)
    if spacing.max() - spacing.min() > _SAME_LENGTH * spacing.max():
        return 0, 1, 2
    steps = np.array([grid.slice_step_mm, grid.row_step_mm, grid.column_step_mm])
    along = np.abs(steps)[:, ::-1]
    # As stored comes first, and stays where no other order is better.
    a, b, c = max(
        permutations(range(3)),
        key=lambda axes: round(float(sum(along[axes, (0, 1, 2)])), 6),
    )
    return a, b, c


def _reordered(grid: Grid, axes: tuple[int, int, int]) -> Grid:
    steps: tuple[Vector, ...] = (
        grid.slice_step_mm,
        grid.row_step_mm,
        grid.column_step_mm,
    )
    shape = grid.shape
    a, b, c = axes
    return Grid(
        shape=(shape[a], shape[b], shape[c]),
        origin_mm=grid.origin_mm,
        slice_step_mm=steps[a],
        row_step_mm=steps[b],
        column_step_mm=steps[c],
        frame_of_reference=grid.frame_of_reference,
    )
