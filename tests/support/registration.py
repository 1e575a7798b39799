"""Builders of Spatial Registration objects, and of contours in another frame."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    DeformableSpatialRegistrationStorage,
    ExplicitVRLittleEndian,
    SpatialRegistrationStorage,
)

from tests.support.pet import ROOT, STUDY_UID

REGISTRATION_UID = f"{ROOT}.1.5.1"
OTHER_FRAME = f"{ROOT}.1.9.2"
THIRD_FRAME = f"{ROOT}.1.9.3"

Matrix = NDArray[np.float64]


def turned_z(degrees: float, shift_mm: Sequence[float] = (0.0, 0.0, 0.0)) -> Matrix:
    """Return a turn about z and a shift after it, shape (4, 4)."""
    angle = np.radians(degrees)
    matrix = np.eye(4)
    matrix[:2, :2] = [
        [np.cos(angle), -np.sin(angle)],
        [np.sin(angle), np.cos(angle)],
    ]
    matrix[:3, 3] = shift_mm
    return matrix


def moved(points: Any, matrix: Matrix) -> Matrix:
    """Return points, shape (n, 3), where a matrix takes them."""
    return np.asarray(points, np.float64) @ matrix[:3, :3].T + matrix[:3, 3]


def source(
    frame: str | None,
    *matrices: Matrix,
    kind: str = "RIGID",
    images: Sequence[str] = (),
) -> Dataset:
    """Return an item of *Registration Sequence*; no frame leaves the UID out."""
    item = Dataset()
    if frame is not None:
        item.FrameOfReferenceUID = frame
    if images:
        item.ReferencedImageSequence = [_image(uid) for uid in images]
    registration = Dataset()
    registration.RegistrationTypeCodeSequence = []
    registration.MatrixSequence = [_step(matrix, kind) for matrix in matrices]
    item.MatrixRegistrationSequence = [registration]
    return item


def registration_dataset(
    registered: str,
    *sources: Dataset,
    uid: str = REGISTRATION_UID,
    study_uid: str = STUDY_UID,
) -> Dataset:
    """Return a Spatial Registration whose sources are mapped into a frame."""
    dataset = _object(SpatialRegistrationStorage, registered, uid, study_uid)
    dataset.RegistrationSequence = list(sources)
    return dataset


def deformable_dataset(registered: str, frame: str, uid: str) -> Dataset:
    """Return a Deformable Spatial Registration, as far as headers are read."""
    dataset = _object(DeformableSpatialRegistrationStorage, registered, uid, STUDY_UID)
    item = Dataset()
    item.SourceFrameOfReferenceUID = frame
    dataset.DeformableRegistrationSequence = [item]
    return dataset


def _object(sop_class: str, registered: str, uid: str, study_uid: str) -> Dataset:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = UID(sop_class)
    dataset.file_meta.MediaStorageSOPInstanceUID = UID(uid)
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = uid
    dataset.StudyInstanceUID = study_uid
    dataset.SeriesInstanceUID = f"{uid}.9"
    dataset.Modality = "REG"
    dataset.Manufacturer = "Contouring"
    dataset.PatientName = "Mouse^Seven"
    dataset.PatientID = "m07_reg"
    dataset.PatientBirthDate = ""
    dataset.PatientSex = "F"
    dataset.StudyDate = "20260302"
    dataset.StudyTime = "110000"
    dataset.StudyID = "1"
    dataset.AccessionNumber = ""
    dataset.ReferringPhysicianName = ""
    dataset.SeriesNumber = 5
    dataset.InstanceNumber = 1
    dataset.ContentDate = "20260302"
    dataset.ContentTime = "150000"
    dataset.ContentLabel = "REGISTRATION"
    dataset.ContentDescription = ""
    dataset.ContentCreatorName = ""
    dataset.FrameOfReferenceUID = registered
    dataset.PositionReferenceIndicator = ""
    return dataset


def _step(matrix: Matrix, kind: str) -> Dataset:
    step = Dataset()
    values = np.asarray(matrix, np.float64).ravel()
    step.FrameOfReferenceTransformationMatrix = [f"{value:.10g}" for value in values]
    step.FrameOfReferenceTransformationMatrixType = kind
    return step


def _image(uid: str) -> Dataset:
    image = Dataset()
    image.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    image.ReferencedSOPInstanceUID = uid
    return image
