"""What a structure set or segmentation says of its saving: when, by whom, after which.

Design choice: of a person only a digest is kept. It tells whether two objects name the
same one, and not whom.

Design choice: a clock time of which no offset from UTC is stated is read as UTC and
marked. It is compared with other such times alone, which one site's clocks show.

Design choice: the *Content Label* (0070,0080) of a Segmentation is not kept: many
writers put the same word into all of them, so that it names nothing.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from dicom_io.errors import DicomContentError
from dicom_io.instants import at, date_in, time_in, zone_of
from dicom_io.lenient import (
    UNREADABLE,
    attribute_items,
    attribute_text,
    attribute_uid,
    attribute_value,
)

_INSTANTS = (
    ("StructureSetDate", "StructureSetTime"),
    ("ContentDate", "ContentTime"),
)


@dataclass(frozen=True)
class SavedAs:
    """What a structure set or segmentation says of its saving.

    Attributes
    ----------
    label : str
        *Structure Set Label* (3006,0002); empty for segmentations.
    saved_at : datetime or None
        *Structure Set Date* and *Time* (3006,0008), (3006,0009), else *Content Date*
        and *Time* (0008,0023), (0008,0033); None unless both are stated.
    in_utc : bool
        Whether an offset from UTC is stated; else the clock's time stands in `saved_at`
        as if it were UTC.
    predecessors : tuple of str
        SOP Instance UIDs of what it was made from, sorted.
    operator, interpreters : str
        Digests of *Operators' Name* (0008,1070), else *Content Creator's Name*
        (0070,0084), and of all *ROI Interpreter* (3006,00A6); empty where none is
        named.
    """

    label: str = ""
    saved_at: datetime | None = None
    in_utc: bool = False
    predecessors: tuple[str, ...] = ()
    operator: str = ""
    interpreters: str = ""


def read_saved_as(dataset: Dataset) -> SavedAs:
    """Return what a structure set or segmentation says of its saving.

    What cannot be read counts as absent.

    Parameters
    ----------
    dataset : Dataset

    References
    ----------
    DICOM PS3.3 C.8.8.5 (Structure Set Module); *Predecessor Documents Sequence*
    (0040,A360) has the form of PS3.3 C.17.2, in which viewers write it into
    segmentations and structure sets as well.
    """
    return SavedAs(
        label=attribute_text(dataset, "StructureSetLabel"),
        saved_at=_saved_at(dataset),
        in_utc=bool(attribute_text(dataset, "TimezoneOffsetFromUTC")),
        predecessors=tuple(sorted(set(_predecessors(dataset)))),
        operator=_digest(
            _persons(dataset, "OperatorsName")
            or _persons(dataset, "ContentCreatorName")
        ),
        interpreters=_digest(
            {
                name
                for item in attribute_items(dataset, "RTROIObservationsSequence")
                for name in _persons(item, "ROIInterpreter")
            }
        ),
    )


def _saved_at(dataset: Dataset) -> datetime | None:
    for day_keyword, time_keyword in _INSTANTS:
        try:
            day, clock = date_in(dataset, day_keyword), time_in(dataset, time_keyword)
            if day is not None and clock is not None:
                return at(day, clock, zone_of(dataset, UTC))
        except (DicomContentError, OverflowError):
            continue
    return None


def _predecessors(dataset: Dataset) -> Iterator[str]:
    items = list(attribute_items(dataset, "PredecessorStructureSetSequence"))
    for study in attribute_items(dataset, "PredecessorDocumentsSequence"):
        for series in attribute_items(study, "ReferencedSeriesSequence"):
            items += attribute_items(series, "ReferencedSOPSequence")
    for item in items:
        uid = attribute_uid(item, "ReferencedSOPInstanceUID")
        if uid is not None:
            yield uid


def _persons(dataset: Dataset, keyword: str) -> set[str]:
    """Return the persons that an attribute names.

    Case and empty components at the end distinguish no persons (PS3.5 6.2.1).
    """
    value = attribute_value(dataset, keyword)
    values = value if isinstance(value, MultiValue) else [value or ""]
    try:
        names = {str(name).rstrip("^= ").casefold() for name in values}
    except UNREADABLE:
        return set()
    return names - {""}


def _digest(persons: Iterable[str]) -> str:
    """Return what tells persons apart; empty without any."""
    named = sorted(persons)
    return hashlib.sha256("\0".join(named).encode()).hexdigest() if named else ""
