"""Promises of `dicom_io.suv.rule`, `decay_reference` and `radiopharmaceutical`.

The builder's mouse: 22 g, 5.55 MBq at 10:00, scanned from 11:10 for ten minutes.
"""

import math
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from pydicom.dataset import Dataset

from dicom_io.errors import DicomContentError
from dicom_io.pet.series import PetSeries, read_pet_series
from dicom_io.suv.rule import SuvRules, convert_to_suv
from model.errors import ModelError
from model.grid import Volume
from model.plausibility import AnimalLimits, UnitsInDoubt
from model.suv import SuvConversion
from tests.support.pet import pet_datasets, write_all

BERLIN = ZoneInfo("Europe/Berlin")
MOUSE = AnimalLimits("mouse", (10.0, 60.0), (0.5e6, 40e6))
RULES = SuvRules(MOUSE, UnitsInDoubt.HOLD, BERLIN)
CONVERT = SuvRules(MOUSE, UnitsInDoubt.CONVERT, BERLIN)
HALF_LIFE_S = 6586.2
UPTAKE_S = 70 * 60.0


def series_of(folder: Path, **overrides: Any) -> PetSeries:
    return read_pet_series(write_all(pet_datasets(slices=3, **overrides), folder))


def convert(
    folder: Path, rules: SuvRules = RULES, **overrides: Any
) -> tuple[Volume, SuvConversion]:
    return convert_to_suv(series_of(folder, **overrides), rules)


def factor(decay_s: float, half_life_s: float = HALF_LIFE_S) -> float:
    return 22.0 / (5.55e6 * math.exp2(-decay_s / half_life_s))


def test_suv_is_activity_times_weight_over_the_decayed_dose(tmp_path: Path) -> None:
    series = series_of(tmp_path)

    suv, conversion = convert_to_suv(series, RULES)

    assert conversion.factor == pytest.approx(factor(UPTAKE_S), rel=1e-12)
    np.testing.assert_allclose(
        suv.values, series.volume.values * factor(UPTAKE_S), rtol=1e-12
    )
    assert suv.unit == "g/ml"
    assert suv.grid == series.volume.grid
    assert conversion.rule == "BQML, START, decay reference = Series Time"
    assert conversion.statements == ()
    assert conversion.numbers == {
        "weight_g": pytest.approx(22.0),
        "injected_activity_bq": 5.55e6,
        "half_life_s": 6586.2,
        "uptake_s": UPTAKE_S,
        "decay_s": UPTAKE_S,
        "activity_at_decay_reference_bq": pytest.approx(22.0 / factor(UPTAKE_S)),
        # All of the image, 0.5095 mm3 a voxel.
        "activity_balance": pytest.approx(
            suv.values.sum() * 0.800024**2 * 0.796e-3 / 22.0
        ),
    }


def test_an_image_corrected_to_the_injection_needs_no_decay(tmp_path: Path) -> None:
    _, conversion = convert(
        tmp_path,
        DecayCorrection="ADMIN",
        RadiopharmaceuticalStartTime=None,
        RadiopharmaceuticalStartDateTime=None,
        RadionuclideHalfLife=None,
        RadionuclideCodeSequence=None,
    )

    assert conversion.factor == pytest.approx(factor(0.0))
    assert conversion.rule == "BQML, ADMIN, decay reference = injection"


def test_an_uncorrected_image_is_decayed_frame_by_frame(tmp_path: Path) -> None:
    series = series_of(
        tmp_path,
        DecayCorrection="NONE",
        CorrectedImage=["NORM", "ATTN"],
        AcquisitionTime=lambda k: f"11{10 + k}00",
        SeriesTime="111000",
    )

    suv, conversion = convert_to_suv(series, RULES)

    rate = math.log(2) / HALF_LIFE_S
    middle = math.log(rate * 600 / (1 - math.exp(-rate * 600))) / rate
    # Array slices run against the builder's index: the last acquired comes first.
    expected = [factor(UPTAKE_S + 60.0 * k + middle) for k in (2, 1, 0)]
    assert conversion.slice_factors == pytest.approx(expected, rel=1e-9)
    assert conversion.factor == conversion.slice_factors[0]
    np.testing.assert_allclose(
        suv.values,
        series.volume.values * np.array(expected)[:, None, None],
        rtol=1e-9,
    )


