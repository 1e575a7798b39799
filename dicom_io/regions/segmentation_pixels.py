"""Stored values of a Segmentation's frames (PS3.3 C.8.20.2, PS3.5 8.1.1).

Frames are given one after the other, since all together, a byte for each pixel, may
take eight times the room of the file.
"""

import warnings
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.utils import iter_pixels
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from dicom_io.attributes import MissingAttributeError, required_whole, text
from dicom_io.pixels import PixelDataError, require_stated_size

_NATIVE = frozenset(
    {ImplicitVRLittleEndian, ExplicitVRLittleEndian, DeflatedExplicitVRLittleEndian}
)
_PIXEL_DATA = 0x7FE00010
_CELLS = {8: "<u1", 16: "<u2"}
_BITS = 8


def stored_frames(dataset: Dataset, count: int) -> Iterator[NDArray[np.integer]]:
    """Give the stored values of every frame, shape (rows, columns).

    Raises
    ------
    PixelDataError
        When pixel data are absent, too short, not grey, or cannot be decoded.
    """
    shape = (required_whole(dataset, "Rows"), required_whole(dataset, "Columns"))
    allocated = required_whole(dataset, "BitsAllocated")
    samples = required_whole(dataset, "SamplesPerPixel")
    if samples != 1 or allocated not in {1, *_CELLS}:
        fact = f"{samples} samples of {allocated} bits are no segments"
        raise PixelDataError(dataset, fact)
    if _PIXEL_DATA not in dataset:
        raise MissingAttributeError(dataset, "PixelData")
    if UID(text(dataset.file_meta, "TransferSyntaxUID")) in _NATIVE:
        yield from _native(dataset, count, shape, allocated)
    else:
        yield from _decoded(dataset, count, shape)


def _native(
    dataset: Dataset, count: int, shape: tuple[int, int], allocated: int
) -> Iterator[NDArray[np.integer]]:
    content = bytes(dataset.get_item(_PIXEL_DATA).value or b"")
    pixels = shape[0] * shape[1]
    if len(content) * _BITS < count * pixels * allocated:
        fact = f"{len(content)} bytes are too few for {count} frames"
        raise PixelDataError(dataset, fact)
    cells = np.frombuffer(content, _CELLS.get(allocated, "<u1"))
    for frame in range(count):
        start = frame * pixels
        if allocated > 1:
            yield cells[start : start + pixels].reshape(shape)
            continue
        # Frames follow each other without padding, the first pixel in the lowest bit
        # (PS3.5 8.1.1, annex D).
        first, skipped = divmod(start, _BITS)
        last = -(-(start + pixels) // _BITS)
        bits = np.unpackbits(cells[first:last], bitorder="little")
        yield bits[skipped : skipped + pixels].reshape(shape)


def _decoded(
    dataset: Dataset, count: int, shape: tuple[int, int]
) -> Iterator[NDArray[np.integer]]:
    cell_bytes = -(-required_whole(dataset, "BitsAllocated") // _BITS)
    require_stated_size(dataset, shape, cell_bytes, frames=count)
    frames = iter_pixels(dataset)
    for _ in range(count):
        try:
            with warnings.catch_warnings():
                # Padding and the like; what matters is checked below.
                warnings.simplefilter("ignore")
                stored = np.asarray(next(frames))
        # Decoders of hostile data may fail in any way.
        except Exception as error:
            fact = f"the pixel data cannot be decoded ({type(error).__name__})"
            raise PixelDataError(dataset, fact) from error
        if stored.shape != shape:
            fact = f"a frame holds {stored.shape} and not {shape} pixels"
            raise PixelDataError(dataset, fact)
        yield stored
