"""A Segmentation as regions of interest on its own grid (PS3.3 A.51, C.8.20).

Design choice: a voxel of a FRACTIONAL segment belongs to the region from half of
*Maximum Fractional Value* on, whether it states a probability or an occupancy; that is
said. BINARY segments and label maps are taken as they are.

Design choice: empty frames may be left out (PS3.3 C.8.20.2.3), and frames may come in
any order: their positions alone say where they lie. Two frames of one segment at one
place contradict each other, and the object is refused. So are tiled objects, which are
made for microscopy, and segments on planes of which no grid can be made.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydicom.config import IGNORE
from pydicom.dataset import Dataset
from pydicom.uid import UID, SegmentationStorage

from dicom_io.attributes import (
    UnreadableValueError,
    faults_of,
    items,
    name_of,
    person_readable,
    raw_value,
    required_text,
    required_whole,
    text,
    uid_of,
)
from dicom_io.errors import DicomContentError
from dicom_io.image_series import InstanceReference, reference_to
from dicom_io.part10 import read_dataset
from dicom_io.regions.segment_pieces import (
    SegmentFramesError,
    joined_mask,
    pieces_of_labels,
    pieces_of_segments,
)
from dicom_io.regions.segmentation_frames import frame_planes, functional_groups
from model.grid import Mask

LabelMapSegmentationStorage = UID("1.2.840.10008.5.1.4.1.1.66.7")
"""Label Map Segmentation Storage, which pydicom 3.0 does not know yet."""

SEGMENTATION_CLASSES = frozenset({SegmentationStorage, LabelMapSegmentationStorage})
"""SOP classes that are read here; surfaces are not."""


class _Kind(StrEnum):
    BINARY = "BINARY"
    FRACTIONAL = "FRACTIONAL"
    LABELMAP = "LABELMAP"


@dataclass(frozen=True, eq=False)
class Segment:
    """A region as it was painted.

    Attributes
    ----------
    number : int
    label : str
        *Segment Label*, or the number in words.
    mask : Mask
        On the smallest part of the object's grid that holds it, with at least one
        voxel.
    """

    number: int
    label: str
    mask: Mask


@dataclass(frozen=True, eq=False)
class Segmentation:
    """Segments and where they come from.

    Attributes
    ----------
    reference : InstanceReference
    series_instance_uid, study_instance_uid : str
    segments : tuple of Segment
        With at least one voxel each, in the order of the object.
    statements : tuple of str
        What was left out or decided by rule.
    """

    reference: InstanceReference
    series_instance_uid: str
    study_instance_uid: str
    segments: tuple[Segment, ...]
    statements: tuple[str, ...]


def read_segmentation(path: Path) -> Segmentation:
    """Return the segments of a Segmentation.

    Raises
    ------
    NotASegmentationError
        When the object is of another class.
    UnsupportedSegmentationError, IrregularFramesError
        When its segments are not painted on planes of one grid.
    SegmentFramesError
        When it is not clear what a frame shows.
    UnreadableObjectError, MissingAttributeError, UnreadableValueError, PixelDataError
        When the file is damaged.
    """
    return segmentation_of(read_dataset(path))


def segmentation_of(dataset: Dataset) -> Segmentation:
    """Return the segments of an object that was read; see `read_segmentation`."""
    if required_text(dataset, "SOPClassUID") not in SEGMENTATION_CLASSES:
        raise NotASegmentationError(dataset)
    with faults_of(dataset):
        return _segmentation(dataset)


def _segmentation(dataset: Dataset) -> Segmentation:
    kind = _kind(dataset)
    labels = _labels(dataset, kind)
    groups = functional_groups(dataset)
    planes = frame_planes(dataset, groups)
    if kind is _Kind.LABELMAP:
        pieces = pieces_of_labels(dataset, planes, _background(dataset))
    else:
        least = 1 if kind is _Kind.BINARY else _half(dataset)
        pieces = pieces_of_segments(dataset, planes, groups, least)
    segments: list[Segment] = []
    statements = _said_of(dataset, kind)
    for number, label in labels.items():
        found = pieces.pop(number, [])
        if found:
            segments.append(Segment(number, label, joined_mask(found, planes.grid)))
        else:
            statements.append(f"Segment {label!r} has no voxel and is left out")
    statements.extend(
        f"Voxels of segment number {number}, which is not described, are left out"
        for number in sorted(pieces)
    )
    return Segmentation(
        reference=reference_to(dataset),
        series_instance_uid=required_text(dataset, "SeriesInstanceUID"),
        study_instance_uid=required_text(dataset, "StudyInstanceUID"),
        segments=tuple(segments),
        statements=tuple(statements),
    )


def _kind(dataset: Dataset) -> _Kind:
    tiled = text(dataset, "DimensionOrganizationType").startswith("TILED")
    if tiled or "TotalPixelMatrixColumns" in dataset:
        raise UnsupportedSegmentationError(dataset, "DimensionOrganizationType")
    written = required_text(dataset, "SegmentationType")
    if written not in set(_Kind):
        raise UnsupportedSegmentationError(dataset, "SegmentationType")
    return _Kind(written)


def _labels(dataset: Dataset, kind: _Kind) -> dict[int, str]:
    """Return the labels of the segments, by number; background is none."""
    background = _background(dataset) if kind is _Kind.LABELMAP else None
    labels: dict[int, str] = {}
    for item in items(dataset, "SegmentSequence"):
        number = required_whole(item, "SegmentNumber")
        if number in labels:
            fact = f"segment number {number} is described twice"
            raise SegmentFramesError(dataset, "SegmentNumber", fact)
        if number != background:
            labels[number] = (
                person_readable(item, "SegmentLabel") or f"Segment {number}"
            )
    return labels


def _background(dataset: Dataset) -> int:
    """Return the value of a label map that stands for no segment."""
    value = raw_value(dataset, "PixelPaddingValue")
    # Its representation is written elsewhere; labels are unsigned.
    if isinstance(value, bytes):
        return int.from_bytes(value, "little")
    return value if isinstance(value, int) else 0


def _greatest(dataset: Dataset) -> int:
    greatest = required_whole(dataset, "MaximumFractionalValue")
    if greatest <= 0:
        raise UnreadableValueError(dataset, "MaximumFractionalValue", "positive")
    return greatest


def _half(dataset: Dataset) -> int:
    """Return the least stored value that is half of the greatest, or more."""
    return -(-_greatest(dataset) // 2)


def _said_of(dataset: Dataset, kind: _Kind) -> list[str]:
    if kind is not _Kind.FRACTIONAL:
        return []
    greatest = _greatest(dataset)
    meaning = text(dataset, "SegmentationFractionalType").lower() or "fraction"
    statement = (
        f"The segments state a {meaning}; a voxel belongs to one from half of the "
        f"greatest value on ({_half(dataset)} of {greatest})"
    )
    return [statement]


class NotASegmentationError(DicomContentError):
    """The object that should hold segments is no Segmentation."""

    remedy = "Send the Segmentation in which the regions were painted."

    def __init__(self, dataset: Dataset) -> None:
        found = UID(text(dataset, "SOPClassUID"), validation_mode=IGNORE).name
        super().__init__(
            f"the object is {found} and no Segmentation",
            attribute=name_of("SOPClassUID"),
            uid=uid_of(dataset),
        )


class UnsupportedSegmentationError(DicomContentError):
    """A Segmentation of a kind that is not read: tiled, or of an unknown type."""

    reason = "unsupported_segmentation"
    remedy = "Export the segmentation as BINARY segments on the planes of the image."

    def __init__(self, dataset: Dataset, keyword: str) -> None:
        super().__init__(
            f"a Segmentation of this kind is not read: {text(dataset, keyword)!r}",
            attribute=name_of(keyword),
            uid=uid_of(dataset),
        )
