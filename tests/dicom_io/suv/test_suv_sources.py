"""Promises of `dicom_io.suv.injected`: the PET's header is one source among several.

The builder's mouse: 22 g, 5.55 MBq at 10:00 in Berlin, scanned from 11:10.
"""

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydicom.dataset import Dataset

from dicom_io.errors import DicomContentError
from dicom_io.pet.series import read_pet_series
from dicom_io.suv.rule import SuvRules, convert_to_suv, injection_instant
from model.administration import Administration, Assay, Source, SourceRules
from model.errors import ModelError
from model.plausibility import AnimalLimits, UnitsInDoubt
from model.suv import SuvConversion
from tests.support.pet import pet_datasets, write_all

BERLIN = ZoneInfo("Europe/Berlin")
MOUSE = AnimalLimits("mouse", (10.0, 60.0), (0.5e6, 40e6))
RULES = SuvRules(MOUSE, UnitsInDoubt.HOLD, BERLIN)
HALF_LIFE_S = 6586.2
INJECTED_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
UPTAKE_S = 70 * 60.0
ROW = "row 12 of the injection log"
NO_HEADER: dict[str, Any] = {
    "PatientWeight": None,
    "RadionuclideTotalDose": None,
    "RadiopharmaceuticalStartTime": None,
    "RadiopharmaceuticalStartDateTime": None,
}
FULL: dict[str, Any] = {"PatientWeight": "2.2E-2", "RadionuclideTotalDose": "5.55E6"}


def log(**said: Any) -> Administration:
    return Administration(Source.LOG, ROW, **said)


def released(**said: Any) -> Administration:
    return Administration(Source.RELEASE, "release 3", **said)


def convert(
    folder: Path,
    *supplied: Administration,
    rules: SuvRules = RULES,
    **overrides: Any,
) -> SuvConversion:
    paths = write_all(pet_datasets(slices=3, **overrides), folder)
    return convert_to_suv(read_pet_series(paths), rules, supplied)[1]


def refused(
    folder: Path,
    *supplied: Administration,
    rules: SuvRules = RULES,
    **overrides: Any,
) -> DicomContentError | ModelError:
    try:
        convert(folder, *supplied, rules=rules, **overrides)
    except (DicomContentError, ModelError) as refusal:
        return refusal
    pytest.fail("it was converted")


def said(conversion: SuvConversion) -> str:
    return "\n".join(conversion.statements)


def test_the_log_alone_is_enough_for_a_pet_that_says_nothing(tmp_path: Path) -> None:
    row = log(weight_g=24.0, activity=Assay(6e6), injected_at=INJECTED_AT)

    conversion = convert(tmp_path, row, **NO_HEADER)

    expected = 24.0 / (6e6 * math.exp2(-UPTAKE_S / HALF_LIFE_S))
    assert conversion.factor == pytest.approx(expected)
    assert f"Weight 24 g from {ROW}" in said(conversion)
    assert f"Injected activity 6 MBq from {ROW}" in said(conversion)
    assert f"Injection at 2026-03-02 09:00:00+00:00 from {ROW}" in said(conversion)


def test_sources_complete_each_other(tmp_path: Path) -> None:
    conversion = convert(tmp_path, log(weight_g=24.0), PatientWeight="0")

    assert conversion.numbers["weight_g"] == 24.0
    assert conversion.numbers["injected_activity_bq"] == 5.55e6


def test_an_assay_of_the_log_becomes_what_was_injected(tmp_path: Path) -> None:
    assay = Assay(7e6, INJECTED_AT - timedelta(minutes=20))
    residual = Assay(0.3e6, INJECTED_AT + timedelta(minutes=10))

    conversion = convert(
        tmp_path, log(activity=assay, residual=residual), RadionuclideTotalDose=None
    )

    expected = 7e6 * math.exp2(-1200 / HALF_LIFE_S) - 0.3e6 * math.exp2(
        600 / HALF_LIFE_S
    )
    assert conversion.numbers["injected_activity_bq"] == pytest.approx(expected)
    assert conversion.numbers["assayed_activity_bq"] == 7e6
    assert conversion.numbers["residual_activity_bq"] == 0.3e6


CONFLICTS: dict[str, Administration] = {
    "weight": log(weight_g=25.0),
    "activity": log(activity=Assay(6e6)),
    "instant": log(injected_at=INJECTED_AT + timedelta(minutes=6)),
}


