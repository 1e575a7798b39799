"""Pictures out of result objects: a slice of a map, of an image, or a whole page."""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from dicom_io.attributes import (
    items,
    required_numbers,
    required_whole,
    text,
    whole,
)
from dicom_io.lenient import attribute_numbers
from dicom_io.limits import ReadingLimits, require_modest_pixels
from dicom_io.part10 import read_dataset
from dicom_io.pixels import PixelDataError

LIMITS = ReadingLimits(elements=500_000, pixel_bytes=1 << 30, object_bytes=1 << 30)
"""Of an object that is only to be looked at."""

_COLOURS = 3


@dataclass(frozen=True, eq=False)
class MapSlice:
    """The slice of a map that most of its region lies on.

    Attributes
    ----------
    values : ndarray of float32, shape (rows, columns)
        NaN outside the region.
    spacing_mm : tuple of float
        Between rows, between columns.
    position : tuple of float
        *Image Position (Patient)*, mm.
    source_uid : str
        SOP Instance UID of the image that it was computed from; empty if not stated.
    source_frame : int or None
    """

    values: NDArray[np.float32]
    spacing_mm: tuple[float, float]
    position: tuple[float, ...]
    source_uid: str
    source_frame: int | None


def read_map_slice(path: Path) -> MapSlice:
    """Return the slice of a Parametric Map that most of its region lies on.

    Raises
    ------
    DicomContentError
        When it is no map of floating point values, or has none that is finite.
    """
    dataset = _read(path)
    frames = whole(dataset, "NumberOfFrames") or 1
    shape = (
        frames,
        required_whole(dataset, "Rows"),
        required_whole(dataset, "Columns"),
    )
    content = dataset.get("FloatPixelData") or b""
    if min(shape) < 1 or len(content) != 4 * int(np.prod(shape)):
        raise PixelDataError(dataset, f"it holds no {shape} of single precision")
    values = np.frombuffer(content, "<f4").reshape(shape)
    counts = np.isfinite(values).sum(axis=(1, 2))
    if not counts.any():
        raise PixelDataError(dataset, "no value of the map is a number")
    fullest = np.flatnonzero(counts == counts.max())
    frame = int(fullest[len(fullest) // 2])
    groups = items(dataset, "PerFrameFunctionalGroupsSequence")
    own = groups[frame] if frame < len(groups) else Dataset()
    shared = next(iter(items(dataset, "SharedFunctionalGroupsSequence")), Dataset())
    measures = _first((own, shared), "PixelMeasuresSequence")
    row_mm, column_mm = required_numbers(measures, "PixelSpacing", 2)
    place = _first((own, shared), "PlanePositionSequence")
    derivation = _first((own, shared), "DerivationImageSequence")
    source = _first((derivation,), "SourceImageSequence")
    return MapSlice(
        values[frame],
        (row_mm, column_mm),
        attribute_numbers(place, "ImagePositionPatient", 3) or (),
        text(source, "ReferencedSOPInstanceUID"),
        whole(source, "ReferencedFrameNumber"),
    )


def read_grey(path: Path, frame: int | None = None) -> NDArray[np.float64]:
    """Return an image of one sample, or a frame of it, shape (rows, columns).

    Values are as they are stored, times *Rescale Slope* where that is stated.

    Parameters
    ----------
    path : Path
    frame : int or None
        Counted from 1; None for an image of one.

    Raises
    ------
    DicomContentError
    """
    dataset = _read(path)
    pixels = _decoded(dataset)
    if pixels.ndim == _COLOURS and frame is not None and 0 < frame <= len(pixels):
        pixels = pixels[frame - 1]
    if pixels.ndim != 2:  # noqa: PLR2004 (rows and columns)
        raise PixelDataError(dataset, f"{pixels.shape} is no single grey image")
    slope = attribute_numbers(dataset, "RescaleSlope", 1) or (1.0,)
    return np.asarray(pixels, float) * slope[0]


def read_colours(path: Path) -> NDArray[np.uint8]:
    """Return a colour image, shape (rows, columns, 3).

    Raises
    ------
    DicomContentError
    """
    dataset = _read(path)
    pixels = _decoded(dataset)
    if pixels.dtype != np.uint8 or pixels.shape[2:] != (_COLOURS,):
        raise PixelDataError(dataset, f"{pixels.shape} is no colour image of bytes")
    return pixels


def read_position(path: Path) -> tuple[float, ...]:
    """Return *Image Position (Patient)*, mm; empty where it has none.

    Raises
    ------
    DicomContentError
    """
    header = read_dataset(path, stop_before_pixels=True, limits=LIMITS)
    return attribute_numbers(header, "ImagePositionPatient", 3) or ()


def _read(path: Path) -> Dataset:
    dataset = read_dataset(path, limits=LIMITS)
    require_modest_pixels(dataset, LIMITS)
    return dataset


def _first(groups: tuple[Dataset, ...], keyword: str) -> Dataset:
    """Return the first item of a sequence in the first data set that has it."""
    found = (item for group in groups for item in items(group, keyword))
    return next(found, Dataset())


def _decoded(dataset: Dataset) -> NDArray[Any]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pixels: NDArray[Any] = dataset.pixel_array
    # Decoders of hostile data may fail in any way.
    except Exception as error:
        fact = f"the pixel data cannot be decoded ({type(error).__name__})"
        raise PixelDataError(dataset, fact) from error
    return pixels
