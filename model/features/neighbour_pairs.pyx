# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""Sums over pairs of neighbouring voxels."""


def pair_sums(
    const int[:, :, ::1] levels,
    const long long[:, ::1] steps,
    const double[::1] table,
):
    """Return the sum of a function of the difference of levels, and the pairs' number.

    Parameters
    ----------
    levels : ndarray of int32, shape (slices, rows, columns)
        1..n in the region, 0 outside.
    steps : ndarray of int64, shape (directions, 3)
        From the first to the second voxel of a pair.
    table : ndarray of float64, shape (n,)
        The function of the absolute difference.

    Returns
    -------
    tuple of (float, int)
        Over the pairs of all directions whose two voxels are in the region.
    """
    cdef Py_ssize_t direction, i, j, k, a, b, c
    cdef Py_ssize_t slices = levels.shape[0]
    cdef Py_ssize_t rows = levels.shape[1]
    cdef Py_ssize_t columns = levels.shape[2]
    cdef int first, second
    cdef double total = 0
    cdef long long pairs = 0
    with nogil:
        for direction in range(steps.shape[0]):
            a, b, c = steps[direction, 0], steps[direction, 1], steps[direction, 2]
            for i in range(max(0, -a), min(slices, slices - a)):
                for j in range(max(0, -b), min(rows, rows - b)):
                    for k in range(max(0, -c), min(columns, columns - c)):
                        first, second = levels[i, j, k], levels[i + a, j + b, k + c]
                        if first and second:
                            pairs += 1
                            total += table[abs(first - second)]
    return total, pairs
