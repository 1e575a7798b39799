"""An RT Structure Set as regions of interest (PS3.3 C.8.8.5, C.8.8.6).

Design choice: closed planar contours, plain or XOR, make regions; contours of one plane
combine by exclusive or in either case (`model.contours`). Points, open contours and
regions without any contour are left out, each with a statement. A contour of a type
that PS3.3 does not define, or that contradicts its own point count, was damaged on its
way, and the object is refused; so is one in which two regions bear one number.

Design choice: a region lies in the frame of reference that it names; else in the only
one that the object refers to; else in the object's own. The images that single contours
name change nothing: contours are places in the patient, wherever they were drawn.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.config import IGNORE
from pydicom.dataset import Dataset
from pydicom.uid import UID, RTStructureSetStorage

from dicom_io.attributes import (
    UnreadableValueError,
    faults_of,
    items,
    name_of,
    person_readable,
    required_text,
    required_whole,
    text,
    texts,
    uid_of,
    whole,
)
from dicom_io.errors import DicomContentError
from dicom_io.image_series import InstanceReference, reference_to
from dicom_io.part10 import read_dataset
from model.contours import Contour, Roi

_CLOSED = frozenset({"CLOSED_PLANAR", "CLOSEDPLANAR_XOR"})
_NOT_CLOSED = frozenset({"POINT", "OPEN_PLANAR", "OPEN_NONPLANAR"})
_FEWEST_POINTS = 3
# A kilometre: no scanner is larger, and no product of such numbers overflows.
_FARTHEST_MM = 1e6


@dataclass(frozen=True, eq=False)
class StructureSet:
    """Regions of interest and where they come from.

    Attributes
    ----------
    reference : InstanceReference
    series_instance_uid, study_instance_uid : str
    label : str
        *Structure Set Label*.
    rois : tuple of Roi
        With at least one contour each, in the order of the object.
    statements : tuple of str
        What was left out by rule, with the region's name.
    """

    reference: InstanceReference
    series_instance_uid: str
    study_instance_uid: str
    label: str
    rois: tuple[Roi, ...]
    statements: tuple[str, ...]


def read_structure_set(path: Path) -> StructureSet:
    """Return the regions of a structure set.

    Raises
    ------
    NotAStructureSetError
        When the object is of another class.
    DoubledRoiNumberError
        When it is not clear whose the contours are.
    UnreadableObjectError, MissingAttributeError, UnreadableValueError
        When the file or a contour in it is damaged.
    """
    return structure_set_of(read_dataset(path))


def structure_set_of(dataset: Dataset) -> StructureSet:
    """Return the regions of an object that was read; see `read_structure_set`."""
    if required_text(dataset, "SOPClassUID") != RTStructureSetStorage:
        raise NotAStructureSetError(dataset)
    with faults_of(dataset):
        return _structure_set(dataset)


def _structure_set(dataset: Dataset) -> StructureSet:
    drawn = _contours_by_number(dataset)
    rois: list[Roi] = []
    statements: list[str] = []
    for item in _regions(dataset):
        roi, said = _roi(dataset, item, drawn)
        statements.extend(said)
        if roi.contours:
            rois.append(roi)
        else:
            statements.append(f"ROI {roi.name!r} has no closed contour and is left out")
    statements.extend(
        f"Contours of ROI number {number}, which is not described, are left out"
        for number in drawn
    )
    return StructureSet(
        reference=reference_to(dataset),
        series_instance_uid=required_text(dataset, "SeriesInstanceUID"),
        study_instance_uid=required_text(dataset, "StudyInstanceUID"),
        label=person_readable(dataset, "StructureSetLabel"),
        rois=tuple(rois),
        statements=tuple(statements),
    )


def _regions(dataset: Dataset) -> tuple[Dataset, ...]:
    regions = items(dataset, "StructureSetROISequence")
    known: set[int] = set()
    for item in regions:
        number = required_whole(item, "ROINumber")
        if number in known:
            raise DoubledRoiNumberError(dataset, "ROINumber", number)
        known.add(number)
    return regions


def _contours_by_number(dataset: Dataset) -> dict[int, tuple[Dataset, ...]]:
    drawn: dict[int, tuple[Dataset, ...]] = {}
    for item in items(dataset, "ROIContourSequence"):
        number = required_whole(item, "ReferencedROINumber")
        if number in drawn:
            raise DoubledRoiNumberError(dataset, "ReferencedROINumber", number)
        drawn[number] = items(item, "ContourSequence")
    return drawn


def _roi(
    dataset: Dataset, item: Dataset, drawn: dict[int, tuple[Dataset, ...]]
) -> tuple[Roi, list[str]]:
    number = required_whole(item, "ROINumber")
    name = person_readable(item, "ROIName") or f"ROI {number}"
    left_out: Counter[str] = Counter()
    strays = 0
    contours = []
    for contour in drawn.pop(number, ()):
        kind = text(contour, "ContourGeometricType")
        if kind in _NOT_CLOSED:
            # Their points are not looked at: they enclose nothing.
            left_out[kind] += 1
            continue
        if kind not in _CLOSED:
            # Without it the region would be another one.
            expected = "a type of contour (PS3.3 C.8.8.6.3)"
            raise UnreadableValueError(dataset, "ContourGeometricType", expected)
        points, stray = _points(dataset, contour)
        strays += stray
        if len(points) < _FEWEST_POINTS:
            left_out[f"{kind} with fewer than {_FEWEST_POINTS} points"] += 1
        else:
            contours.append(Contour(points))
    statements = [
        f"ROI {name!r}: left out {count} contour(s) of type {kind}"
        for kind, count in sorted(left_out.items())
    ]
    if strays:
        statements.append(
            f"ROI {name!r}: passed over empty values among the points of {strays} "
            "contour(s)"
        )
    frame = _frame_of_reference(dataset, item) if contours else ""
    return Roi(number, name, tuple(contours), frame), statements


def _frame_of_reference(dataset: Dataset, item: Dataset) -> str:
    """Return in which frame of reference the contours of a region lie."""
    stated = text(item, "ReferencedFrameOfReferenceUID")
    referenced = {
        text(frame, "FrameOfReferenceUID")
        for frame in items(dataset, "ReferencedFrameOfReferenceSequence")
    } - {""}
    if not stated and len(referenced) == 1:
        (stated,) = referenced
    return stated or required_text(dataset, "FrameOfReferenceUID")


def _points(dataset: Dataset, contour: Dataset) -> tuple[NDArray[np.float64], bool]:
    """Return the points of a contour, and whether empty values were passed over.

    An empty value between two others may be a number that was lost. It is none where
    the others are as many as *Number of Contour Points* (3006,0046) says.

    Returns
    -------
    ndarray, shape (points, 3)
        LPS mm.
    bool
    """
    declared = whole(contour, "NumberOfContourPoints")
    written = texts(contour, "ContourData")
    stray = declared is not None and "" in written
    if stray:
        written = tuple(value for value in written if value)
    values = _coordinates(dataset, written)
    count, rest = divmod(len(values), 3)
    if rest or (declared is not None and declared != count):
        expected = f"three numbers for each of {declared or 'its'} points"
        raise UnreadableValueError(dataset, "ContourData", expected)
    return np.array(values, np.float64).reshape(count, 3), stray


def _coordinates(dataset: Dataset, written: tuple[str, ...]) -> tuple[float, ...]:
    # Python reads 1_0 as ten, which DICOM does not know (PS3.5 6.2).
    if any("_" in value for value in written):
        raise UnreadableValueError(dataset, "ContourData", "a row of numbers")
    try:
        values = tuple(map(float, written))
    except ValueError as error:
        expected = "a row of numbers"
        raise UnreadableValueError(dataset, "ContourData", expected) from error
    if not all(abs(value) <= _FARTHEST_MM for value in values):
        raise UnreadableValueError(dataset, "ContourData", "a row of places in mm")
    return values


class DoubledRoiNumberError(DicomContentError):
    """Two regions bear one number, so that nobody knows whose the contours are."""

    remedy = "Export the structure set again, with a number of its own for each region."

    def __init__(self, dataset: Dataset, keyword: str, number: int) -> None:
        super().__init__(
            f"ROI number {number} is there twice",
            attribute=name_of(keyword),
            uid=uid_of(dataset),
        )
        self.number = number


class NotAStructureSetError(DicomContentError):
    """The object that should hold contours is no structure set."""

    remedy = "Send the RTSTRUCT in which the regions were drawn."

    def __init__(self, dataset: Dataset) -> None:
        found = UID(text(dataset, "SOPClassUID"), validation_mode=IGNORE).name
        super().__init__(
            f"the object is {found} and not {RTStructureSetStorage.name}",
            attribute=name_of("SOPClassUID"),
            uid=uid_of(dataset),
        )
