"""The frames of a multi-frame PET as headers of single slices (PS3.3 C.8.22, A.72).

Everything that reads classic slices then reads frames as well. Attributes of the same
meaning have the same keyword; these are translated:

=======================================  =============================================
Enhanced PET                             header of a frame
=======================================  =============================================
Plane Position, Plane Orientation and    their attributes
Pixel Measures functional groups
Frame Anatomy of all frames              the same sequence
Frame Acquisition DateTime, Duration     Acquisition DateTime, Actual Frame Duration
Frame Type                               Image Type
PET Frame Correction Factors             Decay Factor
Decay Corrected, Attenuation Corrected   Corrected Image; Decay Correction START or
and the other flags                      NONE
Real World Value Mapping                 Units, SUV Type; slope, intercept and range
Radionuclide Total Dose in MBq           the same in Bq (C.8.22.4, C.8.9.2)
times that a plane comes                 Number of Slices, Number of Time Slices,
                                         Series Type STATIC or DYNAMIC
=======================================  =============================================

Design choice: *Decay Correction* START means no more than one instant for all frames;
*Decay Correction DateTime* says which, and stays in the header for
`dicom_io.suv.decay_reference` to find.

Design choice: a legacy converted image has the classic attributes, in the top level or
in the *Unassigned Converted Attributes* functional groups, and the classic units, Bq
among them. They are taken from there, and functional groups fill what they leave open.
"""

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass

from pydicom import config
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.uid import EnhancedPETImageStorage
from pydicom.valuerep import DSfloat

from dicom_io.attributes import (
    UnreadableValueError,
    items,
    number,
    required_numbers,
    required_text,
    text,
    texts,
)
from dicom_io.lenient import attribute_items
from dicom_io.pet.corrections import DecayCorrectionError
from dicom_io.pet.frame_kinds import require_activity, require_ungated
from dicom_io.pet.functional_groups import FunctionalGroups
from dicom_io.pet.real_world_values import MAPPING, mapping_of

_UNASSIGNED_SHARED = "UnassignedSharedConvertedAttributesSequence"
_UNASSIGNED_PER_FRAME = "UnassignedPerFrameConvertedAttributesSequence"
_INJECTION = "RadiopharmaceuticalInformationSequence"
_BULK = (
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
    "DimensionIndexSequence",
    "NumberOfFrames",
    "PixelData",
)
_NOT_OF_A_FRAME = (
    "AcquisitionDate",
    "AcquisitionTime",
    "AcquisitionDateTime",
    "FrameReferenceTime",
    "ActualFrameDuration",
)
"""Classic attributes that an Enhanced PET keeps in functional groups."""

