"""The grey level run length matrix: runs of one level along a direction.

A run is a row of voxels of the mask, one step of a direction apart, that have the same
grey level and go on no further: the mask ends there, or the level changes. A run and
its reverse are the same run.

Design choice: a direction in which no two voxels of the mask lie on one line has runs,
too: every voxel is one of length 1. Their lengths always add up to the number of
voxels, in each direction. PyRadiomics leaves such directions out.
"""

import numpy as np
from numpy.typing import NDArray

from model.features.glcm import Direction

IBEX_RUN_STEPS: tuple[Direction, ...] = ((0, 0, 1), (0, 1, 0))
"""0 and 90 degrees in the plane of a slice: the directions of IBEX's GLRLM25."""


def run_counts(
    ranks: NDArray[np.int32], count: int, step: Direction
) -> NDArray[np.int64]:
    """Return how many runs there are of each level and length.

    Parameters
    ----------
    ranks : ndarray of int32, shape (slices, rows, columns)
        1..count in the mask, 0 outside.
    count : int
    step : Direction
        Of -1, 0 and 1, not all 0.

    Returns
    -------
    ndarray of int64, shape (count, longest run)
        ``counts[i, j]`` runs of rank ``i + 1`` with ``j + 1`` voxels.
    """
    around = np.pad(ranks, 1)
    flat = around.ravel()
    way = int(np.dot(step, (around[0].size, around.shape[2], 1)))
    voxels = np.flatnonzero(flat)
    # Every run moves on by a voxel at a time until it ends: as many steps as the
    # longest run, and together no more moves than there are voxels.
    heads = voxels[flat[voxels] != flat[voxels - way]]
    ended: list[NDArray[np.int64]] = []
    while heads.size:
        goes_on = flat[heads] == flat[heads + way]
        ended.append(np.bincount(flat[heads[~goes_on]] - 1, minlength=count))
        heads = heads[goes_on] + way
    return np.stack(ended, axis=1)
