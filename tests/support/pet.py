"""Builders of valid classic PET series and structure sets, for tests of every package.

As of an Inveon: empty *Manufacturer*, orientation [-1,0,0,0,1,0] (normal -z), *Image
Index* along +z, a slope per slice, dose in Bq, weight in scientific form. Fixed UIDs.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    PositronEmissionTomographyImageStorage,
    RTStructureSetStorage,
)

from tests.support.part10 import part10_of

ROOT = "1.2.826.0.1.3680043.10.1555"
STUDY_UID = f"{ROOT}.1"
PET_SERIES_UID = f"{ROOT}.1.2"
FRAME_OF_REFERENCE_UID = f"{ROOT}.1.9"
STRUCTURE_SET_UID = f"{ROOT}.1.3.1"
STRUCTURE_SET_SERIES_UID = f"{ROOT}.1.3"

SPACING_MM = 0.800024
SLICE_SPACING_MM = 0.796
DOSE_BQ = 5.55e6
HALF_LIFE_S = 6586.2
WEIGHT_KG = 0.022

_IN_INJECTION = {
    "Radiopharmaceutical",
    "RadionuclideTotalDose",
    "RadionuclideHalfLife",
    "RadionuclidePositronFraction",
    "RadionuclideCodeSequence",
    "RadiopharmaceuticalCodeSequence",
    "RadiopharmaceuticalStartTime",
    "RadiopharmaceuticalStartDateTime",
    "RadiopharmaceuticalVolume",
}


def pet_datasets(
    *,
    slices: int = 12,
    rows: int = 16,
    columns: int = 18,
    study_uid: str = STUDY_UID,
    series_uid: str = PET_SERIES_UID,
    frame_of_reference_uid: str = FRAME_OF_REFERENCE_UID,
    values: NDArray[np.floating] | None = None,
    **overrides: Any,
) -> list[Dataset]:
    """Return a static PET series, 70 minutes after injection, in Bq/ml.

    Parameters
    ----------
    values : ndarray, shape (slices, rows, columns)
        Bq/ml by rising z; gives the size when present. A reader that sorts along the
        normal of the orientation gets the slices in the opposite order.
    **overrides
        By keyword, on every instance or, when it belongs there, on the item of
        *Radiopharmaceutical Information Sequence*. None removes the attribute; a
        callable is called with the slice index.
    """
    if values is None:
        values = default_values(slices, rows, columns)
    datasets = [
        _slice(values[k], k, len(values), (study_uid, series_uid))
        for k in range(len(values))
    ]
    for k, dataset in enumerate(datasets):
        dataset.FrameOfReferenceUID = frame_of_reference_uid
        _override(dataset, overrides, k)
    return datasets


def default_values(slices: int, rows: int, columns: int) -> NDArray[np.float64]:
    """Return Bq/ml that differ in every voxel, from about 1e4 to about 3e6."""
    k, j, i = np.meshgrid(
        np.arange(slices), np.arange(rows), np.arange(columns), indexing="ij"
    )
    ripple = 1 + np.sin(0.9 * i) * np.cos(0.7 * j + 0.3 * k)
    return np.asarray(1e4 + 1.4e6 * ripple * (1 + 0.02 * k), np.float64)


def structure_set_dataset(
    pet: Sequence[Dataset],
    contours: Mapping[str, Sequence[Any]],
    **overrides: Any,
) -> Dataset:
    """Return a structure set drawn on the series.

    Parameters
    ----------
    contours : mapping of ROI name to sequence of array-like, shape (points, 3)
        LPS millimetres.
    **overrides
        As in `pet_datasets`, on the structure set.
    """
    first = pet[0]
    dataset = _dataset(RTStructureSetStorage, STRUCTURE_SET_UID)
    dataset.StudyInstanceUID = first.StudyInstanceUID
    dataset.SeriesInstanceUID = STRUCTURE_SET_SERIES_UID
    _patient_and_study(dataset)
    dataset.Modality = "RTSTRUCT"
    dataset.Manufacturer = "Contouring"
    dataset.SeriesNumber = 3
    dataset.OperatorsName = ""
    dataset.InstanceNumber = 1
    dataset.StructureSetLabel = "Tumours"
    dataset.StructureSetDate = "20260302"
    dataset.StructureSetTime = "140000"
    dataset.FrameOfReferenceUID = first.FrameOfReferenceUID
    dataset.PositionReferenceIndicator = ""
    dataset.ReferencedFrameOfReferenceSequence = [_drawn_on(pet)]
    dataset.StructureSetROISequence = []
    dataset.ROIContourSequence = []
    dataset.RTROIObservationsSequence = []
    for number, (name, polygons) in enumerate(contours.items(), start=1):
        _add_roi(dataset, number, name, polygons)
    _override(dataset, overrides, 0)
    return dataset


def square_mm(
    pet: Sequence[Dataset], slice_index: int, *, rows: slice, columns: slice
) -> NDArray[np.float64]:
    """Return an outline half a voxel outside a block of voxel centres, shape (4, 3)."""
    dataset = pet[slice_index]
    x, y, z = (float(value) for value in dataset.ImagePositionPatient)
    row_mm, column_mm = (float(value) for value in dataset.PixelSpacing)
    left, right = columns.start - 0.5, columns.stop - 0.5
    top, bottom = rows.start - 0.5, rows.stop - 0.5
    corners = [(top, left), (top, right), (bottom, right), (bottom, left)]
    return np.array([(x - i * column_mm, y + j * row_mm, z) for j, i in corners])


def write_all(datasets: Iterable[Dataset], folder: Path) -> list[Path]:
    """Write Part 10 files named by SOP Instance UID and return where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for dataset in datasets:
        path = folder / f"{dataset.SOPInstanceUID}.dcm"
        path.write_bytes(part10_of(dataset))
        paths.append(path)
    return paths


