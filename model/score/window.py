"""Sums and moments in a window around each voxel.

A window is a box, as many voxels to either side of its centre as its radius says along
each axis, cut off at the borders of the array.
"""

import numpy as np
from numpy.typing import NDArray

Radius = tuple[int, int, int]
"""How far a window reaches along (slice, row, column), voxels."""

Values = NDArray[np.float64]
Numbers = NDArray[np.int64]


def window_sums(
    numbers: Numbers, radius: Radius, step: tuple[int, int, int] = (0, 0, 0)
) -> Numbers:
    """Return the sums over the window of each voxel.

    Parameters
    ----------
    numbers : ndarray of int64, shape (slices, rows, columns)
        At the first voxel of each pair.
    radius : Radius
    step : tuple of int
        From the first to the second voxel of a pair; both must lie in the window.

    Returns
    -------
    ndarray of int64
        Exact as long as each window's sum is: running sums may wrap around, their
        differences do not.
    """
    sums = numbers
    for axis, (reach, a) in enumerate(zip(radius, step, strict=True)):
        size = sums.shape[axis]
        running = np.zeros(
            [n + (k == axis) for k, n in enumerate(sums.shape)], np.int64
        )
        beyond_zero = tuple(slice(int(k == axis), None) for k in range(sums.ndim))
        np.cumsum(sums, axis=axis, out=running[beyond_zero])
        centre = np.arange(size)
        lower = np.clip(centre - reach + max(0, -a), 0, size)
        upper = np.clip(centre + reach + 1 - max(0, a), 0, size)
        sums = running.take(upper, axis) - running.take(lower, axis)
    return sums


def window_kurtosis(
    values: Values, inside: NDArray[np.bool_], radius: Radius
) -> Values:
    """Return Pearson's kurtosis of the masked values in the window of each voxel.

    Two passes about the value of the centre: the mean first, then the moments, in
    units of the window's range.

    Parameters
    ----------
    values : ndarray, shape (slices, rows, columns)
        Finite everywhere.
    inside : ndarray of bool, same shape
    radius : Radius

    Returns
    -------
    ndarray, shape (voxels of the mask,)
        In array order; 0 where the window's values are all equal.
    """
    padding = [(reach, reach) for reach in radius]
    values, inside = np.pad(values, padding), np.pad(inside, padding)
    centres = np.flatnonzero(inside)
    neighbours = _neighbours(radius, values.shape)
    values, inside = values.ravel(), inside.ravel()
    about = values[centres]
    count, total = np.zeros(about.shape), np.zeros(about.shape)
    lowest, highest = np.zeros(about.shape), np.zeros(about.shape)
    for neighbour in neighbours:
        present = inside[centres + neighbour]
        offset = np.where(present, values[centres + neighbour] - about, 0)
        count += present
        total += offset
        np.minimum(lowest, offset, out=lowest)
        np.maximum(highest, offset, out=highest)
    spread = highest - lowest
    flat = spread == 0
    spread[flat] = 1
    mean = total / count
    second, fourth = np.zeros(about.shape), np.zeros(about.shape)
    for neighbour in neighbours:
        present = inside[centres + neighbour]
        deviation = (values[centres + neighbour] - about - mean) / spread
        square = np.where(present, deviation, 0) ** 2
        second += square
        fourth += square * square
    second[flat] = 1
    return np.asarray(np.where(flat, 0, count * fourth / second**2), np.float64)


def _neighbours(radius: Radius, shape: tuple[int, ...]) -> list[int]:
    """Return the flat steps from a voxel to those of its window."""
    steps = np.indices([2 * reach + 1 for reach in radius]).reshape(3, -1)
    steps -= np.array(radius)[:, None]
    flat = steps[0] * shape[1] * shape[2] + steps[1] * shape[2] + steps[2]
    return [int(step) for step in flat]
