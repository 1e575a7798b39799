# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
# cython: initializedcheck=False
"""Kurtosis in a window around each voxel.

Of values, the moments come from the power sums of the deviations from a value nearby,
which the windows of a line share: for each column over the lines of the window, then
over the columns of each window. Such sums lose digits where the window's mean lies many
standard deviations away from that value. With ``t`` of these, ``K`` additions and the
unit roundoff ``u``, the relative error of the fourth moment is at most about
``K u (1 + 2t)^4`` (each term of its binomial formula, by Minkowski's inequality, over
the moment itself, which is at least the fourth power of the deviation). Where that
could exceed `ERROR`, the window is done again in two passes: the mean of the deviations
from its centre first, then the moments about it.
"""

import numpy as np

from libc.math cimport NAN, sqrt

cdef enum:
    BLOCK = 32  # columns that are looked at together
    CHUNK = 48  # columns whose power sums are in registers and the nearest cache

cdef double ERROR = 2e-10
cdef double UNIT_ROUNDOFF = 1.2e-16
# Below it (the values of the region are in units of their range) powers lose digits.
cdef double LEAST_VARIANCE = 1e-60


cdef struct Window:
    # Of a voxel: the first line and column in the window, and the first beyond it.
    Py_ssize_t first_slice, end_slice, first_row, end_row, first_column, end_column


cdef class _Place:
    """Where the voxels of a region and the window around one of them are."""

    cdef Py_ssize_t slices, rows, columns
    cdef Py_ssize_t[3] reach

    def __init__(self, shape, radius):
        self.slices, self.rows, self.columns = shape
        for axis in range(3):
            self.reach[axis] = radius[axis]

    cdef Window around(self, Py_ssize_t line) noexcept nogil:
        """Return the window's lines; its columns are all."""
        cdef Window window
        cdef Py_ssize_t centre = line // self.rows, row = line % self.rows
        window.first_slice = max(0, centre - self.reach[0])
        window.end_slice = min(self.slices, centre + self.reach[0] + 1)
        window.first_row = max(0, row - self.reach[1])
        window.end_row = min(self.rows, row + self.reach[1] + 1)
        window.first_column = 0
        window.end_column = self.columns
        return window

    cdef void at(self, Window* window, Py_ssize_t low, Py_ssize_t high) noexcept nogil:
        """Restrict it to the windows of the columns from `low` to `high`."""
        window.first_column = max(0, low - self.reach[2])
        window.end_column = min(self.columns, high + self.reach[2] + 1)


def kurtosis_of_values(
    const double[:, :, ::1] values,
    const double[:, :, ::1] inside,
    region,
    radius,
):
    """Return Pearson's kurtosis of the region's values in the window of each voxel.

    Parameters
    ----------
    values : ndarray of float64, shape (slices, rows, columns)
        In units of about the range of the region's values; finite.
    inside : ndarray of float64, the same shape
        1 in the region and 0 outside.
    region : Lines
        Where the voxels of the region are.
    radius : tuple of int

    Returns
    -------
    ndarray of float64, shape (voxels,)
        0 where the values are all equal.
    """
    cdef const Py_ssize_t[::1] starts = region.starts
    cdef const int[::1] columns = region.columns
    cdef _Place place = _Place(region.shape, radius)
    cdef double additions = (2 * radius[0] + 1) * (2 * radius[1] + 1) + 2 * radius[2]
    cdef double fourth_power = ERROR / ((additions + 10) * UNIT_ROUNDOFF)
    cdef double far = max(0.0, (sqrt(sqrt(fourth_power)) - 1) / 2)
    # Of the mean square deviation, over the variance.
    cdef double bound = 1 + far * far
    cdef double[:, ::1] powers = np.empty((5, BLOCK + 2 * radius[2]), np.float64)
    kurtosis = np.empty(columns.shape[0], np.float64)
    cdef double[::1] found = kurtosis
    cdef Py_ssize_t line, begin, end, last
    cdef Window window
    with nogil:
        for line in range(starts.shape[0] - 1):
            begin, last = starts[line], starts[line + 1]
            window = place.around(line)
            while begin < last:
                end = begin + 1
                while end < last and columns[end] < columns[begin] + BLOCK:
                    end += 1
                _block(
                    values, inside, starts, place, window,
                    line, columns[begin:end], bound, powers, found[begin:end],
                )
                begin = end
    return kurtosis


