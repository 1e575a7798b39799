"""What was injected into what weight, and when (PS3.3 C.8.9.2).

Design choice: a weight or dose that is absent, empty or zero was never entered, and is
missing.

Design choice: *Radiopharmaceutical Start DateTime* wins over *Start Time*, which has no
date. A clock time alone means the occurrence nearest to the scan, so that a date rolls
over midnight where that is nearer and never moves an injection by a whole day.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from pydicom.dataset import Dataset

from dicom_io.attributes import items, name_of, number, raw_value, text, texts, uid_of
from dicom_io.errors import DicomContentError
from dicom_io.geometry import InconsistentSeriesError
from dicom_io.instants import (
    date_time_in,
    nearest_at,
    offset_in,
    time_in,
    zone_of,
)

_SEQUENCE = "RadiopharmaceuticalInformationSequence"
_START = "RadiopharmaceuticalStartDateTime"
_OF_AN_INJECTION = (
    "RadionuclideTotalDose",
    "RadionuclideHalfLife",
    "RadiopharmaceuticalStartTime",
    _START,
)
_SAME_CLOCK = timedelta(seconds=60)


def injection_of(header: Dataset) -> Dataset:
    """Return the only item of *Radiopharmaceutical Information Sequence*.

    Raises
    ------
    MissingInjectionError
        When there is none.
    SeveralInjectionsError
        When there are several, so that no single dose explains the image.
    """
    found = items(header, _SEQUENCE)
    if not found:
        raise MissingInjectionError(header)
    if len(found) > 1:
        raise SeveralInjectionsError(header, len(found))
    return found[0]


def require_same_injection(headers: Sequence[Dataset]) -> None:
    """Refuse a series whose slices tell of different injections.

    Raises
    ------
    InconsistentSeriesError
        Naming the attribute.
    MissingInjectionError, SeveralInjectionsError
        When a slice has not exactly one.
    """
    written = [raw_value(header, _SEQUENCE) for header in headers]
    for header, content in zip(headers, written, strict=True):
        if content == written[0]:
            continue
        for keyword in _OF_AN_INJECTION:
            first, other = injection_of(headers[0]), injection_of(header)
            if texts(other, keyword) != texts(first, keyword):
                raise InconsistentSeriesError(header, keyword)


def stated_weight_kg(header: Dataset) -> float:
    """Return *Patient's Weight*, kilograms as the standard says.

    Raises
    ------
    MissingWeightError
        When it was not entered.
    """
    weight = number(header, "PatientWeight")
    if not weight:
        raise MissingWeightError(header)
    return weight


def stated_activity_bq(header: Dataset) -> float:
    """Return *Radionuclide Total Dose*, becquerel as the standard says.

    Raises
    ------
    MissingInjectionError, MissingActivityError
        When it was not entered.
    SeveralInjectionsError
        When there are several.
    """
    activity = number(injection_of(header), "RadionuclideTotalDose")
    if not activity:
        raise MissingActivityError(header)
    return activity


def local_zone(header: Dataset, default: tzinfo) -> tuple[tzinfo, tuple[str, ...]]:
    """Return the zone of dates and times that state none, and what must be said.

    *Timezone Offset From UTC* (0008,0201) decides. Inveon leaves it out and writes an
    offset into *Radiopharmaceutical Start DateTime* alone; as one workstation wrote
    both, that offset is the zone of the others. Reading them in any other would move
    the injection by hours. Only where *Start Time* shows that clocks ran in the
    configured zone, as when the DateTime is written in UTC, does that zone stand.

    Parameters
    ----------
    header : Dataset
    default : tzinfo
        Where the object states no offset at all.
    """
    zone = zone_of(header, default)
    offset = offset_in(injection_of(header), _START)
    if text(header, "TimezoneOffsetFromUTC") or offset is None:
        return zone, ()
    started_at = date_time_in(injection_of(header), _START, zone)
    if started_at is None or zone.utcoffset(started_at.astimezone(zone)) == (
        offset.utcoffset(None)
    ):
        return zone, ()
    clock = time_in(injection_of(header), "RadiopharmaceuticalStartTime")
    if clock is not None and _near(clock, started_at, zone):
        return zone, ()
    said = (
        f"Dates and times without an offset were read at {offset}, the offset of"
        f" Radiopharmaceutical Start DateTime, and not in the configured zone {default}"
    )
    return offset, (said,)


def injected_at(header: Dataset, scan_at: datetime, zone: tzinfo) -> datetime:
    """Return when the injection began, in UTC.

    Parameters
    ----------
    header : Dataset
    scan_at : datetime
        Start of the scan, beside which a clock time without a date is placed.
    zone : tzinfo
        Of dates and times that state none.

    Raises
    ------
    MissingInjectionTimeError
        When neither a date and time nor a time was entered.
    ConflictingInjectionTimesError
        When both were, and differ by more than a minute.
    """
    item = injection_of(header)
    stated = date_time_in(item, _START, zone)
    clock = time_in(item, "RadiopharmaceuticalStartTime")
    if stated is None and clock is None:
        raise MissingInjectionTimeError(header)
    if stated is None:
        return nearest_at(clock or timedelta(0), scan_at, zone)
    if clock is not None and not _shows(item, stated, clock, zone):
        raise ConflictingInjectionTimesError(header)
    return stated


def _near(clock: timedelta, instant: datetime, zone: tzinfo) -> bool:
    return abs(nearest_at(clock, instant, zone) - instant) <= _SAME_CLOCK


def _shows(item: Dataset, stated: datetime, clock: timedelta, zone: tzinfo) -> bool:
    """Return whether a clock in the zone, or in the DT's own, showed the time."""
    if _near(clock, stated, zone):
        return True
    # Some write the same digits and add an offset to one of them.
    written = text(item, _START)
    offset = written[-5:]
    if offset[:1] not in {"+", "-"}:
        return False
    sign = 1 if offset[0] == "+" else -1
    ahead = sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[3:]))
    shown = (stated.replace(tzinfo=None) + ahead).time()
    since_midnight = timedelta(
        hours=shown.hour, minutes=shown.minute, seconds=shown.second
    )
    return abs(since_midnight - clock) <= _SAME_CLOCK