@pytest.mark.parametrize("what", CONFLICTS)
def test_sources_that_disagree_hold_the_study_with_both(
    tmp_path: Path, what: str
) -> None:
    refusal = refused(tmp_path, CONFLICTS[what])

    assert refusal.reason == "conflicting_sources"
    assert ROW in str(refusal)
    assert "PET header" in str(refusal)
    assert "exhaustion-node release" in refusal.remedy


def test_what_a_person_released_overrides_and_is_said(tmp_path: Path) -> None:
    conversion = convert(
        tmp_path,
        log(weight_g=30.0),
        released(
            weight_g=40.0,
            activity=Assay(10e6),
            injected_at=INJECTED_AT + timedelta(minutes=30),
        ),
    )

    assert conversion.numbers["weight_g"] == 40.0
    assert conversion.numbers["injected_activity_bq"] == 10e6
    assert conversion.numbers["decay_s"] == 40 * 60.0
    assert said(conversion).count("(overridden)") == 4


@pytest.mark.filterwarnings("ignore:Invalid value for VR")
@pytest.mark.parametrize(
    ("overrides", "supplied"),
    [
        ({"RadiopharmaceuticalStartTime": "093000"}, {"injected_at": INJECTED_AT}),
        ({"RadiopharmaceuticalStartTime": "soon"}, {"injected_at": INJECTED_AT}),
    ],
)
def test_a_header_that_contradicts_itself_can_be_overruled(
    tmp_path: Path, overrides: dict[str, Any], supplied: dict[str, Any]
) -> None:
    assert refused(tmp_path / "log", log(**supplied), **overrides).reason in {
        "conflicting_sources",
        "unreadable_object",
    }

    conversion = convert(tmp_path / "released", released(**supplied), **overrides)

    assert conversion.numbers["decay_s"] == UPTAKE_S
    assert "(overridden)" in said(conversion)


@pytest.mark.parametrize(
    "overrides",
    [{"PatientWeight": "22"}, {"RadionuclideTotalDose": "5.55"}],
)
def test_a_header_in_another_unit_is_understood_by_the_log(
    tmp_path: Path, overrides: dict[str, Any]
) -> None:
    row = log(weight_g=22.0, activity=Assay(5.55e6))

    conversion = convert(tmp_path, row, **overrides)

    assert conversion.numbers["weight_g"] == 22.0
    assert conversion.numbers["injected_activity_bq"] == 5.55e6
    assert "agrees if it was entered in" in said(conversion)


def test_a_header_that_is_not_trusted_is_not_asked(tmp_path: Path) -> None:
    rules = SuvRules(
        MOUSE, UnitsInDoubt.HOLD, BERLIN, sources=SourceRules((Source.LOG,))
    )

    assert refused(tmp_path / "alone", rules=rules).reason == "missing_weight"

    row = log(weight_g=30.0, activity=Assay(8e6), injected_at=INJECTED_AT)
    conversion = convert(tmp_path / "log", row, rules=rules, PatientWeight=["22", "23"])

    assert conversion.numbers["weight_g"] == 30.0
    assert "PET header" not in said(conversion)


@pytest.mark.parametrize(
    ("missing", "reason", "option"),
    [
        ("PatientWeight", "missing_weight", "--weight-g"),
        ("RadionuclideTotalDose", "missing_activity", "--activity-mbq"),
    ],
)
def test_a_missing_value_says_where_it_can_be_given(
    tmp_path: Path, missing: str, reason: str, option: str
) -> None:
    refusal = refused(tmp_path, **{missing: None})

    assert refusal.reason == reason
    assert option in refusal.remedy
    assert "injection log" in refusal.remedy


def test_a_cross_calibration_factor_multiplies_the_image(tmp_path: Path) -> None:
    plain = convert(tmp_path / "plain")

    conversion = convert(tmp_path / "calibrated", log(cross_calibration=1.1))

    assert conversion.factor == pytest.approx(1.1 * plain.factor)
    assert conversion.numbers["cross_calibration"] == 1.1
    assert "cross-calibration factor 1.1" in said(conversion).lower()


def test_a_cross_calibration_factor_counts_in_the_balance(tmp_path: Path) -> None:
    """The image holds some 0.5 of the dose; a wrong dose makes it 1.2."""
    values: dict[str, Any] = {"PatientWeight": "2.2E-2", "RadionuclideTotalDose": "1E6"}
    plain = convert(tmp_path / "plain", **values)

    refusal = refused(tmp_path / "calibrated", log(cross_calibration=1.9), **values)

    assert plain.factor > 0
    assert refusal.reason == "activity_balance"


GROUP: dict[str, Any] = {"GroupOfPatientsIdentificationSequence": [Dataset()]}


