"""An image as stored values of 16 bits with a rescale slope (PS3.3 C.8.9.4.1.6).

Design choice: where the image is what a scanner stored, times a factor a slice, the
scanner's own stored values are written again with that slope. Nothing is lost, and what
is read back is the computed value to the ten digits of a slope.

Design choice: any other image, an average or one that was stored in more than 16 bits,
gets a slope a slice that fits its greatest value, as PET scanners do it. Dim slices
then keep as many digits as bright ones; windows are in units of the image, so that
viewers show all slices alike.

Design choice: pixels are signed only where the image has negative values.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.valuerep import DSfloat

from model.errors import ModelError
from model.grid import Volume

_ROUNDING = 1e-4
"""How far a value may lie from a whole number to have been one."""
_SIGNED = np.iinfo(np.int16)
_UNSIGNED = np.iinfo(np.uint16)


@dataclass(frozen=True, eq=False)
class StoredValues:
    """Stored values with their slopes.

    Attributes
    ----------
    pixels : ndarray of int16 or uint16, shape (slices, rows, columns)
        Little endian.
    slopes : tuple of DSfloat
        By slice.
    """

    pixels: NDArray[np.int16] | NDArray[np.uint16]
    slopes: tuple[DSfloat, ...]

    @property
    def signed(self) -> bool:
        """Whether pixels are signed."""
        return bool(self.pixels.dtype.kind == "i")


def stored_values(volume: Volume, slopes: Sequence[float] | None) -> StoredValues:
    """Return an image in 16 bits.

    Parameters
    ----------
    volume : Volume
        Finite values.
    slopes : sequence of float or None
        By slice, of which its values may be whole multiples; None where there are none.

    Raises
    ------
    NonFinitePixelsError
        When a value is not finite.
    """
    low, high = float(volume.values.min()), float(volume.values.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise NonFinitePixelsError
    kept = None if slopes is None else _kept(volume.values, slopes, signed=low < 0)
    return kept or _fitted(volume.values, signed=low < 0)


def slope_of(value: float) -> DSfloat:
    """Return a number as *Rescale Slope*, a *Decimal String*."""
    return DSfloat(value, auto_format=True)


def _kept(
    values: NDArray[np.floating], slopes: Sequence[float], *, signed: bool
) -> StoredValues | None:
    """Return the stored values that were multiplied; None where these are others."""
    limits = _SIGNED if signed else _UNSIGNED
    pixels = np.empty(values.shape, "<i2" if signed else "<u2")
    for k, slope in enumerate(slopes):
        if not (slope > 0 and np.isfinite(slope)):
            return None
        multiples = values[k] / slope
        whole = np.rint(multiples)
        if whole.min() < limits.min or whole.max() > limits.max:
            return None
        if np.abs(multiples - whole).max() > _ROUNDING:
            return None
        pixels[k] = whole
    return StoredValues(pixels, tuple(slope_of(slope) for slope in slopes))


def _fitted(values: NDArray[np.floating], *, signed: bool) -> StoredValues:
    limits = _SIGNED if signed else _UNSIGNED
    pixels = np.empty(values.shape, "<i2" if signed else "<u2")
    peaks = np.abs(values).max(axis=(1, 2))
    # A slice of zeros says nothing of its own.
    otherwise = float(peaks.max()) or 1.0
    slopes = [slope_of((float(peak) or otherwise) / limits.max) for peak in peaks]
    for k, slope in enumerate(slopes):
        # The slope is rounded, by which the greatest value may be one too great.
        whole = np.rint(values[k] / float(slope))
        pixels[k] = np.clip(whole, limits.min, limits.max)
    return StoredValues(pixels, tuple(slopes))


class NonFinitePixelsError(ModelError):
    """An image has values that are not finite."""

    reason = "non_finite_values"
    remedy = "Export the PET again; its rescale slopes must be finite numbers."

    def __init__(self) -> None:
        super().__init__("the image has values that are not finite")
