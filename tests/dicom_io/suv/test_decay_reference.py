"""Promises of `dicom_io.suv.decay_reference`, `acquisition` and `private_elements`.

The builder's mouse: injected at 10:00, scanned from 11:10 for ten minutes, both in
Berlin on 2 March 2026.
"""

import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydicom.dataset import Dataset

from dicom_io.errors import DicomContentError
from dicom_io.pet.dynamic_series import read_pet
from dicom_io.pet.series import read_pet_series
from dicom_io.suv.rule import SuvRules, convert_to_suv
from model.plausibility import AnimalLimits, UnitsInDoubt
from model.suv import SuvConversion
from tests.support.dynamic import INJECTED_AT, WINDOW, dynamic_datasets
from tests.support.pet import pet_datasets, write_all

BERLIN = ZoneInfo("Europe/Berlin")
MOUSE = AnimalLimits("mouse", (10.0, 60.0), (0.5e6, 40e6))
RULES = SuvRules(MOUSE, UnitsInDoubt.HOLD, BERLIN)
MINUTE = 60.0
RATE = math.log(2) / 6586.2


def convert(folder: Path, datasets: list[Dataset]) -> SuvConversion:
    return convert_to_suv(read_pet_series(write_all(datasets, folder)), RULES)[1]


def private(
    tag: int, value: str, creator: str | None, **overrides: Any
) -> list[Dataset]:
    """Return a series with a private date and time, in the block of its creator."""
    datasets = pet_datasets(slices=3, **overrides)
    for dataset in datasets:
        if creator is not None:
            block = (tag >> 8) & 0xFF
            dataset.add_new((tag & 0xFFFF0000) | block, "LO", creator)
        dataset.add_new(tag, "DT", value)
    return datasets


@pytest.mark.parametrize(
    ("tag", "creator", "manufacturer"),
    [
        (0x0009100D, "GEMS_PETD_01", "GE MEDICAL SYSTEMS"),
        (0x0009110D, "GEMS_PETD_01", ""),
        (0x0009100D, None, "GE"),
        (0x00711022, "SIEMENS MED PT", "SIEMENS"),
        (0x00711222, "SIEMENS MED PT", ""),
        (0x00711022, None, "CPS Innovations"),
    ],
)
def test_a_vendors_own_instant_comes_before_the_one_computed_back(
    tmp_path: Path, tag: int, creator: str | None, manufacturer: str
) -> None:
    datasets = private(
        tag,
        "20260302110500.00",
        creator,
        Manufacturer=manufacturer,
        SeriesTime="150000",
        FrameReferenceTime="0",
    )

    conversion = convert(tmp_path, datasets)

    assert conversion.numbers["decay_s"] == 65 * MINUTE
    assert "date and time" in conversion.rule


@pytest.mark.parametrize(
    ("tag", "creator", "manufacturer"),
    [
        (0x0009100D, "SOMEBODY ELSE", "GE"),
        (0x0009100D, None, "GENERIC"),
        (0x00711022, "SOMEBODY ELSE", "SIEMENS"),
        (0x00711022, None, ""),
    ],
)
def test_an_element_of_somebody_else_says_nothing(
    tmp_path: Path, tag: int, creator: str | None, manufacturer: str
) -> None:
    datasets = private(
        tag,
        "20260302110500.00",
        creator,
        Manufacturer=manufacturer,
        SeriesTime="150000",
    )

    assert "date and time" not in convert(tmp_path, datasets).rule


def test_a_vendors_own_instant_after_the_scan_began_is_not_used(
    tmp_path: Path,
) -> None:
    datasets = private(
        0x0009100D,
        "20260302113000",
        "GEMS_PETD_01",
        SeriesTime="150000",
    )

    conversion = convert(tmp_path, datasets)

    assert conversion.numbers["decay_s"] == pytest.approx(70 * MINUTE, abs=0.01)


def test_a_vendors_own_instant_that_disagrees_with_series_time_is_said(
    tmp_path: Path,
) -> None:
    datasets = private(0x0009100D, "20260302110500", "GEMS_PETD_01")

    conversion = convert(tmp_path, datasets)

    assert conversion.numbers["decay_s"] == 70 * MINUTE
    assert any("GE scan date and time" in said for said in conversion.statements)