def test_one_of_several_animals_is_known_from_the_log_alone(tmp_path: Path) -> None:
    row = log(weight_g=30.0, activity=Assay(2e6), injected_at=INJECTED_AT)

    conversion = convert(tmp_path / "whole", row, **GROUP)

    assert conversion.numbers["weight_g"] == 30.0
    assert conversion.numbers["injected_activity_bq"] == 2e6
    for left_out in ("weight_g", "activity", "injected_at"):
        part = {"weight_g": 30.0, "activity": Assay(2e6), "injected_at": INJECTED_AT}
        del part[left_out]
        refusal = refused(tmp_path / left_out, log(**part), **GROUP)
        assert refusal.reason == "several_animals"


def test_the_instant_of_the_injection_is_known_from_headers_alone() -> None:
    headers = pet_datasets(slices=2)

    assert injection_instant(headers, RULES) == INJECTED_AT
    later = INJECTED_AT + timedelta(minutes=4)
    assert injection_instant(headers, RULES, [log(injected_at=later)]) == later


def test_the_instant_of_the_injection_is_held_as_in_the_conversion() -> None:
    headers = pet_datasets(
        slices=1,
        RadiopharmaceuticalStartTime=None,
        RadiopharmaceuticalStartDateTime=None,
    )
    with pytest.raises(DicomContentError) as missing:
        injection_instant(headers, RULES)
    with pytest.raises(ModelError) as conflict:
        injection_instant(pet_datasets(slices=1), RULES, [CONFLICTS["instant"]])

    assert missing.value.reason == "missing_injection_time"
    assert conflict.value.reason == "conflicting_sources"


ZIRCONIUM: dict[str, Any] = {
    "RadionuclideHalfLife": "282276",
    "RadionuclideCodeSequence": None,
}


def test_a_clock_time_alone_does_not_tell_the_day_of_a_long_lived_nuclide(
    tmp_path: Path,
) -> None:
    """Zr-89 is scanned days after the injection; F-18 is not."""
    refusal = refused(
        tmp_path / "time", **ZIRCONIUM, RadiopharmaceuticalStartDateTime=None
    )
    assert refusal.reason == "missing_injection_time"

    two_days_before = convert(
        tmp_path / "date",
        **ZIRCONIUM,
        RadiopharmaceuticalStartDateTime="20260228100000",
    )
    assert two_days_before.numbers["decay_s"] == 2 * 86_400 + UPTAKE_S

    by_the_log = convert(
        tmp_path / "log",
        log(injected_at=INJECTED_AT - timedelta(days=2)),
        **ZIRCONIUM,
        RadiopharmaceuticalStartDateTime=None,
    )
    assert by_the_log.numbers["decay_s"] == 2 * 86_400 + UPTAKE_S


def test_an_image_corrected_to_the_injection_is_checked_against_its_instant(
    tmp_path: Path,
) -> None:
    """No decay is counted, and still the injection cannot be after the scan."""
    corrected = {"DecayCorrection": "ADMIN"}

    conversion = convert(tmp_path / "fine", **corrected)
    late = refused(
        tmp_path / "late",
        **corrected,
        RadiopharmaceuticalStartTime="120000",
        RadiopharmaceuticalStartDateTime="20260302120000",
    )
    old = refused(
        tmp_path / "old",
        **corrected,
        RadiopharmaceuticalStartDateTime="20260228100000",
    )

    assert conversion.numbers["uptake_s"] == UPTAKE_S
    assert late.reason == "injection_after_scan"
    assert old.reason == "uptake_time"


def test_the_sites_own_uptake_time_holds_a_static_scan(tmp_path: Path) -> None:
    minutes = (timedelta(minutes=50), timedelta(minutes=65))
    rules = SuvRules(MOUSE, UnitsInDoubt.HOLD, BERLIN, uptake=minutes)

    refusal = refused(tmp_path, rules=rules)

    assert refusal.reason == "uptake_time"
    assert "70.0 min" in str(refusal)


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (INJECTED_AT + timedelta(hours=2), "injection_after_scan"),
        (INJECTED_AT - timedelta(days=2), "uptake_time"),
    ],
)
def test_an_impossible_instant_names_the_source_that_says_it(
    tmp_path: Path, at: datetime, reason: str
) -> None:
    refusal = refused(tmp_path, log(injected_at=at), **NO_HEADER | FULL)

    assert refusal.reason == reason
    assert ROW in "".join([str(refusal), *getattr(refusal, "__notes__", ())])
