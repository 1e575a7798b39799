"""Promises about images corrected to the injection, and about the zone of a scan.

The builder's mouse: injected at 10:00 on 2 March 2026, scanned from 11:10 for ten
minutes, 22 g and 5.55 MBq.
"""

import math
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydicom.dataset import Dataset

from dicom_io.errors import DicomContentError
from dicom_io.pet.series import read_pet_series
from dicom_io.suv.rule import SuvRules, convert_to_suv
from model.administration import Administration, Assay, Source
from model.plausibility import AnimalLimits, UnitsInDoubt
from model.suv import SuvConversion
from tests.support.pet import pet_datasets, write_all

BERLIN = ZoneInfo("Europe/Berlin")
MOUSE = AnimalLimits("mouse", (10.0, 60.0), (0.5e6, 40e6))
RULES = SuvRules(MOUSE, UnitsInDoubt.HOLD, BERLIN)
ADMIN = {"DecayCorrection": "ADMIN"}
SILENT: dict[str, Any] = {
    "RadiopharmaceuticalStartDateTime": None,
    "RadiopharmaceuticalStartTime": None,
}


def convert(folder: Path, *supplied: Administration, **overrides: Any) -> SuvConversion:
    paths = write_all(pet_datasets(slices=3, **overrides), folder)
    return convert_to_suv(read_pet_series(paths), RULES, supplied)[1]


def injected(source: Source, hour: int, minute: int, **said: Any) -> Administration:
    at = datetime(2026, 3, 2, hour, minute, tzinfo=BERLIN)
    return Administration(source, "row 2", injected_at=at, **said)


@pytest.mark.parametrize(
    ("believed", "late_s"),
    [
        (injected(Source.LOG, 10, 4), 240.0),
        (injected(Source.RELEASE, 10, 30), 1800.0),
    ],
    ids=["log", "released"],
)
def test_the_scanner_corrected_to_the_injection_of_its_own_header(
    tmp_path: Path, believed: Administration, late_s: float
) -> None:
    conversion = convert(tmp_path, believed, **ADMIN)

    at_header = 5.55e6 * math.exp2(late_s / 6586.2)
    assert conversion.factor == pytest.approx(22.0 / at_header)
    assert conversion.numbers["decay_s"] == -late_s
    assert conversion.rule.endswith("injection by the PET header")
    assert any("by its own header" in said for said in conversion.statements)


@pytest.mark.parametrize("overrides", [{}, SILENT], ids=["the same", "silent"])
def test_a_header_that_says_nothing_else_holds_for_the_injection(
    tmp_path: Path, overrides: dict[str, Any]
) -> None:
    conversion = convert(tmp_path, injected(Source.LOG, 10, 0), **ADMIN, **overrides)

    assert conversion.factor == pytest.approx(22.0 / 5.55e6)
    assert conversion.rule == "BQML, ADMIN, decay reference = injection"


def test_several_animals_need_the_instant_to_which_their_image_was_corrected(
    tmp_path: Path,
) -> None:
    said = injected(Source.LOG, 10, 5, weight_g=22.0, activity=Assay(5e6))
    group: dict[str, Any] = {"GroupOfPatientsIdentificationSequence": [Dataset()]}

    known = convert(tmp_path / "known", said, **ADMIN, **group)
    with pytest.raises(DicomContentError, match="does not say when") as refusal:
        convert(tmp_path / "unknown", said, **ADMIN, **group, **SILENT)

    assert known.numbers["decay_s"] == -300.0
    assert refusal.value.reason == "uptake_time"


UTC_ALONE: dict[str, Any] = {
    "RadiopharmaceuticalStartDateTime": "20260302090000+0000",
    "RadiopharmaceuticalStartTime": None,
}


def test_an_injection_in_utc_does_not_tell_the_zone_of_the_scan(
    tmp_path: Path,
) -> None:
    """At 11:10 in Berlin it is 10:10 in UTC: 70 or 130 minutes of uptake."""
    with pytest.raises(DicomContentError, match="stated in UTC") as refusal:
        convert(tmp_path, **UTC_ALONE)

    assert refusal.value.reason == "uptake_time"
    assert "node.timezone" in refusal.value.remedy


@pytest.mark.parametrize(
    "overrides",
    [
        {"TimezoneOffsetFromUTC": "+0100"},
        {"RadiopharmaceuticalStartTime": "100000"},
    ],
    ids=["offset", "clock"],
)
def test_an_offset_or_a_clock_tells_the_zone_of_the_scan(
    tmp_path: Path, overrides: dict[str, Any]
) -> None:
    conversion = convert(tmp_path, **{**UTC_ALONE, **overrides})

    assert conversion.numbers["uptake_s"] == 4200.0
