"""Stored values of single-frame grey images (PS3.3 C.7.6.3, PS3.5 section 8).

Design choice: uncompressed pixels are viewed in place; only compressed ones go through
pydicom's decoders. The headers that stay behind hold no pixel data.
"""

import struct
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from dicom_io.attributes import (
    MissingAttributeError,
    UnreadableValueError,
    name_of,
    required_number,
    required_whole,
    text,
    uid_of,
    whole,
)
from dicom_io.codestream import fault_of_stream
from dicom_io.errors import DicomContentError
from dicom_io.geometry import Stack

NATIVE_SYNTAXES = frozenset(
    {ImplicitVRLittleEndian, ExplicitVRLittleEndian, DeflatedExplicitVRLittleEndian}
)
"""Transfer syntaxes of uncompressed little endian pixels."""

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
    layout = _layout(datasets[0])
    values: NDArray[np.float64] | None = None
    for number, position in enumerate(stack.order):
        slope, intercept = rescale[position]
        stored = _take_stored_values(datasets[position], layout)
        if values is None:
            # Not before a slice was as large as its header says.
            values = np.empty(stack.grid.shape, np.float64)
        plane = values[number]
        np.multiply(stored, slope, out=plane)
        if intercept:
            np.add(plane, intercept, out=plane)
    return np.empty(stack.grid.shape, np.float64) if values is None else values


def stored_values(dataset: Dataset) -> NDArray[np.integer]:
    """Return the stored values of one image, and strip the pixel data.

    Parameters
    ----------
    dataset : Dataset
        With pixel data; without them afterwards.

    Returns
    -------
    ndarray, shape (rows, columns)

    Raises
    ------
    PixelDataError
        As for `rescaled_values`.
    """
    return _take_stored_values(dataset, _layout(dataset))


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


@dataclass(frozen=True)
class _Layout:
    """How stored values lie in the pixel data; the same throughout a stack.

    Attributes
    ----------
    shape : tuple of int
        (rows, columns).
    kind : str
        numpy's name of the type of a pixel cell, little endian.
    bytes : int
        Of the whole frame.
    cell_bytes : int
    unused_bits : int
        Above the stored ones; they may hold anything (PS3.5 8.1.1).
    """

    shape: tuple[int, int]
    kind: str
    bytes: int
    cell_bytes: int
    unused_bits: int


def _layout(dataset: Dataset) -> _Layout:
    samples = required_whole(dataset, "SamplesPerPixel")
    frames = whole(dataset, "NumberOfFrames")
    if samples != 1 or frames not in {None, 1}:
        fact = f"{frames or 1} frames of {samples} samples are no single grey frame"
        raise PixelDataError(dataset, fact)
    allocated = required_whole(dataset, "BitsAllocated")
    stored = required_whole(dataset, "BitsStored")
    high = required_whole(dataset, "HighBit")
    if allocated not in _SIZES or not 0 < stored <= allocated or high != stored - 1:
        fact = f"{stored} bits in {allocated} up to bit {high} are no stored value"
        raise PixelDataError(dataset, fact)
    rows, columns = required_whole(dataset, "Rows"), required_whole(dataset, "Columns")
    size = allocated // _BYTE
    signed = required_whole(dataset, "PixelRepresentation")
    if signed not in {0, 1}:
        raise UnreadableValueError(dataset, "PixelRepresentation", "0 or 1")
    return _Layout(
        shape=(rows, columns),
        kind=f"<{'i' if signed else 'u'}{size}",
        bytes=rows * columns * size,
        cell_bytes=size,
        unused_bits=allocated - stored,
    )


def _take_stored_values(dataset: Dataset, layout: _Layout) -> NDArray[np.integer]:
    """Return stored values, shape (rows, columns), and strip them from the object."""
    if _PIXEL_DATA not in dataset:
        raise MissingAttributeError(dataset, "PixelData")
    if text(dataset.file_meta, "TransferSyntaxUID") in NATIVE_SYNTAXES:
        stored = _native(dataset, layout)
    else:
        stored = _decoded(dataset, layout)
    del dataset[_PIXEL_DATA]
    return stored


def _native(dataset: Dataset, layout: _Layout) -> NDArray[np.integer]:
    element = dataset.get_item(_PIXEL_DATA)
    if element.VR == "SQ":
        raise PixelDataError(dataset, "a sequence is no pixel data")
    content = bytes(element.value or b"")
    if len(content) < layout.bytes:
        rows, columns = layout.shape
        fact = f"{len(content)} bytes are too few for {rows} x {columns} pixels"
        raise PixelDataError(dataset, fact)
    # Some pad. A wrong number of rows or columns leaves a whole one of them over.
    if len(content) - layout.bytes >= min(layout.shape) * layout.cell_bytes:
        rows, columns = layout.shape
        fact = f"{len(content)} bytes are too many for {rows} x {columns} pixels"
        raise PixelDataError(dataset, fact)
    cells = memoryview(content)[: layout.bytes]
    stored = np.frombuffer(cells, layout.kind).reshape(layout.shape)
    unused = layout.unused_bits
    return stored if not unused else (stored << unused) >> unused


def _decoded(dataset: Dataset, layout: _Layout) -> NDArray[np.integer]:
    require_stated_size(dataset, layout.shape, layout.cell_bytes, frames=1)
    try:
        with warnings.catch_warnings():
            # Padding and the like; what matters is checked below.
            warnings.simplefilter("ignore")
            stored = dataset.pixel_array
    # Decoders of hostile data may fail in any way.
    except Exception as error:
        fact = f"the pixel data cannot be decoded ({type(error).__name__})"
        raise PixelDataError(dataset, fact) from error
    if stored.shape != layout.shape:
        fact = f"the pixel data hold {stored.shape} and not {layout.shape} pixels"
        raise PixelDataError(dataset, fact)
    return np.asarray(stored)


def require_stated_size(
    dataset: Dataset, shape: tuple[int, int], cell_bytes: int, *, frames: int
) -> None:
    """Refuse compressed frames that a decoder would make other room for than stated.

    Parameters
    ----------
    dataset : Dataset
        With encapsulated pixel data.
    shape : tuple of int
        (rows, columns).
    cell_bytes : int
    frames : int

    Raises
    ------
    PixelDataError
    """
    syntax = text(dataset.file_meta, "TransferSyntaxUID")
    if syntax == ExplicitVRBigEndian:
        # Not compressed; it is too short or it is not.
        return
    content = bytes(dataset.get_item(_PIXEL_DATA).value or b"")
    try:
        for stream in generate_frames(content, number_of_frames=frames):
            fault = fault_of_stream(stream, syntax, shape, cell_bytes)
            if fault is not None:
                raise PixelDataError(dataset, fault)
    except (ValueError, struct.error) as error:
        fact = "the pixel data are no row of fragments"
        raise PixelDataError(dataset, fact) from error


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
