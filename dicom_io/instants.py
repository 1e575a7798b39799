"""Dates and times of DICOM as instants.

Design choice: an instant leaves this module in UTC, so that no caller subtracts clock
times of a zone that changes its offset in between. Dates and times without an offset
are read in *Timezone Offset From UTC* (0008,0201) of their data set, and without it in
the zone that the caller names.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from pydicom.dataset import Dataset

from dicom_io.attributes import UnreadableValueError, text

_DATE = re.compile(r"(\d{4})[.-]?(\d{2})[.-]?(\d{2})")
_TIME = re.compile(r"(\d{2})(?::?(\d{2})(?::?(\d{2})(?:\.(\d{1,6}))?)?)?")
_DATE_TIME = re.compile(r"(\d{8})(\d{2}[\d.]*)?([+-]\d{4})?")
_OFFSET = re.compile(r"([+-])(\d{2})(\d{2})")
_DAY = timedelta(days=1)


def zone_of(dataset: Dataset, default: tzinfo) -> tzinfo:
    """Return the zone of dates and times that state none (PS3.3 C.12.1.1.8).

    Raises
    ------
    UnreadableValueError
        When the stated offset is none.
    """
    offset = text(dataset, "TimezoneOffsetFromUTC")
    if not offset:
        return default
    found = _parse_offset(offset)
    if found is None:
        raise UnreadableValueError(dataset, "TimezoneOffsetFromUTC", "an offset")
    return found


def date_in(dataset: Dataset, keyword: str) -> date | None:
    """Return a DA value; None where it is absent or empty.

    Raises
    ------
    UnreadableValueError
        When it is no date.
    """
    value = text(dataset, keyword)
    if not value:
        return None
    match = _DATE.fullmatch(value)
    try:
        return date(*map(int, match.groups())) if match else _no_date(dataset, keyword)
    except ValueError as error:
        raise UnreadableValueError(dataset, keyword, "a date") from error


def time_in(dataset: Dataset, keyword: str) -> timedelta | None:
    """Return a TM value as time since midnight; None where it is absent or empty.

    Raises
    ------
    UnreadableValueError
        When it is no time of day.
    """
    value = text(dataset, keyword)
    if not value:
        return None
    found = _parse_time(value)
    if found is None:
        raise UnreadableValueError(dataset, keyword, "a time of day")
    return found


def at(day: date, since_midnight: timedelta, zone: tzinfo) -> datetime:
    """Return the instant of a clock time, in UTC."""
    clock = datetime.combine(day, time()) + since_midnight
    return clock.replace(tzinfo=zone).astimezone(UTC)


def nearest_at(since_midnight: timedelta, anchor: datetime, zone: tzinfo) -> datetime:
    """Return the instant nearest to another at which clocks show a time, in UTC.

    The date rolls over midnight where that is nearer.
    """
    day = anchor.astimezone(zone).date()
    days = (day - _DAY, day, day + _DAY)
    candidates = [at(candidate, since_midnight, zone) for candidate in days]
    return min(candidates, key=lambda instant: abs(instant - anchor))


def date_time_in(dataset: Dataset, keyword: str, zone: tzinfo) -> datetime | None:
    """Return a DT value as an instant in UTC.

    Returns
    -------
    datetime or None
        None where it is absent, empty, or without a time of day.

    Raises
    ------
    UnreadableValueError
        When it is no date and time.
    """
    value = text(dataset, keyword)
    return parse_date_time(dataset, keyword, value, zone) if value else None


def day_alone_in(dataset: Dataset, keyword: str) -> date | None:
    """Return the day of a DT value that states no time of day; None where it does."""
    match = _DATE_TIME.fullmatch(text(dataset, keyword))
    if match is None or match.group(2):
        return None
    try:
        return _day(match.group(1))
    except ValueError as error:
        raise UnreadableValueError(dataset, keyword, "a date and time") from error


def parse_date_time(
    dataset: Dataset, keyword: str, value: str, zone: tzinfo
) -> datetime | None:
    """Return a DT text as `date_time_in` does; the attribute is named in errors."""
    match = _DATE_TIME.fullmatch(value)
    if match is None:
        raise UnreadableValueError(dataset, keyword, "a date and time")
    day_text, time_text, offset_text = match.groups()
    if not time_text:
        return None
    since_midnight = _parse_time(time_text)
    offset = _parse_offset(offset_text) if offset_text else zone
    try:
        day = _day(day_text)
    except ValueError as error:
        raise UnreadableValueError(dataset, keyword, "a date and time") from error
    if since_midnight is None or offset is None:
        raise UnreadableValueError(dataset, keyword, "a date and time")
    return at(day, since_midnight, offset)


def offset_in(dataset: Dataset, keyword: str) -> timezone | None:
    """Return the offset from UTC that a DT value states; None where it states none."""
    match = _DATE_TIME.fullmatch(text(dataset, keyword))
    stated = match.group(3) if match else None
    return _parse_offset(stated) if stated else None


def _day(digits: str) -> date:
    return datetime.strptime(digits, "%Y%m%d").replace(tzinfo=UTC).date()


def _no_date(dataset: Dataset, keyword: str) -> date:
    raise UnreadableValueError(dataset, keyword, "a date")


def _parse_time(value: str) -> timedelta | None:
    match = _TIME.fullmatch(value)
    if match is None:
        return None
    hour, minute, second, fraction = match.groups()
    found = timedelta(
        hours=int(hour),
        minutes=int(minute or 0),
        seconds=int(second or 0),
        microseconds=int((fraction or "0").ljust(6, "0")),
    )
    # Second 60 is legal (PS3.5 6.2): a leap second.
    legal = int(minute or 0) < 60 and int(second or 0) <= 60  # noqa: PLR2004
    return found if legal and int(hour) < 24 else None  # noqa: PLR2004


def _parse_offset(value: str) -> timezone | None:
    match = _OFFSET.fullmatch(value)
    if match is None:
        return None
    sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    if offset >= _DAY or int(minutes) >= 60:  # noqa: PLR2004 - minutes of an hour
        return None
    return timezone(offset if sign == "+" else -offset)
