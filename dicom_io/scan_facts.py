"""When, on what and how an image was made, as far as its object states it.

For tables in which scans of several scanners, reconstructions and days stand together.
What cannot be read counts as not stated, since no number hangs on it.

Design choice: equipment is what *Manufacturer*, *Manufacturer's Model Name*, *Station
Name* and *Device Serial Number* say (PS3.3 C.7.5.1), in this order; Inveon leaves the
first empty. A reconstruction is *Reconstruction Method* and *Convolution Kernel*, the
methods of the corrections, and the corrections that were made (PS3.3 C.8.9.1).

Design choice: times that state no offset are read in the zone in which SUV takes them
(`dicom_io.pet.radiopharmaceutical.local_zone`), so that a scan has one instant.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import TypeVar

from pydicom.dataset import Dataset

from dicom_io.attributes import person_readable, texts
from dicom_io.errors import DicomContentError
from dicom_io.instants import date_in
from dicom_io.pet.acquisition import (
    earliest_at,
    frames_of,
    is_undated,
    series_began_at,
)
from dicom_io.pet.radiopharmaceutical import local_zone

_DATES = ("AcquisitionDate", "SeriesDate", "StudyDate")
_RECONSTRUCTION = (
    ("", "ReconstructionMethod"),
    ("kernel ", "ConvolutionKernel"),
    ("attenuation ", "AttenuationCorrectionMethod"),
    ("scatter ", "ScatterCorrectionMethod"),
    ("randoms ", "RandomsCorrectionMethod"),
)
_LONGEST = 64
"""Characters of an attribute (LO, PS3.5 6.2); a longer one is cut."""
_LONGEST_WHOLE = 250
"""Characters of what is said together, so that a cell of a table holds it."""

Value = TypeVar("Value")


@dataclass(frozen=True)
class ScanFacts:
    """What an image states of its making.

    Attributes
    ----------
    scanned_at : datetime or None
        When the acquisition began, in the zone of the object.
    scanned_on : date or None
        Its day there; also where the time is not stated.
    scanner, reconstruction : str
        Empty where nothing is stated.
    """

    scanned_at: datetime | None
    scanned_on: date | None
    scanner: str
    reconstruction: str


def scan_facts(
    headers: Sequence[Dataset], zone: tzinfo, began_at: datetime | None = None
) -> ScanFacts:
    """Return what the slices of an image state of its making.

    Parameters
    ----------
    headers : sequence of Dataset
        At least one; equipment and reconstruction are the first's.
    zone : tzinfo
        Of dates and times that state none.
    began_at : datetime or None
        When the scan began, if it is known from elsewhere, as of a dynamic one.
    """
    first = headers[0]
    stated = _if_readable(lambda: local_zone(first, zone)[0]) or zone
    scanned_at = began_at or _if_readable(lambda: _began_at(headers, stated))
    scanned_at = None if scanned_at is None else scanned_at.astimezone(stated)
    return ScanFacts(
        scanned_at=scanned_at,
        scanned_on=_dated(first) if scanned_at is None else scanned_at.date(),
        scanner=_scanner(first),
        reconstruction=_reconstruction(first),
    )


def _began_at(headers: Sequence[Dataset], zone: tzinfo) -> datetime | None:
    if is_undated(headers[0]):
        # Its instants would be of a day that has no name.
        return None
    began = earliest_at(frames_of(headers, zone))
    return series_began_at(headers[0], zone) if began is None else began


def _dated(header: Dataset) -> date | None:
    for keyword in _DATES:
        found = _if_readable(lambda keyword=keyword: date_in(header, keyword))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        if found is not None:
            return found
    return None


def _scanner(header: Dataset) -> str:
    manufacturer = _label(header, "Manufacturer")
    model = _label(header, "ManufacturerModelName")
    station = _label(header, "StationName")
    serial = _label(header, "DeviceSerialNumber")
    parts = (
        " ".join(part for part in (manufacturer, model) if part),
        station and f"station {station}",
        serial and f"serial number {serial}",
    )
    return ", ".join(part for part in parts if part)[:_LONGEST_WHOLE]


def _reconstruction(header: Dataset) -> str:
    said = [(name, _label(header, keyword)) for name, keyword in _RECONSTRUCTION]
    parts = [f"{name}{value}" for name, value in said if value]
    corrected = _if_readable(lambda: texts(header, "CorrectedImage"))
    if corrected:
        parts.append(f"corrected {' '.join(sorted(corrected))}"[:_LONGEST])
    return ", ".join(parts)[:_LONGEST_WHOLE]


def _label(header: Dataset, keyword: str) -> str:
    found = _if_readable(lambda: person_readable(header, keyword))
    return " ".join((found or "").split())[:_LONGEST]


def _if_readable(read: Callable[[], Value]) -> Value | None:
    try:
        return read()
    except DicomContentError:
        return None
