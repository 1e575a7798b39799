"""An image and its region on another grid, as IBSI interpolates.

The new grid is centred on the old one (`model.features.new_grid`). Values are
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

Design choice: a value within 1e-9 of a half is rounded up, and a voxel within 1e-6 of
the mask's threshold is inside.

Design choice: where values are to be rounded, and every one lies within 0.05 of a whole
number, they are the whole numbers, before anything is interpolated. That undoes what
the scaling in a file leaves of Hounsfield units, as the standard asks for of its CT in
NIfTI (section 5.2). Real values are rounded after the interpolation alone.

References
----------
* Image biomarker standardisation initiative, reference manual, arXiv:1612.07003,
  section 2.4 (interpolation, VTM2; intensity rounding, 68QD).
* Unser M. Splines: a perfect fit for signal and image processing. IEEE Signal
  Processing Magazine 16:22, 1999.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.features.levels import UnsupportedPreparationError
from model.features.new_grid import NewAxis, new_axis, new_grid
from model.features.preparation import Interpolation, Resampling
from model.grid import Mask, Volume, require_same_grid

MAXIMUM_VOXELS = 100_000_000
"""Of a resampled region with its margin: 800 MB."""

_SPLINE_REACH = 24
_NOISE = 1e-9
_THRESHOLD_NOISE = 1e-6
_STORED_NOISE = 0.05
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
        On one new grid, cut to the region and a margin of 10 mm. A region that is
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
        new_axis(mask, axis, spacing)
        for axis, spacing in enumerate(resampling.spacing_mm)
    )
    voxels = math.prod(axis.stop - axis.start for axis in axes)
    if voxels > MAXIMUM_VOXELS:
        raise TooFineError(voxels)
    grid = new_grid(volume.grid, axes)
    # Of the image and the mask only what the new voxels can see.
    cut, seen = _seen(axes)
    values: Array = volume.values[cut].astype(np.float64)
    if resampling.round_values:
        values = _unscaled(values)
    values = _image(values, seen, resampling.interpolation)
    if resampling.round_values:
        values = _rounded(values)
    parts = _interpolated(mask.inside[cut], seen, resampling.mask_interpolation)
    inside = parts >= resampling.mask_threshold - _THRESHOLD_NOISE
    return Volume(grid, values, volume.unit), Mask(grid, inside)


def _check(resampling: Resampling) -> None:
    for spacing in resampling.spacing_mm:
        if spacing is not None and not 0 < spacing < float("inf"):
            raise UnsupportedPreparationError("spacing_mm", spacing)
    if not 0 < resampling.mask_threshold <= 1:
        raise UnsupportedPreparationError("mask_threshold", resampling.mask_threshold)


def _unscaled(values: Array) -> Array:
    """Return the whole numbers that all the finite values stand for, or the values."""
    whole = _rounded(values)
    finite = np.isfinite(values)
    stored = np.abs(values[finite] - whole[finite]) <= _STORED_NOISE
    return whole if stored.all() else values


def _rounded(values: Array) -> Array:
    return np.asarray(np.floor(values + _HALF + _NOISE), np.float64)


def _image(
    values: Array,
    axes: tuple[NewAxis, ...],
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


def _seen(axes: tuple[NewAxis, ...]) -> tuple[tuple[slice, ...], tuple[NewAxis, ...]]:
    """Return the part of an image that new voxels hang on, and the axes within it."""
    cut, within = [], []
    for axis in axes:
        low = int(np.floor(axis.positions[0])) - _SPLINE_REACH - 1
        high = int(np.floor(axis.positions[-1])) + _SPLINE_REACH + 3
        start, stop = max(low, 0), min(high, axis.length)
        cut.append(slice(start, stop))
        within.append(
            NewAxis(stop - start, axis.first - start, axis.ratio, axis.start, axis.stop)
        )
    return tuple(cut), tuple(within)


def _interpolated(
    values: NDArray[np.generic], axes: tuple[NewAxis, ...], interpolation: Interpolation
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
    axis: NewAxis,
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