def _dataset(sop_class_uid: str, sop_instance_uid: str) -> Dataset:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = UID(sop_class_uid)
    dataset.file_meta.MediaStorageSOPInstanceUID = UID(sop_instance_uid)
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = sop_class_uid
    dataset.SOPInstanceUID = sop_instance_uid
    return dataset


def _patient_and_study(dataset: Dataset) -> None:
    dataset.PatientName = "Mouse^Seven"
    dataset.PatientID = "m07_pet"
    dataset.PatientBirthDate = ""
    dataset.PatientSex = "F"
    dataset.StudyDate = "20260302"
    dataset.StudyTime = "110000"
    dataset.StudyID = "1"
    dataset.AccessionNumber = ""
    dataset.ReferringPhysicianName = ""


def _slice(
    values: NDArray[np.floating], k: int, count: int, uids: tuple[str, str]
) -> Dataset:
    rows, columns = values.shape
    dataset = _dataset(PositronEmissionTomographyImageStorage, f"{uids[1]}.{k + 1}")
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = uids
    _patient_and_study(dataset)
    dataset.PatientWeight = "2.2E-2"
    dataset.Modality = "PT"
    dataset.Manufacturer = ""
    dataset.ManufacturerModelName = "Inveon MM Platform"
    dataset.SeriesNumber = 2
    dataset.SeriesDescription = "PET OSEM3D"
    dataset.SeriesDate = "20260302"
    dataset.SeriesTime = "111000"
    dataset.BodyPartExamined = "WHOLEBODY"
    dataset.PositionReferenceIndicator = ""
    _pet_series(dataset, count)
    _pet_image(dataset, k)
    x_mm, y_mm = 0.5 * (columns - 1) * SPACING_MM, -0.5 * (rows - 1) * SPACING_MM
    dataset.ImageOrientationPatient = [-1, 0, 0, 0, 1, 0]
    dataset.ImagePositionPatient = [
        round(x_mm, 6),
        round(y_mm, 6),
        round((k - 0.5 * (count - 1)) * SLICE_SPACING_MM, 6),
    ]
    dataset.PixelSpacing = [SPACING_MM, SPACING_MM]
    dataset.SliceThickness = SLICE_SPACING_MM
    _pixels(dataset, values)
    return dataset


def _pet_series(dataset: Dataset, count: int) -> None:
    dataset.Units = "BQML"
    dataset.CountsSource = "EMISSION"
    dataset.SeriesType = ["STATIC", "IMAGE"]
    dataset.NumberOfSlices = count
    dataset.CorrectedImage = ["NORM", "ATTN", "SCAT", "DECY", "DTIM"]
    dataset.DecayCorrection = "START"
    dataset.CollimatorType = "NONE"
    dataset.RandomsCorrectionMethod = "DLYD"
    dataset.PatientOrientationCodeSequence = [_code("F-10450", "99SDM", "recumbent")]
    dataset.PatientOrientationCodeSequence[0].PatientOrientationModifierCodeSequence = [
        _code("F-10340", "99SDM", "supine")
    ]
    dataset.PatientGantryRelationshipCodeSequence = [
        _code("F-10470", "99SDM", "headfirst")
    ]
    item = Dataset()
    item.Radiopharmaceutical = "FDG"
    item.RadiopharmaceuticalStartTime = "100000"
    item.RadionuclideTotalDose = "5.55E6"
    item.RadionuclideHalfLife = "6586.2"
    item.RadionuclidePositronFraction = "0.967"
    item.RadiopharmaceuticalStartDateTime = "20260302100000"
    item.RadionuclideCodeSequence = [_code("C-111A1", "SRT", "^18^Fluorine")]
    item.RadiopharmaceuticalCodeSequence = [
        _code("C-B1031", "SRT", "Fluorodeoxyglucose F^18^")
    ]
    dataset.RadiopharmaceuticalInformationSequence = [item]


