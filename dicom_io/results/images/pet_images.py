"""PET images derived from a PET series, slice for slice (PS3.3 A.21, C.8.9).

Design choice: what is said of acquisition and reconstruction is the source's, exactly
as it is written there, since it is still true of what was computed. What counts only
for stored activity (units, scaling, counts) is said by whoever makes the images, or not
at all.

Design choice: slices come in the order of the volume, *Instance Number* and *Image
Index* from 1, whatever the source's were. Of a series of several beds, or of time
frames that were averaged, the source's own numbers would not be 1 to n.
"""

import copy
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code
from pydicom.uid import PositronEmissionTomographyImageStorage

from dicom_io.codes import code_item
from dicom_io.image_series import series_type_of
from dicom_io.lenient import UNREADABLE, attribute_items, attribute_text
from dicom_io.pet.corrections import DecayCorrection
from dicom_io.pet.series import PetSeries
from dicom_io.results.group_subject import SourceGroupSubject
from dicom_io.results.images.frame_instants import put_reference
from dicom_io.results.images.single_frames import EncodedInstance, encode_series
from dicom_io.results.images.slice_elements import (
    OWN_ELEMENTS,
    own_elements,
    slice_elements,
)
from dicom_io.results.images.stored_values import StoredValues
from dicom_io.results.new_object import new_object
from dicom_io.results.source_attributes import leave_unwritable_out, stand_ins
from dicom_io.retired_codes import renew_codes
from dicom_io.stamp import Equipment, ObjectIdentity

_OF_THE_SERIES = (
    # General series and image, frame of reference (C.7.3.1, C.7.6.1, C.7.4.1).
    "BodyPartExamined",
    "Laterality",
    "PatientPosition",
    "AnatomicalOrientationType",
    "ProtocolName",
    "BurnedInAnnotation",
    "RecognizableVisualFeatures",
    "LossyImageCompression",
    "LossyImageCompressionRatio",
    "LossyImageCompressionMethod",
    "PositionReferenceIndicator",
    "AnatomicRegionSequence",
    # Orientation (C.8.4.6).
    "PatientOrientationCodeSequence",
    "PatientGantryRelationshipCodeSequence",
    # PET series (C.8.9.1).
    "CountsSource",
    "CorrectedImage",
    "RandomsCorrectionMethod",
    "AttenuationCorrectionMethod",
    "ScatterCorrectionMethod",
    "ReconstructionDiameter",
    "ConvolutionKernel",
    "ReconstructionMethod",
    "DetectorLinesOfResponseUsed",
    "AcquisitionStartCondition",
    "AcquisitionStartConditionData",
    "AcquisitionTerminationCondition",
    "AcquisitionTerminationConditionData",
    "FieldOfViewShape",
    "FieldOfViewDimensions",
    "GantryDetectorTilt",
    "GantryDetectorSlew",
    "TypeOfDetectorMotion",
    "CollimatorType",
    "CollimatorGridName",
    "AxialAcceptance",
    "AxialMash",
    "TransverseMash",
    "DetectorElementSize",
    "CoincidenceWindowWidth",
    "EnergyWindowRangeSequence",
    # PET isotope (C.8.9.2).
    "RadiopharmaceuticalInformationSequence",
    "InterventionDrugInformationSequence",
)
_MAY_BE_EMPTY = (
    "PositionReferenceIndicator",
    "CorrectedImage",
    "CollimatorType",
    "AcquisitionDate",
    "AcquisitionTime",
    "ActualFrameDuration",
)
_ORIENTATION = (
    "PatientOrientationCodeSequence",
    "PatientGantryRelationshipCodeSequence",
)
_INJECTION = "RadiopharmaceuticalInformationSequence"
_OF_ONE_INJECTION = (
    "RadionuclideTotalDose",
    "RadiopharmaceuticalVolume",
    "RadiopharmaceuticalStartTime",
    "RadiopharmaceuticalStartDateTime",
    "RadiopharmaceuticalStopTime",
    "RadiopharmaceuticalStopDateTime",
    "RadiopharmaceuticalRoute",
    "RadiopharmaceuticalAdministrationEventUID",
)
_BITS = 16
_STATIC_TYPES = frozenset({"STATIC", "WHOLE BODY"})

Identities = Callable[[int], ObjectIdentity]
"""Gives the identity of an instance, counted from 1."""


@dataclass(frozen=True, eq=False)
class ImageKind:
    """What derived images show.

    Attributes
    ----------
    units : str
        *Units* (0054,1001).
    derivation : Code
        PS3.16 CID 7203, or a private one.
    description : str
        *Derivation Description*, at most 1024 characters.
    window : tuple of (float, float)
        Least and greatest value that a viewer should tell apart.
    window_explanation : str
    further : mapping of str to object
        Values of further attributes that all images have, by keyword.
    """

    units: str
    derivation: Code
    description: str
    window: tuple[float, float]
    window_explanation: str
    further: Mapping[str, object]


