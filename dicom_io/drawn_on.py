"""What a structure set or segmentation says that it was drawn on.

Design choice: where the referenced series of a structure set list their images, that
list holds, and what single contours name beside it is passed over. The list is complete
by definition (PS3.3 C.8.8.5), while contours that were copied from one series to
another go on naming the images of the first: the SUV reference objects do.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from dicom_io.lenient import (
    attribute_integer,
    attribute_items,
    attribute_numbers,
    attribute_text,
    attribute_uid,
    attribute_value,
)

_CONTOUR_DATA = Tag("ContourData")

Point = tuple[float, float, float]


@dataclass(frozen=True)
class DrawnOn:
    """What a structure set or segmentation says that it was drawn on.

    Attributes
    ----------
    frames_of_reference : tuple of str
        UIDs, of the contours first.
    series : tuple of str
        Series Instance UIDs.
    instances : tuple of str
        SOP Instance UIDs that the referenced series list, else those that single
        contours name; without repetition, sorted.
    low_mm, high_mm : tuple of float or None
        Corners of the box around all contour points; None without points.
    roi_names : tuple of str
    studies : tuple of str
        Study Instance UIDs in which the images lie, as far as it says.
    """

    frames_of_reference: tuple[str, ...]
    series: tuple[str, ...]
    instances: tuple[str, ...]
    low_mm: tuple[float, float, float] | None
    high_mm: tuple[float, float, float] | None
    roi_names: tuple[str, ...]
    studies: tuple[str, ...] = ()


def structure_set_drawn_on(dataset: Dataset) -> DrawnOn:
    """Return the references of an RT Structure Set (PS3.3 C.8.8.5, C.8.8.6)."""
    regions = list(attribute_items(dataset, "StructureSetROISequence"))
    referenced = list(attribute_items(dataset, "ReferencedFrameOfReferenceSequence"))
    contours = [
        contour
        for region in attribute_items(dataset, "ROIContourSequence")
        for contour in attribute_items(region, "ContourSequence")
    ]
    studies = [
        study
        for frame in referenced
        for study in attribute_items(frame, "RTReferencedStudySequence")
    ]
    series = [
        item
        for study in studies
        for item in attribute_items(study, "RTReferencedSeriesSequence")
    ]
    listed = _images(series)
    low, high = _box(contours)
    return DrawnOn(
        frames_of_reference=_distinct(
            [
                attribute_uid(region, "ReferencedFrameOfReferenceUID")
                for region in regions
            ]
            + [attribute_uid(frame, "FrameOfReferenceUID") for frame in referenced]
            + [attribute_uid(dataset, "FrameOfReferenceUID")]
        ),
        series=_distinct(attribute_uid(item, "SeriesInstanceUID") for item in series),
        instances=listed or _images(contours),
        low_mm=low,
        high_mm=high,
        roi_names=tuple(attribute_text(region, "ROIName") for region in regions),
        studies=_distinct(
            attribute_uid(study, "ReferencedSOPInstanceUID") for study in studies
        ),
    )


def segmentation_drawn_on(dataset: Dataset) -> DrawnOn:
    """Return the references of a Segmentation (PS3.3 C.8.20, C.12.1.1.1)."""
    series = list(attribute_items(dataset, "ReferencedSeriesSequence"))
    elsewhere = list(
        attribute_items(dataset, "StudiesContainingOtherReferencedInstancesSequence")
    )
    for study in elsewhere:
        series += attribute_items(study, "ReferencedSeriesSequence")
    frames = [
        *attribute_items(dataset, "PerFrameFunctionalGroupsSequence"),
        *attribute_items(dataset, "SharedFunctionalGroupsSequence"),
    ]
    low, high = _box_of_frames(dataset, frames)
    segments = attribute_items(dataset, "SegmentSequence")
    return DrawnOn(
        frames_of_reference=_distinct([attribute_uid(dataset, "FrameOfReferenceUID")]),
        series=_distinct(attribute_uid(item, "SeriesInstanceUID") for item in series),
        instances=_listed_images(series) or _source_images(frames),
        low_mm=low,
        high_mm=high,
        roi_names=tuple(
            attribute_text(segment, "SegmentLabel") for segment in segments
        ),
        studies=_distinct(
            attribute_uid(study, "StudyInstanceUID") for study in elsewhere
        ),
    )


def _listed_images(series: Iterable[Dataset]) -> tuple[str, ...]:
    """Return what *Referenced Instance Sequence* (0008,114A) names, sorted."""
    return _sorted(
        attribute_uid(image, "ReferencedSOPInstanceUID")
        for item in series
        for image in attribute_items(item, "ReferencedInstanceSequence")
    )


def _source_images(frames: Iterable[Dataset]) -> tuple[str, ...]:
    """Return what the frames say that they were made from, sorted."""
    return _sorted(
        attribute_uid(image, "ReferencedSOPInstanceUID")
        for frame in frames
        for derivation in attribute_items(frame, "DerivationImageSequence")
        for image in attribute_items(derivation, "SourceImageSequence")
    )


def _box_of_frames(
    dataset: Dataset, frames: Iterable[Dataset]
) -> tuple[Point, Point] | tuple[None, None]:
    """Return the corners of the box around the centres of all frames' pixels, in mm.

    Which pixels are painted is not known before they are read.
    """
    frames = list(frames)
    orientation = _first(frames, "PlaneOrientationSequence", "ImageOrientationPatient")
    spacing = _first(frames, "PixelMeasuresSequence", "PixelSpacing")
    rows = attribute_integer(dataset, "Rows")
    columns = attribute_integer(dataset, "Columns")
    positions = [
        position
        for frame in frames
        for plane in attribute_items(frame, "PlanePositionSequence")
        if (position := attribute_numbers(plane, "ImagePositionPatient", 3))
    ]
    if not (positions and orientation and spacing and rows and columns):
        return None, None
    with np.errstate(over="ignore", invalid="ignore"):
        along_row = np.array(orientation[:3]) * spacing[1] * (columns - 1)
        along_column = np.array(orientation[3:]) * spacing[0] * (rows - 1)
        edge = np.concatenate([np.array(positions), np.array(positions) + along_row])
        corners = np.concatenate([edge, edge + along_column])
    if not np.isfinite(corners).all():
        return None, None
    low_x, low_y, low_z = corners.min(axis=0).tolist()
    high_x, high_y, high_z = corners.max(axis=0).tolist()
    return (low_x, low_y, low_z), (high_x, high_y, high_z)


def _first(
    frames: Iterable[Dataset], group: str, keyword: str
) -> tuple[float, ...] | None:
    """Return numbers of the first functional group that has them."""
    count = 6 if keyword == "ImageOrientationPatient" else 2
    for frame in frames:
        for item in attribute_items(frame, group):
            found = attribute_numbers(item, keyword, count)
            if found is not None:
                return found
    return None


def _images(levels: Iterable[Dataset]) -> tuple[str, ...]:
    """Return what *Contour Image Sequence* (3006,0016) names, sorted."""
    return _sorted(
        attribute_uid(image, "ReferencedSOPInstanceUID")
        for level in levels
        for image in attribute_items(level, "ContourImageSequence")
    )


def _distinct(uids: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(uid for uid in uids if uid))


def _sorted(uids: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({uid for uid in uids if uid}))


def _box(contours: Iterable[Dataset]) -> tuple[Point, Point] | tuple[None, None]:
    """Return the corners of the box around all contour points, in mm."""
    lows, highs = [], []
    for contour in contours:
        points = _points(contour)
        if points is not None:
            lows.append(points.min(axis=0))
            highs.append(points.max(axis=0))
    if not lows:
        return None, None
    low_x, low_y, low_z = np.min(lows, axis=0).tolist()
    high_x, high_y, high_z = np.max(highs, axis=0).tolist()
    return (low_x, low_y, low_z), (high_x, high_y, high_z)


def _points(contour: Dataset) -> NDArray[np.float64] | None:
    """Return finite points, shape (points, 3), or None where there are none."""
    try:
        # Empty values stand for no number; see `dicom_io.regions.rtstruct`.
        written = _contour_data(contour)
        if "" in written:
            written = [value for value in written if value != ""]
        flat = np.asarray(written, dtype=np.float64)
    except (ValueError, TypeError):
        return None
    if flat.size == 0 or flat.size % 3 or not np.isfinite(flat).all():
        return None
    return flat.reshape(-1, 3)


def _contour_data(contour: Dataset) -> list[Any]:
    if _CONTOUR_DATA not in contour:
        return []
    # A decimal string object per coordinate is most of the time that a structure set
    # takes; the bytes as read are numbers enough.
    raw: Any = contour.get_item(_CONTOUR_DATA)
    if isinstance(raw, RawDataElement):
        return (raw.value or b"").decode("ascii").rstrip(" \0").split("\\")
    return list(attribute_value(contour, "ContourData") or [])