@pytest.mark.parametrize("suv_type", ["BW", None])
def test_suv_images_need_neither_weight_nor_dose(
    tmp_path: Path, suv_type: str | None
) -> None:
    series = series_of(
        tmp_path,
        Units="GML",
        SUVType=suv_type,
        RescaleSlope="1E-4",
        PatientWeight=None,
        RadiopharmaceuticalInformationSequence=[],
    )

    suv, conversion = convert_to_suv(series, RULES)

    np.testing.assert_array_equal(suv.values, series.volume.values)
    assert conversion.factor == 1.0
    assert bool(conversion.statements) is (suv_type is None)


@pytest.mark.parametrize("suv_type", ["LBM", "LBMJAMES128", "LBMJANMA", "IBW", "BSA"])
def test_suv_by_other_than_body_weight_is_refused(
    tmp_path: Path, suv_type: str
) -> None:
    with pytest.raises(DicomContentError, match=suv_type) as refusal:
        convert(tmp_path, Units="GML", SUVType=suv_type)

    assert refusal.value.reason == "unsupported_units"


AFTER_MIDNIGHT: dict[str, Any] = {
    "SeriesDate": "20260303",
    "SeriesTime": "004000",
    "AcquisitionDate": "20260303",
    "AcquisitionTime": "004000",
    "RadiopharmaceuticalStartTime": "233000",
}


@pytest.mark.parametrize("start", [None, "20260302233000"])
def test_an_injection_before_midnight_is_of_the_day_before(
    tmp_path: Path, start: str | None
) -> None:
    _, conversion = convert(
        tmp_path, **AFTER_MIDNIGHT, RadiopharmaceuticalStartDateTime=start
    )

    assert conversion.numbers["decay_s"] == UPTAKE_S


def test_an_acquisition_after_midnight_without_a_date_is_of_the_next_day(
    tmp_path: Path,
) -> None:
    _, conversion = convert(
        tmp_path,
        SeriesTime="235959",
        AcquisitionDate=None,
        AcquisitionTime="000001",
        RadiopharmaceuticalStartTime="225000",
        RadiopharmaceuticalStartDateTime=None,
    )

    assert conversion.numbers["decay_s"] == 4199.0
    assert conversion.rule.endswith("Series Time")


@pytest.mark.parametrize("offset", [None, "+0100", "-0500"])
def test_an_injection_with_an_offset_is_compared_as_an_instant(
    tmp_path: Path, offset: str | None
) -> None:
    """10:00 where the data set's clocks are, written in UTC."""
    hour = {None: 9, "+0100": 9, "-0500": 15}[offset]
    _, conversion = convert(
        tmp_path,
        TimezoneOffsetFromUTC=offset,
        RadiopharmaceuticalStartDateTime=f"20260302{hour:02}0000+0000",
    )

    assert conversion.numbers["decay_s"] == UPTAKE_S


def test_a_late_series_time_is_replaced_by_the_time_computed_back(
    tmp_path: Path,
) -> None:
    _, conversion = convert(tmp_path, SeriesTime="150000")

    assert conversion.factor == pytest.approx(factor(UPTAKE_S), rel=1e-6)
    assert "Frame Reference Time" in conversion.rule
    assert any("later than the acquisition" in said for said in conversion.statements)


@pytest.mark.parametrize("creator", ["GEMS_PETD_01", None])
def test_ges_own_scan_time_comes_before_the_one_computed_back(
    tmp_path: Path, creator: str | None
) -> None:
    datasets = pet_datasets(
        slices=3, SeriesTime="150000", FrameReferenceTime="0", Manufacturer="GE"
    )
    for dataset in datasets:
        if creator:
            dataset.add_new(0x00090010, "LO", creator)
        dataset.add_new(0x0009100D, "DT", "20260302110500.00")

    _, conversion = convert_to_suv(
        read_pet_series(write_all(datasets, tmp_path)), RULES
    )

    assert conversion.numbers["decay_s"] == 65 * 60.0
    assert "GE scan date and time" in conversion.rule