def derived_images(
    series: PetSeries,
    stored: StoredValues,
    kind: ImageKind,
    identities: Identities,
    equipment: Equipment,
    subject: SourceGroupSubject | None,
) -> Iterator[EncodedInstance]:
    """Give the images of a series, in the order of slices.

    Parameters
    ----------
    series : PetSeries
        What they were computed from; they join this study and frame of reference.
    stored : StoredValues
        On its grid.
    kind : ImageKind
    identities : callable
    equipment : Equipment
    subject : SourceGroupSubject or None
        The animal, where the PET shows several: the images are then in a study of its.
    """
    with warnings.catch_warnings():
        # A value that breaks a rule of its VR is the source's, and is carried over.
        warnings.simplefilter("ignore", UserWarning)
        common = _common(series, kind, identities(1), equipment, subject)
        _describe_pixels(common, series, stored, kind)
        varying, places = slice_elements(series, common)
        slices = [
            Dataset({**places[k], **own_elements(series, stored, k, identities(k + 1))})
            for k in range(len(places))
        ]
        instances = list(encode_series(common, (*OWN_ELEMENTS, *varying), slices))
    return iter(instances)


def _common(
    series: PetSeries,
    kind: ImageKind,
    identity: ObjectIdentity,
    equipment: Equipment,
    subject: SourceGroupSubject | None,
) -> Dataset:
    """Return what all images say of the patient, the series and the scan."""
    # In their character set it is written, for which all of it must be known.
    of_pet = (PositronEmissionTomographyImageStorage, "PT")
    made = new_object(series, of_pet, identity, equipment, subject, [kind.description])
    put_reference(series, made)
    _carry_series_over(series.headers[0], made)
    if subject is not None:
        _leave_one_injection_out(made)
    _describe_series(made, series)
    made.ImageType = ["DERIVED", "PRIMARY"]
    made.Units = kind.units
    made.DerivationDescription = kind.description
    made.DerivationCodeSequence = [code_item(kind.derivation)]
    for keyword, value in kind.further.items():
        setattr(made, keyword, value)
    return made


def _carry_series_over(header: Dataset, made: Dataset) -> None:
    """Copy what a source says of the series; what must be there is there, empty."""
    carried = Dataset()
    for keyword in _OF_THE_SERIES:
        element = _readable_copy(header, keyword)
        if element is not None:
            carried.add(element)
    leave_unwritable_out(carried)
    renew_codes(carried)
    _put_classically(carried)
    made.update(carried)
    # Only one of the two ways of saying how the patient lies may be there.
    orientation = () if "PatientPosition" in made else _ORIENTATION
    empty: dict[str, list[Dataset] | None] = dict.fromkeys(_MAY_BE_EMPTY)
    empty.update({keyword: [] for keyword in (*orientation, _INJECTION)})
    for keyword, nothing in empty.items():
        if keyword not in made:
            setattr(made, keyword, nothing)


def _readable_copy(header: Dataset, keyword: str) -> DataElement | None:
    """Return an element of its own; None where it is absent or cannot be read."""
    if keyword not in header:
        return None
    try:
        return copy.deepcopy(header[keyword])
    except UNREADABLE:
        return None


def _put_classically(carried: Dataset) -> None:
    """Say what Enhanced PET says otherwise as PET images say it, in place."""
    if attribute_text(carried, "TypeOfDetectorMotion") == "STATIONARY":
        carried.TypeOfDetectorMotion = "NONE"
    for item in attribute_items(carried, _INJECTION):
        if "RadiopharmaceuticalAgentNumber" in item:
            del item.RadiopharmaceuticalAgentNumber


def _leave_one_injection_out(made: Dataset) -> None:
    """Leave out what, said of a group, is nothing that one animal got."""
    for item in attribute_items(made, _INJECTION):
        for keyword in _OF_ONE_INJECTION:
            if keyword in item:
                delattr(item, keyword)


def _describe_series(made: Dataset, series: PetSeries) -> None:
    """State what kind of series it is now (PS3.3 C.8.9.1)."""
    time_dependence, _ = series_type_of(series.headers[0])
    static = time_dependence if time_dependence in _STATIC_TYPES else "STATIC"
    made.SeriesType = [static, "IMAGE"]
    made.NumberOfSlices = len(series.instances)
    made.DecayCorrection = str(series.decay_correction)
    if "CountsSource" not in made:
        made.CountsSource = "EMISSION"
    done = made.CorrectedImage
    done = [done] if isinstance(done, str) else list(done or ())
    if series.decay_correction is not DecayCorrection.NONE and "DECY" not in done:
        made.CorrectedImage = [*done, "DECY"]


def _describe_pixels(
    made: Dataset, series: PetSeries, stored: StoredValues, kind: ImageKind
) -> None:
    plane = stand_ins(series, [0])[0]
    made.FrameOfReferenceUID = plane.FrameOfReferenceUID
    for keyword in ("PixelSpacing", "SliceThickness", "ImageOrientationPatient"):
        made.add(plane[keyword])
    made.Rows, made.Columns = plane.Rows, plane.Columns
    made.SamplesPerPixel = 1
    made.PhotometricInterpretation = "MONOCHROME2"
    made.BitsAllocated = made.BitsStored = _BITS
    made.HighBit = _BITS - 1
    made.PixelRepresentation = int(stored.signed)
    made.RescaleIntercept = 0
    low, high = kind.window
    # The function LINEAR takes one off the width, and a half off the centre
    # (C.11.2.1.2). LINEAR_EXACT would not, but half of the viewers do not know it.
    made.WindowCenter = float(f"{(low + high + 1) / 2:.6g}")
    made.WindowWidth = float(f"{high - low + 1:.6g}")
    made.WindowCenterWidthExplanation = kind.window_explanation
