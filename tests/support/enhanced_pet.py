"""Builders of multi-frame PET images out of classic series, with the same numbers."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    EnhancedPETImageStorage,
    ExplicitVRLittleEndian,
    LegacyConvertedEnhancedPETImageStorage,
)

from tests.support.enhanced_acquisition import add_acquisition, correction_factors
from tests.support.pet import ROOT

ENHANCED_UID = f"{ROOT}.1.2.1000"
BECQUEREL_PER_ML = "Bq/ml"

_PATIENT_AND_STUDY = (
    "SpecificCharacterSet",
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "PatientWeight",
    "StudyInstanceUID",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
    "ReferringPhysicianName",
    "SeriesInstanceUID",
    "SeriesNumber",
    "SeriesDescription",
    "SeriesDate",
    "SeriesTime",
    "Modality",
    "Manufacturer",
    "ManufacturerModelName",
    "FrameOfReferenceUID",
    "PositionReferenceIndicator",
    "BodyPartExamined",
    "TimezoneOffsetFromUTC",
)
_PIXELS = (
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
)
_CONVERTED_PER_FRAME = (
    "AcquisitionDate",
    "AcquisitionTime",
    "FrameReferenceTime",
    "ActualFrameDuration",
    "DecayFactor",
    "ImageIndex",
)
_CONVERTED_SHARED = (
    "Units",
    "CountsSource",
    "SeriesType",
    "NumberOfSlices",
    "NumberOfTimeSlices",
    "CorrectedImage",
    "DecayCorrection",
    "CollimatorType",
    "RandomsCorrectionMethod",
    "RadiopharmaceuticalInformationSequence",
)
_FLAGS = {
    "DecayCorrected": "DECY",
    "AttenuationCorrected": "ATTN",
    "ScatterCorrected": "SCAT",
    "DeadTimeCorrected": "DTIM",
    "GantryMotionCorrected": "MOTN",
    "PatientMotionCorrected": "PMOT",
    "CountLossNormalizationCorrected": "CLN",
    "RandomsCorrected": "RAN",
    "NonUniformRadialSamplingCorrected": "RADL",
    "SensitivityCalibrated": "DCAL",
    "DetectorNormalizationCorrection": "NORM",
}


def enhanced_dataset(
    pet: Sequence[Dataset],
    *,
    unit: str = BECQUEREL_PER_ML,
    per_unit: float = 1.0,
    **overrides: Any,
) -> Dataset:
    """Return an Enhanced PET image with the slices of a classic series as frames.

    Parameters
    ----------
    pet : sequence of Dataset
        Classic slices, all decay-corrected to *Series Time*; in this order of frames.
    unit : str
        UCUM code of what the pixels are mapped to.
    per_unit : float
        By what classic values are multiplied to be in that unit.
    **overrides
        By keyword, on the image; None removes the attribute.
    """
    first = pet[0]
    image = _image(pet, EnhancedPETImageStorage)
    _common_description(image)
    image.RadiopharmaceuticalInformationSequence = [_agent(first)]
    done = list(first.CorrectedImage)
    for keyword, code in _FLAGS.items():
        setattr(image, keyword, "YES" if code in done else "NO")
    image.AcquisitionDateTime = _acquired(pet[0])
    image.AcquisitionDuration = float(first.ActualFrameDuration) / 1000.0
    if "DECY" in done:
        image.DecayCorrectionDateTime = f"{first.SeriesDate}{first.SeriesTime}"
    shared = _shared(first)
    add_acquisition(image, shared)
    image.SharedFunctionalGroupsSequence = [shared]
    image.PerFrameFunctionalGroupsSequence = [
        _frame(classic, pet, (unit, per_unit)) for classic in pet
    ]
    return _overridden(image, overrides)


def legacy_converted_dataset(pet: Sequence[Dataset], **overrides: Any) -> Dataset:
    """Return what a converter makes of a classic series (PS3.3 A.72)."""
    image = _image(pet, LegacyConvertedEnhancedPETImageStorage)
    _common_description(image)
    shared = _shared(pet[0])
    shared.UnassignedSharedConvertedAttributesSequence = [
        _copied(pet[0], _CONVERTED_SHARED)
    ]
    image.SharedFunctionalGroupsSequence = [shared]
    frames = []
    for number, classic in enumerate(pet, start=1):
        frame = Dataset()
        content = Dataset()
        content.FrameAcquisitionNumber = 1
        content.StackID = "1"
        content.InStackPositionNumber = number
        content.DimensionIndexValues = [number]
        frame.FrameContentSequence = [content]
        frame.PlanePositionSequence = [_copied(classic, ("ImagePositionPatient",))]
        frame.PixelValueTransformationSequence = [
            _copied(classic, ("RescaleSlope", "RescaleIntercept"))
        ]
        frame.PixelValueTransformationSequence[0].RescaleType = "US"
        frame.UnassignedPerFrameConvertedAttributesSequence = [
            _copied(classic, _CONVERTED_PER_FRAME)
        ]
        frame.ConversionSourceAttributesSequence = [_reference(classic)]
        frames.append(frame)
    image.PerFrameFunctionalGroupsSequence = frames
    return _overridden(image, overrides)


def drawn_on_frames(contours: Dataset, image: Dataset) -> Dataset:
    """Return a structure set that names the image and, contour by contour, its frames.

    Made in place; each contour names the frame that lies nearest to it.
    """
    (frame_of_reference,) = contours.ReferencedFrameOfReferenceSequence
    (study,) = frame_of_reference.RTReferencedStudySequence
    (series,) = study.RTReferencedSeriesSequence
    series.ContourImageSequence = [_reference(image)]
    frames = image.PerFrameFunctionalGroupsSequence
    depths = [float(f.PlanePositionSequence[0].ImagePositionPatient[2]) for f in frames]
    for drawn in contours.ROIContourSequence:
        for contour in drawn.ContourSequence:
            depth = float(contour.ContourData[2])
            item = _reference(image)
            nearest = int(np.argmin(np.abs(np.array(depths) - depth)))
            item.ReferencedFrameNumber = nearest + 1
            contour.ContourImageSequence = [item]
    return contours


def _reference(image: Dataset) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = image.SOPClassUID
    item.ReferencedSOPInstanceUID = image.SOPInstanceUID
    return item


def _image(pet: Sequence[Dataset], sop_class_uid: str) -> Dataset:
    image = _copied(pet[0], (*_PATIENT_AND_STUDY, *_PIXELS))
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.SOPClassUID = sop_class_uid
    image.SOPInstanceUID = ENHANCED_UID
    image.InstanceNumber = 1
    image.ContentDate = "20260302"
    image.ContentTime = "113000"
    image.NumberOfFrames = len(pet)
    image.DeviceSerialNumber = "1"
    image.SoftwareVersions = "1"
    image.Manufacturer = image.get("Manufacturer") or "Scanners"
    image.AcquisitionContextSequence = []
    image.DimensionOrganizationSequence = [Dataset()]
    image.DimensionOrganizationSequence[0].DimensionOrganizationUID = f"{ROOT}.77"
    index = Dataset()
    index.DimensionOrganizationUID = f"{ROOT}.77"
    index.DimensionIndexPointer = 0x00209057
    index.FunctionalGroupPointer = 0x00209111
    image.DimensionIndexSequence = [index]
    image.PixelData = b"".join(classic.PixelData for classic in pet)
    return image


def _common_description(image: Dataset) -> None:
    image.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    image.PixelPresentation = "MONOCHROME"
    image.VolumetricProperties = "VOLUME"
    image.VolumeBasedCalculationTechnique = "NONE"
    image.BurnedInAnnotation = "NO"
    image.LossyImageCompression = "00"
    image.PresentationLUTShape = "IDENTITY"
    image.ContentQualification = "RESEARCH"


def _agent(first: Dataset) -> Dataset:
    """Return the injection, its activity in MBq (PS3.3 C.8.22.4)."""
    agent: Dataset = copy.deepcopy(first.RadiopharmaceuticalInformationSequence[0])
    for keyword in ("Radiopharmaceutical", "RadiopharmaceuticalStartTime"):
        if keyword in agent:
            delattr(agent, keyword)
    agent.RadiopharmaceuticalAgentNumber = 1
    if agent.get("RadionuclideTotalDose"):
        agent.RadionuclideTotalDose = float(agent.RadionuclideTotalDose) / 1e6
    agent.AdministrationRouteCodeSequence = [
        _code("47625008", "SCT", "Intravenous route")
    ]
    return agent


def _shared(first: Dataset) -> Dataset:
    shared = Dataset()
    shared.PixelMeasuresSequence = [_copied(first, ("PixelSpacing", "SliceThickness"))]
    shared.PlaneOrientationSequence = [_copied(first, ("ImageOrientationPatient",))]
    kind = Dataset()
    kind.FrameType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    kind.PixelPresentation = "MONOCHROME"
    kind.VolumetricProperties = "VOLUME"
    kind.VolumeBasedCalculationTechnique = "NONE"
    shared.PETFrameTypeSequence = [kind]
    anatomy = Dataset()
    anatomy.FrameLaterality = "U"
    anatomy.AnatomicRegionSequence = [_code("38266002", "SCT", "Entire body")]
    shared.FrameAnatomySequence = [anatomy]
    usage = Dataset()
    usage.RadiopharmaceuticalAgentNumber = 1
    shared.RadiopharmaceuticalUsageSequence = [usage]
    return shared


def _frame(
    classic: Dataset, pet: Sequence[Dataset], unit: tuple[str, float]
) -> Dataset:
    frame = Dataset()
    content = Dataset()
    places = sorted({float(each.ImagePositionPatient[2]) for each in pet})
    times = sorted({_acquired(each) for each in pet})
    content.FrameAcquisitionDateTime = _acquired(classic)
    content.FrameReferenceDateTime = _acquired(classic)
    # Binary, and hardly ever a whole number.
    content.FrameAcquisitionDuration = float(classic.ActualFrameDuration) + 1e-4
    content.FrameAcquisitionNumber = 1
    content.StackID = "1"
    place = places.index(float(classic.ImagePositionPatient[2])) + 1
    content.InStackPositionNumber = place
    content.TemporalPositionIndex = times.index(_acquired(classic)) + 1
    content.DimensionIndexValues = [place]
    frame.FrameContentSequence = [content]
    frame.PlanePositionSequence = [_copied(classic, ("ImagePositionPatient",))]
    frame.RealWorldValueMappingSequence = [_mapping(classic, *unit)]
    factors = correction_factors(str(classic.get("DecayFactor", "1")))
    frame.PETFrameCorrectionFactorsSequence = [factors]
    return frame


def _mapping(classic: Dataset, unit: str, per_unit: float) -> Dataset:
    mapping = Dataset()
    mapping.RealWorldValueFirstValueMapped = -32768
    mapping["RealWorldValueFirstValueMapped"].VR = "SS"
    mapping.RealWorldValueLastValueMapped = 32767
    mapping["RealWorldValueLastValueMapped"].VR = "SS"
    mapping.RealWorldValueIntercept = 0.0
    mapping.RealWorldValueSlope = float(classic.RescaleSlope) * per_unit
    mapping.LUTLabel = "ACTIVITY"
    mapping.LUTExplanation = "Activity"
    mapping.MeasurementUnitsCodeSequence = [_code(unit, "UCUM", unit)]
    return mapping


def _acquired(classic: Dataset) -> str:
    return f"{classic.AcquisitionDate}{classic.AcquisitionTime}"


def _copied(source: Dataset, keywords: Sequence[str]) -> Dataset:
    made = Dataset()
    for keyword in keywords:
        if keyword in source:
            made[keyword] = copy.deepcopy(source[keyword])
    return made


def _overridden(image: Dataset, overrides: Mapping[str, Any]) -> Dataset:
    for keyword, value in overrides.items():
        if value is not None:
            setattr(image, keyword, value)
        elif keyword in image:
            delattr(image, keyword)
    return image


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue = value
    item.CodingSchemeDesignator = scheme
    item.CodeMeaning = meaning
    return item
