"""PET and CT as an Inveon workstation exports them, peculiarities included.

Design choice: what real exports do is kept even where it is awkward, since that is what
a reader must survive: an empty *Manufacturer*, a *Patient ID* for every data set,
an orientation whose normal points against the *Image Index*, numbers in scientific
notation, codes from before SNOMED CT, a private block. UIDs are not under the vendor's
root: a phantom is not the vendor's.

References
----------
* DICOM PS3.3 A.21 (PET Image IOD), C.8.9 (PET modules), A.3 and C.8.2 (CT).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, CTImageStorage, PositronEmissionTomographyImageStorage

from model.grid import Grid

ORIENTATION = [-1, 0, 0, 0, 1, 0]
"""Rows run to the right, columns to the back: the normal points to the feet."""

MODEL_NAME = "Inveon MM Platform"
CT_SLOPE = "0.289203"
CT_INTERCEPT = "8477.6"
F18_POSITRON_FRACTION = "0.967"

_PRIVATE_GROUP = 0x0079
_PRIVATE_CREATOR = "SMIL_PB79"
_INT16 = np.iinfo(np.int16)

MakeUid = Callable[..., UID]


@dataclass(frozen=True)
class SeriesIdentity:
    """Which series of which data set.

    Attributes
    ----------
    study_instance_uid, series_instance_uid, frame_of_reference_uid : UID
    patient_id : str
        The data set's file name.
    description : str
    number : int
    """

    study_instance_uid: UID
    series_instance_uid: UID
    frame_of_reference_uid: UID
    patient_id: str
    description: str
    number: int


@dataclass(frozen=True)
class ScanFrame:
    """A time frame of the PET scan; a static scan has one.

    Attributes
    ----------
    number, count : int
        Which one, from 1, of how many.
    began, length : timedelta
        After the start of the scan; how long it took.
    """

    number: int
    count: int
    began: timedelta
    length: timedelta


@dataclass(frozen=True)
class Scan:
    """When and of what the images were taken.

    Attributes
    ----------
    study_at, ct_at, pet_at, injected_at : datetime
        Timezone-aware.
    weight_g, injected_activity_bq, half_life_s : float
    """

    study_at: datetime
    ct_at: datetime
    pet_at: datetime
    injected_at: datetime
    weight_g: float
    injected_activity_bq: float
    half_life_s: float


def scientific(number: float) -> str:
    """Return a number as Inveon writes it in a DS, for example ``2.19E-2``.

    Ten significant digits, at most 16 characters (PS3.5 section 6.2).
    """
    mantissa, exponent = f"{number:.9E}".split("E")
    digits = mantissa.rstrip("0")
    return f"{digits}{'0' if digits.endswith('.') else ''}E{int(exponent)}"


def pet_instances(
    activity_bq_per_ml: NDArray[np.floating],
    grid: Grid,
    taken: tuple[Scan, ScanFrame],
    identity: SeriesIdentity,
    make_uid: MakeUid,
    *,
    slope_per_slice: bool,
) -> Iterator[Dataset]:
    """Yield the slices of a time frame in the order of *Image Index*.

    Parameters
    ----------
    activity_bq_per_ml : ndarray, shape ``grid.shape``
        Of the frame, decay-corrected to the start of the scan.
    grid : Grid
    taken : tuple of Scan and ScanFrame
    identity : SeriesIdentity
    make_uid : callable
        Called with ``"PET"`` and the slice's number from 1.
    slope_per_slice : bool
        Whether every slice has its own *Rescale Slope*; otherwise the time frame has
        one, as the scanner does it.
    """
    scan, frame = taken
    slices = grid.shape[0]
    common = _common(identity, scan, PositronEmissionTomographyImageStorage)
    common.update(_pet_series(slices, scan, frame))
    for index in range(slices):
        values = activity_bq_per_ml[index]
        top = float((values if slope_per_slice else activity_bq_per_ml).max())
        slope = scientific(top / _INT16.max if top > 0 else 1.0)
        dataset = _slice(common, grid, index)
        dataset.SOPInstanceUID = make_uid("PET", index + 1)
        dataset.ImageIndex = (frame.number - 1) * slices + index + 1
        dataset.InstanceNumber = dataset.ImageIndex
        dataset.RescaleIntercept = "0"
        dataset.RescaleSlope = slope
        _set_pixels(dataset, np.rint(values / float(slope)))
        yield dataset


def ct_instances(
    hounsfield: NDArray[np.floating],
    grid: Grid,
    scan: Scan,
    identity: SeriesIdentity,
    make_uid: MakeUid,
) -> Iterator[Dataset]:
    """Yield the slices of a CT series; `make_uid` gets ``"CT"`` and the number."""
    common = _common(identity, scan, CTImageStorage)
    common.update(_ct_series(scan))
    for index in range(grid.shape[0]):
        dataset = _slice(common, grid, index)
        dataset.SOPInstanceUID = make_uid("CT", index + 1)
        dataset.RescaleIntercept = CT_INTERCEPT
        dataset.RescaleSlope = CT_SLOPE
        stored = (hounsfield[index] - float(CT_INTERCEPT)) / float(CT_SLOPE)
        _set_pixels(dataset, np.rint(stored))
        yield dataset


def _common(identity: SeriesIdentity, scan: Scan, sop_class: UID) -> Dataset:
    """Return what every slice of a series says alike."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.SOPClassUID = sop_class
    set_moment(dataset, "Study", scan.study_at)
    dataset.AccessionNumber = ""
    dataset.Manufacturer = ""
    dataset.InstitutionName = ""
    dataset.ReferringPhysicianName = ""
    dataset.StudyDescription = "Synthetic phantom"
    dataset.SeriesDescription = identity.description
    dataset.OperatorsName = ""
    dataset.ManufacturerModelName = MODEL_NAME
    # Unpaired, so that Laterality is not demanded (PS3.3 C.7.3.1).
    dataset.BodyPartExamined = "WHOLEBODY"
    dataset.PatientName = "Phantom^Mouse"
    dataset.PatientID = identity.patient_id
    dataset.PatientBirthDate = ""
    dataset.PatientSex = "F"
    dataset.PatientWeight = scientific(scan.weight_g / 1000.0)
    dataset.ContributingEquipmentSequence = Sequence([_acquisition_equipment()])
    dataset.StudyInstanceUID = identity.study_instance_uid
    dataset.SeriesInstanceUID = identity.series_instance_uid
    dataset.StudyID = "1"
    dataset.SeriesNumber = identity.number
    dataset.FrameOfReferenceUID = identity.frame_of_reference_uid
    dataset.PositionReferenceIndicator = ""
    block = dataset.private_block(_PRIVATE_GROUP, _PRIVATE_CREATOR, create=True)
    block.add_new(0x01, "LO", "synthetic")
    return dataset


