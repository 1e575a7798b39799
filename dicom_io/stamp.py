"""Identity and instants of the objects that we write.

Design choice: highdicom makes UIDs and reads the clock inside its constructors. A
result must come out in the same bytes however often it is built, so `stamp` overwrites
every one of them with what the job row says.

Design choice: dates and times without an offset are written in the zone of *Timezone
Offset From UTC* (0008,0201) where the object carries one, since it holds for every date
in it, those of the study included; else in the zone of `ObjectIdentity.created_at`.
Date-times carry their offset themselves.

Design choice: the node recognises its results by an item of *Contributing Equipment
Sequence* (0018,A001) that names this software, beside *Manufacturer's Model Name*. Both
are ordinary attributes that archives keep; UIDs and private attributes, which some
archives rewrite or drop, would let a result come back as an input.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo

from pydicom.dataset import Dataset
from pydicom.uid import UID

from dicom_io.codes import PROCESSING_EQUIPMENT, code_item
from dicom_io.lenient import attribute_items, attribute_text

SOFTWARE_NAME = "exhaustion-node"
"""*Manufacturer's Model Name* (0008,1090) of this software: the mark of a result."""

_COMPUTED_UNDER = "Computed under job key "
_UID_LENGTH = 64
"""Longest UID (PS3.5 section 9.1)."""
_LONG_STRING = 64
"""Longest value of LO (PS3.5 section 6.2)."""
_OFFSET = re.compile(r"([+-])([01][0-9])([0-5][0-9])")
"""*Timezone Offset From UTC* (PS3.3 C.12.1.1.8): -1200 to +1400."""


@dataclass(frozen=True)
class Equipment:
    """Who made the object (PS3.3 C.7.5.1, Enhanced: C.7.5.2).

    Attributes
    ----------
    manufacturer, model_name, serial_number, software_version : str
    station_name : str
        The node's AE title.
    institution_name : str or None
    """

    manufacturer: str
    model_name: str
    serial_number: str
    software_version: str
    station_name: str
    institution_name: str | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """What `stamp` writes of it that is in a character set."""
        return (
            self.manufacturer,
            self.model_name,
            self.serial_number,
            self.software_version,
            self.station_name,
            self.institution_name or "",
        )


@dataclass(frozen=True)
class ObjectIdentity:
    """Identity of one result object.

    Attributes
    ----------
    sop_instance_uid, series_instance_uid : str
        Derived from the job key.
    uid_root : str
        Prefix, ending in a dot, from which further UIDs inside the object are derived
        (tracking, observer, dimension organisation), each by a stable name.
    series_number, instance_number : int
    series_description : str
    created_at : datetime
        Timezone-aware; every date and time in the object that is ours.
    job_key : str
        Hex digest under which the result was computed; goes into the object.
    texts : tuple of str
        What any object of the result says that is not ASCII, beside its source's own
        text: all of them are written in one character set, which has it.
    """

    sop_instance_uid: str
    series_instance_uid: str
    uid_root: str
    series_number: int
    instance_number: int
    series_description: str
    created_at: datetime
    job_key: str
    texts: tuple[str, ...] = ()


def derived_uid(uid_root: str, *names: str) -> str:
    """Return a UID that follows from its names alone.

    Parameters
    ----------
    uid_root : str
        Prefix, ending in a dot; ``2.25.`` for UUID-derived UIDs (PS3.5 B.2).
    *names : str
        What the UID is for.

    Returns
    -------
    str
        At most 64 characters.
    """
    digest = hashlib.sha256("\0".join(names).encode()).digest()
    number = str(int.from_bytes(digest[:16]))
    return f"{uid_root}{number[: _UID_LENGTH - len(uid_root)]}"


def stamp(dataset: Dataset, identity: ObjectIdentity, equipment: Equipment) -> None:
    """Give an object its identity, its instants and its maker, in place.

    Afterwards nothing in the object depends on when, where or how often it was built.

    Parameters
    ----------
    dataset : Dataset
        As a constructor of highdicom left it, with the attributes of its source.
    identity : ObjectIdentity
    equipment : Equipment

    References
    ----------
    * DICOM PS3.3 C.12.1 (SOP Common), C.7.3.1 (General Series), C.7.5 (Equipment).
    """
    _stamp_identity(dataset, identity)
    _stamp_instants(dataset, identity.created_at)
    _stamp_equipment(dataset, equipment)
    _stamp_contributions(dataset, identity, equipment)
    _stamp_dimensions(dataset, identity)