cdef void _block(
    const double[:, :, ::1] values,
    const double[:, :, ::1] inside,
    const Py_ssize_t[::1] starts,
    _Place place,
    Window window,
    Py_ssize_t line,
    const int[::1] columns,
    double bound,
    double[:, ::1] powers,
    double[::1] found,
) noexcept nogil:
    """Find the kurtosis in the windows of some voxels of a line."""
    cdef Py_ssize_t count = columns.shape[0]
    cdef const double* own = &values[line // place.rows, line % place.rows, 0]
    cdef double about = _typical(own, columns)
    cdef Py_ssize_t k, x, low, high
    cdef double n, first, second, third, fourth, variance, mean
    place.at(&window, columns[0], columns[count - 1])
    _add_lines(values, inside, starts, window, about, powers)
    cdef double* p0 = &powers[0, 0] - window.first_column
    cdef double* p1 = &powers[1, 0] - window.first_column
    cdef double* p2 = &powers[2, 0] - window.first_column
    cdef double* p3 = &powers[3, 0] - window.first_column
    cdef double* p4 = &powers[4, 0] - window.first_column
    for k in range(count):
        low = max(0, columns[k] - place.reach[2])
        high = min(place.columns, columns[k] + place.reach[2] + 1)
        n = first = second = third = fourth = 0
        for x in range(low, high):
            n += p0[x]
            first += p1[x]
            second += p2[x]
            third += p3[x]
            fourth += p4[x]
        mean = first / n
        second /= n
        variance = second - mean * mean
        if variance * bound < second or variance < LEAST_VARIANCE:
            place.at(&window, columns[k], columns[k])
            found[k] = _in_two_passes(
                values, inside, starts, window, own[columns[k]], n
            )
        else:
            fourth = (
                fourth / n
                - 4 * mean * (third / n)
                + 6 * mean * mean * second
                - 3 * mean * mean * mean * mean
            )
            found[k] = fourth / (variance * variance)


cdef double _typical(const double* own, const int[::1] columns) noexcept nogil:
    """Return the value that is closest to the mean, so that equal ones deviate by 0."""
    cdef double mean = 0, best = own[columns[0]]
    cdef Py_ssize_t k
    for k in range(columns.shape[0]):
        mean += own[columns[k]] / columns.shape[0]
    for k in range(columns.shape[0]):
        if abs(own[columns[k]] - mean) < abs(best - mean):
            best = own[columns[k]]
    return best


cdef void _add_lines(
    const double[:, :, ::1] values,
    const double[:, :, ::1] inside,
    const Py_ssize_t[::1] starts,
    Window window,
    double about,
    double[:, ::1] powers,
) noexcept nogil:
    """Sum the powers 0..4 of the deviations over the window's lines, by column."""
    cdef Py_ssize_t size = window.end_column - window.first_column
    cdef Py_ssize_t begin, length, i, j, k
    cdef double deviation, square, weight
    cdef const double* value
    cdef const double* counted
    cdef double[5][CHUNK] sums
    begin = 0
    while begin < size:
        length = min(<Py_ssize_t>CHUNK, size - begin)
        for k in range(length):
            sums[0][k] = sums[1][k] = sums[2][k] = sums[3][k] = sums[4][k] = 0
        for i in range(window.first_slice, window.end_slice):
            for j in range(window.first_row, window.end_row):
                if _is_empty(starts, i * values.shape[1] + j):
                    continue
                value = &values[i, j, window.first_column + begin]
                counted = &inside[i, j, window.first_column + begin]
                for k in range(length):
                    weight = counted[k]
                    deviation = (value[k] - about) * weight
                    square = deviation * deviation
                    sums[0][k] += weight
                    sums[1][k] += deviation
                    sums[2][k] += square
                    sums[3][k] += square * deviation
                    sums[4][k] += square * square
        for i in range(5):
            for k in range(length):
                powers[i, begin + k] = sums[i][k]
        begin += length


cdef bint _is_empty(const Py_ssize_t[::1] starts, Py_ssize_t line) noexcept nogil:
    return starts[line] == starts[line + 1]


cdef double _in_two_passes(
    const double[:, :, ::1] values,
    const double[:, :, ::1] inside,
    const Py_ssize_t[::1] starts,
    Window window,
    double centre,
    double n,
) noexcept nogil:
    cdef Py_ssize_t i, j, k
    cdef double deviation, mean = 0, lowest = 0, highest = 0, spread
    cdef double square, second = 0, fourth = 0
    for i in range(window.first_slice, window.end_slice):
        for j in range(window.first_row, window.end_row):
            if _is_empty(starts, i * values.shape[1] + j):
                continue
            for k in range(window.first_column, window.end_column):
                deviation = (values[i, j, k] - centre) * inside[i, j, k]
                mean += deviation
                lowest = min(lowest, deviation)
                highest = max(highest, deviation)
    spread = highest - lowest
    if spread == 0:
        return 0
    mean /= n
    for i in range(window.first_slice, window.end_slice):
        for j in range(window.first_row, window.end_row):
            if _is_empty(starts, i * values.shape[1] + j):
                continue
            for k in range(window.first_column, window.end_column):
                deviation = (values[i, j, k] - centre - mean) / spread * inside[i, j, k]
                square = deviation * deviation
                second += square
                fourth += square * square
    return n * fourth / (second * second)


def kurtosis_of_counts(const int[:, :, ::1] bins, region, radius, Py_ssize_t kept):
    """Return Pearson's kurtosis of how many voxels of a window each bin holds.

    Parameters
    ----------
    bins : ndarray of int32, shape (slices, rows, columns)
        0..kept - 1, or negative for voxels that do not count.
    region : Lines
        Where the voxels of the region are.
    radius : tuple of int
    kept : int
        Number of bins; empty ones take part.

    Returns
    -------
    ndarray of float64, shape (voxels,)
        NaN where the bins all hold as many.
    """
    cdef const Py_ssize_t[::1] starts = region.starts
    cdef const int[::1] columns = region.columns
    cdef _Place place = _Place(region.shape, radius)
    counts_of = np.zeros(max(kept, 1), np.int64)
    cdef long long[::1] counts = counts_of
    kurtosis = np.empty(columns.shape[0], np.float64)
    cdef double[::1] found = kurtosis
    cdef Py_ssize_t line, k, entering, leaving
    cdef Window window
    with nogil:
        for line in range(starts.shape[0] - 1):
            if _is_empty(starts, line):
                continue
            counts[:] = 0
            window = place.around(line)
            leaving = entering = columns[starts[line]] - place.reach[2]
            for k in range(starts[line], starts[line + 1]):
                while entering <= columns[k] + place.reach[2]:
                    _count(bins, window, entering, 1, counts)
                    entering += 1
                while leaving < columns[k] - place.reach[2]:
                    _count(bins, window, leaving, -1, counts)
                    leaving += 1
                found[k] = _kurtosis(counts, kept)
    return kurtosis


cdef void _count(
    const int[:, :, ::1] bins,
    Window window,
    Py_ssize_t column,
    int sign,
    long long[::1] counts,
) noexcept nogil:
    """Take a column of the window in, or out again."""
    cdef Py_ssize_t i, j
    if column < 0 or column >= bins.shape[2]:
        return
    for i in range(window.first_slice, window.end_slice):
        for j in range(window.first_row, window.end_row):
            if bins[i, j, column] >= 0:
                counts[bins[i, j, column]] += sign


cdef double _kurtosis(const long long[::1] counts, Py_ssize_t kept) noexcept nogil:
    cdef double total = 0, deviation, second = 0, fourth = 0
    cdef double lowest = <double>counts[0], highest = lowest
    cdef Py_ssize_t k
    for k in range(kept):
        total += counts[k]
        lowest = min(lowest, <double>counts[k])
        highest = max(highest, <double>counts[k])
    if lowest == highest:
        return NAN
    for k in range(kept):
        deviation = counts[k] - total / kept
        second += deviation * deviation
        fourth += deviation * deviation * deviation * deviation
    return kept * fourth / (second * second)
