"""The voxels of a new grid, as indices of an old one.

Along each axis the new grid has ``ceil(n * s / s')`` voxels for the ``n`` of spacing
``s`` and the new spacing ``s'``, and its centre is the old one's.

Design choice: the last bits of spacings decide nothing. A spacing is the decimal number
of seven digits that single precision keeps of it: NIfTI files hold spacings so, and an
image gives the same numbers whether it came as NIfTI or as DICOM. A position within
1e-9 of a voxel is that voxel; an extent that exceeds a whole number of new voxels by
less than 1e-3 of one is that number (spacings in files are rounded decimals).

References
----------
* Image biomarker standardisation initiative, reference manual, arXiv:1612.07003,
  section 2.4 (interpolation grid, UMPJ; its dimensions, 026Q; its position, QCY4).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.grid import Grid, Mask, Vector

MARGIN_MM = 10.0
"""What is kept of the image around the region."""

_NOISE = 1e-9
_EXTENT_NOISE = 1e-3
_DIGITS = 7

Array = NDArray[np.float64]


@dataclass(frozen=True)
class NewAxis:
    """New voxels along an axis, as indices of old ones.

    New voxel ``j`` lies at old index ``first + ratio * j``.

    Attributes
    ----------
    length : int
        Number of old voxels.
    first, ratio : float
    start, stop : int
        New voxels that are made: from `start` to before `stop`.
    """

    length: int
    first: float
    ratio: float
    start: int
    stop: int

    @property
    def positions(self) -> Array:
        """Continuous indices of old voxels, shape (stop - start,)."""
        places = self.first + self.ratio * np.arange(self.start, self.stop)
        whole = np.rint(places)
        return np.where(np.abs(places - whole) < _NOISE, whole, places)

    @property
    def is_kept(self) -> bool:
        """Whether the new voxels are the old ones."""
        return self.ratio == 1


def new_axis(mask: Mask, axis: int, spacing_mm: float | None) -> NewAxis:
    """Return the new voxels along an axis that are near a region.

    Parameters
    ----------
    mask : Mask
    axis : int
    spacing_mm : float or None
        None keeps the old one.

    Returns
    -------
    NewAxis
        Of the region with `MARGIN_MM` around it; a single voxel for an empty one.
    """
    length, old_mm = mask.grid.shape[axis], _decimal(mask.grid.spacing_mm[axis])
    ratio = 1.0 if spacing_mm is None else spacing_mm / old_mm
    if abs(ratio - 1) < _NOISE:
        ratio = 1.0
    count = max(1, int(np.ceil(length / ratio - _EXTENT_NOISE)))
    first = ((length - 1) - ratio * (count - 1)) / 2
    others = tuple({0, 1, 2} - {axis})
    used = np.flatnonzero(mask.inside.any(axis=others))
    if used.size == 0:
        return NewAxis(length, first, ratio, 0, 1)
    # Of an interpolated mask something may remain within four voxels.
    margin = max(MARGIN_MM / old_mm, 4.0)
    start = int(np.floor((used[0] - margin - first) / ratio))
    stop = int(np.ceil((used[-1] + margin - first) / ratio)) + 1
    return NewAxis(length, first, ratio, max(start, 0), min(stop, count))


def _decimal(spacing_mm: float) -> float:
    """Return a spacing without the digits that single precision does not keep."""
    return float(f"{spacing_mm:.{_DIGITS}g}")


def new_grid(old: Grid, axes: tuple[NewAxis, ...]) -> Grid:
    """Return the grid of new voxels.

    Parameters
    ----------
    old : Grid
    axes : tuple of NewAxis
        Slices, rows and columns.
    """
    origin = old.points_mm(np.array([[axis.positions[0] for axis in axes]]))[0]
    steps = (old.slice_step_mm, old.row_step_mm, old.column_step_mm)
    slices, rows, columns = (axis.stop - axis.start for axis in axes)
    slice_step, row_step, column_step = (
        step if axis.is_kept else _scaled(step, axis.ratio * _decimal(length) / length)
        for step, length, axis in zip(steps, old.spacing_mm, axes, strict=True)
    )
    return Grid(
        shape=(slices, rows, columns),
        origin_mm=(float(origin[0]), float(origin[1]), float(origin[2])),
        slice_step_mm=slice_step,
        row_step_mm=row_step,
        column_step_mm=column_step,
        frame_of_reference=old.frame_of_reference,
    )


def _scaled(step: Vector, ratio: float) -> Vector:
    return (step[0] * ratio, step[1] * ratio, step[2] * ratio)
