"""What was injected into what weight, and when (PS3.3 C.8.9.2).

Design choice: a weight or dose that is absent, empty or zero was never entered, and is
missing, as far as the PET itself is concerned; other sources may know it
(`dicom_io.suv.injected`).

Design choice: *Radiopharmaceutical Start DateTime* wins over *Start Time*, which has no
date; where it holds a date alone, both together are the instant. A clock time alone
means the occurrence nearest to the scan, so that a date rolls
over midnight where that is nearer and never moves an injection by a whole day.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from pydicom.dataset import Dataset

from dicom_io.attributes import items, name_of, number, raw_value, text, texts, uid_of
from dicom_io.errors import DicomContentError
from dicom_io.geometry import InconsistentSeriesError
from dicom_io.instants import (
    at,
    date_time_in,
    day_alone_in,
    nearest_at,
    offset_in,
    time_in,
    zone_of,
)

_SEQUENCE = "RadiopharmaceuticalInformationSequence"
_START = "RadiopharmaceuticalStartDateTime"
_CLOCK = "RadiopharmaceuticalStartTime"
_OF_AN_INJECTION = (
    "RadionuclideTotalDose",
    "RadionuclideHalfLife",
    "RadiopharmaceuticalStartTime",
    _START,
)
_SAME_CLOCK = timedelta(seconds=60)


def injection_of(header: Dataset) -> Dataset | None:
    """Return the only item of *Radiopharmaceutical Information Sequence*, or None.

    Raises
    ------
    SeveralInjectionsError
        When there are several, so that no single dose explains the image.
    """
    found = items(header, _SEQUENCE)
    if len(found) > 1:
        raise SeveralInjectionsError(header, len(found))
    return found[0] if found else None


def require_same_injection(headers: Sequence[Dataset]) -> None:
    """Refuse a series whose slices tell of different injections.

    Raises
    ------
    InconsistentSeriesError
        Naming the attribute.
    SeveralInjectionsError
        When a slice has more than one.
    """
    written = [raw_value(header, _SEQUENCE) for header in headers]
    for header, content in zip(headers, written, strict=True):
        if content == written[0]:
            continue
        first, other = injection_of(headers[0]), injection_of(header)
        if first is None or other is None:
            raise InconsistentSeriesError(header, _SEQUENCE)
        for keyword in _OF_AN_INJECTION:
            if texts(other, keyword) != texts(first, keyword):
                raise InconsistentSeriesError(header, keyword)


def stated_weight_kg(header: Dataset) -> float | None:
    """Return *Patient's Weight*, kilograms as the standard says.

    Returns
    -------
    float or None
        None where it was not entered.
    """
    return number(header, "PatientWeight") or None


def stated_activity_bq(header: Dataset) -> float | None:
    """Return *Radionuclide Total Dose*, becquerel as the standard says.

    Returns
    -------
    float or None
        None where it was not entered.

    Raises
    ------
    SeveralInjectionsError
        When there are several.
    """
    item = injection_of(header)
    return None if item is None else number(item, "RadionuclideTotalDose") or None


def local_zone(header: Dataset, default: tzinfo) -> tuple[tzinfo, tuple[str, ...]]:
    """Return the zone of dates and times that state none, and what must be said.

    *Timezone Offset From UTC* (0008,0201) decides. Inveon leaves it out and writes an
    offset into *Radiopharmaceutical Start DateTime* alone; as one workstation wrote
    both, that offset is the zone of the others. Reading them in any other would move
    the injection by hours. Only where *Start Time* shows that clocks ran in the
    configured zone, as when the DateTime is written in UTC, does that zone stand. A
    DateTime that is written in UTC where nothing shows which clock ran is held: some
    systems convert this one attribute and leave the others as they were.

    Parameters
    ----------
    header : Dataset
    default : tzinfo
        Where the object states no offset at all.

    Raises
    ------
    ZoneInDoubtError
    """
    zone = zone_of(header, default)
    item = injection_of(header)
    offset = None if item is None else offset_in(item, _START)
    if item is None or offset is None or text(header, "TimezoneOffsetFromUTC"):
        return zone, ()
    started_at = date_time_in(item, _START, zone)
    if started_at is None or zone.utcoffset(started_at.astimezone(zone)) == (
        offset.utcoffset(None)
    ):
        return zone, ()
    clock = time_in(item, _CLOCK)
    if clock is not None and _near(clock, started_at, zone):
        return zone, ()
    if clock is None and offset.utcoffset(None) == timedelta(0):
        raise ZoneInDoubtError(header, default)
    said = (
        f"Dates and times without an offset were read at {offset}, the offset of"
        f" Radiopharmaceutical Start DateTime, and not in the configured zone {default}"
    )
    return offset, (said,)


def injected_at(
    header: Dataset, near: datetime | None, zone: tzinfo
) -> datetime | None:
    """Return when the injection began, in UTC; None where it was not entered.

    Parameters
    ----------
    header : Dataset
    near : datetime or None
        An instant beside which a clock time without a date is placed: that of the
        scan, or of the injection by another source. Without it, such a time is none.
    zone : tzinfo
        Of dates and times that state none.

    Raises
    ------
    ConflictingInjectionTimesError
        When both a date and time and a time were entered, and differ by more than a
        minute.
    """
    item = injection_of(header)
    if item is None:
        return None
    stated = dated_injection_at(header, zone)
    clock = time_in(item, _CLOCK)
    if stated is None:
        return nearest_at(clock, near, zone) if clock is not None and near else None
    if clock is not None and not _shows(item, stated, clock, zone):
        raise ConflictingInjectionTimesError(header)
    return stated


def dated_injection_at(header: Dataset, zone: tzinfo) -> datetime | None:
    """Return the instant of the injection; None where date or time was not entered."""
    item = injection_of(header)
    if item is None:
        return None
    stated = date_time_in(item, _START, zone)
    if stated is not None:
        return stated
    day, clock = day_alone_in(item, _START), time_in(item, _CLOCK)
    return None if day is None or clock is None else at(day, clock, zone)


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


class ZoneInDoubtError(DicomContentError):
    """The injection is written in UTC, and nothing says in which zone the scan is."""

    reason = "uptake_time"
    remedy = (
        'Set node.timezone = "UTC" if the scanner\'s clock runs in it; else send the'
        " series with Timezone Offset From UTC (0008,0201), or with"
        " RadiopharmaceuticalStartTime (0018,1072)."
    )

    def __init__(self, header: Dataset, zone: tzinfo) -> None:
        super().__init__(
            "the injection is stated in UTC and the scan without an offset: its times"
            f" may be in UTC too, or in the configured zone {zone}",
            attribute=name_of(_START),
            uid=uid_of(header),
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


class ConflictingInjectionTimesError(DicomContentError):
    """Two statements of the injection time contradict each other."""

    reason = "conflicting_sources"
    remedy = (
        "Correct the injection time at its source and send again, or decide with"
        " `exhaustion-node release UID --injected-at T`."
    )

    def __init__(self, header: Dataset) -> None:
        item = injection_of(header) or Dataset()
        date_time, clock = text(item, _START), text(item, _CLOCK)
        super().__init__(
            f"the injection began at {date_time} by Radiopharmaceutical Start DateTime"
            f" and at {clock} by Radiopharmaceutical Start Time",
            attribute=name_of(_START),
            uid=uid_of(header),
        )
