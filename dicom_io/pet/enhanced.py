"""Enhanced PET images: all slices of a series in one object (PS3.3 A.56, A.72).

Design choice: one object is one series. Parts of a concatenation (C.7.6.16.2.2.4) and
several images of one series are refused, since nothing says that none is missing.

Design choice: a frame becomes a slice with pixel data of its own, read as a classic
one. The object is read into memory once, and a frame is a view of it until it is
rescaled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import UID, ExplicitVRBigEndian

from dicom_io.attributes import (
    MissingAttributeError,
    faults_of,
    name_of,
    required_whole,
    text,
    uid_of,
    whole,
)
from dicom_io.errors import DicomContentError
from dicom_io.part10 import read_dataset
from dicom_io.pet.frame_headers import FrameHeaders, frame_headers
from dicom_io.pixels import NATIVE_SYNTAXES, PixelDataError

_BYTE = 8
_PIXEL_DATA = 0x7FE00010


@dataclass(frozen=True, eq=False)
class EnhancedSlices:
    """The frames of an Enhanced PET image, as slices.

    Attributes
    ----------
    found : FrameHeaders
    dataset : Dataset
        Of the whole image, with pixel data.
    """

    found: FrameHeaders
    dataset: Dataset

    @property
    def statements(self) -> tuple[str, ...]:
        """What must be said of how the headers were read."""
        return self.found.statements

    def headers(self) -> list[Dataset]:
        """Return the header of every frame."""
        return list(self.found.headers)

    def images(self, members: Sequence[int] | None = None) -> list[Dataset]:
        """Return headers with pixel data, of all frames or of some.

        Parameters
        ----------
        members : sequence of int or None
            Where they stand among the headers.

        Raises
        ------
        PixelDataError
            When there are not as many pixels as the frames have.
        """
        frames = _frames(self.dataset, len(self.found.headers))
        chosen = range(len(frames)) if members is None else members
        made = []
        for member in chosen:
            header = self.found.headers[member]
            image = Dataset(dict(header.items()))
            image.file_meta = header.file_meta
            implicit, little_endian = header.original_encoding
            image.set_original_encoding(
                implicit, little_endian, header.original_character_set
            )
            image[_PIXEL_DATA] = frames[member]
            made.append(image)
        return made


def enhanced_slices(paths: Sequence[Path]) -> EnhancedSlices:
    """Return the frames of an Enhanced PET image as slices.

    Parameters
    ----------
    paths : sequence of Path
        Of the only object of the series.

    Raises
    ------
    SeveralImagesError, ConcatenationError
        When the series has more than one object, or its object is a part.
    DicomContentError
        As `dicom_io.pet.frame_headers`.
    """
    dataset = only_image(paths)
    with faults_of(dataset):
        return EnhancedSlices(frame_headers(dataset), dataset)


def only_image(paths: Sequence[Path]) -> Dataset:
    """Return the multi-frame image that is a series by itself.

    Raises
    ------
    SeveralImagesError, ConcatenationError
        When the series has more than one object, or its object is a part.
    UnreadableObjectError
    """
    if len(paths) > 1:
        raise SeveralImagesError(read_dataset(paths[0], stop_before_pixels=True), paths)
    dataset = read_dataset(paths[0])
    if text(dataset, "ConcatenationUID") and not _is_only_part(dataset):
        raise ConcatenationError(dataset)
    return dataset


def _is_only_part(dataset: Dataset) -> bool:
    return whole(dataset, "InConcatenationTotalNumber") == 1


def _frames(dataset: Dataset, count: int) -> list[DataElement]:
    """Return the pixel data of every frame, each as that of an image of its own."""
    if _PIXEL_DATA not in dataset:
        raise MissingAttributeError(dataset, "PixelData")
    content = bytes(dataset.get_item(_PIXEL_DATA).value or b"")
    syntax = UID(text(dataset.file_meta, "TransferSyntaxUID"))
    if syntax in NATIVE_SYNTAXES or syntax == ExplicitVRBigEndian:
        return _native_frames(dataset, content, count)
    return _encapsulated_frames(dataset, content, count)


def _native_frames(dataset: Dataset, content: bytes, count: int) -> list[DataElement]:
    bits = (
        required_whole(dataset, "Rows")
        * required_whole(dataset, "Columns")
        * required_whole(dataset, "SamplesPerPixel")
        * required_whole(dataset, "BitsAllocated")
    )
    size = bits // _BYTE
    # One byte may pad to an even length.
    if bits % _BYTE or size <= 0 or not 0 <= len(content) - size * count <= 1:
        fact = f"{len(content)} bytes are not those of {count} frames of {size} bytes"
        raise PixelDataError(dataset, fact)
    view = memoryview(content)
    starts = range(0, size * count, size)
    return [
        DataElement(_PIXEL_DATA, "OW", bytes(view[start : start + size]))
        for start in starts
    ]


def _encapsulated_frames(
    dataset: Dataset, content: bytes, count: int
) -> list[DataElement]:
    try:
        found = list(generate_frames(content, number_of_frames=count))
        made = [
            DataElement(
                _PIXEL_DATA, "OB", encapsulate([frame]), is_undefined_length=True
            )
            for frame in found
        ]
    # Fragments of hostile data may be anything.
    except Exception as error:
        fact = f"the frames cannot be told apart ({type(error).__name__})"
        raise PixelDataError(dataset, fact) from error
    if len(made) != count:
        raise PixelDataError(dataset, f"there are {len(made)} of {count} frames")
    return made


class SeveralImagesError(DicomContentError):
    """A series holds several multi-frame images."""

    reason = "enhanced_image"
    remedy = "Send the series as one multi-frame image, or as single-frame images."

    def __init__(self, dataset: Dataset, paths: Sequence[Path]) -> None:
        super().__init__(
            f"the series holds {len(paths)} multi-frame images, and nothing says that"
            " they are all",
            attribute=name_of("SOPClassUID"),
            uid=text(dataset, "SeriesInstanceUID"),
        )


class ConcatenationError(DicomContentError):
    """A multi-frame image is one part of several."""

    reason = "enhanced_image"
    remedy = "Send the image in one object, or as single-frame images."

    def __init__(self, dataset: Dataset) -> None:
        part = text(dataset, "InConcatenationNumber") or "unknown"
        total = text(dataset, "InConcatenationTotalNumber") or "unknown"
        super().__init__(
            f"the image is part {part} of {total} parts",
            attribute=name_of("ConcatenationUID"),
            uid=uid_of(dataset),
        )
