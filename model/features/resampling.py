"""An image and its region on another grid, as IBSI interpolates.

Along each axis the new grid has ``ceil(n * s / s')`` voxels for the ``n`` of spacing
``s`` and the new spacing ``s'``, and its centre is the old one's. Values are
interpolated axis by axis (trilinear, or tricubic by B-splines), from an image whose
outermost voxels go on beyond its borders; the mask is interpolated as 0 and 1 and
thresholded.

Design choice: the result is cut to the region with 10 mm around it, which is more than
the radius of the sphere of 1 ml that the local intensities are averaged in (6.2 mm).
The voxels are those of the whole new grid. A spline's coefficients hang on all voxels,
but what a voxel gives to those 24 further is 1e-14 of its value (the pole of the cubic
filter, 0.268, to that power); so the spline is made of the cut with 24 voxels more on
each side, and beyond the image's borders of the outermost voxel as often as that.

Design choice: values that are not finite (a scanner's padding) make those new voxels
NaN that lie between them and their neighbours, so that a region that meets one is
undefined and says so. A spline, which would spread it over whole rows, sees the nearest
finite value in its place; no further than that reaches an invalid voxel.

Design choice: the last bits of spacings decide nothing. A spacing is the decimal number
of seven digits that single precision keeps of it: NIfTI files hold spacings so, and an
image gives the same numbers whether it came as NIfTI or as DICOM. A position within
1e-9 of a voxel is that voxel; an extent that exceeds a whole number of new voxels by
less than 1e-3 of one is that number (spacings in files are rounded decimals); a value
within 1e-9 of a half is rounded up, and a voxel within 1e-6 of the mask's threshold is
inside.

References
----------
* Image biomarker standardisation initiative, reference manual, arXiv:1612.07003,
  section 2.4 (interpolation, VTM2; intensity rounding, 68QD).
* Unser M. Splines: a perfect fit for signal and image processing. IEEE Signal
  Processing Magazine 16:22, 1999.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.features.discretisation import UnsupportedPreparationError
from model.features.preparation import Interpolation, Resampling
from model.grid import Grid, Mask, Vector, Volume, require_same_grid

MARGIN_MM = 10.0
"""What is kept of the image around the region."""
MAXIMUM_VOXELS = 100_000_000
"""Of a resampled region with its margin: 800 MB."""

_SPLINE_REACH = 24
_NOISE = 1e-9
_EXTENT_NOISE = 1e-3
_THRESHOLD_NOISE = 1e-6
_DIGITS = 7
_HALF = 0.5

Array = NDArray[np.float64]


def resampled(
    volume: Volume, mask: Mask, resampling: Resampling
) -> tuple[Volume, Mask]:
    """Return an image and its region on the grid of a resampling.

    Parameters
    ----------
    volume : Volume
    mask : Mask
        On the same grid.
    resampling : Resampling

    Returns
    -------
    Volume, Mask
        On one new grid, cut to the region and a margin of `MARGIN_MM`. A region that is
        too small for the new voxels has none of them; one without voxels stays empty,
        on a grid of a single voxel.

    Raises
    ------
    GridMismatchError
        When the mask stands on another grid.
    UnsupportedPreparationError
        When a spacing is no positive number or the threshold does not lie in (0, 1].
    TooFineError
        When the new grid would have more than `MAXIMUM_VOXELS`.
    """
    require_same_grid(volume.grid, mask.grid)
    _check(resampling)
    axes = tuple(
        _new_axis(mask, axis, spacing)
        for axis, spacing in enumerate(resampling.spacing_mm)
    )
    voxels = math.prod(axis.stop - axis.start for axis in axes)
    if voxels > MAXIMUM_VOXELS:
        raise TooFineError(voxels)
    grid = _grid(volume.grid, axes)
    # Of the image and the mask only what the new voxels can see.
    cut, seen = _seen(axes)
    values = _image(volume.values[cut], seen, resampling.interpolation)
    if resampling.round_values:
        values = np.floor(values + _HALF + _NOISE)
    parts = _interpolated(mask.inside[cut], seen, resampling.mask_interpolation)
    inside = parts >= resampling.mask_threshold - _THRESHOLD_NOISE
    return Volume(grid, values, volume.unit), Mask(grid, inside)


@dataclass(frozen=True)
class _Axis:
    """New voxels along an axis, as indices of old ones.

    New voxel ``j``, from `start` to before `stop`, lies at old index
    ``first + ratio * j``; of the old ones there are `length`.
    """

    length: int
    first: float
    ratio: float
    start: int
    stop: int

    @property
    def positions(self) -> Array:
        places = self.first + self.ratio * np.arange(self.start, self.stop)
        whole = np.rint(places)
        return np.where(np.abs(places - whole) < _NOISE, whole, places)

    @property
    def is_kept(self) -> bool:
        return self.ratio == 1


def _check(resampling: Resampling) -> None:
    for spacing in resampling.spacing_mm:
        if spacing is not None and not 0 < spacing < float("inf"):
            raise UnsupportedPreparationError("spacing_mm", spacing)
    if not 0 < resampling.mask_threshold <= 1:
        raise UnsupportedPreparationError("mask_threshold", resampling.mask_threshold)


def _new_axis(mask: Mask, axis: int, spacing_mm: float | None) -> _Axis:
    length, old_mm = mask.grid.shape[axis], _decimal(mask.grid.spacing_mm[axis])
    ratio = 1.0 if spacing_mm is None else spacing_mm / old_mm
    if abs(ratio - 1) < _NOISE:
        ratio = 1.0
    count = max(1, int(np.ceil(length / ratio - _EXTENT_NOISE)))
    first = ((length - 1) - ratio * (count - 1)) / 2
    others = tuple({0, 1, 2} - {axis})
    used = np.flatnonzero(mask.inside.any(axis=others))
    if used.size == 0:
        return _Axis(length, first, ratio, 0, 1)
    # Of an interpolated mask something may remain within four voxels.
    margin = max(MARGIN_MM / old_mm, 4.0)
    start = int(np.floor((used[0] - margin - first) / ratio))
    stop = int(np.ceil((used[-1] + margin - first) / ratio)) + 1
    return _Axis(length, first, ratio, max(start, 0), min(stop, count))


def _decimal(spacing_mm: float) -> float:
    """Return a spacing without the digits that single precision does not keep."""
    return float(f"{spacing_mm:.{_DIGITS}g}")


def _grid(old: Grid, axes: tuple[_Axis, ...]) -> Grid:
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


def _image(
    values: NDArray[np.floating],
    axes: tuple[_Axis, ...],
    interpolation: Interpolation,
) -> Array:
    """Return the interpolated image; NaN next to what is not finite."""
    odd = ~np.isfinite(values)
    if not odd.any():
        return _interpolated(values, axes, interpolation)
    between = (
        Interpolation.NEAREST
        if interpolation is Interpolation.NEAREST
        else Interpolation.LINEAR
    )
    touched = _interpolated(odd, axes, between) > _NOISE
    if odd.all():
        return np.full(touched.shape, np.nan)
    nearest = ndimage.distance_transform_edt(
        odd, return_distances=False, return_indices=True
    )
    result = _interpolated(values[tuple(nearest)], axes, interpolation)
    result[touched] = np.nan
    return result


def _seen(axes: tuple[_Axis, ...]) -> tuple[tuple[slice, ...], tuple[_Axis, ...]]:
    """Return the part of an image that new voxels hang on, and the axes within it."""
    cut, within = [], []
    for axis in axes:
        low = int(np.floor(axis.positions[0])) - _SPLINE_REACH - 1
        high = int(np.floor(axis.positions[-1])) + _SPLINE_REACH + 3
        start, stop = max(low, 0), min(high, axis.length)
        cut.append(slice(start, stop))
        within.append(
            _Axis(stop - start, axis.first - start, axis.ratio, axis.start, axis.stop)
        )
    return tuple(cut), tuple(within)


def _interpolated(
    values: NDArray[np.generic], axes: tuple[_Axis, ...], interpolation: Interpolation
) -> Array:
    """Return an array at the new voxels, one axis after the other."""
    result = np.asarray(values)
    for number, axis in enumerate(axes):
        if axis.is_kept:
            chosen = np.rint(axis.positions).astype(np.intp)
            result = np.take(result, chosen, axis=number)
        else:
            result = _along(result, number, axis, interpolation)
    return np.asarray(result, np.float64)


def _along(
    values: NDArray[np.generic],
    number: int,
    axis: _Axis,
    interpolation: Interpolation,
) -> Array:
    match interpolation:
        case Interpolation.NEAREST:
            nearest = np.floor(axis.positions + _HALF + _NOISE).astype(np.intp)
            return _taken(values, nearest, number)
        case Interpolation.LINEAR:
            return _linear(values, number, axis.positions)
        case Interpolation.CUBIC_SPLINE:
            return _spline(values, number, axis.positions)


def _taken(values: NDArray[np.generic], indices: NDArray[np.intp], axis: int) -> Array:
    """Return voxels by index, the outermost ones for those beyond the border."""
    within = np.clip(indices, 0, values.shape[axis] - 1)
    return np.asarray(np.take(values, within, axis=axis), np.float64)


def _linear(values: NDArray[np.generic], axis: int, positions: Array) -> Array:
    below = np.floor(positions).astype(np.intp)
    part = _shaped(positions - below, values.ndim, axis)
    result = _taken(values, below, axis) * (1 - part)
    result += _taken(values, below + 1, axis) * part
    return result


def _spline(values: NDArray[np.generic], axis: int, positions: Array) -> Array:
    below = np.floor(positions).astype(np.intp)
    first = int(below[0]) - _SPLINE_REACH
    reached = np.arange(first, int(below[-1]) + _SPLINE_REACH + 2)
    coefficients = ndimage.spline_filter1d(
        _taken(values, reached, axis), order=3, axis=axis, mode="mirror"
    )
    part = _shaped(positions - below, values.ndim, axis)
    result = np.zeros(1)
    for offset, weight in zip((-1, 0, 1, 2), _cubic(part), strict=True):
        chosen = below - first + offset
        result = result + np.take(coefficients, chosen, axis=axis) * weight
    return result


def _cubic(part: Array) -> tuple[Array, Array, Array, Array]:
    """Return the cubic B-spline at distances part + 1, part, 1 - part, 2 - part."""
    rest = 1 - part
    return (
        rest**3 / 6,
        2 / 3 - part**2 * (2 - part) / 2,
        2 / 3 - rest**2 * (2 - rest) / 2,
        part**3 / 6,
    )


def _shaped(weights: Array, dimensions: int, axis: int) -> Array:
    """Return weights along an axis, ready to multiply."""
    return weights.reshape([-1 if n == axis else 1 for n in range(dimensions)])


class TooFineError(UnsupportedPreparationError):
    """A new grid would have more voxels than there is room for."""

    remedy = "Choose a larger spacing_mm, or a smaller region."

    def __init__(self, voxels: int) -> None:
        super().__init__("voxels", f"{voxels} (at most {MAXIMUM_VOXELS})")
        self.voxels = voxels
