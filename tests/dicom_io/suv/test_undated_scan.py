"""Promises about scans whose dates were removed, and whose times were left.

The builder's mouse: injected at 10:00 on 2 March 2026, scanned from 11:10 for ten
minutes.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dicom_io.errors import DicomContentError
from dicom_io.pet.acquisition import UNDATED
from dicom_io.pet.dynamic_series import read_pet
from dicom_io.pet.series import read_pet_series
from dicom_io.suv.injected import injection_instant
from dicom_io.suv.rule import SuvRules, convert_to_suv
from model.administration import Administration, Source
from model.plausibility import AnimalLimits, UnitsInDoubt
from model.suv import SuvConversion
from tests.support.dynamic import INJECTED_AT, WINDOW, dynamic_datasets
from tests.support.pet import pet_datasets, write_all

BERLIN = ZoneInfo("Europe/Berlin")
MOUSE = AnimalLimits("mouse", (10.0, 60.0), (0.5e6, 40e6))
RULES = SuvRules(MOUSE, UnitsInDoubt.HOLD, BERLIN)
NO_DATE: dict[str, Any] = {
    "SeriesDate": None,
    "AcquisitionDate": None,
    "StudyDate": None,
    "ContentDate": None,
}
CLOCKS_ALONE = {**NO_DATE, "RadiopharmaceuticalStartDateTime": None}
OVER_MIDNIGHT = {
    "RadiopharmaceuticalStartTime": "233000",
    "SeriesTime": "003000",
    "AcquisitionTime": "003000",
}
ZIRCONIUM = {"RadionuclideHalfLife": "282276", "RadionuclideCodeSequence": None}


def convert(folder: Path, *supplied: Administration, **overrides: Any) -> SuvConversion:
    paths = write_all(pet_datasets(slices=3, **overrides), folder)
    return convert_to_suv(read_pet_series(paths), RULES, supplied)[1]


@pytest.mark.parametrize(
    ("overrides", "decay_s"),
    [
        ({}, 4200.0),
        (OVER_MIDNIGHT, 3600.0),
        ({"SeriesTime": None}, 4200.0),
        ({"AcquisitionTime": None}, 4200.0),
        ({"SeriesTime": "150000"}, 4200.0),
    ],
    ids=["one day", "over midnight", "no series", "no acquisition", "exported later"],
)
def test_clocks_alone_are_enough_when_nothing_bears_a_date(
    tmp_path: Path, overrides: dict[str, Any], decay_s: float
) -> None:
    conversion = convert(tmp_path, **{**CLOCKS_ALONE, **overrides})

    assert conversion.numbers["uptake_s"] == decay_s
    assert conversion.numbers["decay_s"] == pytest.approx(decay_s)
    assert UNDATED in conversion.statements


@pytest.mark.parametrize(
    ("overrides", "decay_s"),
    [
        ({}, 4200.0),
        (
            {**OVER_MIDNIGHT, "RadiopharmaceuticalStartDateTime": "20260301233000"},
            3600.0,
        ),
        ({"RadiopharmaceuticalStartDateTime": "20260302"}, 4200.0),
    ],
    ids=["date and time", "over midnight", "date alone"],
)
def test_an_undated_scan_lies_next_to_a_dated_injection(
    tmp_path: Path, overrides: dict[str, Any], decay_s: float
) -> None:
    conversion = convert(tmp_path, **{**NO_DATE, **overrides})

    assert conversion.numbers["decay_s"] == decay_s
    assert UNDATED in conversion.statements


def test_an_undated_scan_lies_next_to_the_injection_of_the_log(tmp_path: Path) -> None:
    told = Administration(
        Source.LOG,
        "row 2",
        injected_at=datetime(2026, 3, 2, 10, 5, tzinfo=BERLIN),
    )

    conversion = convert(
        tmp_path, told, RadiopharmaceuticalStartTime=None, **CLOCKS_ALONE
    )

    assert conversion.numbers["decay_s"] == 3900.0


def test_an_injection_after_an_undated_scan_is_held(tmp_path: Path) -> None:
    with pytest.raises(DicomContentError) as refusal:
        convert(tmp_path, **{**CLOCKS_ALONE, "RadiopharmaceuticalStartTime": "114000"})

    assert refusal.value.reason == "injection_after_scan"


@pytest.mark.parametrize("dated", [True, False])
def test_the_day_is_asked_for_where_the_radionuclide_lives_long(
    tmp_path: Path, *, dated: bool
) -> None:
    removed = NO_DATE if dated else CLOCKS_ALONE

    with pytest.raises(DicomContentError, match="no date") as refusal:
        convert(tmp_path, **removed, **ZIRCONIUM)

    assert refusal.value.reason == "missing_injection_time"


def test_a_date_of_the_injection_is_not_moved_to_the_day_of_the_scan(
    tmp_path: Path,
) -> None:
    """The day is stated in one attribute and the time in the other."""
    conversion = convert(
        tmp_path, RadiopharmaceuticalStartDateTime="20260301", **ZIRCONIUM
    )

    assert conversion.numbers["uptake_s"] == 4200.0 + 86400.0


def test_time_frames_without_a_date_are_averaged_like_dated_ones(
    tmp_path: Path,
) -> None:
    clock = INJECTED_AT.strftime("%H%M%S")
    rules = replace(RULES, zone=ZoneInfo("UTC"))
    paths = write_all(
        dynamic_datasets(**{**CLOCKS_ALONE, "RadiopharmaceuticalStartTime": clock}),
        tmp_path,
    )

    series = read_pet(
        paths, WINDOW, lambda headers: injection_instant(headers, rules), rules.zone
    )
    conversion = convert_to_suv(series, rules)[1]

    assert conversion.numbers["uptake_s"] == pytest.approx(
        series.numbers["averaged_from_s"]
    )
    assert timedelta(0) < timedelta(seconds=conversion.numbers["uptake_s"]) < WINDOW[1]
    assert UNDATED in conversion.statements
