"""A PET series as a volume with its sources (PS3.3 C.8.9, C.8.22).

Design choice: what this version does not turn into SUV is refused while it is read and
never half understood: GATED series (`gated`), units that no rule turns into SUV
(`dicom_io.pet.units`) and a rescale intercept other than 0 (`unsupported_units`: PS3.3
C.8.9.4.1.6 requires 0, so a value with an intercept is in no known unit). DYNAMIC
series of several time slices are one volume only when they are averaged
(`dicom_io.pet.dynamic_series`); here they are refused (`dynamic_series`).

Design choice: frames of Enhanced PET are slices like others (`dicom_io.pet.enhanced`).
Their *Real World Value Mapping* states the unit together with slope and intercept, so
that an intercept is in order there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from pydicom.dataset import Dataset

from dicom_io.attributes import (
    name_of,
    person_readable,
    required_text,
    text,
    uid_of,
    whole,
)
from dicom_io.errors import DicomContentError
from dicom_io.geometry import require_same, stack_planes
from dicom_io.image_series import (
    InstanceReference,
    is_multi_frame_pet,
    reference_to,
    series_type_of,
)
from dicom_io.pet.corrections import DecayCorrection, decay_correction_of
from dicom_io.pet.real_world_values import require_mapped, written_mapping
from dicom_io.pet.slices import PetSlices, pet_slices
from dicom_io.pet.time_frames import TimeFrame
from dicom_io.pet.units import Units, units_of
from dicom_io.pixels import rescale_of, rescaled_values
from model.grid import Volume

__all__ = [
    "DynamicSeriesError",
    "GatedSeriesError",
    "IncompleteSeriesError",
    "InstanceReference",
    "PetKind",
    "PetSeries",
    "RescaleInterceptError",
    "is_dynamic",
    "kind_of",
    "one_volume",
    "read_pet_series",
    "static_volume",
]

_SAME_IN_ALL = (
    "Units",
    "SUVType",
    "DecayCorrection",
    "CorrectedImage",
    "SeriesType",
    "NumberOfSlices",
    "SeriesDate",
    "SeriesTime",
    "PatientID",
    "PatientWeight",
)
_NOT_VOLUMES = frozenset({"REPROJECTION"})


@dataclass(frozen=True)
class PetKind:
    """What all instances of a PET series say alike."""

    units: Units
    decay_correction: DecayCorrection


@dataclass(frozen=True, eq=False)
class PetSeries:
    """A complete PET series as one volume: static, or averaged over time frames.

    Attributes
    ----------
    study_instance_uid, series_instance_uid, patient_id : str
    units : Units
    decay_correction : DecayCorrection
        Of the volume; an average of uncorrected frames is corrected to the injection.
    volume : Volume
        Rescaled stored values on the series' grid, in double precision; slices in the
        order of increasing position along the normal of *Image Orientation (Patient)*,
        which for Inveon is against *Image Index*.
    instances : tuple of InstanceReference
        By slice index; of an average, those of its first time frame.
    headers : tuple of Dataset
        By slice index, as `instances`, without pixel data; for result objects to refer
        to and copy from, never to be changed.
    time_frames : tuple of TimeFrame
        Of a dynamic series, those that were averaged, in the order of time; empty for a
        static one.
    averaged_instances : tuple of InstanceReference
        All slices of all averaged frames, frame by frame; empty for a static series.
    scan_began_at : datetime or None
        Start of the first time frame of a dynamic scan, averaged or not.
    statements : tuple of str
        What a reader of a result must know of how the volume was made.
    numbers : mapping of str to float
        With which numbers, units in the names.
    """

    study_instance_uid: str
    series_instance_uid: str
    patient_id: str
    units: Units
    decay_correction: DecayCorrection
    volume: Volume
    instances: tuple[InstanceReference, ...]
    headers: tuple[Dataset, ...]
    time_frames: tuple[TimeFrame, ...] = ()
    averaged_instances: tuple[InstanceReference, ...] = ()
    scan_began_at: datetime | None = None
    statements: tuple[str, ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict)


def read_pet_series(paths: Sequence[Path]) -> PetSeries:
    """Return a static PET series from its files, given in any order.

    Raises
    ------
    DicomContentError
        With its reason, when the files are not one complete, regular, static
        series in units that can become SUV; see this module,
        `dicom_io.image_series`, `dicom_io.geometry`, `dicom_io.pixels` and
        `dicom_io.pet.corrections`.
    """
    slices, _ = pet_slices(paths)
    return static_volume(slices)


def static_volume(slices: PetSlices) -> PetSeries:
    """Return slices of a static series as `read_pet_series` does."""
    datasets = slices.images()
    if is_dynamic(datasets[0]):
        raise DynamicSeriesError(datasets[0])
    kind = kind_of(datasets)
    _require_count(datasets)
    return replace(one_volume(datasets, kind), statements=slices.statements)


def is_dynamic(header: Dataset) -> bool:
    """Return whether a slice belongs to a series of several time slices.

    One time slice is one volume, whatever its series is called. The count says nothing
    about series of other types, which carry stale ones.
    """
    time_dependence, _ = series_type_of(header)
    return time_dependence == "DYNAMIC" and whole(header, "NumberOfTimeSlices") != 1


def kind_of(headers: Sequence[Dataset]) -> PetKind:
    """Return what all instances say of the series.

    Raises
    ------
    DicomContentError
        When the series is gated, holds no volume, contradicts itself, or is in units
        that no rule turns into SUV.
    """
    first = headers[0]
    time_dependence, kind = series_type_of(first)
    if time_dependence == "GATED":
        raise GatedSeriesError(first)
    if kind in _NOT_VOLUMES:
        raise ReprojectionError(first)
    require_same(headers, _SAME_IN_ALL)
    return PetKind(units_of(first), decay_correction_of(first))


def one_volume(datasets: Sequence[Dataset], kind: PetKind) -> PetSeries:
    """Return slices that lie beside each other as a series, and strip their pixels.

    Parameters
    ----------
    datasets : sequence of Dataset
        With pixel data, in any order; without them afterwards.
    kind : PetKind

    Raises
    ------
    DicomContentError
        When planes or pixels are not those of one volume, or a rescale intercept is
        not 0.
    """
    rescale = [_rescale(dataset) for dataset in datasets]
    stack = stack_planes(datasets)
    values = rescaled_values(datasets, stack, rescale)
    headers = tuple(datasets[position] for position in stack.order)
    for header, plane in zip(headers, values, strict=True):
        require_mapped(header, plane)
    return PetSeries(
        study_instance_uid=required_text(headers[0], "StudyInstanceUID"),
        series_instance_uid=required_text(headers[0], "SeriesInstanceUID"),
        patient_id=person_readable(headers[0], "PatientID"),
        units=kind.units,
        decay_correction=kind.decay_correction,
        volume=Volume(stack.grid, values, kind.units.ucum),
        instances=tuple(reference_to(header) for header in headers),
        headers=headers,
    )


def _require_count(datasets: Sequence[Dataset]) -> None:
    """Refuse fewer slices than the series says that it has.

    More than *Number of Slices* are in order: several bed positions.
    """
    first = datasets[0]
    declared = whole(first, "NumberOfSlices")
    single = len(datasets) == 1
    if declared is None and single:
        fact = "there is one slice, and nothing says that the series has no more"
        raise IncompleteSeriesError(first, fact)
    if declared is not None and len(datasets) < declared:
        fact = f"{len(datasets)} of {declared} slices are there"
        raise IncompleteSeriesError(first, fact)


def _rescale(dataset: Dataset) -> tuple[float, float]:
    if is_multi_frame_pet(dataset):
        mapped = written_mapping(dataset)
        if mapped is not None:
            return mapped
    slope, intercept = rescale_of(dataset)
    if intercept != 0.0:
        raise RescaleInterceptError(dataset, intercept)
    return slope, intercept


class RescaleInterceptError(DicomContentError):
    """A PET image has a rescale intercept."""

    reason = "unsupported_units"
    remedy = "Export the PET again; its rescale intercept must be 0."

    def __init__(self, dataset: Dataset, intercept: float) -> None:
        super().__init__(
            f"the rescale intercept is {intercept:g}",
            attribute=name_of("RescaleIntercept"),
            uid=uid_of(dataset),
        )
        self.intercept = intercept


class IncompleteSeriesError(DicomContentError):
    """Slices are missing."""

    reason = "incomplete_series"
    remedy = "Send the whole series again from its source."

    def __init__(self, header: Dataset, fact: str) -> None:
        super().__init__(
            fact,
            attribute=name_of("NumberOfSlices"),
            uid=text(header, "SeriesInstanceUID"),
        )


class GatedSeriesError(DicomContentError):
    """The series is gated."""

    reason = "gated"
    remedy = "Send a static reconstruction."

    def __init__(self, header: Dataset) -> None:
        super().__init__(
            "the PET series is gated",
            attribute=name_of("SeriesType"),
            uid=text(header, "SeriesInstanceUID"),
        )


class DynamicSeriesError(DicomContentError):
    """The series has several time frames, and is to be read as one volume."""

    reason = "dynamic_series"
    remedy = "Send a static reconstruction of the frames to be scored."

    def __init__(self, header: Dataset) -> None:
        time_slices = whole(header, "NumberOfTimeSlices")
        count = "an unknown number of" if time_slices is None else str(time_slices)
        super().__init__(
            f"the PET series is dynamic, with {count} time slices",
            attribute=name_of("SeriesType"),
            uid=text(header, "SeriesInstanceUID"),
        )


class ReprojectionError(DicomContentError):
    """The series holds projections and no volume."""

    reason = "no_pet"
    remedy = "Send the tomographic series."

    def __init__(self, header: Dataset) -> None:
        super().__init__(
            "the PET series holds reprojections and no volume",
            attribute=name_of("SeriesType"),
            uid=text(header, "SeriesInstanceUID"),
        )
