# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
# cython: initializedcheck=False
"""Sums over the pairs of neighbouring voxels in a window around each voxel.

A pair is stored at the lower corner of its bounding box, and lies in the window from
``v - r`` to ``v + r`` where that corner lies in ``v - r .. v + r - |step|``. So all
directions of one ``|step|`` share a box, and what is summed over the box is the sum
over their pairs. Along each axis the box is moved on by adding what enters and
subtracting what leaves it: first slice by slice (the pairs themselves, which are looked
at again when they leave, so that nothing but one slice of sums is kept), then row by
row, then voxel by voxel.

Whole numbers throughout: the sums are exact as long as that of a whole window is. Two
quantities lie side by side, since processors add two such numbers at once. The lowest
bits of the first quantity count the pairs, which saves a quantity.
"""

import numpy as np

from libc.stdlib cimport abs as magnitude
from libc.string cimport memset

ctypedef long long number


def add_window_sums(
    const int[:, :, ::1] levels,
    region,
    const number[:, :, ::1] tables,
    const long long[:, ::1] steps,
    radius,
    number[:, ::1] totals,
):
    """Add the sums over all pairs in the window of each voxel to totals.

    Parameters
    ----------
    levels : ndarray of int32, shape (slices, rows, columns)
        Less than the second axis of `tables`, and 0 outside the region.
    region : Lines
        Where the voxels of the region are.
    tables : ndarray of int64, shape (planes, levels + 1, 2)
        What a pair adds to the two quantities of each plane, by the difference of its
        levels; the last row is of no pair and 0.
    steps : ndarray of int64, shape (directions, 3)
        From the first to the second voxel of a pair; those with the same magnitudes
        follow each other.
    radius : tuple of int
        No step is longer than twice of it, which is the reach of the window.
    totals : ndarray of int64, shape (quantities, voxels)
        At most two quantities for each plane.
    """
    cdef const Py_ssize_t[::1] starts = region.starts
    cdef const int[::1] columns = region.columns
    cdef Py_ssize_t line, k, q, first = 0
    cdef const number* row
    cdef WindowSums sums = WindowSums(levels, region, tables, steps, radius)
    with nogil:
        while first < steps.shape[0]:
            first = sums.begin(first, True)
            for line in range(starts.shape[0] - 1):
                if not sums.next_line(line):
                    continue
                for q in range(totals.shape[0]):
                    row = sums.of_quantity(q)
                    for k in range(starts[line], starts[line + 1]):
                        totals[q, k] += row[2 * columns[k]]


def add_window_means(
    const int[:, :, ::1] levels,
    region,
    const number[:, :, ::1] tables,
    const long long[:, ::1] steps,
    radius,
    int counting_bits,
    double[:, ::1] totals,
    int[::1] directions,
):
    """Add, for each direction, the means over the pairs in the window to totals.

    Parameters
    ----------
    levels, region, tables, steps, radius
        As for `add_window_sums`.
    counting_bits : int
        The lowest bits of the first quantity, which count the pairs.
    totals : ndarray of float64, shape (quantities, voxels)
        At most two quantities for each plane; the first without its lowest bits.
    directions : ndarray of int32, shape (voxels,)
        Grows by one where a direction has pairs.
    """
    cdef const Py_ssize_t[::1] starts = region.starts
    cdef const int[::1] columns = region.columns
    cdef double[::1] reciprocals = _reciprocals(radius)
    cdef double[::1] of_line = np.empty(levels.shape[2], np.float64)
    cdef number lowest = (<number>1 << counting_bits) - 1
    cdef Py_ssize_t line, k, q, begin, first = 0
    cdef number count
    cdef int shift
    cdef const number* row
    cdef WindowSums sums = WindowSums(levels, region, tables, steps, radius)
    with nogil:
        while first < steps.shape[0]:
            first = sums.begin(first, False)
            for line in range(starts.shape[0] - 1):
                if not sums.next_line(line):
                    continue
                begin = starts[line]
                row = sums.of_quantity(0)
                for k in range(begin, starts[line + 1]):
                    count = row[2 * columns[k]] & lowest
                    of_line[k - begin] = reciprocals[count]
                    directions[k] += count > 0
                for q in range(totals.shape[0]):
                    row = sums.of_quantity(q)
                    shift = 0 if q else counting_bits
                    for k in range(begin, starts[line + 1]):
                        totals[q, k] += (
                            <double>(row[2 * columns[k]] >> shift) * of_line[k - begin]
                        )


