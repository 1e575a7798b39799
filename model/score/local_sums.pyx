# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
# cython: initializedcheck=False
"""Sums over the pairs of neighbouring voxels in a window around each voxel.

A pair is stored at the lower corner of its bounding box, and lies in the window from
``v - r`` to ``v + r`` where that corner lies in ``v - r .. v + r - |step|``. So all
directions of one ``|step|`` share a box, and what is summed over the box is the sum
over their pairs. Along each axis the box is moved on by adding what enters and
subtracting what leaves it: first slice by slice (the pairs themselves, which are made
anew when they leave, so that nothing but one slice of sums is kept), then row by row,
then voxel by voxel.

Whole numbers throughout: the sums are exact as long as that of a whole window is.
"""

import numpy as np

from libc.stdlib cimport abs as magnitude
from libc.string cimport memset

ctypedef long long number


cdef struct Box:
    Py_ssize_t slices, rows, columns
    # Sums of one row, one quantity after the other, with empty margins on both sides.
    Py_ssize_t quantities, margin, width


def add_window_sums(
    const int[:, :, ::1] levels,
    region,
    const number[:, ::1] tables,
    const long long[:, ::1] steps,
    radius,
    number[:, ::1] totals,
):
    """Add the sums over the pairs in the window of each voxel to totals.

    Parameters
    ----------
    levels : ndarray of int32, shape (slices, rows, columns)
        Less than the last axis of `tables`, and 0 outside the region.
    region : Lines
        Where the voxels of the region are.
    tables : ndarray of int64, shape (quantities, levels + 1)
        What a pair adds, by the difference of its levels; the last column is of no pair
        and 0.
    steps : ndarray of int64, shape (directions, 3)
        From the first to the second voxel of a pair, all with the same magnitudes.
    radius : tuple of int
        At least 0.
    totals : ndarray of int64, shape (quantities, voxels)
    """
    cdef const Py_ssize_t[::1] starts = region.starts
    cdef const int[::1] columns = region.columns
    cdef Py_ssize_t quantities = tables.shape[0]
    cdef Py_ssize_t line, k, q
    cdef number* row
    cdef WindowSums sums = WindowSums(levels, region, tables, steps, radius)
    with nogil:
        for line in range(starts.shape[0] - 1):
            if not sums.next_line(line):
                continue
            for q in range(quantities):
                row = sums.of_quantity(q)
                for k in range(starts[line], starts[line + 1]):
                    totals[q, k] += row[columns[k]]


def add_window_means(
    const int[:, :, ::1] levels,
    region,
    const number[:, ::1] tables,
    const long long[:, ::1] steps,
    radius,
    double[:, ::1] totals,
    int[::1] directions,
):
    """Add the means over the pairs in the window of each voxel to totals.

    Parameters
    ----------
    levels, region, tables, steps, radius
        As for `add_window_sums`; the last table counts the pairs.
    totals : ndarray of float64, shape (quantities - 1, voxels)
    directions : ndarray of int32, shape (voxels,)
        Grows by one where there are pairs.
    """
    cdef const Py_ssize_t[::1] starts = region.starts
    cdef const int[::1] columns = region.columns
    cdef Py_ssize_t features = tables.shape[0] - 1
    cdef Py_ssize_t line, k, q
    cdef number* row
    cdef number* count
    cdef WindowSums sums = WindowSums(levels, region, tables, steps, radius)
    with nogil:
        for line in range(starts.shape[0] - 1):
            if not sums.next_line(line):
                continue
            count = sums.of_quantity(features)
            for k in range(starts[line], starts[line + 1]):
                directions[k] += count[columns[k]] > 0
            for q in range(features):
                row = sums.of_quantity(q)
                for k in range(starts[line], starts[line + 1]):
                    totals[q, k] += <double>row[columns[k]] / max(1, count[columns[k]])