def test_another_vendors_private_element_is_not_ges(tmp_path: Path) -> None:
    datasets = pet_datasets(slices=3, SeriesTime="150000", Manufacturer="GE")
    for dataset in datasets:
        dataset.add_new(0x00090010, "LO", "SOMEBODY ELSE")
        dataset.add_new(0x0009100D, "DT", "20260302110500.00")

    _, conversion = convert_to_suv(
        read_pet_series(write_all(datasets, tmp_path)), RULES
    )

    assert "GE scan date" not in conversion.rule


def test_a_frame_reference_time_that_disagrees_is_said(tmp_path: Path) -> None:
    _, conversion = convert(tmp_path, FrameReferenceTime="2298421.417")

    assert conversion.factor == pytest.approx(factor(UPTAKE_S))
    assert any("-2000 s" in said and "23%" in said for said in conversion.statements)


def test_a_missing_half_life_is_taken_from_the_code_and_said(tmp_path: Path) -> None:
    _, conversion = convert(tmp_path, RadionuclideHalfLife=None)

    assert conversion.numbers["half_life_s"] == 6586.2
    assert any("C-111A1" in said for said in conversion.statements)


@pytest.mark.parametrize(
    ("code", "meaning"), [("C-131A1", "^68^Gallium"), ("77004003", "Fluorine-19")]
)
def test_a_code_with_the_meaning_of_another_radionuclide_gives_no_half_life(
    tmp_path: Path, code: str, meaning: str
) -> None:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code, "SRT", meaning

    with pytest.raises(DicomContentError, match="mass number") as refusal:
        convert(tmp_path, RadionuclideHalfLife="", RadionuclideCodeSequence=[item])

    assert refusal.value.reason == "missing_half_life"


def test_the_scanners_half_life_wins_over_the_code_and_is_said(tmp_path: Path) -> None:
    _, conversion = convert(tmp_path, RadionuclideHalfLife="4057.7")

    assert conversion.factor == pytest.approx(factor(UPTAKE_S, 4057.7))
    assert any("4057.7 s was used" in said for said in conversion.statements)


def test_values_in_other_units_are_converted_on_request_and_said(
    tmp_path: Path,
) -> None:
    _, conversion = convert(
        tmp_path, CONVERT, PatientWeight="22", RadionuclideTotalDose="5.55"
    )

    assert conversion.factor == pytest.approx(factor(UPTAKE_S))
    assert len(conversion.statements) == 2


