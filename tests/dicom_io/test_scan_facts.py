"""What an image states of its making is told; what it does not state stays open."""

import warnings
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydicom.dataset import Dataset

from dicom_io.scan_facts import ScanFacts, scan_facts

BERLIN = ZoneInfo("Europe/Berlin")
STATED = {
    "AcquisitionDate": "20260302",
    "AcquisitionTime": "233000",
    "SeriesDate": "20260302",
    "SeriesTime": "233500",
    "ManufacturerModelName": "Inveon",
    "StationName": "PET1",
    "DeviceSerialNumber": "SN 7",
    "ReconstructionMethod": "OSEM3D/SP-MAP",
    "ScatterCorrectionMethod": "Monte-Carlo",
    "CorrectedImage": ["NORM", "ATTN"],
}


def facts(**changes: Any) -> ScanFacts:
    header = Dataset()
    with warnings.catch_warnings():
        # Some of the values are none of their VR.
        warnings.simplefilter("ignore")
        for keyword, value in (STATED | changes).items():
            if value is not None:
                setattr(header, keyword, value)
    return scan_facts([header], BERLIN)


def test_scanner_and_reconstruction_are_told_as_stated() -> None:
    found = facts()

    assert found.scanner == "Inveon, station PET1, serial number SN 7"
    assert found.reconstruction == (
        "OSEM3D/SP-MAP, scatter Monte-Carlo, corrected ATTN NORM"
    )


def test_the_day_is_that_of_the_place_where_it_was_scanned() -> None:
    found = facts()

    assert found.scanned_at == datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
    assert str(found.scanned_on) == "2026-03-02"
    assert str(facts(TimezoneOffsetFromUTC="-0500").scanned_on) == "2026-03-02"


def test_the_earliest_slice_began_the_scan() -> None:
    headers = []
    for time in ("101000", "100000", "102000"):
        header = Dataset()
        header.AcquisitionDate, header.AcquisitionTime = "20260302", time
        headers.append(header)

    assert scan_facts(headers, UTC).scanned_at == datetime(2026, 3, 2, 10, tzinfo=UTC)


def test_a_scan_without_any_date_has_no_day() -> None:
    found = facts(AcquisitionDate=None, SeriesDate=None)

    assert (found.scanned_at, found.scanned_on) == (None, None)


def test_a_date_without_a_time_is_a_day() -> None:
    found = facts(AcquisitionTime=None, SeriesTime=None)

    assert found.scanned_at is None
    assert str(found.scanned_on) == "2026-03-02"


@pytest.mark.parametrize(
    "changes",
    [
        {"AcquisitionTime": "noon"},
        {"TimezoneOffsetFromUTC": "CET"},
        {"AcquisitionDate": "yesterday"},
    ],
)
def test_what_cannot_be_read_counts_as_not_stated(changes: dict[str, str]) -> None:
    found = facts(**changes)

    assert found.scanner == facts().scanner


def test_nothing_stated_is_nothing_told() -> None:
    assert scan_facts([Dataset()], UTC) == ScanFacts(None, None, "", "")


def test_labels_are_cut_and_cannot_steer_a_terminal() -> None:
    long = facts(StationName="x" * 300, ManufacturerModelName="In\x1bveon")

    assert len(long.scanner) < 200
    assert "\x1b" not in long.scanner