def _pet_image(dataset: Dataset, k: int) -> None:
    dataset.ImageType = ["ORIGINAL", "PRIMARY"]
    dataset.AcquisitionNumber = 1
    dataset.AcquisitionDate = "20260302"
    dataset.AcquisitionTime = "111000"
    dataset.ContentDate = "20260302"
    dataset.ContentTime = "113000"
    dataset.InstanceNumber = k + 1
    dataset.ImageIndex = k + 1
    dataset.FrameReferenceTime = "298421.417"
    dataset.ActualFrameDuration = "600000"
    dataset.DecayFactor = "1.031905"


def _pixels(dataset: Dataset, values: NDArray[np.floating]) -> None:
    peak = float(np.max(np.abs(values))) or 1.0
    slope = float(f"{peak / 32767:.9e}")
    stored = np.clip(np.rint(values / slope), -32768, 32767).astype("<i2")
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows, dataset.Columns = values.shape
    dataset.BitsAllocated = 16
    dataset.BitsStored = 16
    dataset.HighBit = 15
    dataset.PixelRepresentation = 1
    dataset.RescaleSlope = f"{slope:.9e}"
    dataset.RescaleIntercept = 0
    dataset.PixelData = stored.tobytes()


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue = value
    item.CodingSchemeDesignator = scheme
    item.CodeMeaning = meaning
    return item


def _reference(dataset: Dataset) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = dataset.SOPClassUID
    item.ReferencedSOPInstanceUID = dataset.SOPInstanceUID
    return item


def _drawn_on(pet: Sequence[Dataset]) -> Dataset:
    series = Dataset()
    series.SeriesInstanceUID = pet[0].SeriesInstanceUID
    series.ContourImageSequence = [_reference(dataset) for dataset in pet]
    study = Dataset()
    # Detached Study Management is what writers put here; the class is retired.
    study.ReferencedSOPClassUID = "1.2.840.10008.3.1.2.3.1"
    study.ReferencedSOPInstanceUID = pet[0].StudyInstanceUID
    study.RTReferencedSeriesSequence = [series]
    frame = Dataset()
    frame.FrameOfReferenceUID = pet[0].FrameOfReferenceUID
    frame.RTReferencedStudySequence = [study]
    return frame


def _add_roi(dataset: Dataset, number: int, name: str, polygons: Sequence[Any]) -> None:
    roi = Dataset()
    roi.ROINumber = number
    roi.ReferencedFrameOfReferenceUID = dataset.FrameOfReferenceUID
    roi.ROIName = name
    roi.ROIGenerationAlgorithm = "MANUAL"
    dataset.StructureSetROISequence.append(roi)
    drawn = Dataset()
    drawn.ReferencedROINumber = number
    drawn.ContourSequence = [_contour(polygon) for polygon in polygons]
    dataset.ROIContourSequence.append(drawn)
    observation = Dataset()
    observation.ObservationNumber = number
    observation.ReferencedROINumber = number
    observation.RTROIInterpretedType = ""
    observation.ROIInterpreter = ""
    dataset.RTROIObservationsSequence.append(observation)


def _contour(polygon: Any) -> Dataset:
    points = np.asarray(polygon, np.float64).reshape(-1, 3)
    item = Dataset()
    item.ContourGeometricType = "CLOSED_PLANAR"
    item.NumberOfContourPoints = len(points)
    item.ContourData = [f"{value:.10g}" for value in points.ravel()]
    return item


def _override(dataset: Dataset, overrides: Mapping[str, Any], k: int) -> None:
    for keyword, given in overrides.items():
        target = dataset
        if keyword in _IN_INJECTION:
            target = dataset.RadiopharmaceuticalInformationSequence[0]
        value = given(k) if callable(given) else given
        if value is not None:
            setattr(target, keyword, value)
        elif keyword in target:
            delattr(target, keyword)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
