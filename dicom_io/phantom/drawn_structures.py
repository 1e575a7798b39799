"""An RT Structure Set as a contouring station (MIM) writes it.

CLOSED_PLANAR outlines along the pixels' edges of the image that they were drawn on, in
its frame of reference, with the image named at the series and at every contour.

References
----------
* DICOM PS3.3 A.19, C.8.8.5 (Structure Set), C.8.8.6 (ROI Contour).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, RTStructureSetStorage

from dicom_io.phantom.inveon import SeriesIdentity, set_moment
from model.grid import Grid, Mask
from model.outline import staircase_outlines

_DETACHED_STUDY_MANAGEMENT = UID("1.2.840.10008.3.1.2.3.1")
"""Retired, and what contouring stations still write (PS3.3 C.8.8.5)."""

_DECIMALS = 4
_COLOURS = ([255, 0, 0], [255, 192, 0], [0, 255, 0])


@dataclass(frozen=True)
class DrawnImage:
    """The image series on which regions were outlined.

    Attributes
    ----------
    identity : SeriesIdentity
    sop_class_uid : UID
    instances : tuple of UID
        SOP Instance UIDs by slice index.
    study_at : datetime
    """

    identity: SeriesIdentity
    sop_class_uid: UID
    instances: tuple[UID, ...]
    study_at: datetime


def structure_set(
    regions: Mapping[str, Mask],
    image: DrawnImage,
    series_instance_uid: UID,
    sop_instance_uid: UID,
    drawn_at: datetime,
) -> Dataset:
    """Return an RT Structure Set of regions on an image.

    Parameters
    ----------
    regions : mapping of str to Mask
        By name, on the grid of the image.
    image : DrawnImage
    series_instance_uid, sop_instance_uid : UID
    drawn_at : datetime
        Timezone-aware.
    """
    dataset = _identified(image, drawn_at)
    dataset.SOPInstanceUID = sop_instance_uid
    dataset.SeriesInstanceUID = series_instance_uid
    dataset.StructureSetLabel = "RTstruct"
    dataset.StructureSetName = "RTstruct"
    set_moment(dataset, "StructureSet", drawn_at)
    dataset.ReferencedFrameOfReferenceSequence = Sequence([_drawn_on(image)])
    dataset.StructureSetROISequence = Sequence()
    dataset.ROIContourSequence = Sequence()
    dataset.RTROIObservationsSequence = Sequence()
    for number, (name, mask) in enumerate(regions.items(), start=1):
        dataset.StructureSetROISequence.append(_roi(number, name, image))
        dataset.ROIContourSequence.append(_contours(number, mask, image))
        dataset.RTROIObservationsSequence.append(_observation(number, name))
    dataset.ApprovalStatus = "UNAPPROVED"
    return dataset


def _identified(image: DrawnImage, drawn_at: datetime) -> Dataset:
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = RTStructureSetStorage
    set_moment(dataset, "InstanceCreation", drawn_at)
    set_moment(dataset, "Study", image.study_at)
    set_moment(dataset, "Series", drawn_at)
    dataset.AccessionNumber = ""
    dataset.Modality = "RTSTRUCT"
    dataset.Manufacturer = "MIM Software Inc."
    dataset.ReferringPhysicianName = ""
    dataset.StudyDescription = "Synthetic phantom"
    dataset.SeriesDescription = "Synthetic phantom contours"
    dataset.OperatorsName = ""
    dataset.ManufacturerModelName = "MIM"
    dataset.SoftwareVersions = "synthetic"
    dataset.PatientName = "Phantom^Mouse"
    dataset.PatientID = image.identity.patient_id
    dataset.PatientBirthDate = ""
    dataset.PatientSex = "F"
    dataset.StudyInstanceUID = image.identity.study_instance_uid
    dataset.StudyID = "1"
    dataset.SeriesNumber = 1
    dataset.FrameOfReferenceUID = image.identity.frame_of_reference_uid
    dataset.PositionReferenceIndicator = ""
    return dataset


def _drawn_on(image: DrawnImage) -> Dataset:
    series = Dataset()
    series.SeriesInstanceUID = image.identity.series_instance_uid
    series.ContourImageSequence = Sequence(
        _reference(image, index) for index in range(len(image.instances))
    )
    study = Dataset()
    study.ReferencedSOPClassUID = _DETACHED_STUDY_MANAGEMENT
    study.ReferencedSOPInstanceUID = image.identity.study_instance_uid
    study.RTReferencedSeriesSequence = Sequence([series])
    frame = Dataset()
    frame.FrameOfReferenceUID = image.identity.frame_of_reference_uid
    frame.RTReferencedStudySequence = Sequence([study])
    return frame


def _reference(image: DrawnImage, index: int) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = image.sop_class_uid
    item.ReferencedSOPInstanceUID = image.instances[index]
    return item


def _roi(number: int, name: str, image: DrawnImage) -> Dataset:
    item = Dataset()
    item.ROINumber = number
    item.ReferencedFrameOfReferenceUID = image.identity.frame_of_reference_uid
    item.ROIName = name
    item.ROIGenerationAlgorithm = "MANUAL"
    return item


def _contours(number: int, mask: Mask, image: DrawnImage) -> Dataset:
    item = Dataset()
    item.ROIDisplayColor = _COLOURS[(number - 1) % len(_COLOURS)]
    item.ContourSequence = Sequence()
    for index, points_mm in _outlines(mask):
        contour = Dataset()
        contour.ContourImageSequence = Sequence([_reference(image, index)])
        contour.ContourGeometricType = "CLOSED_PLANAR"
        contour.NumberOfContourPoints = len(points_mm)
        contour.ContourData = points_mm.round(_DECIMALS).ravel().tolist()
        item.ContourSequence.append(contour)
    item.ReferencedROINumber = number
    return item


def _outlines(mask: Mask) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Yield slice index and points, shape (points, 3), LPS mm, of every outline."""
    grid: Grid = mask.grid
    for index in np.flatnonzero(mask.inside.any(axis=(1, 2))).tolist():
        for corners in staircase_outlines(mask.inside[index]):
            plane = np.full((len(corners), 1), float(index))
            yield index, grid.points_mm(np.hstack([plane, corners]))


def _observation(number: int, name: str) -> Dataset:
    item = Dataset()
    item.ObservationNumber = number
    item.ReferencedROINumber = number
    item.ROIObservationLabel = name
    item.RTROIInterpretedType = ""
    item.ROIInterpreter = ""
    return item