def _reciprocals(radius):
    """Return one over the number of pairs that a window may hold, and 0 for none."""
    most = np.prod([2 * reach + 1 for reach in radius])
    reciprocals = np.arange(most + 1, dtype=np.float64)
    return np.divide(1.0, reciprocals, out=reciprocals, where=reciprocals > 0)


cdef class WindowSums:
    """The window, moved over the image line by line."""

    cdef const int[:, :, ::1] levels
    cdef const Py_ssize_t[::1] starts
    cdef const int[::1] columns
    cdef const number[:, :, ::1] tables
    cdef const long long[:, ::1] steps
    cdef Py_ssize_t slices, rows, margin, width, size
    cdef Py_ssize_t first, end
    cdef Py_ssize_t[3] reach
    cdef Py_ssize_t[3] step
    # Of a line: two quantities side by side, plane after plane, with empty margins.
    cdef number[:, ::1] in_slices
    cdef number[::1] in_rows
    cdef number[::1] in_window
    cdef int[::1] differences

    def __init__(self, levels, region, tables, steps, radius):
        cdef int axis
        self.levels = levels
        self.starts = region.starts
        self.columns = region.columns
        self.tables = tables
        self.steps = steps
        for axis in range(3):
            self.reach[axis] = radius[axis]
        self.slices, self.rows, columns = region.shape
        self.margin = radius[2] + 1
        self.width = 2 * (columns + 2 * self.margin)
        self.size = self.width * self.tables.shape[0]
        self.in_slices = np.empty((self.rows, self.size), np.int64)
        self.in_rows = np.empty(self.size, np.int64)
        self.in_window = np.empty(self.size, np.int64)
        self.differences = np.empty(columns, np.int32)

    cdef Py_ssize_t begin(self, Py_ssize_t first, bint together) noexcept nogil:
        """Begin with a direction or all that share its box; return the one after."""
        cdef int axis
        self.first = first
        self.end = first + 1
        for axis in range(3):
            self.step[axis] = magnitude(self.steps[first, axis])
        while together and self.end < self.steps.shape[0]:
            for axis in range(3):
                if magnitude(self.steps[self.end, axis]) != self.step[axis]:
                    return self.end
            self.end += 1
        return self.end

    cdef const number* of_quantity(self, Py_ssize_t quantity) noexcept nogil:
        """Return the sums of the line's windows, at every second place."""
        cdef Py_ssize_t plane = quantity // 2
        return &self.in_window[plane * self.width + 2 * self.margin + quantity % 2]

    cdef bint next_line(self, Py_ssize_t line) noexcept nogil:
        """Move the window on to a line; return whether it holds voxels."""
        cdef Py_ssize_t row = line % self.rows
        cdef Py_ssize_t begin = self.starts[line], end = self.starts[line + 1]
        if row == 0:
            self.next_slice(line // self.rows)
        self.next_row(row)
        if begin == end:
            return False
        self.along(self.columns[begin], self.columns[end - 1])
        return True

    cdef void next_slice(self, Py_ssize_t centre) noexcept nogil:
        cdef Py_ssize_t ahead = self.reach[0] - self.step[0]
        cdef Py_ssize_t entering
        if centre == 0:
            memset(&self.in_slices[0, 0], 0, self.rows * self.size * sizeof(number))
            for entering in range(0, ahead):
                self.take_slice(entering, 1)
        self.take_slice(centre + ahead, 1)
        self.take_slice(centre - self.reach[0] - 1, -1)

    cdef void take_slice(self, Py_ssize_t corner, int sign) noexcept nogil:
        """Take the pairs of a slice in, or out again."""
        cdef Py_ssize_t direction, row
        if corner < 0 or corner >= self.slices - self.step[0]:
            return
        for direction in range(self.first, self.end):
            for row in range(self.rows - self.step[1]):
                self.take_row(direction, corner, row, sign)

    cdef void take_row(
        self, Py_ssize_t direction, Py_ssize_t corner, Py_ssize_t row, int sign
    ) noexcept nogil:
        cdef long long a = self.steps[direction, 0]
        cdef long long b = self.steps[direction, 1]
        cdef long long c = self.steps[direction, 2]
        cdef Py_ssize_t i = corner + max(0, -a), j = row + max(0, -b)
        cdef Py_ssize_t line = i * self.rows + j
        cdef Py_ssize_t other_line = (i + a) * self.rows + j + b
        cdef Py_ssize_t begin = self.starts[line], end = self.starts[line + 1]
        cdef Py_ssize_t other_begin = self.starts[other_line]
        cdef Py_ssize_t other_end = self.starts[other_line + 1]
        if begin == end or other_begin == other_end:
            return
        cdef Py_ssize_t ahead = max(0, -c)
        cdef Py_ssize_t low = max(
            self.columns[begin], self.columns[other_begin] - c, ahead
        ) - ahead
        cdef Py_ssize_t high = min(
            self.columns[end - 1], self.columns[other_end - 1] - c
        ) + 1 - ahead
        if high <= low:
            return
        cdef const int* first = &self.levels[i, j, ahead]
        cdef const int* second = &self.levels[i + a, j + b, ahead + c]
        cdef int* differences = &self.differences[0]
        cdef int one, other, nothing = <int>self.tables.shape[1] - 1
        cdef Py_ssize_t k, plane
        cdef number* sums
        for k in range(low, high):
            one, other = first[k], second[k]
            differences[k] = magnitude(one - other) if one and other else nothing
        for plane in range(self.tables.shape[0]):
            sums = &self.in_slices[row, plane * self.width + 2 * self.margin]
            if sign > 0:
                add_pairs(sums, &self.tables[plane, 0, 0], differences, low, high)
            else:
                subtract_pairs(sums, &self.tables[plane, 0, 0], differences, low, high)

    cdef void next_row(self, Py_ssize_t row) noexcept nogil:
        cdef Py_ssize_t ahead = self.reach[1] - self.step[1]
        cdef Py_ssize_t leaving = row - self.reach[1] - 1
        cdef Py_ssize_t entering
        cdef bint enters = 0 <= row + ahead < self.rows
        cdef number* sums = &self.in_rows[0]
        if row == 0:
            memset(sums, 0, self.size * sizeof(number))
            for entering in range(0, min(ahead, self.rows)):
                add_row(sums, &self.in_slices[entering, 0], self.size)
        if leaving >= 0 and enters:
            move_row(
                sums,
                &self.in_slices[row + ahead, 0],
                &self.in_slices[leaving, 0],
                self.size,
            )
        elif enters:
            add_row(sums, &self.in_slices[row + ahead, 0], self.size)
        elif leaving >= 0:
            subtract_row(sums, &self.in_slices[leaving, 0], self.size)

    cdef void along(self, Py_ssize_t low, Py_ssize_t high) noexcept nogil:
        """Sum along the line, from a column to another."""
        cdef Py_ssize_t ahead = self.reach[2] - self.step[2]
        cdef Py_ssize_t behind = self.reach[2] + 1
        cdef Py_ssize_t k, plane
        cdef number first, second
        cdef const number* row
        cdef number* window
        for plane in range(self.tables.shape[0]):
            row = &self.in_rows[plane * self.width + 2 * self.margin]
            window = &self.in_window[plane * self.width + 2 * self.margin]
            first = second = 0
            for k in range(low - behind + 1, low + ahead):
                first += row[2 * k]
                second += row[2 * k + 1]
            for k in range(low, high + 1):
                first += row[2 * (k + ahead)]
                second += row[2 * (k + ahead) + 1]
                window[2 * k] = first
                window[2 * k + 1] = second
                first -= row[2 * (k - behind + 1)]
                second -= row[2 * (k - behind + 1) + 1]


cdef void add_pairs(
    number* sums,
    const number* table,
    const int* differences,
    Py_ssize_t low,
    Py_ssize_t high,
) noexcept nogil:
    cdef Py_ssize_t k
    cdef const number* pair
    cdef number first, second
    for k in range(low, high):
        pair = table + 2 * <Py_ssize_t>differences[k]
        first = sums[2 * k] + pair[0]
        second = sums[2 * k + 1] + pair[1]
        sums[2 * k] = first
        sums[2 * k + 1] = second


cdef void subtract_pairs(
    number* sums,
    const number* table,
    const int* differences,
    Py_ssize_t low,
    Py_ssize_t high,
) noexcept nogil:
    cdef Py_ssize_t k
    cdef const number* pair
    cdef number first, second
    for k in range(low, high):
        pair = table + 2 * <Py_ssize_t>differences[k]
        first = sums[2 * k] - pair[0]
        second = sums[2 * k + 1] - pair[1]
        sums[2 * k] = first
        sums[2 * k + 1] = second


cdef void add_row(number* sums, const number* entering, Py_ssize_t size) noexcept nogil:
    cdef Py_ssize_t k
    for k in range(size):
        sums[k] += entering[k]


cdef void subtract_row(
    number* sums, const number* leaving, Py_ssize_t size
) noexcept nogil:
    cdef Py_ssize_t k
    for k in range(size):
        sums[k] -= leaving[k]


cdef void move_row(
    number* sums, const number* entering, const number* leaving, Py_ssize_t size
) noexcept nogil:
    cdef Py_ssize_t k
    for k in range(size):
        sums[k] += entering[k] - leaving[k]