def _acquisition_equipment() -> Dataset:
    equipment = Dataset()
    equipment.Manufacturer = "Siemens Molecular Imaging"
    equipment.ManufacturerModelName = "Inveon"
    equipment.SoftwareVersions = "synthetic"
    purpose = _code("109101", "DCM", "Acquisition Equipment")
    equipment.PurposeOfReferenceCodeSequence = Sequence([purpose])
    return equipment


def _pet_series(slices: int, scan: Scan, frame: ScanFrame) -> Dataset:
    dataset = Dataset()
    dataset.Modality = "PT"
    dataset.ImageType = ["ORIGINAL", "PRIMARY"]
    set_moment(dataset, "Series", scan.pet_at)
    set_moment(dataset, "Acquisition", scan.pet_at + frame.began)
    set_moment(dataset, "Content", scan.pet_at + frame.began + frame.length)
    dataset.CorrectedImage = ["NORM", "ATTN", "SCAT", "DECY", "DTIM"]
    dataset.CollimatorType = "NONE"
    dataset.PatientOrientationCodeSequence = Sequence([_lying_prone()])
    gantry = _code("F-10470", "99SDM", "headfirst")
    dataset.PatientGantryRelationshipCodeSequence = Sequence([gantry])
    dataset.RadiopharmaceuticalInformationSequence = Sequence([_injection(scan)])
    dataset.SeriesType = ["DYNAMIC" if frame.count > 1 else "STATIC", "IMAGE"]
    dataset.Units = "BQML"
    dataset.CountsSource = "EMISSION"
    dataset.RandomsCorrectionMethod = "DLYD"
    dataset.AttenuationCorrectionMethod = "CT-derived mu-map"
    dataset.ScatterCorrectionMethod = "Monte-Carlo"
    dataset.ReconstructionMethod = "OSEM3D/SP-MAP"
    dataset.DecayCorrection = "START"
    dataset.NumberOfSlices = slices
    dataset.NumberOfSeriesRelatedInstances = slices * frame.count
    if frame.count > 1:
        dataset.NumberOfTimeSlices = frame.count
    middle_s = (frame.began + frame.length / 2).total_seconds()
    dataset.ActualFrameDuration = round(frame.length.total_seconds() * 1000.0)
    dataset.FrameReferenceTime = scientific(middle_s * 1000.0)
    dataset.DecayFactor = scientific(2.0 ** (middle_s / scan.half_life_s))
    dataset.DoseCalibrationFactor = "1"
    return dataset


