"""Which voxels are neighbours, and the grey level co-occurrence matrix.

A pair is two voxels of the mask, one step of a direction apart. Both must be in the
mask. A direction and its opposite are the same pairs, so that half of them suffice.

Design choice: a pair at offset n is n steps of a direction apart, as in IBEX: at any
offset there are 4 directions in the plane and 13 in the volume. PyRadiomics and the
Image Biomarker Standardisation Initiative mean every voxel at the Chebyshev distance n
instead. At offset 1 the two are the same.
"""

from itertools import product

import numpy as np
from numpy.typing import NDArray

from model.features.levels import GreyLevels, UnsupportedPreparationError
from model.features.preparation import Dimension, Neighbourhood, Preparation
from model.grid import bounding_box

Direction = tuple[int, int, int]

_ALL: tuple[Direction, ...] = tuple(
    (slices, rows, columns)
    for slices, rows, columns in product((-1, 0, 1), repeat=3)
    if (slices, rows, columns) > (0, 0, 0)
)


def directions(preparation: Preparation) -> tuple[Direction, ...]:
    """Return the steps (slice, row, column) that make pairs.

    Returns
    -------
    tuple of Direction
        4 in the plane of a slice for `Dimension.IN_PLANE`, 13 for `Dimension.VOLUME`.

    Raises
    ------
    UnsupportedPreparationError
        When the offset is not 1. At greater offsets PyRadiomics and IBEX mean different
        sets of directions.
    """
    if preparation.offset != 1:
        raise UnsupportedPreparationError("offset", preparation.offset)
    return unit_directions(preparation.dimension)


def unit_directions(dimension: Dimension) -> tuple[Direction, ...]:
    """Return one step of each direction: 4 in the plane of a slice, or 13."""
    match dimension:
        case Dimension.SLICE | Dimension.IN_PLANE:
            return tuple(step for step in _ALL if step[0] == 0)
        case Dimension.VOLUME:
            return _ALL


def steps_of(neighbourhood: Neighbourhood) -> tuple[Direction, ...]:
    """Return the steps (slice, row, column) between the two voxels of pairs.

    Raises
    ------
    UnsupportedPreparationError
        When the offset is less than 1.
    """
    offset = neighbourhood.offset
    if offset < 1:
        raise UnsupportedPreparationError("offset", offset)
    return tuple(
        (offset * a, offset * b, offset * c)
        for a, b, c in unit_directions(neighbourhood.dimension)
    )


def ends_of_pairs(
    step: Direction,
) -> tuple[tuple[slice, slice, slice], tuple[slice, slice, slice]]:
    """Return the slices of an array that hold the first and second voxels of pairs."""
    first = tuple(slice(max(0, -a), -a if a > 0 else None) for a in step)
    second = tuple(slice(max(0, a), a if a < 0 else None) for a in step)
    return (first[0], first[1], first[2]), (second[0], second[1], second[2])


def has_pairs(inside: NDArray[np.bool_], neighbourhood: Neighbourhood) -> bool:
    """Return whether any two voxels of the mask are neighbours."""
    return any(
        bool(np.any(inside[first] & inside[second]))
        for first, second in map(ends_of_pairs, steps_of(neighbourhood))
    )


def levels_in_box(levels: GreyLevels, inside: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Return the grey levels in the smallest box that holds the mask, 0 outside it."""
    inside_box = inside[bounding_box(inside)]
    box = np.zeros(inside_box.shape, np.int32)
    box[inside_box] = levels.values
    return box


def present_levels(
    box: NDArray[np.int32],
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the grey levels that occur, and the box in their ranks.

    Returns
    -------
    present : ndarray of int64, shape (n,)
        Ascending.
    ranks : ndarray of int32, the shape of `box`
        1..n for the levels that occur, 0 where the box has 0.
    """
    occurs = np.bincount(box.ravel(), minlength=1) > 0
    occurs[0] = False
    rank_of = np.where(occurs, np.cumsum(occurs), 0).astype(np.int32)
    return np.flatnonzero(occurs), rank_of[box]


def pair_counts(
    ranks: NDArray[np.int32], count: int, step: Direction
) -> NDArray[np.int64]:
    """Return how many pairs there are of each two levels, in the order of the step.

    Parameters
    ----------
    ranks : ndarray of int32, shape (slices, rows, columns)
        1..count in the mask, 0 outside.
    count : int
    step : Direction
        From the first to the second voxel of a pair.

    Returns
    -------
    ndarray of int64, shape (count, count)
        ``counts[i, j]`` pairs of rank ``i + 1`` first and ``j + 1`` second.
    """
    first, second = ends_of_pairs(step)
    of_first, of_second = ranks[first], ranks[second]
    both = (of_first > 0) & (of_second > 0)
    rows = of_first[both].astype(np.int64) - 1
    codes = rows * count + (of_second[both] - 1)
    return np.bincount(codes, minlength=count * count).reshape(count, count)