LATE: dict[str, Any] = {
    "RadiopharmaceuticalStartTime": "111328",
    "RadiopharmaceuticalStartDateTime": "20260302111328+0100",
}
REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "no attenuation correction": (
        {"CorrectedImage": ["NORM", "DECY"]},
        "not_attenuation_corrected",
    ),
    "counts of no vendor": ({"Units": "CNTS"}, "unsupported_units"),
    "no weight": ({"PatientWeight": None}, "missing_weight"),
    "empty weight": ({"PatientWeight": ""}, "missing_weight"),
    "zero weight": ({"PatientWeight": "0"}, "missing_weight"),
    "a human": ({"PatientWeight": "70"}, "implausible_weight"),
    "grams": ({"PatientWeight": "22"}, "units_in_doubt"),
    "no dose": ({"RadionuclideTotalDose": None}, "missing_activity"),
    "zero dose": ({"RadionuclideTotalDose": "0"}, "missing_activity"),
    "no injection": (
        {"RadiopharmaceuticalInformationSequence": []},
        "missing_activity",
    ),
    "two injections": (
        {"RadiopharmaceuticalInformationSequence": [Dataset(), Dataset()]},
        "conflicting_sources",
    ),
    "MBq": ({"RadionuclideTotalDose": "5.55"}, "units_in_doubt"),
    "too much": ({"RadionuclideTotalDose": "3E8"}, "implausible_activity"),
    "no injection time": (
        {
            "RadiopharmaceuticalStartTime": None,
            "RadiopharmaceuticalStartDateTime": None,
        },
        "missing_injection_time",
    ),
    "an injection date without a time": (
        {
            "RadiopharmaceuticalStartTime": None,
            "RadiopharmaceuticalStartDateTime": "20260302",
        },
        "missing_injection_time",
    ),
    "two injection times": (
        {"RadiopharmaceuticalStartTime": "093000"},
        "conflicting_sources",
    ),
    "no half-life": (
        {"RadionuclideHalfLife": None, "RadionuclideCodeSequence": None},
        "missing_half_life",
    ),
    "half-life in minutes": ({"RadionuclideHalfLife": "109.77"}, "units_in_doubt"),
    "half-life in hours": ({"RadionuclideHalfLife": "1.8295"}, "units_in_doubt"),
    "half-life in ms": ({"RadionuclideHalfLife": "6586200"}, "units_in_doubt"),
    "half-life in minutes, no code": (
        {"RadionuclideHalfLife": "109.77", "RadionuclideCodeSequence": None},
        "units_in_doubt",
    ),
    "half-life of centuries": (
        {"RadionuclideHalfLife": "1E10", "RadionuclideCodeSequence": None},
        "missing_half_life",
    ),
    "uncorrected frame without length": (
        {
            "DecayCorrection": "NONE",
            "CorrectedImage": ["ATTN"],
            "ActualFrameDuration": "0",
        },
        "unreadable_object",
    ),
    "negative half-life": ({"RadionuclideHalfLife": "-1"}, "missing_half_life"),
    "injection after the scan began": (LATE, "injection_after_scan"),
    "injection after the scan began, by the clock": (
        LATE | {"RadiopharmaceuticalStartDateTime": None},
        "injection_after_scan",
    ),
    "injection of last year": (
        {"RadiopharmaceuticalStartDateTime": "20250302100000"},
        "uptake_time",
    ),
    "a placeholder for Series Time": ({"SeriesTime": "000000"}, "uptake_time"),
    "no way to a decay reference": (
        {"SeriesTime": "150000", "FrameReferenceTime": None},
        "uptake_time",
    ),
    "decay references that disagree": (
        {"SeriesTime": "150000", "FrameReferenceTime": lambda k: str(k * 600_000)},
        "uptake_time",
    ),
    "a frame time beyond all measure": (
        {"FrameReferenceTime": "1E300"},
        "unreadable_object",
    ),
    "a frame time beyond the calendar": (
        {"FrameReferenceTime": "8E16"},
        "uptake_time",
    ),
    "several animals": (
        {"GroupOfPatientsIdentificationSequence": [Dataset()]},
        "several_animals",
    ),
    "uncorrected without frame duration": (
        {
            "DecayCorrection": "NONE",
            "CorrectedImage": ["NORM", "ATTN"],
            "ActualFrameDuration": None,
        },
        "unreadable_object",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_missing_or_contradicts_itself_is_held_with_its_reason(
    tmp_path: Path, name: str
) -> None:
    overrides, reason = REFUSALS[name]

    refusal = refusal_of(tmp_path, overrides)

    assert refusal.reason == reason
    assert refusal.remedy
    assert "Mouse" not in str(refusal)
    assert "m07" not in str(refusal)


def refusal_of(
    folder: Path, overrides: dict[str, Any]
) -> DicomContentError | ModelError:
    try:
        convert(folder, **overrides)
    except (DicomContentError, ModelError) as refusal:
        return refusal
    pytest.fail("it was converted")


def test_clocks_run_at_the_offset_that_only_the_injection_states(
    tmp_path: Path,
) -> None:
    """As Inveon writes it, 10:00 to 11:10 where clocks are five hours behind."""
    _, conversion = convert(
        tmp_path, RadiopharmaceuticalStartDateTime="20260302100000-0500"
    )

    assert conversion.numbers["decay_s"] == UPTAKE_S
    assert any("UTC-05:00" in said for said in conversion.statements)


def test_a_dynamic_like_injection_is_never_moved_to_the_day_before(
    tmp_path: Path,
) -> None:
    """208 s after the start would become a factor of 8892."""
    with pytest.raises(DicomContentError, match="208 s later"):
        convert(tmp_path, **LATE)
