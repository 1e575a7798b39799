# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""Sums in a window around each voxel."""


def running_sum(long long[:, :, ::1] values):
    """Replace an array by its running sums along the last axis."""
    cdef Py_ssize_t i, j, k
    with nogil:
        for i in range(values.shape[0]):
            for j in range(values.shape[1]):
                for k in range(1, values.shape[2]):
                    values[i, j, k] += values[i, j, k - 1]