cdef class WindowSums:
    """The window, moved over the image line by line."""

    cdef const int[:, :, ::1] levels
    cdef const Py_ssize_t[::1] starts
    cdef const int[::1] columns
    cdef const number[:, ::1] tables
    cdef const long long[:, ::1] steps
    cdef Box box
    cdef Py_ssize_t[3] reach
    cdef Py_ssize_t[3] step
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
            self.step[axis] = magnitude(steps[0, axis])
        self.box.slices, self.box.rows, self.box.columns = levels.shape
        self.box.quantities = tables.shape[0]
        self.box.margin = radius[2] + 1
        self.box.width = self.box.columns + 2 * self.box.margin
        row = self.box.quantities * self.box.width
        self.in_slices = np.zeros((self.box.rows, row), np.int64)
        self.in_rows = np.zeros(row, np.int64)
        self.in_window = np.zeros(row, np.int64)
        self.differences = np.zeros(self.box.columns, np.int32)

    cdef number* of_quantity(self, Py_ssize_t quantity) noexcept nogil:
        """Return the sums of the line's windows, by column."""
        return &self.in_window[quantity * self.box.width + self.box.margin]

    cdef bint next_line(self, Py_ssize_t line) noexcept nogil:
        """Move the window on to a line; return whether it holds voxels."""
        cdef Py_ssize_t row = line % self.box.rows
        if row == 0:
            self.next_slice(line // self.box.rows)
        self.next_row(row)
        if self.starts[line] == self.starts[line + 1]:
            return False
        self.along(
            self.columns[self.starts[line]], self.columns[self.starts[line + 1] - 1]
        )
        return True

    cdef void next_slice(self, Py_ssize_t centre) noexcept nogil:
        cdef Py_ssize_t ahead = self.reach[0] - self.step[0]
        cdef Py_ssize_t entering
        cdef Py_ssize_t leaving = centre - self.reach[0] - 1
        if centre == 0:
            for entering in range(0, ahead):
                self.take_slice(entering, 1)
        self.take_slice(centre + ahead, 1)
        self.take_slice(leaving, -1)

    cdef void take_slice(self, Py_ssize_t corner, int sign) noexcept nogil:
        """Take the pairs of a slice in, or out again."""
        cdef Py_ssize_t direction, row
        if corner < 0 or corner >= self.box.slices - self.step[0]:
            return
        for direction in range(self.steps.shape[0]):
            for row in range(self.box.rows - self.step[1]):
                self.take_row(direction, corner, row, sign)

    cdef void take_row(
        self, Py_ssize_t direction, Py_ssize_t corner, Py_ssize_t row, int sign
    ) noexcept nogil:
        cdef long long a = self.steps[direction, 0]
        cdef long long b = self.steps[direction, 1]
        cdef long long c = self.steps[direction, 2]
        cdef Py_ssize_t i = corner + max(0, -a), j = row + max(0, -b)
        cdef Py_ssize_t first_line = i * self.box.rows + j
        cdef Py_ssize_t second_line = (i + a) * self.box.rows + j + b
        if (
            self.starts[first_line] == self.starts[first_line + 1]
            or self.starts[second_line] == self.starts[second_line + 1]
        ):
            return
        cdef Py_ssize_t ahead = max(0, -c)
        cdef Py_ssize_t low = max(
            self.columns[self.starts[first_line]] - ahead,
            self.columns[self.starts[second_line]] - ahead - c,
            0,
        )
        cdef Py_ssize_t high = min(
            self.columns[self.starts[first_line + 1] - 1] - ahead,
            self.columns[self.starts[second_line + 1] - 1] - ahead - c,
        ) + 1
        if high <= low:
            return
        cdef const int* first = &self.levels[i, j, ahead]
        cdef const int* second = &self.levels[i + a, j + b, ahead + c]
        cdef int* difference = &self.differences[0]
        cdef int one, other, nothing = <int>self.tables.shape[1] - 1
        cdef Py_ssize_t k, q
        cdef const number* table
        cdef number* sums
        for k in range(low, high):
            one, other = first[k], second[k]
            difference[k] = magnitude(one - other) if one and other else nothing
        for q in range(self.box.quantities):
            table = &self.tables[q, 0]
            sums = &self.in_slices[row, q * self.box.width + self.box.margin]
            if sign > 0:
                for k in range(low, high):
                    sums[k] += table[difference[k]]
            else:
                for k in range(low, high):
                    sums[k] -= table[difference[k]]

    cdef void next_row(self, Py_ssize_t row) noexcept nogil:
        cdef Py_ssize_t size = self.in_rows.shape[0]
        cdef Py_ssize_t ahead = self.reach[1] - self.step[1]
        cdef Py_ssize_t leaving = row - self.reach[1] - 1
        cdef Py_ssize_t entering
        cdef bint enters = 0 <= row + ahead < self.box.rows
        cdef number* sums = &self.in_rows[0]
        if row == 0:
            memset(sums, 0, size * sizeof(number))
            for entering in range(0, min(ahead, self.box.rows)):
                accumulate(sums, &self.in_slices[entering, 0], size)
        if leaving >= 0 and enters:
            move_on(
                sums,
                &self.in_slices[row + ahead, 0],
                &self.in_slices[leaving, 0],
                size,
            )
        elif enters:
            accumulate(sums, &self.in_slices[row + ahead, 0], size)
        elif leaving >= 0:
            withdraw(sums, &self.in_slices[leaving, 0], size)

    cdef void along(self, Py_ssize_t low, Py_ssize_t high) noexcept nogil:
        """Sum along the line, from a column to another."""
        cdef Py_ssize_t ahead = self.reach[2] - self.step[2]
        cdef Py_ssize_t reach = self.reach[2]
        cdef Py_ssize_t k, q, begin
        cdef number total
        cdef number* source
        cdef number* target
        for q in range(self.box.quantities):
            source = &self.in_rows[q * self.box.width + self.box.margin]
            target = self.of_quantity(q)
            total = 0
            for k in range(low - reach, low + ahead + 1):
                total += source[k]
            target[low] = total
            for k in range(low + 1, high + 1):
                total += source[k + ahead] - source[k - reach - 1]
                target[k] = total


cdef void accumulate(
    number* sums, const number* entering, Py_ssize_t size
) noexcept nogil:
    cdef Py_ssize_t k
    for k in range(size):
        sums[k] += entering[k]


cdef void withdraw(number* sums, const number* leaving, Py_ssize_t size) noexcept nogil:
    cdef Py_ssize_t k
    for k in range(size):
        sums[k] -= leaving[k]


cdef void move_on(
    number* sums, const number* entering, const number* leaving, Py_ssize_t size
) noexcept nogil:
    cdef Py_ssize_t k
    for k in range(size):
        sums[k] += entering[k] - leaving[k]
