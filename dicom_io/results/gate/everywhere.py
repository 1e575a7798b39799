"""Rules for every object of a result."""

import re
from collections.abc import Iterable, Iterator

from pydicom.charset import convert_encodings
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.valuerep import CUSTOMIZABLE_CHARSET_VR

from dicom_io.lenient import attribute_items, attribute_text, attribute_value
from dicom_io.results.gate.fault import (
    Finding,
    Origin,
    is_valid_uid,
    required,
    stated_bytes,
)
from dicom_io.stamp import is_own_result

_SOP_COMMON = "PS3.3 C.12.1"
_INSTANTS = ("InstanceCreation", "Series")
_DATE = re.compile(r"[0-9]{8}")
_TIME = re.compile(r"[0-9]{6}(\.[0-9]{1,6})?")
_OF_THE_ANIMAL = (
    "PatientID",
    "PatientName",
    "PatientWeight",
    "PatientSize",
    "OtherPatientIDs",
    "OtherPatientNames",
    "ClinicalTrialSubjectID",
    "StudyInstanceUID",
)
"""What may differ from the PET of a group (`dicom_io.results.group_subject`)."""
_UIDS = (
    "SOPClassUID",
    "SOPInstanceUID",
    "SeriesInstanceUID",
    "StudyInstanceUID",
    "FrameOfReferenceUID",
)
_BULK = ("PixelData", "FloatPixelData", "EncapsulatedDocument")
_LONG_STRINGS = ("SeriesDescription", "ContentDescription", "SegmentLabel")
_LONG_STRING = 64
_TEXTS = CUSTOMIZABLE_CHARSET_VR
_OWN_UIDS = ("SOPInstanceUID", "SeriesInstanceUID")


def uids_are_valid(dataset: Dataset, _: Origin) -> Iterator[Finding]:
    """PS3.5 section 9.1; FrameOfReferenceUID where it is there.

    UIDs that are the source's own stand as they are: they name what is in archives.
    """
    for keyword in _UIDS:
        text = attribute_text(dataset, keyword)
        if text and keyword in _OWN_UIDS and not is_valid_uid(text):
            yield keyword, "is not a valid UID (PS3.5 9.1)"
    names = [attribute_text(dataset, keyword) for keyword in _UIDS[1:4]]
    if len(set(names)) < len(names):
        yield "SOPInstanceUID", "object, series and study have different UIDs"


def is_identified(dataset: Dataset, _: Origin) -> Iterator[Finding]:
    """PS3.3 C.12.1, C.7.3.1, C.7.5.2: what no object of ours is without."""
    yield from required(dataset, *_UIDS[:4], source=_SOP_COMMON)
    series = ("Modality", "SeriesNumber", "SeriesDescription", "InstanceNumber")
    yield from required(dataset, *series, source="PS3.3 C.7.3.1")
    maker = ("Manufacturer", "ManufacturerModelName", "SoftwareVersions")
    yield from required(dataset, *maker, source="PS3.3 C.7.5.2")


def is_dated(dataset: Dataset, _: Origin) -> Iterator[Finding]:
    """Instants are there, and date and time as PS3.5 section 6.2 has them."""
    state = attribute_text(dataset, "Modality") == "PR"
    for name in (*_INSTANTS, "PresentationCreation" if state else "Content"):
        if not _DATE.fullmatch(attribute_text(dataset, f"{name}Date")):
            yield f"{name}Date", "must be a date (PS3.5 6.2, DA)"
        if not _TIME.fullmatch(attribute_text(dataset, f"{name}Time")):
            yield f"{name}Time", "must be a time (PS3.5 6.2, TM)"


def file_meta_agrees(dataset: Dataset, _: Origin) -> Iterator[Finding]:
    """PS3.10 section 7.1."""
    meta = getattr(dataset, "file_meta", Dataset())
    for inside, outside in (
        ("MediaStorageSOPClassUID", "SOPClassUID"),
        ("MediaStorageSOPInstanceUID", "SOPInstanceUID"),
    ):
        if attribute_text(meta, inside) != attribute_text(dataset, outside):
            yield inside, f"must be {outside} (PS3.10 7.1)"
    yield from required(meta, "TransferSyntaxUID", source="PS3.10 7.1")