def test_a_private_instant_that_is_none_is_refused(tmp_path: Path) -> None:
    datasets = private(0x0009100D, "20260302", "GEMS_PETD_01")
    for dataset in datasets:
        dataset[0x0009100D].VR = "UN"
        dataset[0x0009100D].value = b"yesterday "

    with pytest.raises(DicomContentError, match="GE scan date and time") as refusal:
        convert(tmp_path, datasets)

    assert refusal.value.reason == "unreadable_object"


def test_ge_counts_frame_reference_time_to_the_start_of_a_frame(tmp_path: Path) -> None:
    """A frame that begins 5 min into a scan of 11:10; the duration does not matter."""
    datasets = pet_datasets(
        slices=3,
        Manufacturer="GE MEDICAL SYSTEMS",
        SeriesTime="150000",
        AcquisitionTime="111500",
        FrameReferenceTime="300000",
        ActualFrameDuration=None,
    )

    conversion = convert(tmp_path, datasets)

    assert conversion.numbers["decay_s"] == 70 * MINUTE
    assert "(GE)" in conversion.rule


@pytest.mark.parametrize("manufacturer", ["SIEMENS", "Philips", "", "Synthetic"])
def test_others_count_it_to_the_average_decay_time(
    tmp_path: Path, manufacturer: str
) -> None:
    middle_s = math.log(RATE * 600 / (1 - math.exp(-RATE * 600))) / RATE
    datasets = pet_datasets(
        slices=3,
        Manufacturer=manufacturer,
        SeriesTime="150000",
        AcquisitionTime="111500",
        FrameReferenceTime=f"{(300 + middle_s) * 1e3:.3f}",
    )

    conversion = convert(tmp_path, datasets)

    assert conversion.numbers["decay_s"] == pytest.approx(70 * MINUTE, abs=0.01)


def test_a_decay_factor_that_disagrees_is_said(tmp_path: Path) -> None:
    conversion = convert(tmp_path, pet_datasets(slices=3, DecayFactor="1.5"))

    assert conversion.numbers["decay_s"] == 70 * MINUTE
    assert any("Decay Factor" in said for said in conversion.statements)


@pytest.mark.parametrize(
    "dates",
    [
        {"SeriesDate": None},
        {"SeriesDate": None, "AcquisitionDate": None},
        {"AcquisitionDate": None},
    ],
)
@pytest.mark.parametrize("start", [None, "20260302100000"])
def test_times_without_a_date_are_of_the_day_that_is_known(
    tmp_path: Path, dates: dict[str, Any], start: str | None
) -> None:
    datasets = pet_datasets(slices=3, **dates, RadiopharmaceuticalStartDateTime=start)

    assert convert(tmp_path, datasets).numbers["decay_s"] == 70 * MINUTE


def test_a_series_time_without_a_date_is_next_to_the_acquisition(
    tmp_path: Path,
) -> None:
    """One second before midnight, acquired one second after."""
    datasets = pet_datasets(
        slices=3,
        SeriesDate=None,
        SeriesTime="235959",
        AcquisitionDate="20260303",
        AcquisitionTime="000001",
        RadiopharmaceuticalStartTime="225000",
        RadiopharmaceuticalStartDateTime=None,
    )

    assert convert(tmp_path, datasets).numbers["decay_s"] == 4199.0


def test_a_series_after_midnight_belongs_to_a_study_of_the_evening(
    tmp_path: Path,
) -> None:
    datasets = pet_datasets(
        slices=3,
        StudyTime="230000",
        SeriesDate=None,
        SeriesTime="003000",
        AcquisitionDate=None,
        AcquisitionTime="003000",
        RadiopharmaceuticalStartTime=None,
        RadiopharmaceuticalStartDateTime="20260302233000",
    )

    assert convert(tmp_path, datasets).numbers["decay_s"] == 60 * MINUTE


def test_a_frame_reference_time_of_nought_means_the_start_of_the_frame(
    tmp_path: Path,
) -> None:
    datasets = pet_datasets(slices=3, SeriesTime="150000", FrameReferenceTime="0")

    conversion = convert(tmp_path, datasets)

    assert conversion.numbers["decay_s"] == 70 * MINUTE
    assert conversion.rule.endswith("Acquisition Time, since Frame Reference Time is 0")