class MissingWeightError(DicomContentError):
    """The weight was not entered."""

    reason = "missing_weight"
    remedy = "Enter Patient's Weight at the scanner's workstation and send again."

    def __init__(self, header: Dataset) -> None:
        super().__init__(
            "the weight is missing or 0",
            attribute=name_of("PatientWeight"),
            uid=text(header, "SeriesInstanceUID"),
        )


class MissingActivityError(DicomContentError):
    """The injected activity was not entered."""

    reason = "missing_activity"
    remedy = (
        "Enter Radionuclide Total Dose at the scanner's workstation and send again."
    )

    def __init__(self, header: Dataset) -> None:
        super().__init__(
            "the injected activity is missing or 0",
            attribute=name_of("RadionuclideTotalDose"),
            uid=text(header, "SeriesInstanceUID"),
        )


class MissingInjectionError(DicomContentError):
    """Nothing is said about an injection."""

    reason = "missing_activity"
    remedy = "Enter the injection at the scanner's workstation and send again."

    def __init__(self, header: Dataset) -> None:
        super().__init__(
            "no injection is described",
            attribute=name_of(_SEQUENCE),
            uid=text(header, "SeriesInstanceUID"),
        )


class SeveralInjectionsError(DicomContentError):
    """Several injections are described for one image."""

    reason = "conflicting_sources"
    remedy = "Leave the one injection that the image shows."

    def __init__(self, header: Dataset, count: int) -> None:
        super().__init__(
            f"{count} injections are described",
            attribute=name_of(_SEQUENCE),
            uid=text(header, "SeriesInstanceUID"),
        )


class MissingInjectionTimeError(DicomContentError):
    """The instant of the injection was not entered."""

    reason = "missing_injection_time"
    remedy = "Enter Radiopharmaceutical Start DateTime and send again."

    def __init__(self, header: Dataset) -> None:
        super().__init__(
            "the time of the injection is missing",
            attribute=name_of(_START),
            uid=text(header, "SeriesInstanceUID"),
        )


class ConflictingInjectionTimesError(DicomContentError):
    """Two statements of the injection time contradict each other."""

    reason = "conflicting_sources"
    remedy = "Correct the injection time at its source and send again."

    def __init__(self, header: Dataset) -> None:
        item = injection_of(header)
        date_time = text(item, _START)
        clock = text(item, "RadiopharmaceuticalStartTime")
        super().__init__(
            f"the injection began at {date_time} by Radiopharmaceutical Start DateTime"
            f" and at {clock} by Radiopharmaceutical Start Time",
            attribute=name_of(_START),
            uid=uid_of(header),
        )
