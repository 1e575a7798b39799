"""Which voxels are neighbours in a co-occurrence matrix.

A pair is two voxels of the mask, one step of a direction apart. Both must be in the
mask. A direction and its opposite are the same pairs, so that half of them suffice.
"""

from itertools import product

import numpy as np
from numpy.typing import NDArray

from model.features.discretisation import UnsupportedPreparationError
from model.features.preparation import Dimension, Preparation

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
    match preparation.dimension:
        case Dimension.SLICE | Dimension.IN_PLANE:
            return tuple(step for step in _ALL if step[0] == 0)
        case Dimension.VOLUME:
            return _ALL


def ends_of_pairs(
    step: Direction,
) -> tuple[tuple[slice, slice, slice], tuple[slice, slice, slice]]:
    """Return the slices of an array that hold the first and second voxels of pairs."""
    first = tuple(slice(max(0, -a), -a if a > 0 else None) for a in step)
    second = tuple(slice(max(0, a), a if a < 0 else None) for a in step)
    return (first[0], first[1], first[2]), (second[0], second[1], second[2])


def has_pairs(inside: NDArray[np.bool_], preparation: Preparation) -> bool:
    """Return whether any two voxels of the mask are neighbours."""
    return any(
        bool(np.any(inside[first] & inside[second]))
        for first, second in map(ends_of_pairs, directions(preparation))
    )


def bounding_box(inside: NDArray[np.bool_]) -> tuple[slice, slice, slice]:
    """Return the smallest box that holds the mask; an empty one for an empty mask."""
    slices, rows, columns = (
        np.flatnonzero(inside.any(axis=others)) for others in ((1, 2), (0, 2), (0, 1))
    )
    return _extent(slices), _extent(rows), _extent(columns)


def _extent(occupied: NDArray[np.intp]) -> slice:
    if occupied.size == 0:
        return slice(0, 0)
    return slice(int(occupied[0]), int(occupied[-1]) + 1)