def is_the_sources(dataset: Dataset, origin: Origin) -> Iterator[Finding]:
    """Patient and study are the source's, or the animal's of its group."""
    for keyword, wanted in origin.carried_over.items():
        if origin.subject is not None and keyword in _OF_THE_ANIMAL:
            continue
        if (attribute_value(dataset, keyword) or "") != (wanted or ""):
            yield keyword, "must be the source's (PS3.3 C.7.1.1, C.7.2.1)"
    subject = origin.subject
    if subject is None:
        return
    if attribute_text(dataset, "PatientID") != subject.patient_id:
        yield "PatientID", "must be that of the animal (PS3.3 C.7.1.4.1.1)"
    study = subject.study_of(str(origin.header.StudyInstanceUID), origin.uid_root)
    if attribute_text(dataset, "StudyInstanceUID") != study:
        yield "StudyInstanceUID", "must be the animal's (PS3.17 VVV.1.2)"


def lies_where_the_source_lies(dataset: Dataset, origin: Origin) -> Iterator[Finding]:
    """PS3.3 C.7.4.1: an object with a frame of reference has its source's."""
    found = attribute_text(dataset, "FrameOfReferenceUID")
    if found and found != attribute_text(origin.header, "FrameOfReferenceUID"):
        yield "FrameOfReferenceUID", "must be the source's (PS3.3 C.7.4.1)"


def is_marked(dataset: Dataset, _: Origin) -> Iterator[Finding]:
    """Without its mark, the node would take the object for an input."""
    if not is_own_result(dataset):
        yield "ContributingEquipmentSequence", "must name this software"


def bulk_is_even(dataset: Dataset, _: Origin) -> Iterator[Finding]:
    """PS3.5 section 7.1.1, of what is put in as bytes."""
    for keyword in _BULK:
        if stated_bytes(dataset, keyword) % 2:
            yield keyword, "must be of even length (PS3.5 7.1.1)"


def texts_can_be_written(dataset: Dataset, _: Origin) -> Iterator[Finding]:
    """PS3.3 C.12.1.1.2: the character set holds every text that is written in it."""
    declared = attribute_value(dataset, "SpecificCharacterSet")
    values = [declared] if isinstance(declared, str) else list(declared or ())
    # The default repertoire, also as the first of several, is ASCII.
    encodings = ["ascii"]
    encodings += [convert_encodings(each)[0] for each in values if each]
    for element in dataset.values():
        if isinstance(element, RawDataElement) or element.VR not in _TEXTS:
            continue
        if not all(_has(encodings, letter) for letter in set(str(element.value))):
            yield element.keyword, "cannot be written in the character set"


def _has(encodings: Iterable[str], letter: str) -> bool:
    """Return whether one of some encodings has a letter."""
    for encoding in encodings:
        try:
            letter.encode(encoding)
        except (UnicodeError, LookupError):
            continue
        return True
    return False


def texts_are_short(dataset: Dataset, _: Origin) -> Iterator[Finding]:
    """PS3.5 section 6.2, LO, of what is written beside the source's own text."""
    for item in (dataset, *attribute_items(dataset, "SegmentSequence")):
        for keyword in _LONG_STRINGS:
            if len(attribute_text(item, keyword)) > _LONG_STRING:
                yield keyword, "must be of at most 64 characters (PS3.5 6.2, LO)"


EVERYWHERE = (
    bulk_is_even,
    texts_are_short,
    texts_can_be_written,
    uids_are_valid,
    is_identified,
    is_dated,
    file_meta_agrees,
    is_the_sources,
    lies_where_the_source_lies,
    is_marked,
)
"""Rules for every object."""