_GEOMETRY = {
    "PlanePositionSequence": ("ImagePositionPatient",),
    "PlaneOrientationSequence": ("ImageOrientationPatient",),
    "PixelMeasuresSequence": ("PixelSpacing", "SliceThickness", "SpacingBetweenSlices"),
}
_CORRECTIONS = {
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
_BECQUEREL_PER_MEGABECQUEREL = 1e6
_IN_MEGABECQUEREL = (
    "The injected activity was read in MBq, the unit of Enhanced PET (PS3.3 C.8.22.4)"
)
_PLACES_PER_MM = 1000.0


@dataclass(frozen=True, eq=False)
class FrameHeaders:
    """The frames of an image.

    Attributes
    ----------
    headers : tuple of Dataset
        By frame; without pixel data. *Referenced Frame Number* is the frame's own.
    statements : tuple of str
    """

    headers: tuple[Dataset, ...]
    statements: tuple[str, ...]


def frame_headers(dataset: Dataset) -> FrameHeaders:
    """Return the frames of an Enhanced or Legacy Converted Enhanced PET image.

    Raises
    ------
    DicomContentError
        With its reason, when the image is gated, holds no volume, or does not say what
        its frames are.
    """
    groups = FunctionalGroups(dataset)
    enhanced = required_text(dataset, "SOPClassUID") == EnhancedPETImageStorage
    shared = _of_all_frames(dataset, groups, enhanced=enhanced)
    said = _injection_in_becquerel(shared) if enhanced else ()
    headers = []
    for frame in range(len(groups)):
        header = _empty_like(dataset, shared)
        if not enhanced:
            _take_all(groups.of_frame(frame, _UNASSIGNED_PER_FRAME), header)
        _take_geometry(groups, frame, header)
        _take_times(groups, frame, header)
        factors = groups.macro(frame, "PETFrameCorrectionFactorsSequence")
        _take(factors, "DecayFactor", header)
        _take_type(groups, frame, header)
        _take_units(groups, frame, header, enhanced=enhanced)
        # As in an item of a reference: how others refer to this frame.
        header.ReferencedFrameNumber = frame + 1
        headers.append(header)
    require_ungated(headers[0], groups)
    if enhanced:
        _declare_counts(headers)
    return FrameHeaders(tuple(headers), said)


def _of_all_frames(
    dataset: Dataset, groups: FunctionalGroups, *, enhanced: bool
) -> Dataset:
    """Return what all frames have in common, in an object of its own."""
    shared = _empty_like(dataset, dataset)
    for keyword in (*_BULK, *(_NOT_OF_A_FRAME if enhanced else ())):
        if keyword in shared:
            del shared[keyword]
    for group in attribute_items(dataset, "SharedFunctionalGroupsSequence"):
        _take(group, "FrameAnatomySequence", shared)
    if enhanced:
        _translate_corrections(shared)
    else:
        _take_all(groups.shared(_UNASSIGNED_SHARED), shared)
    return shared


def _empty_like(dataset: Dataset, content: Dataset) -> Dataset:
    """Return an object with some content, encoded as a data set was."""
    # Items, unlike iteration, are given as they were read.
    made = Dataset(dict(content.items()))
    made.file_meta = dataset.file_meta
    implicit, little_endian = dataset.original_encoding
    made.set_original_encoding(implicit, little_endian, dataset.original_character_set)
    return made


def _take_all(source: Dataset | None, header: Dataset) -> None:
    if source is not None:
        for tag, element in source.items():
            header[tag] = element


def _take(source: Dataset | None, keyword: str, header: Dataset) -> None:
    if source is not None and keyword in source:
        header[keyword] = source.get_item(keyword, keep_deferred=True)


def _put(header: Dataset, keyword: str, value: object) -> None:
    """Write a value that is another attribute's; whoever needs it checks it."""
    tag = Tag(keyword)
    header[tag] = DataElement(
        tag, dictionary_VR(tag), value, validation_mode=config.IGNORE
    )


def _take_geometry(groups: FunctionalGroups, frame: int, header: Dataset) -> None:
    for macro, keywords in _GEOMETRY.items():
        item = groups.macro(frame, macro)
        for keyword in keywords:
            _take(item, keyword, header)


def _take_times(groups: FunctionalGroups, frame: int, header: Dataset) -> None:
    """Take start and duration of the frame, in ms (PS3.3 C.7.6.16.2.2)."""
    content = groups.macro(frame, "FrameContentSequence")
    if content is None:
        return
    if not text(header, "AcquisitionTime"):
        started = text(content, "FrameAcquisitionDateTime")
        if started:
            _put(header, "AcquisitionDateTime", started)
    if not text(header, "ActualFrameDuration"):
        duration_ms = number(content, "FrameAcquisitionDuration")
        if duration_ms is not None:
            # A whole number where it is classic; there is no reason to round this one.
            tag = Tag("ActualFrameDuration")
            header.add_new(tag, "DS", DSfloat(duration_ms, auto_format=True))


def _take_type(groups: FunctionalGroups, frame: int, header: Dataset) -> None:
    """Take the frame's type; what is no image of activity is refused."""
    item = groups.macro(frame, "PETFrameTypeSequence")
    if item is not None and texts(item, "FrameType"):
        _put(header, "ImageType", list(texts(item, "FrameType")))
    require_activity(header, header if item is None else item)


def _take_units(
    groups: FunctionalGroups, frame: int, header: Dataset, *, enhanced: bool
) -> None:
    """Take the units and the way to them."""
    mappings = groups.macro_items(frame, MAPPING)
    if not enhanced and (text(header, "Units") or not mappings):
        rescale = groups.macro(frame, "PixelValueTransformationSequence")
        _take(rescale, "RescaleSlope", header)
        _take(rescale, "RescaleIntercept", header)
        return
    mapping = mapping_of(mappings, header)
    header.Units = str(mapping.units)
    if mapping.suv_type:
        header.SUVType = mapping.suv_type
    mapping.write_into(header)


def _translate_corrections(header: Dataset) -> None:
    """Write the flags of Enhanced PET Corrections (C.8.22.6) as classic attributes."""
    done = []
    for keyword, code in _CORRECTIONS.items():
        flag = text(header, keyword)
        if flag not in {"YES", "NO", ""}:
            raise UnreadableValueError(header, keyword, "YES or NO")
        if flag == "YES":
            done.append(code)
    if not text(header, "DecayCorrected"):
        raise DecayCorrectionError(header, "it is missing", "DecayCorrected")
    header.CorrectedImage = done
    header.DecayCorrection = "START" if "DECY" in done else "NONE"


def _injection_in_becquerel(header: Dataset) -> tuple[str, ...]:
    """Write the dose in Bq, in place, and return what must be said of it."""
    found = copy.deepcopy(list(items(header, _INJECTION)))
    stated = False
    for item in found:
        megabecquerel = number(item, "RadionuclideTotalDose")
        if megabecquerel is not None:
            becquerel = megabecquerel * _BECQUEREL_PER_MEGABECQUEREL
            if not math.isfinite(becquerel):
                raise UnreadableValueError(
                    header, "RadionuclideTotalDose", "an activity"
                )
            item.RadionuclideTotalDose = DSfloat(becquerel, auto_format=True)
            stated = True
    if found:
        header.RadiopharmaceuticalInformationSequence = found
    return (_IN_MEGABECQUEREL,) if stated else ()


def _declare_counts(headers: Sequence[Dataset]) -> None:
    """Say how many planes there are, and how often each comes."""
    places: dict[tuple[int, ...], int] = {}
    for header in headers:
        position = required_numbers(header, "ImagePositionPatient", 3)
        place = tuple(round(value * _PLACES_PER_MM) for value in position)
        places[place] = places.get(place, 0) + 1
    times = max(places.values())
    for header in headers:
        header.NumberOfSlices = len(places)
        header.NumberOfTimeSlices = times
        header.SeriesType = ["DYNAMIC" if times > 1 else "STATIC", "IMAGE"]
