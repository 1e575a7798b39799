"""The frames of a Segmentation: where voxels of a segment are (PS3.3 A.51, C.8.20)."""

from collections.abc import Iterator, Sequence
from functools import cache
from struct import pack

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from dicom_io.codes import code_item
from dicom_io.encoding import encoded_element, encoded_elements, encoded_items
from dicom_io.pet.series import InstanceReference, PetSeries
from dicom_io.results.encoded_references import encoded_source_image, encoded_text
from dicom_io.results.source_attributes import position_of
from dicom_io.source_reference import SourceReference

SEGMENTATION = Code("113076", "DCM", "Segmentation")
"""PS3.16 CID 7203."""


class SegmentFrames:
    """The frames of some segments, in the order of segments and slices.

    Attributes
    ----------
    places : tuple of (int, int)
        Segment number, from 1, and slice of each frame.
    """

    def __init__(self, masks: Sequence[NDArray[np.bool_]]) -> None:
        """Find the frames of masks, each of shape (slices, rows, columns)."""
        self._masks = masks
        self.places = tuple(
            (number, int(k))
            for number, inside in enumerate(masks, start=1)
            for k in np.flatnonzero(inside.any(axis=(1, 2)))
        )

    def groups(self, series: PetSeries) -> Iterator[bytes]:
        """Give the functional groups of every frame, encoded (table A.51-2)."""
        slices = sorted({k for _, k in self.places})
        index_of = {k: index for index, k in enumerate(slices, start=1)}
        for number, k in self.places:
            index = pack("<LL", number, index_of[k])
            segment = pack("<H", number)
            yield b"".join(
                (
                    _group("DerivationImageSequence", _derivation(series.instances[k])),
                    _group(
                        "FrameContentSequence",
                        encoded_element("DimensionIndexValues", index),
                    ),
                    _group("PlanePositionSequence", _position(series.headers[k])),
                    _group(
                        "SegmentIdentificationSequence",
                        encoded_element("ReferencedSegmentNumber", segment),
                    ),
                )
            )

    def pixels(self) -> bytes:
        """Return the frames bit by bit, none padded by itself (PS3.5 8.1.1)."""
        frames = np.stack([self._masks[number - 1][k] for number, k in self.places])
        packed = np.packbits(frames.ravel(), bitorder="little").tobytes()
        return packed + b"\0" * (len(packed) % 2)

    def sources(self, series: PetSeries) -> list[SourceReference]:
        """Return each object once that a frame refers to, in the order of slices."""
        slices = sorted({k for _, k in self.places})
        found = {series.instances[k].sop_instance_uid: k for k in slices}
        return [
            SourceReference(
                series.instances[k].sop_class_uid,
                uid,
                series.study_instance_uid,
                series.series_instance_uid,
            )
            for uid, k in found.items()
        ]


def _group(keyword: str, item: bytes) -> bytes:
    return encoded_element(keyword, encoded_items([item]))


def _derivation(instance: InstanceReference) -> bytes:
    source = _group("SourceImageSequence", encoded_source_image(instance))
    return source + _derived_by_segmentation()


@cache
def _derived_by_segmentation() -> bytes:
    item = Dataset()
    item.DerivationCodeSequence = [code_item(SEGMENTATION)]
    return encoded_elements(item)


def _position(header: Dataset) -> bytes:
    written = "\\".join(map(str, position_of(header)))
    return encoded_element("ImagePositionPatient", encoded_text(written))