def _lying_prone() -> Dataset:
    recumbent = _code("F-10450", "99SDM", "recumbent")
    prone = _code("F-10310", "99SDM", "prone")
    recumbent.PatientOrientationModifierCodeSequence = Sequence([prone])
    return recumbent


def _injection(scan: Scan) -> Dataset:
    """Return the tracer; neither route nor species is stated, as on the scanner."""
    item = Dataset()
    item.Radiopharmaceutical = "FDG"
    item.RadiopharmaceuticalVolume = "0.1"
    item.RadiopharmaceuticalStartTime = _time(scan.injected_at)
    moment = scan.injected_at.strftime("%Y%m%d%H%M%S.%f%z")
    item.RadiopharmaceuticalStartDateTime = moment
    item.RadionuclideTotalDose = scientific(scan.injected_activity_bq)
    item.RadionuclideHalfLife = str(scan.half_life_s)
    item.RadionuclidePositronFraction = F18_POSITRON_FRACTION
    nuclide = _code("C-111A1", "SNM3", "^18^Fluorine")
    item.RadionuclideCodeSequence = Sequence([nuclide])
    tracer = _code("C-B1031", "SNM3", "Fluorodeoxyglucose F^18^")
    item.RadiopharmaceuticalCodeSequence = Sequence([tracer])
    return item


def _ct_series(scan: Scan) -> Dataset:
    dataset = Dataset()
    dataset.Modality = "CT"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    for event in ("Series", "Acquisition", "Content"):
        set_moment(dataset, event, scan.ct_at)
    dataset.KVP = "80"
    dataset.AcquisitionNumber = 1
    dataset.PatientPosition = "HFP"
    dataset.RescaleType = "HU"
    return dataset


def _slice(common: Dataset, grid: Grid, index: int) -> Dataset:
    """Return a slice with its place; elements of `common` are shared, not changed."""
    dataset = Dataset()
    dataset.update(common)
    slice_mm, row_mm, column_mm = (round(step, 6) for step in grid.spacing_mm)
    (place_mm,) = grid.points_mm(np.array([[index, 0.0, 0.0]]))
    dataset.InstanceNumber = index + 1
    dataset.ImagePositionPatient = [round(float(axis), 6) for axis in place_mm]
    dataset.ImageOrientationPatient = ORIENTATION
    dataset.SliceThickness = slice_mm
    dataset.PixelSpacing = [row_mm, column_mm]
    return dataset


def _set_pixels(dataset: Dataset, stored: NDArray[np.floating]) -> None:
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows, dataset.Columns = stored.shape
    dataset.BitsAllocated = 16
    dataset.BitsStored = 16
    dataset.HighBit = 15
    dataset.PixelRepresentation = 1
    integers = np.clip(stored, _INT16.min, _INT16.max).astype("<i2")
    dataset.add_new("PixelData", "OW", integers.tobytes())


def set_moment(dataset: Dataset, event: str, at: datetime) -> None:
    """Set the date and the time of an event, in the zone in which it is written."""
    setattr(dataset, f"{event}Date", at.strftime("%Y%m%d"))
    setattr(dataset, f"{event}Time", _time(at))


def _time(at: datetime) -> str:
    return at.strftime("%H%M%S.%f")


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue = value
    item.CodingSchemeDesignator = scheme
    item.CodeMeaning = meaning
    return item
