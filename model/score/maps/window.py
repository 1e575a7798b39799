"""Means over pairs, and kurtosis, in a window around each voxel of a region.

A window is a box, as many voxels to either side of its centre as its radius says along
each axis. Only the voxels of the region in it take part. What is computed here costs
time by the voxels of the region's bounding box and memory by a few numbers for each of
them, whatever the radius; kurtosis costs more time the larger the window is.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.score.maps import local_kurtosis, local_sums

Radius = tuple[int, int, int]
"""How far a window reaches along (slice, row, column), voxels."""

Step = tuple[int, int, int]
"""From the first to the second voxel of a pair, along (slice, row, column)."""

Values = NDArray[np.float64]

_BITS = 62
_BITS_OF_A_FUNCTION = 42
"""Behind the point, at least, for the count to go into the same word."""


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
        of a power of two with which all sums are exact.
    """
    steps = _that_fit(pairs.steps, radius)
    most = math.prod(2 * reach + 1 for reach in radius)
    words = _Words.of(pairs.functions, most * (len(steps) if pairs.pooled else 1))
    shape = len(words.scales), region.columns.size
    if pairs.pooled:
        sums = np.zeros(shape, np.int64)
        local_sums.add_window_sums(levels, region, words.tables, steps, radius, sums)
        numbers = sums[0] & ((1 << words.counting_bits) - 1)
        sums[0] >>= words.counting_bits
        totals = sums.astype(np.float64)
    else:
        totals, numbers = np.zeros(shape), np.zeros(shape[1], np.int32)
        local_sums.add_window_means(
            levels,
            region,
            words.tables,
            steps,
            radius,
            words.counting_bits,
            totals,
            numbers,
        )
    totals[:, numbers == 0] = np.nan
    means = totals / np.maximum(numbers, 1)
    means *= np.ldexp(1.0, np.negative(words.scales))[:, None]
    return np.asarray(means[shape[0] - len(pairs.functions) :], np.float64)


def _that_fit(steps: Sequence[Step], radius: Radius) -> NDArray[np.int64]:
    """Return the steps that fit in a window; those of one magnitude together."""
    fitting = [
        step
        for step in sorted(steps, key=lambda step: tuple(map(abs, step)))
        if all(abs(a) <= 2 * reach for a, reach in zip(step, radius, strict=True))
    ]
    return np.array(fitting, np.int64).reshape(-1, 3)


@dataclass(frozen=True, eq=False)
class _Words:
    """What pairs add to 64-bit sums.

    Attributes
    ----------
    tables : ndarray of int64, shape (planes, differences + 1, 2)
        Of two functions each, in fixed point; the last row is 0.
    scales : ndarray of int, shape (functions,)
        The powers of two that the functions were multiplied with. There is an empty
        function before the others where the first has no bits to spare.
    counting_bits : int
        The lowest bits of the first function, which count the pairs.
    """

    tables: NDArray[np.int64]
    scales: NDArray[np.int64]
    counting_bits: int

    @classmethod
    def of(cls, functions: Values, pairs: int) -> "_Words":
        """Choose the words so that the sums over so many pairs fit in them."""
        bits = pairs.bit_length()
        spare = _BITS - 2 * bits >= _BITS_OF_A_FUNCTION
        if not spare:
            functions = np.concatenate([np.zeros_like(functions[:1]), functions])
        largest = np.ceil(np.log2(np.maximum(1.0, functions.max(axis=1))))
        scales = _BITS - bits - largest.astype(np.int64)
        scales[0] -= bits
        count, differences = functions.shape
        words = np.zeros((count + count % 2, differences + 1), np.int64)
        words[:count, :-1] = np.rint(np.ldexp(functions, scales[:, None]))
        words[0, :-1] = (words[0, :-1] << bits) + 1
        planes = words.reshape(-1, 2, differences + 1).transpose(0, 2, 1)
        return cls(np.ascontiguousarray(planes), scales, bits)


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
