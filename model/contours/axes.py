"""Array axes, seen as axes of the patient.

Design choice: which side of an outline a centre belongs to is decided along patient
axes, after indices are rounded to a millionth of a voxel, so that a copy of the image
with flipped or swapped axes gives the same voxels.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.contours.orientation import steps_of
from model.grid import Grid

DECIMALS_OF_A_VOXEL = 6
"""To which indices are rounded."""


@dataclass(frozen=True)
class Axes:
    """How array axes become layers, lines and places along them in patient space.

    Attributes
    ----------
    order : tuple of int
        Array axes of layers, of the more posterior, and of the more leftward way.
    flipped : tuple of bool
        Whether each of these runs against its patient axis.
    shape : tuple of int
        Of the grid, in this order.
    spacing_mm : tuple of float
        Of the grid, in this order.
    """

    order: tuple[int, int, int]
    flipped: tuple[bool, bool, bool]
    shape: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]

    @classmethod
    def of(cls, grid: Grid, layers: int) -> "Axes":
        """Return the axes for contours that lie across the array axis `layers`."""
        steps = steps_of(grid)
        places, lines = sorted(
            (axis for axis in range(3) if axis != layers),
            key=lambda axis: _rank(steps[axis]),
        )
        order = (layers, lines, places)
        first, second, third = (bool(_against(steps[axis])) for axis in order)
        shape = (grid.shape[layers], grid.shape[lines], grid.shape[places])
        spacing = grid.spacing_mm
        spacings = (spacing[layers], spacing[lines], spacing[places])
        return cls(order, (first, second, third), shape, spacings)

    def view(self, array: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return the array, seen along patient axes; what is written shows in it."""
        ways = tuple(slice(None, None, -1 if flip else 1) for flip in self.flipped)
        return array.transpose(self.order)[ways]

    def indices(
        self, points_mm: NDArray[np.float64], grid: Grid
    ) -> NDArray[np.float64]:
        """Return (layer, line, place) of the points, rounded, shape (points, 3)."""
        indices = grid.indices(points_mm)[:, self.order]
        ends = np.array(self.shape) - 1.0
        indices = np.where(self.flipped, ends - indices, indices)
        return np.asarray(np.round(indices, DECIMALS_OF_A_VOXEL), np.float64)


def _dominant(step: NDArray[np.float64]) -> int:
    """Return the patient axis that the step follows most; the first of equals."""
    parts = np.abs(step) / np.linalg.norm(step)
    return int(np.argmax(np.round(parts, DECIMALS_OF_A_VOXEL)))


def _against(step: NDArray[np.float64]) -> bool:
    return bool(step[_dominant(step)] < 0)


def _rank(step: NDArray[np.float64]) -> tuple[float, ...]:
    """Return what is least for the most leftward step, however its axis is stored."""
    along = step * (-1.0 if _against(step) else 1.0) / np.linalg.norm(step)
    parts = np.round(along, DECIMALS_OF_A_VOXEL)
    dominant = _dominant(step)
    return (dominant, -parts[dominant], *(-parts))
