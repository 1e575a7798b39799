"""What is wrong with an object, and what it is judged by."""

import math
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from dicom_io.lenient import attribute_value
from dicom_io.results.group_subject import SourceGroupSubject
from dicom_io.results.source_attributes import readable

_UID = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*")
_UID_LENGTH = 64

CARRIED_OVER = (
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "PatientWeight",
    "PatientSize",
    "PatientAge",
    "PatientSpeciesDescription",
    "PatientBreedDescription",
    "PatientComments",
    "ResponsiblePerson",
    "ResponsibleOrganization",
    "OtherPatientIDs",
    "OtherPatientNames",
    "StudyInstanceUID",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
    "StudyDescription",
    "ReferringPhysicianName",
    "ClinicalTrialSubjectID",
    "ClinicalTrialProtocolID",
    "TimezoneOffsetFromUTC",
)
"""PS3.3 C.7.1.1, C.7.1.3, C.7.2.1, C.7.2.2, C.12.1, as far as they are plain values."""


@dataclass(frozen=True)
class Fault:
    """A rule that an object breaks.

    Attributes
    ----------
    place : str
        Keyword of an attribute, or the name of a concept.
    rule : str
        What must hold, in words, with its source.
    sop_instance_uid : str
    sop_class : str
        Name of its SOP class, for people.
    """

    place: str
    rule: str
    sop_instance_uid: str
    sop_class: str

    @property
    def words(self) -> str:
        """The fault on one line."""
        return f"{self.sop_class} {self.sop_instance_uid}: {self.place}: {self.rule}"


@dataclass(frozen=True, eq=False)
class Origin:
    """What objects were made from, as far as rules compare them with it.

    Attributes
    ----------
    header : Dataset
        Of an image of the PET; not changed.
    images : frozenset of str
        SOP Instance UIDs of the PET.
    shape : tuple of int
        Slices, rows and columns of its grid.
    uncalibrated : bool
        Whether a score is of a model that is not calibrated.
    subject : SourceGroupSubject or None
        The animal, where the PET shows several.
    uid_root : str
        As in `dicom_io.stamp.ObjectIdentity`.
    whole_maps : bool
        Whether each map has a frame for every slice, as OHIF wants it.
    """

    header: Dataset
    images: frozenset[str]
    shape: tuple[int, int, int]
    uncalibrated: bool = False
    subject: SourceGroupSubject | None = None
    uid_root: str = "2.25."
    whole_maps: bool = True

    @cached_property
    def carried_over(self) -> Mapping[str, Any]:
        """The readable attributes of the source by keyword, worked out once."""
        with warnings.catch_warnings():
            # A value that breaks a rule of its VR is the source's.
            warnings.simplefilter("ignore", UserWarning)
            source = readable(self._described())
            return {keyword: source.get(keyword) for keyword in CARRIED_OVER}

    def _described(self) -> Dataset:
        """Return the part of the header that is compared."""
        header = self.header
        there = (tag for tag in map(Tag, CARRIED_OVER) if tag in header)
        part = Dataset({tag: header.get_item(tag) for tag in there})
        implicit, little_endian = header.original_encoding
        part.set_original_encoding(
            implicit, little_endian, header.original_character_set
        )
        return part


Finding = tuple[str, str]
"""Place and rule of a fault."""

Rule = Callable[[Dataset, Origin], Iterable[Finding]]


def is_valid_uid(text: str) -> bool:
    """Return whether a text is a UID (PS3.5 section 9.1), without leading zeros."""
    return len(text) <= _UID_LENGTH and _UID.fullmatch(text) is not None


def required(dataset: Dataset, *keywords: str, source: str) -> Iterator[Finding]:
    """Give each attribute that is absent or empty and must not be."""
    for keyword in keywords:
        if keyword not in dataset or _is_empty(dataset, keyword):
            yield keyword, f"must be there with a value ({source})"


def _is_empty(dataset: Dataset, keyword: str) -> bool:
    element: Any = dataset.get_item(keyword)
    if isinstance(element, RawDataElement):
        return not (element.value or b"").strip(b" \0")
    return bool(element.is_empty)


def stated_bytes(dataset: Dataset, keyword: str) -> int:
    """Return the length of the value of a bulk element; 0 where there is none."""
    value = dataset.get(keyword)
    return len(value) if isinstance(value, bytes | bytearray) else 0


def number_in(dataset: Dataset, keyword: str) -> float | None:
    """Return a finite number, the first of several; None where there is none."""
    value = attribute_value(dataset, keyword)
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    if not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None
