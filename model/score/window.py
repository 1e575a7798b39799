"""Means over pairs, and kurtosis, in a window around each voxel of a region.

A window is a box, as many voxels to either side of its centre as its radius says along
each axis. Only the voxels of the region in it take part. What is computed here costs
time by the voxels of the region's bounding box and memory by a few numbers for each of
them, whatever the radius; kurtosis costs more time the larger the window is.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from model.score import local_kurtosis, local_sums

Radius = tuple[int, int, int]
"""How far a window reaches along (slice, row, column), voxels."""

Step = tuple[int, int, int]
"""From the first to the second voxel of a pair, along (slice, row, column)."""

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Lines:
    """The voxels of a region, line by line in array order.

    Attributes
    ----------
    shape : tuple of int
        (slices, rows, columns) of the box that they lie in.
    starts : ndarray of intp, shape (slices * rows + 1,)
        Which voxel is the first of each line.
    columns : ndarray of int32, shape (voxels,)
    """

    shape: tuple[int, int, int]
    starts: NDArray[np.intp]
    columns: NDArray[np.int32]


def lines_of(inside: NDArray[np.bool_]) -> Lines:
    """Return the voxels of a region, line by line."""
    slices, rows, columns = inside.shape
    starts = np.zeros(slices * rows + 1, np.intp)
    np.cumsum(np.count_nonzero(inside, axis=2).ravel(), out=starts[1:])
    places = np.flatnonzero(inside) % max(columns, 1)
    return Lines((slices, rows, columns), starts, places.astype(np.int32))


@dataclass(frozen=True, eq=False)
class Pairs:
    """Which pairs of voxels come together, and what they are asked.

    Attributes
    ----------
    steps : sequence of Step
        Of each direction once.
    functions : ndarray of float64, shape (features, differences)
        Of the difference of the levels of a pair: 0, 1, 2, ...
    pooled : bool
        Whether the mean is over the pairs of all directions, or of the directions'
        means.
    """

    steps: Sequence[Step]
    functions: Values
    pooled: bool


def means_over_pairs(
    levels: NDArray[np.int32], region: Lines, pairs: Pairs, radius: Radius
) -> Values:
    """Return the means of functions over the pairs in the window of each voxel.

    Parameters
    ----------
    levels : ndarray of int32, shape (slices, rows, columns)
        1..differences in the region, 0 outside.
    region : Lines
    pairs : Pairs
    radius : Radius

    Returns
    -------
    ndarray, shape (features, voxels)
        NaN where a window has no pair. The functions are rounded once, to a multiple
        of the power of two that still lets all sums be exact: to 2 ** -45 of their
        greatest value for 13 pooled directions in windows of radius 9.
    """
    most = math.prod(2 * reach + 1 for reach in radius)
    scales = [_scale(function, most * len(pairs.steps)) for function in pairs.functions]
    tables = _tables(pairs.functions, scales)
    window = _Window(levels, region, tables, radius)
    groups = _by_magnitude(pairs.steps, radius)
    totals, numbers = window.pooled(groups) if pairs.pooled else window.averaged(groups)
    means = np.full(totals.shape, np.nan)
    np.divide(totals, numbers, out=means, where=numbers > 0)
    return np.asarray(np.ldexp(means, np.negative(scales)[:, None]), np.float64)


@dataclass(frozen=True, eq=False)
class _Window:
    levels: NDArray[np.int32]
    region: Lines
    tables: NDArray[np.int64]
    radius: Radius

    def pooled(
        self, groups: list[NDArray[np.int64]]
    ) -> tuple[Values, NDArray[np.int64]]:
        """Return the sums over all pairs, and how many these are."""
        sums = np.zeros((len(self.tables), self.region.columns.size), np.int64)
        for steps in groups:
            local_sums.add_window_sums(
                self.levels, self.region, self.tables, steps, self.radius, sums
            )
        return sums[:-1].astype(np.float64), sums[-1]

    def averaged(
        self, groups: list[NDArray[np.int64]]
    ) -> tuple[Values, NDArray[np.int32]]:
        """Return the sums of the directions' means, and how many these are."""
        voxels = self.region.columns.size
        totals = np.zeros((len(self.tables) - 1, voxels))
        directions = np.zeros(voxels, np.int32)
        for step in (steps[k : k + 1] for steps in groups for k in range(len(steps))):
            local_sums.add_window_means(
                self.levels,
                self.region,
                self.tables,
                step,
                self.radius,
                totals,
                directions,
            )
        return totals, directions


def _by_magnitude(steps: Sequence[Step], radius: Radius) -> list[NDArray[np.int64]]:
    """Return the steps that fit in a window, those that share a box together."""

    def magnitude(step: Step) -> Step:
        return abs(step[0]), abs(step[1]), abs(step[2])

    fitting = [
        step
        for step in sorted(steps, key=magnitude)
        if all(abs(a) <= 2 * reach for a, reach in zip(step, radius, strict=True))
    ]
    return [np.array(list(group)) for _, group in groupby(fitting, magnitude)]


def _scale(function: Values, pairs: int) -> int:
    """Return the power of two that keeps every sum of a window within 63 bits."""
    largest = max(1.0, float(function.max()))
    return 62 - math.ceil(math.log2(pairs)) - math.ceil(math.log2(largest))


def _tables(functions: Values, scales: Sequence[int]) -> NDArray[np.int64]:
    """Return what a pair adds: the last row counts, the last column is of no pair."""
    features, differences = functions.shape
    tables = np.zeros((features + 1, differences + 1), np.int64)
    exact = np.ldexp(functions, np.array(scales)[:, None])
    tables[:-1, :-1] = np.rint(exact).astype(np.int64)
    tables[-1, :-1] = 1
    return tables


def window_kurtosis(
    values: Values, inside: NDArray[np.bool_], region: Lines, radius: Radius
) -> Values:
    """Return Pearson's kurtosis of the region's values in the window of each voxel.

    Parameters
    ----------
    values : ndarray, shape (slices, rows, columns)
        Finite; 0 outside the region.
    inside : ndarray of bool, same shape
    region : Lines
    radius : Radius

    Returns
    -------
    ndarray, shape (voxels,)
        0 where the window's values are all equal.
    """
    halved = values / 2  # the range of finite values may not be finite
    _, exponent = math.frexp(float(np.ptp(halved))) if values.size else (0, 0)
    # A power of two changes no digit, and the powers of deviations stay in range.
    in_units_of_range = np.ldexp(values, -exponent)
    return local_kurtosis.kurtosis_of_values(
        in_units_of_range, inside.astype(np.float64), region, radius
    )


def window_kurtosis_of_counts(
    bins: NDArray[np.int32], region: Lines, radius: Radius, kept: int
) -> Values:
    """Return Pearson's kurtosis of the histogram of the window of each voxel.

    Parameters
    ----------
    bins : ndarray of int32, shape (slices, rows, columns)
        0..kept - 1, or negative for voxels that do not count.
    region : Lines
    radius : Radius
    kept : int
        Number of bins, empty ones included.

    Returns
    -------
    ndarray, shape (voxels,)
        NaN where the bins all hold as many.
    """
    return local_kurtosis.kurtosis_of_counts(bins, region, radius, kept)
