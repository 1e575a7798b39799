"""What the ledger keeps of an object: identity, counts, references, place in space.

Design choice: a header is read once, right after receipt, and is enough to decide when
a study is ready. Nobody opens a thousand files to learn that one is missing.

Design choice: only a missing or impossible identity makes an object unreadable here.
Any other attribute that cannot be read counts as absent: what needs it will wait, or be
held by the reader that computes with it, and says so there.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from dicom_io.declared_count import DeclaredCount, read_declared_count
from dicom_io.drawn_on import DrawnOn, segmentation_drawn_on, structure_set_drawn_on
from dicom_io.errors import DicomContentError
from dicom_io.lenient import (
    attribute_integer,
    attribute_items,
    attribute_text,
    attribute_uid,
)
from dicom_io.limits import DEFAULT_LIMITS, ReadingLimits, require_modest_pixels
from dicom_io.object_kind import ObjectKind, kind_of_class
from dicom_io.part10 import decode_dataset, read_dataset
from dicom_io.plane import Plane, read_outer_planes, read_plane
from dicom_io.regions.registration import JoinedFrames, joined_frames
from dicom_io.saved_as import SavedAs, read_saved_as
from dicom_io.scan_identity import ScanIdentity, read_scan_identity
from dicom_io.stamp import is_own_result

__all__ = [
    "DeclaredCount",
    "DrawnOn",
    "HeaderTextError",
    "InstanceHeader",
    "MissingIdentityError",
    "ObjectKind",
    "Plane",
    "SavedAs",
    "ScanIdentity",
    "header_from_json",
    "header_to_json",
    "read_header",
    "read_header_bytes",
    "read_header_file",
]


@dataclass(frozen=True)
class InstanceHeader:
    """Identity, counts, references and place of one SOP Instance.

    Attributes
    ----------
    kind : ObjectKind
    sop_class_uid, sop_instance_uid, study_instance_uid, series_instance_uid : str
    transfer_syntax_uid : str
    patient_id : str
        As in the object; for display and for joining, never in ordinary logs.
    modality : str
    frame_of_reference_uid : str or None
    series_number : int or None
    series_description : str
    model_name : str
        *Manufacturer's Model Name*, for site rules on co-registered gantries.
    study_date : str
        DICOM DA as in the object, empty when absent.
    accession_number, study_id, study_description, protocol_name : str
        Empty when absent; a site may name its animals in one of them.
    is_group : bool
        Whether it is a PET of several animals: one with items in *Group of Patients
        Identification Sequence* (PS3.3 C.7.1.4.1.1).
    members : tuple of str
        Their Patient IDs; empty where one is not stated.
    plane : Plane or None
        For single-frame images.
    outer_planes : tuple of Plane
        For multi-frame images: the two at each end.
    count : DeclaredCount or None
        For PET.
    drawn_on : DrawnOn or None
        For structure sets and segmentations.
    saved_as : SavedAs or None
        For structure sets and segmentations.
    joins : JoinedFrames or None
        For registrations, deformable ones too.
    scan : ScanIdentity or None
        For classic PET.
    """

    kind: ObjectKind
    sop_class_uid: str
    sop_instance_uid: str
    study_instance_uid: str
    series_instance_uid: str
    transfer_syntax_uid: str
    patient_id: str
    modality: str
    frame_of_reference_uid: str | None
    series_number: int | None
    series_description: str
    model_name: str
    study_date: str
    accession_number: str = ""
    study_id: str = ""
    study_description: str = ""
    protocol_name: str = ""
    is_group: bool = False
    members: tuple[str, ...] = ()
    plane: Plane | None = None
    outer_planes: tuple[Plane, ...] = ()
    count: DeclaredCount | None = None
    drawn_on: DrawnOn | None = None
    saved_as: SavedAs | None = None
    joins: JoinedFrames | None = None
    scan: ScanIdentity | None = None


_Value = TypeVar("_Value")

_PET = (ObjectKind.PET, ObjectKind.ENHANCED_PET)
_CONTOURS = (ObjectKind.STRUCTURE_SET, ObjectKind.SEGMENTATION)
_SINGLE_FRAME = (ObjectKind.PET, ObjectKind.CT, ObjectKind.IMAGE)
_MULTI_FRAME = (ObjectKind.ENHANCED_PET, ObjectKind.CT, ObjectKind.IMAGE)


def read_header_file(
    path: Path, limits: ReadingLimits = DEFAULT_LIMITS
) -> InstanceHeader:
    """Return the header of a Part 10 file; the pixels are not read.

    Parameters
    ----------
    path : Path
    limits : ReadingLimits
        Of what the object may demand; see `dicom_io.limits`.

    Raises
    ------
    DicomContentError
        When the file cannot be read, demands too much, or says not what it is.
    """
    dataset = read_dataset(path, stop_before_pixels=True, limits=limits)
    require_modest_pixels(dataset, limits)
    return read_header(dataset)


def read_header_bytes(
    content: bytes, limits: ReadingLimits = DEFAULT_LIMITS
) -> InstanceHeader:
    """Return the header of a Part 10 file that is still in memory.

    Raises
    ------
    DicomContentError
        When it cannot be read, demands too much, or says not what it is.
    """
    dataset = decode_dataset(content, stop_before_pixels=True, limits=limits)
    require_modest_pixels(dataset, limits)
    return read_header(dataset)


def read_header(dataset: Dataset) -> InstanceHeader:
    """Return what the ledger keeps of an object.

    Parameters
    ----------
    dataset : Dataset
        Pixel data are not looked at and may be missing.

    Raises
    ------
    MissingIdentityError
        When a UID that identifies the object is absent or no UID.
    """
    kind = _kind(dataset)
    members = _members(dataset) if kind in _PET else ()
    return InstanceHeader(
        kind=kind,
        sop_class_uid=_identity(dataset, "SOPClassUID"),
        sop_instance_uid=_identity(dataset, "SOPInstanceUID"),
        study_instance_uid=_identity(dataset, "StudyInstanceUID"),
        series_instance_uid=_identity(dataset, "SeriesInstanceUID"),
        transfer_syntax_uid=_transfer_syntax(dataset),
        patient_id=attribute_text(dataset, "PatientID"),
        modality=attribute_text(dataset, "Modality"),
        frame_of_reference_uid=attribute_uid(dataset, "FrameOfReferenceUID"),
        series_number=attribute_integer(dataset, "SeriesNumber"),
        series_description=attribute_text(dataset, "SeriesDescription"),
        model_name=attribute_text(dataset, "ManufacturerModelName"),
        study_date=attribute_text(dataset, "StudyDate"),
        accession_number=attribute_text(dataset, "AccessionNumber"),
        study_id=attribute_text(dataset, "StudyID"),
        study_description=attribute_text(dataset, "StudyDescription"),
        protocol_name=attribute_text(dataset, "ProtocolName"),
        is_group=bool(members),
        members=members,
        plane=read_plane(dataset) if kind in _SINGLE_FRAME else None,
        outer_planes=read_outer_planes(dataset) if kind in _MULTI_FRAME else (),
        count=read_declared_count(dataset) if kind is ObjectKind.PET else None,
        drawn_on=_drawn_on(dataset, kind),
        saved_as=read_saved_as(dataset) if kind in _CONTOURS else None,
        joins=joined_frames(dataset),
        scan=read_scan_identity(dataset) if kind is ObjectKind.PET else None,
    )


def header_to_json(header: InstanceHeader) -> str:
    """Return a header as JSON text, for a row of the ledger."""
    return _HEADERS.dump_json(header, exclude_defaults=True).decode()


def header_from_json(text: str) -> InstanceHeader:
    """Return a header from `header_to_json`, every field checked.

    What headers have in common is one object.

    Raises
    ------
    HeaderTextError
        When the text is not one.
    """
    try:
        header = _HEADERS.validate_json(text, strict=True)
    except ValidationError as error:
        raise HeaderTextError(error) from None
    return replace(header, count=_one(header.count), scan=_one(header.scan))


_HEADERS = TypeAdapter(InstanceHeader)


@lru_cache(maxsize=4096)
def _one(value: _Value) -> _Value:
    """Return the first of equal values: what the slices of a series have in common.

    A series takes less memory then, and less time on its way to a worker. Not for
    numbers that have a sign: 0 and -0 are equal.
    """
    return value


def _kind(dataset: Dataset) -> ObjectKind:
    if is_own_result(dataset):
        return ObjectKind.OWN_RESULT
    return kind_of_class(_identity(dataset, "SOPClassUID"))


def _identity(dataset: Dataset, keyword: str) -> str:
    uid = attribute_uid(dataset, keyword)
    if uid is None:
        raise MissingIdentityError(keyword, attribute_uid(dataset, "SOPInstanceUID"))
    return uid


def _transfer_syntax(dataset: Dataset) -> str:
    meta = getattr(dataset, "file_meta", None)
    return "" if meta is None else attribute_uid(meta, "TransferSyntaxUID") or ""


def _members(dataset: Dataset) -> tuple[str, ...]:
    group = attribute_items(dataset, "GroupOfPatientsIdentificationSequence")
    return tuple(attribute_text(item, "PatientID") for item in group)


def _drawn_on(dataset: Dataset, kind: ObjectKind) -> DrawnOn | None:
    if kind is ObjectKind.STRUCTURE_SET:
        return structure_set_drawn_on(dataset)
    if kind is ObjectKind.SEGMENTATION:
        return segmentation_drawn_on(dataset)
    return None


class MissingIdentityError(DicomContentError):
    """A UID that identifies the object is absent, or no UID (PS3.5 9.1)."""

    remedy: ClassVar[str] = "Correct the UID at the source and send the object again."

    def __init__(self, keyword: str, uid: str | None) -> None:
        tag = Tag(keyword)
        where = f"{keyword} ({tag.group:04X},{tag.element:04X})"
        super().__init__(f"{keyword} is absent or no UID", attribute=where, uid=uid)


class HeaderTextError(ValueError):
    """A text is not the JSON of a header."""

    def __init__(self, error: ValidationError) -> None:
        # The values stay out: they may name a person.
        where = ["/".join(map(str, each["loc"])) for each in error.errors()]
        super().__init__(f"not a header; wrong at {', '.join(where) or 'the text'}")
