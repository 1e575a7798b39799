"""Promises of `dicom_io.instants`."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from pydicom.dataset import Dataset

from dicom_io.attributes import UnreadableValueError
from dicom_io.instants import (
    at,
    date_in,
    date_time_in,
    nearest_at,
    time_in,
    zone_of,
)

BERLIN = ZoneInfo("Europe/Berlin")
START = "RadiopharmaceuticalStartDateTime"


def element(keyword: str, value: str) -> Dataset:
    dataset = Dataset()
    setattr(dataset, keyword, value)
    return dataset


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10", 36000.0),
        ("1005", 36300.0),
        ("100507", 36307.0),
        ("100507.25", 36307.25),
        ("100507.000001", 36307.000001),
        ("235960", 86400.0),
    ],
)
def test_a_time_of_day_is_read_to_its_last_digit(text: str, seconds: float) -> None:
    assert time_in(element("SeriesTime", text), "SeriesTime") == timedelta(
        seconds=seconds
    )


def test_an_absent_time_is_none() -> None:
    assert time_in(Dataset(), "SeriesTime") is None
    assert time_in(element("SeriesTime", ""), "SeriesTime") is None


@pytest.mark.parametrize("text", ["20260302", "2026.03.02"])
def test_dates_of_both_spellings_are_read(text: str) -> None:
    dataset = Dataset()
    dataset.add_new("SeriesDate", "LO", text)

    assert date_in(dataset, "SeriesDate") == date(2026, 3, 2)


@pytest.mark.parametrize("text", ["20260230", "2026", "yesterday"])
def test_what_is_no_date_is_refused_with_the_attribute(text: str) -> None:
    dataset = Dataset()
    dataset.add_new("SeriesDate", "LO", text)

    with pytest.raises(UnreadableValueError, match=r"SeriesDate \(0008,0021\)"):
        date_in(dataset, "SeriesDate")


@pytest.mark.parametrize("text", ["24", "1060", "100061", "1", "noon"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    dataset = Dataset()
    dataset.add_new("SeriesTime", "LO", text)

    with pytest.raises(UnreadableValueError):
        time_in(dataset, "SeriesTime")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20260302100000", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("20260302100000.5", datetime(2026, 3, 2, 9, 0, 0, 500000, tzinfo=UTC)),
        ("20260302100000-0500", datetime(2026, 3, 2, 15, tzinfo=UTC)),
        ("2026030210+0530", datetime(2026, 3, 2, 4, 30, tzinfo=UTC)),
        ("20260302", None),
    ],
)
def test_a_date_and_time_is_an_instant_by_its_own_offset_or_the_zone(
    text: str, expected: datetime | None
) -> None:
    assert date_time_in(element(START, text), START, BERLIN) == expected


@pytest.mark.parametrize("text", ["20260302100000+9900", "20261302100000", "2026-x"])
def test_what_is_no_date_and_time_is_refused(text: str) -> None:
    dataset = Dataset()
    dataset.add_new(START, "LO", text)

    with pytest.raises(UnreadableValueError):
        date_time_in(dataset, START, UTC)


def test_an_hour_that_a_zone_skips_does_not_lengthen_an_interval() -> None:
    """Clocks went from 02:00 to 03:00 in Berlin on 29 March 2026."""
    before = at(date(2026, 3, 29), timedelta(hours=1, minutes=30), BERLIN)
    after = at(date(2026, 3, 29), timedelta(hours=3, minutes=30), BERLIN)

    assert after - before == timedelta(hours=1)


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        (timedelta(hours=23, minutes=30), datetime(2026, 3, 1, 23, 30, tzinfo=UTC)),
        (timedelta(minutes=10), datetime(2026, 3, 2, 0, 10, tzinfo=UTC)),
    ],
)
def test_a_clock_time_is_placed_nearest_to_its_anchor(
    clock: timedelta, expected: datetime
) -> None:
    anchor = datetime(2026, 3, 2, 0, 40, tzinfo=UTC)

    assert nearest_at(clock, anchor, UTC) == expected


def test_the_data_set_names_its_zone() -> None:
    stated = element("TimezoneOffsetFromUTC", "-0430")

    assert zone_of(stated, BERLIN) == timezone(-timedelta(hours=4, minutes=30))
    assert zone_of(Dataset(), BERLIN) is BERLIN