@pytest.mark.parametrize(
    "milliseconds", ["298.421417", "-298421.417"], ids=["in seconds", "negative"]
)
def test_a_reference_after_the_start_of_the_acquisition_is_held(
    tmp_path: Path, milliseconds: str
) -> None:
    datasets = pet_datasets(
        slices=3, SeriesTime="150000", FrameReferenceTime=milliseconds
    )

    with pytest.raises(DicomContentError, match="after the start") as refusal:
        convert(tmp_path, datasets)

    assert refusal.value.reason == "uptake_time"
    assert refusal.value.attribute == "FrameReferenceTime (0054,1300)"


@pytest.mark.parametrize(
    "overrides",
    [
        {"SeriesDate": "20260301"},
        {"SeriesTime": "093000"},
        {"SeriesTime": "150000", "FrameReferenceTime": "9E7"},
        {"SeriesTime": "093000", "FrameReferenceTime": None},
    ],
    ids=["day before", "hours before", "computed back", "nothing to compare"],
)
def test_a_static_image_corrected_to_before_the_injection_is_held(
    tmp_path: Path, overrides: dict[str, Any]
) -> None:
    with pytest.raises(DicomContentError, match="earlier than the injection") as found:
        convert(tmp_path, pet_datasets(slices=3, **overrides))

    assert found.value.reason == "uptake_time"


def test_a_late_frame_of_a_scan_that_began_before_the_injection_is_in_order(
    tmp_path: Path,
) -> None:
    """Scanned from 9:56, the frame of 11:10 alone was sent."""
    datasets = pet_datasets(
        slices=3, SeriesTime="095600", FrameReferenceTime=str((4440 + 298.4) * 1e3)
    )

    assert convert(tmp_path, datasets).numbers["decay_s"] == -4 * MINUTE


@pytest.mark.parametrize("manufacturer", ["GE MEDICAL SYSTEMS", "Molecubes"])
def test_a_decay_factor_of_the_frame_agrees_with_a_reference_time_of_its_start(
    tmp_path: Path, manufacturer: str
) -> None:
    datasets = pet_datasets(slices=3, Manufacturer=manufacturer, FrameReferenceTime="0")

    assert convert(tmp_path, datasets).statements == ()


def test_an_absurd_disagreement_is_said_in_few_words(tmp_path: Path) -> None:
    datasets = pet_datasets(slices=3, FrameReferenceTime="1E12")

    said = convert(tmp_path, datasets).statements

    assert all("more than 10-fold" in each for each in said)
    assert len(said) == 2


def test_clocks_that_change_their_offset_are_compared_as_instants(
    tmp_path: Path,
) -> None:
    """Summer time began in Berlin on 29 March 2026, at two in the morning."""
    datasets = pet_datasets(
        slices=3,
        SeriesDate="20260329",
        SeriesTime="031000",
        AcquisitionDate="20260329",
        AcquisitionTime="031000",
        RadiopharmaceuticalStartTime="013000",
        RadiopharmaceuticalStartDateTime=None,
    )

    assert convert(tmp_path, datasets).numbers["decay_s"] == 40 * MINUTE


def test_an_averaged_dynamic_series_is_decayed_from_the_start_of_its_scan(
    tmp_path: Path,
) -> None:
    """The scan began 208 s before the injection; that is how dynamic scans are done."""
    injection: dict[str, Any] = {
        "RadiopharmaceuticalStartTime": f"{INJECTED_AT:%H%M%S}",
        "RadiopharmaceuticalStartDateTime": f"{INJECTED_AT:%Y%m%d%H%M%S}+0000",
        "TimezoneOffsetFromUTC": "+0000",
        "RadionuclideTotalDose": "9E6",
    }
    paths = write_all(dynamic_datasets(**injection), tmp_path)
    series = read_pet(paths, WINDOW, lambda _headers: INJECTED_AT, UTC)

    _, conversion = convert_to_suv(series, RULES)

    first = series.time_frames[0].started_at
    assert isinstance(first, datetime)
    assert conversion.numbers["decay_s"] == -208.0
    assert conversion.numbers["uptake_s"] == (first - INJECTED_AT).total_seconds()
    assert conversion.factor == pytest.approx(22.0 / (9e6 * math.exp(RATE * 208)))
    assert set(series.statements) <= set(conversion.statements)
    assert dict(series.numbers).items() <= dict(conversion.numbers).items()
