"""Stored values of single-frame grey images (PS3.3 C.7.6.3, PS3.5 section 8).

Design choice: uncompressed pixels are viewed in place; only compressed ones go through
pydicom's decoders. The headers that stay behind hold no pixel data.
"""

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from dicom_io.attributes import (
    MissingAttributeError,
    name_of,
    required_number,
    required_whole,
    text,
    uid_of,
    whole,
)
from dicom_io.errors import DicomContentError
from dicom_io.geometry import Stack

_NATIVE = frozenset(
    {ImplicitVRLittleEndian, ExplicitVRLittleEndian, DeflatedExplicitVRLittleEndian}
)
_PIXEL_DATA = 0x7FE00010
_BYTE = 8
_SIZES = frozenset({8, 16, 32})


def rescaled_values(
    datasets: Sequence[Dataset],
    stack: Stack,
    rescale: Sequence[tuple[float, float]],
) -> NDArray[np.float64]:
    """Return slope times stored value plus intercept, and strip the pixel data.

    Parameters
    ----------
    datasets : sequence of Dataset
        With pixel data, as given to `stack_planes`; without them afterwards.
    stack : Stack
    rescale : sequence of (slope, intercept)
        For each data set.

    Returns
    -------
    ndarray, shape (slices, rows, columns)
        Double precision.

    Raises
    ------
    PixelDataError
        When pixel data are absent, too short, of a kind that no single-frame grey image
        has, or cannot be decoded.
    """
    values = np.empty(stack.grid.shape, np.float64)
    for plane, position in zip(values, stack.order, strict=True):
        slope, intercept = rescale[position]
        stored = _take_stored_values(datasets[position], plane.shape)
        np.multiply(stored, slope, out=plane)
        if intercept:
            np.add(plane, intercept, out=plane)
    return values


def rescale_of(dataset: Dataset) -> tuple[float, float]:
    """Return *Rescale Slope* and *Rescale Intercept*.

    Raises
    ------
    MissingAttributeError
        When one is absent.
    UnusableSlopeError
        When the slope is not positive. Tiny ones are in order: Inveon writes 3e-11.
    """
    slope = required_number(dataset, "RescaleSlope")
    intercept = required_number(dataset, "RescaleIntercept")
    if slope <= 0.0:
        raise UnusableSlopeError(dataset, slope)
    return slope, intercept


def _take_stored_values(
    dataset: Dataset, shape: tuple[int, ...]
) -> NDArray[np.integer]:
    """Return stored values, shape (rows, columns), and strip them from the object."""
    if _PIXEL_DATA not in dataset:
        raise MissingAttributeError(dataset, "PixelData")
    _require_single_grey_frame(dataset)
    if UID(text(dataset.file_meta, "TransferSyntaxUID")) in _NATIVE:
        stored = _native(dataset, shape)
    else:
        stored = _decoded(dataset, shape)
    del dataset[_PIXEL_DATA]
    return stored


def _require_single_grey_frame(dataset: Dataset) -> None:
    samples = required_whole(dataset, "SamplesPerPixel")
    frames = whole(dataset, "NumberOfFrames")
    allocated = required_whole(dataset, "BitsAllocated")
    stored = required_whole(dataset, "BitsStored")
    high = required_whole(dataset, "HighBit")
    if samples != 1 or frames not in {None, 1}:
        fact = f"{frames or 1} frames of {samples} samples are no single grey frame"
        raise PixelDataError(dataset, fact)
    if allocated not in _SIZES or not 0 < stored <= allocated or high != stored - 1:
        fact = f"{stored} bits in {allocated} up to bit {high} are no stored value"
        raise PixelDataError(dataset, fact)


def _native(dataset: Dataset, shape: tuple[int, ...]) -> NDArray[np.integer]:
    allocated = required_whole(dataset, "BitsAllocated")
    signed = required_whole(dataset, "PixelRepresentation") == 1
    content = bytes(dataset.get_item(_PIXEL_DATA).value or b"")
    count = shape[0] * shape[1]
    if len(content) < count * allocated // _BYTE:
        fact = f"{len(content)} bytes are too few for {shape[0]} x {shape[1]} pixels"
        raise PixelDataError(dataset, fact)
    kind = f"<{'i' if signed else 'u'}{allocated // _BYTE}"
    stored = np.frombuffer(content, kind, count).reshape(shape)
    # Bits above the stored ones may hold anything (PS3.5 8.1.1).
    unused = allocated - required_whole(dataset, "BitsStored")
    return stored if not unused else (stored << unused) >> unused


def _decoded(dataset: Dataset, shape: tuple[int, ...]) -> NDArray[np.integer]:
    try:
        with warnings.catch_warnings():
            # Padding and the like; what matters is checked below.
            warnings.simplefilter("ignore")
            stored = dataset.pixel_array
    # Decoders of hostile data may fail in any way.
    except Exception as error:
        fact = f"the pixel data cannot be decoded ({type(error).__name__})"
        raise PixelDataError(dataset, fact) from error
    if stored.shape != shape:
        fact = f"the pixel data hold {stored.shape} and not {shape} pixels"
        raise PixelDataError(dataset, fact)
    return np.asarray(stored)


class PixelDataError(DicomContentError):
    """Pixel data are no single grey frame of the stated size."""

    def __init__(self, dataset: Dataset, fact: str) -> None:
        super().__init__(fact, attribute=name_of("PixelData"), uid=uid_of(dataset))


class UnusableSlopeError(DicomContentError):
    """A rescale slope is zero or negative."""

    remedy = "Export the series again; its rescale slope must be positive."

    def __init__(self, dataset: Dataset, slope: float) -> None:
        super().__init__(
            f"the rescale slope is {slope:g}",
            attribute=name_of("RescaleSlope"),
            uid=uid_of(dataset),
        )
        self.slope = slope
