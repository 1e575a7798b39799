"""A Segmentation as regions of interest on its own grid (PS3.3 A.51, C.8.20).

Design choice: a voxel of a FRACTIONAL segment belongs to the region from half of
*Maximum Fractional Value* on, whether it states a probability or an occupancy; that is
said. BINARY segments and label maps are taken as they are.

Design choice: empty frames may be left out (PS3.3 C.8.20.2.3), and frames may come in
any order: their positions alone say where they lie. Two frames of one segment at one
place contradict each other, and the object is refused. So are tiled objects, which are
made for microscopy, and segments on planes of which no grid can be made.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
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
from dicom_io.segmentation_frames import (
    FramePlanes,
    FunctionalGroups,
    frame_planes,
    functional_groups,
)
from dicom_io.segmentation_pixels import stored_frames
from model.grid import Grid, Mask

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


@dataclass(frozen=True, eq=False)
class _Piece:
    """What a frame shows of a segment: its voxels and where they begin."""

    corner: tuple[int, int, int]
    inside: NDArray[np.bool_]


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
        pieces = _pieces_of_labels(dataset, planes, _background(dataset))
    else:
        pieces = _pieces_of_segments(dataset, planes, groups, kind)
    segments: list[Segment] = []
    statements = _said_of(dataset, kind)
    for number, label in labels.items():
        found = pieces.pop(number, [])
        if found:
            segments.append(Segment(number, label, _mask(found, planes.grid)))
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


def _pieces_of_labels(
    dataset: Dataset, planes: FramePlanes, background: int
) -> dict[int, list[_Piece]]:
    pieces: dict[int, list[_Piece]] = {}
    frames = stored_frames(dataset, len(planes.planes))
    shown: set[int] = set()
    for plane, stored in zip(planes.planes, frames, strict=True):
        _require_once(dataset, shown, plane)
        for number in np.unique(stored).tolist():
            if number != background:
                found = pieces.setdefault(number, [])
                found.extend(_cropped(stored == number, plane))
    return pieces


def _pieces_of_segments(
    dataset: Dataset, planes: FramePlanes, groups: FunctionalGroups, kind: _Kind
) -> dict[int, list[_Piece]]:
    least = 1 if kind is _Kind.BINARY else -(-_greatest(dataset) // 2)
    pieces: dict[int, list[_Piece]] = {}
    shown: dict[int, set[int]] = {}
    frames = stored_frames(dataset, len(planes.planes))
    for frame, stored in enumerate(frames):
        number = _segment_of(dataset, groups, frame)
        plane = planes.planes[frame]
        _require_once(dataset, shown.setdefault(number, set()), plane)
        found = list(_cropped(stored >= least, plane))
        if found:
            pieces.setdefault(number, []).extend(found)
    return pieces


def _segment_of(dataset: Dataset, groups: FunctionalGroups, frame: int) -> int:
    item = groups.of(frame, "SegmentIdentificationSequence")
    if item is None:
        fact = "a frame does not say which segment it shows"
        raise SegmentFramesError(dataset, "SegmentIdentificationSequence", fact)
    return required_whole(item, "ReferencedSegmentNumber")


def _greatest(dataset: Dataset) -> int:
    greatest = required_whole(dataset, "MaximumFractionalValue")
    if greatest <= 0:
        raise UnreadableValueError(dataset, "MaximumFractionalValue", "positive")
    return greatest


def _require_once(dataset: Dataset, shown: set[int], plane: int) -> None:
    if plane in shown:
        fact = "two frames show one segment at one place"
        raise SegmentFramesError(dataset, "ImagePositionPatient", fact)
    shown.add(plane)


def _cropped(inside: NDArray[np.bool_], plane: int) -> Iterator[_Piece]:
    """Give the smallest rectangle with all voxels of a plane, if there are any."""
    rows = np.flatnonzero(inside.any(axis=1))
    if len(rows):
        columns = np.flatnonzero(inside.any(axis=0))
        row, column = int(rows[0]), int(columns[0])
        part = inside[row : int(rows[-1]) + 1, column : int(columns[-1]) + 1]
        yield _Piece((plane, row, column), part.copy())


def _mask(pieces: list[_Piece], grid: Grid) -> Mask:
    """Return the voxels of a segment on the part of the grid that holds them."""
    corners = np.array([piece.corner for piece in pieces])
    sizes = np.array([(1, *piece.inside.shape) for piece in pieces])
    first = corners.min(axis=0)
    extent = (corners + sizes).max(axis=0) - first
    inside = np.zeros(extent, np.bool_)
    for piece, corner in zip(pieces, corners - first, strict=True):
        k, row, column = corner.tolist()
        rows, columns = piece.inside.shape
        inside[k, row : row + rows, column : column + columns] = piece.inside
    (origin,) = grid.points_mm(first[np.newaxis].astype(np.float64)).tolist()
    x, y, z = origin
    slices, rows, columns = extent.tolist()
    part = Grid(
        shape=(slices, rows, columns),
        origin_mm=(x, y, z),
        slice_step_mm=grid.slice_step_mm,
        row_step_mm=grid.row_step_mm,
        column_step_mm=grid.column_step_mm,
        frame_of_reference=grid.frame_of_reference,
    )
    return Mask(part, inside)


def _said_of(dataset: Dataset, kind: _Kind) -> list[str]:
    if kind is not _Kind.FRACTIONAL:
        return []
    greatest = _greatest(dataset)
    meaning = text(dataset, "SegmentationFractionalType").lower() or "fraction"
    statement = (
        f"The segments state a {meaning}; a voxel belongs to one from half of the "
        f"greatest value on ({-(-greatest // 2)} of {greatest})"
    )
    return [statement]


class NotASegmentationError(DicomContentError):
    """The object that should hold segments is no Segmentation."""

    remedy = "Send the Segmentation in which the regions were painted."

    def __init__(self, dataset: Dataset) -> None:
        found = UID(text(dataset, "SOPClassUID")).name
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


class SegmentFramesError(DicomContentError):
    """It is not clear which segment a frame shows, or what is true at its place."""

    remedy = "Export the segmentation again."

    def __init__(self, dataset: Dataset, keyword: str, fact: str) -> None:
        super().__init__(fact, attribute=name_of(keyword), uid=uid_of(dataset))
