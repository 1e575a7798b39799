"""Where several animals lie in one field of view.

Design choice: places in a holder are ordinal (PS3.3 C.7.1.4.1.1.1): they say who lies
left of whom and not where. So the field of view is divided into as many equal parts as
there are animals in a row, first along the bed, then from top to bottom, then from left
to right. A region that lies in more than one part belongs to nobody.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from model.grid import Mask, Vector

Place = tuple[int, int, int]
"""Ordinals, facing the front of the gantry: to the right, downwards, inwards."""

_INWARDS_FIRST = (2, 1, 0)


@dataclass(frozen=True)
class MachineAxes:
    """Directions of the machine in patient space, facing the front of the gantry.

    Attributes
    ----------
    right, down, inward : tuple of float
        LPS unit vectors.
    """

    right: Vector
    down: Vector
    inward: Vector


def place_of(mask: Mask, places: Collection[Place], axes: MachineAxes) -> Place | None:
    """Return in which of several places a region lies; None where in no single one.

    Parameters
    ----------
    mask : Mask
        With at least one voxel.
    places : collection of tuple of int
        Of all animals in the bed, distinct.
    axes : MachineAxes
    """
    low, high = _extent(mask, axes)
    left = sorted(places)
    for axis in _INWARDS_FIRST:
        ordinals = sorted({place[axis] for place in left})
        part = _part(low[axis], high[axis], len(ordinals))
        if part is None:
            return None
        left = [place for place in left if place[axis] == ordinals[part]]
    return left[0] if len(left) == 1 else None


def _part(low: float, high: float, parts: int) -> int | None:
    """Return in which of equal parts of 0 to 1 an interval lies."""
    first = min(int(low * parts), parts - 1)
    # What ends just on a boundary does not lie beyond it.
    last = min(int(np.ceil(high * parts)) - 1, parts - 1)
    return first if first == last else None


def _extent(mask: Mask, axes: MachineAxes) -> tuple[Sequence[float], Sequence[float]]:
    """Return the box of a region along the axes, as fractions of the field of view."""
    directions = np.array([axes.right, axes.down, axes.inward])
    shape = np.array(mask.grid.shape)
    field = _along(mask, directions, np.zeros(3), shape - 1.0)
    indices = np.argwhere(mask.inside)
    region = _along(mask, directions, indices.min(axis=0), indices.max(axis=0))
    start, end = field.min(axis=0), field.max(axis=0)
    size = np.where(end > start, end - start, 1.0)
    low = (region.min(axis=0) - start) / size
    high = (region.max(axis=0) - start) / size
    return np.clip(low, 0.0, 1.0).tolist(), np.clip(high, 0.0, 1.0).tolist()


def _along(
    mask: Mask, directions: np.ndarray, first: Iterable[float], last: Iterable[float]
) -> np.ndarray:
    """Return the corners of a box of voxels, half a voxel beyond their centres."""
    low, high = np.asarray(first) - 0.5, np.asarray(last) + 0.5
    corners = np.where(np.indices((2, 2, 2)).reshape(3, -1).T == 0, low, high)
    return np.asarray(mask.grid.points_mm(corners) @ directions.T)
