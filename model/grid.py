"""The voxel grid, and the arrays that stand on it.

Design choice: an array never travels without its grid. Two arrays combine only when
their grids are equal to the last bit, which they are when they come from one reading of
one series; anything else is a resampling that somebody must ask for by name.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.errors import ModelError

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Grid:
    """Voxel centres in patient space.

    The centre of voxel (slice k, row j, column i) lies at
    ``origin_mm + k * slice_step_mm + j * row_step_mm + i * column_step_mm``.

    Attributes
    ----------
    shape : tuple of int
        (slices, rows, columns).
    origin_mm : Vector
        Centre of voxel (0, 0, 0), LPS millimetres.
    slice_step_mm, row_step_mm, column_step_mm : Vector
        The way from a voxel to the next along each array axis, LPS millimetres.
    frame_of_reference : str
        Name of the coordinate system; points of another system must be brought into
        this one before they meet this grid.

    References
    ----------
    * DICOM PS3.3 C.7.6.2.1.1, equation C.7.6.2.1-1.
    """

    shape: tuple[int, int, int]
    origin_mm: Vector
    slice_step_mm: Vector
    row_step_mm: Vector
    column_step_mm: Vector
    frame_of_reference: str

    @cached_property
    def spacing_mm(self) -> Vector:
        """Distance between neighbouring centres along (slice, row, column)."""
        lengths = np.linalg.norm(self._steps, axis=1)
        return (float(lengths[0]), float(lengths[1]), float(lengths[2]))

    @cached_property
    def voxel_volume_ml(self) -> float:
        """Volume of a voxel in millilitres."""
        return float(abs(np.linalg.det(self._steps))) / 1000.0

    def points_mm(self, indices: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where array indices lie.

        Parameters
        ----------
        indices : ndarray, shape (n, 3)
            Continuous (slice, row, column) indices.

        Returns
        -------
        ndarray, shape (n, 3)
            LPS millimetres.
        """
        steps = np.asarray(indices, np.float64) @ self._steps
        return np.asarray(self.origin_mm, np.float64) + steps

    def indices(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the continuous array indices of points.

        Parameters
        ----------
        points_mm : ndarray, shape (n, 3)
            LPS millimetres, in this grid's frame of reference.

        Returns
        -------
        ndarray, shape (n, 3)
            (slice, row, column); whole numbers are voxel centres.
        """
        offsets = np.asarray(points_mm, np.float64) - np.asarray(self.origin_mm)
        return np.asarray(offsets @ self._to_indices, np.float64)

    @cached_property
    def _steps(self) -> NDArray[np.float64]:
        return np.array([self.slice_step_mm, self.row_step_mm, self.column_step_mm])

    @cached_property
    def _to_indices(self) -> NDArray[np.float64]:
        return np.asarray(np.linalg.inv(self._steps), np.float64)


@dataclass(frozen=True, eq=False)
class Volume:
    """A scalar image on a grid.

    Attributes
    ----------
    grid : Grid
    values : ndarray, shape ``grid.shape``
        Floating point, made read-only here.
    unit : str
        UCUM, for example ``Bq/ml`` or ``g/ml``.
    """

    grid: Grid
    values: NDArray[np.floating]
    unit: str

    def __post_init__(self) -> None:
        """Refuse an array of another shape and freeze this one."""
        _require_shape(self.grid, self.values.shape)
        self.values.setflags(write=False)

    def inside(self, mask: "Mask") -> NDArray[np.float64]:
        """Return the values in the mask, in array order, shape (voxels,).

        Raises
        ------
        GridMismatchError
            When the mask stands on another grid.
        """
        require_same_grid(self.grid, mask.grid)
        # A region is small beside its image, and all of it lies in its box.
        found = self.values[mask.box][mask.inside[mask.box]]
        return found.astype(np.float64, copy=False)


@dataclass(frozen=True, eq=False)
class Mask:
    """The voxels of a region on a grid.

    Attributes
    ----------
    grid : Grid
    inside : ndarray of bool, shape ``grid.shape``
        Made read-only here.
    """

    grid: Grid
    inside: NDArray[np.bool_]

    def __post_init__(self) -> None:
        """Refuse an array of another shape and freeze this one."""
        _require_shape(self.grid, self.inside.shape)
        self.inside.setflags(write=False)

    @cached_property
    def voxels(self) -> int:
        """Number of voxels in the region."""
        return int(np.count_nonzero(self.inside[self.box]))

    @cached_property
    def box(self) -> tuple[slice, slice, slice]:
        """The smallest box that holds the region; an empty one without a voxel."""
        return bounding_box(self.inside)

    @property
    def volume_ml(self) -> float:
        """Number of voxels times the volume of one, millilitres."""
        return self.voxels * self.grid.voxel_volume_ml


def bounding_box(inside: NDArray[np.bool_]) -> tuple[slice, slice, slice]:
    """Return the smallest box that holds the mask; an empty one for an empty mask."""
    # Each axis within what the one before has left: one pass through the image, not 3.
    slices = _extent(np.flatnonzero(inside.any(axis=(1, 2))))
    inside = inside[slices]
    rows = _extent(np.flatnonzero(inside.any(axis=(0, 2))))
    columns = _extent(np.flatnonzero(inside[:, rows].any(axis=(0, 1))))
    return slices, rows, columns


def _extent(occupied: NDArray[np.intp]) -> slice:
    if occupied.size == 0:
        return slice(0, 0)
    return slice(int(occupied[0]), int(occupied[-1]) + 1)


def require_same_grid(first: Grid, second: Grid) -> None:
    """Refuse to combine arrays that do not stand on one grid.

    Raises
    ------
    GridMismatchError
        When any of the grids' fields differ.
    """
    if first != second:
        raise GridMismatchError(first, second)


def _require_shape(grid: Grid, shape: Iterable[int]) -> None:
    if tuple(shape) != grid.shape:
        raise ArrayShapeError(grid.shape, tuple(shape))


class GridMismatchError(ModelError):
    """Two arrays stand on different grids."""

    def __init__(self, first: Grid, second: Grid) -> None:
        super().__init__(
            f"arrays on different grids cannot be combined: {first}, {second}"
        )
        self.first = first
        self.second = second


class ArrayShapeError(ModelError):
    """An array does not have its grid's shape."""

    def __init__(self, expected: tuple[int, ...], found: tuple[int, ...]) -> None:
        super().__init__(f"an array of shape {found} on a grid of shape {expected}")
        self.expected = expected
        self.found = found
