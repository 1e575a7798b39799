# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""How often neighbouring voxels differ by how many grey levels."""

import numpy as np


def difference_counts(
    const int[:, :, ::1] levels,
    const long long[:, ::1] steps,
    Py_ssize_t count,
):
    """Return how many pairs differ by 0, 1, 2, ... levels, for each direction.

    Whole numbers: the same whatever the machine and the order of counting.

    Parameters
    ----------
    levels : ndarray of int32, shape (slices, rows, columns)
        1..count in the region, 0 outside.
    steps : ndarray of int64, shape (directions, 3)
        From the first to the second voxel of a pair.
    count : int
        Number of levels that there may be.

    Returns
    -------
    ndarray of int64, shape (directions, count)
        Pairs whose two voxels are in the region, each once.

    Raises
    ------
    ValueError
        When a level is not in 0..count.
    """
    cdef Py_ssize_t direction, i, j, k, a, b, c
    cdef Py_ssize_t slices = levels.shape[0]
    cdef Py_ssize_t rows = levels.shape[1]
    cdef Py_ssize_t columns = levels.shape[2]
    cdef int first, second
    cdef bint outside = False
    found = np.zeros((steps.shape[0], count), np.int64)
    cdef long long[:, ::1] counts = found
    with nogil:
        for i in range(slices):
            for j in range(rows):
                for k in range(columns):
                    outside |= levels[i, j, k] < 0 or levels[i, j, k] > count
    if outside:
        raise ValueError(f"levels must lie in 0..{count}")
    with nogil:
        for direction in range(steps.shape[0]):
            a, b, c = steps[direction, 0], steps[direction, 1], steps[direction, 2]
            for i in range(max(0, -a), min(slices, slices - a)):
                for j in range(max(0, -b), min(rows, rows - b)):
                    for k in range(max(0, -c), min(columns, columns - c)):
                        first, second = levels[i, j, k], levels[i + a, j + b, k + c]
                        if first and second:
                            counts[direction, abs(first - second)] += 1
    return found