def is_own_result(dataset: Dataset) -> bool:
    """Return whether an object is a result of this software, from its header alone.

    Parameters
    ----------
    dataset : Dataset
        Any object; pixel data are not needed.
    """
    if attribute_text(dataset, "ManufacturerModelName") == SOFTWARE_NAME:
        return True
    return any(
        map(_is_own_mark, attribute_items(dataset, "ContributingEquipmentSequence"))
    )


def job_key_of(dataset: Dataset) -> str:
    """Return the key of the job that an object was made by; empty where it says none.

    Parameters
    ----------
    dataset : Dataset
        Any object; pixel data are not needed.
    """
    for item in attribute_items(dataset, "ContributingEquipmentSequence"):
        said = attribute_text(item, "ContributionDescription")
        if _is_own_mark(item) and said.startswith(_COMPUTED_UNDER):
            return said.removeprefix(_COMPUTED_UNDER)
    return ""


def zone_of(dataset: Dataset, otherwise: tzinfo | None) -> tzinfo | None:
    """Return the zone in which an object's dates and times are written.

    Parameters
    ----------
    dataset : Dataset
    otherwise : tzinfo or None
        What holds where *Timezone Offset From UTC* is absent or unreadable.
    """
    found = _OFFSET.fullmatch(attribute_text(dataset, "TimezoneOffsetFromUTC"))
    if found is None:
        return otherwise
    sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if sign == "-" else offset)


def _stamp_identity(dataset: Dataset, identity: ObjectIdentity) -> None:
    dataset.SOPInstanceUID = UID(identity.sop_instance_uid)
    dataset.SeriesInstanceUID = UID(identity.series_instance_uid)
    dataset.SeriesNumber = identity.series_number
    dataset.InstanceNumber = identity.instance_number
    dataset.SeriesDescription = identity.series_description[:_LONG_STRING].strip()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = UID(identity.sop_instance_uid)
    if "FileMetaInformationGroupLength" in dataset.file_meta:
        # The length of another UID; whoever writes the file counts again.
        del dataset.file_meta.FileMetaInformationGroupLength


def _stamp_instants(dataset: Dataset, created_at: datetime) -> None:
    local = created_at.astimezone(zone_of(dataset, created_at.tzinfo))
    day, time = f"{local:%Y%m%d}", f"{local:%H%M%S.%f}"
    for keyword in ("InstanceCreation", "Series", "Content"):
        setattr(dataset, f"{keyword}Date", day)
        setattr(dataset, f"{keyword}Time", time)


def _stamp_equipment(dataset: Dataset, equipment: Equipment) -> None:
    dataset.Manufacturer = equipment.manufacturer
    dataset.ManufacturerModelName = equipment.model_name
    dataset.DeviceSerialNumber = equipment.serial_number
    dataset.SoftwareVersions = equipment.software_version
    dataset.StationName = equipment.station_name
    if equipment.institution_name is not None:
        dataset.InstitutionName = equipment.institution_name


def _stamp_contributions(
    dataset: Dataset, identity: ObjectIdentity, equipment: Equipment
) -> None:
    at = f"{identity.created_at:%Y%m%d%H%M%S.%f%z}"
    others = [
        item
        for item in attribute_items(dataset, "ContributingEquipmentSequence")
        if not _is_own_mark(item)
    ]
    for item in others:
        if attribute_text(item, "ManufacturerModelName") == "highdicom":
            item.ContributionDateTime = at
    own = Dataset()
    own.PurposeOfReferenceCodeSequence = [code_item(PROCESSING_EQUIPMENT)]
    own.Manufacturer = equipment.manufacturer
    own.ManufacturerModelName = SOFTWARE_NAME
    own.SoftwareVersions = equipment.software_version
    own.DeviceSerialNumber = equipment.serial_number
    own.StationName = equipment.station_name
    own.ContributionDateTime = at
    own.ContributionDescription = f"{_COMPUTED_UNDER}{identity.job_key}"
    dataset.ContributingEquipmentSequence = [*others, own]


def _stamp_dimensions(dataset: Dataset, identity: ObjectIdentity) -> None:
    uid = derived_uid(identity.uid_root, identity.sop_instance_uid, "dimensions")
    for keyword in ("DimensionOrganizationSequence", "DimensionIndexSequence"):
        for item in attribute_items(dataset, keyword):
            item.DimensionOrganizationUID = UID(uid)


def _is_own_mark(item: Dataset) -> bool:
    return attribute_text(item, "ManufacturerModelName") == SOFTWARE_NAME
