"""Promises of `suv.normalised` and `suv.philips`, and of impossible SUV.

The builder's values times 1e-6 are SUV of some g/ml.
"""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from pydicom.dataset import Dataset

from dicom_io.errors import DicomContentError
from dicom_io.pet.series import PetSeries, read_pet_series
from dicom_io.suv.rule import SuvRules, convert_to_suv
from model.administration import Administration, Assay, Source
from model.errors import ModelError
from model.grid import Volume
from model.plausibility import AnimalLimits, UnitsInDoubt
from model.suv import SuvConversion
from tests.support.pet import default_values, pet_datasets, write_all

BERLIN = ZoneInfo("Europe/Berlin")
MOUSE = AnimalLimits("mouse", (10.0, 60.0), (0.5e6, 40e6))
HUMAN = AnimalLimits("human", (2_000.0, 300_000.0), (10e6, 2e9))
OF_MICE = SuvRules(MOUSE, UnitsInDoubt.HOLD, BERLIN)
OF_PEOPLE = SuvRules(HUMAN, UnitsInDoubt.HOLD, BERLIN)
SUV = default_values(3, 16, 18) * 1e-6
PERSON: dict[str, Any] = {
    "PatientWeight": "70",
    "PatientSize": "1.75",
    "PatientSex": "M",
}
ROW = "row 12 of the injection log"


def series_of(folder: Path, datasets: list[Dataset]) -> PetSeries:
    return read_pet_series(write_all(datasets, folder))


def convert(
    folder: Path,
    rules: SuvRules,
    *supplied: Administration,
    **overrides: Any,
) -> tuple[PetSeries, Volume, SuvConversion]:
    series = series_of(folder, pet_datasets(values=SUV, **overrides))
    return series, *convert_to_suv(series, rules, supplied)


@pytest.mark.parametrize(
    ("units", "suv_type", "sex", "per_value"),
    [
        ("GML", "LBMJAMES128", "M", 70.0 / 56.52),
        ("GML", "LBMJANMA", "F", 14357.142857 / 9270.0),
        ("GML", "LBM", "F", 70.0 / 51.22),
        ("GML", "IBW", "O", 70.0 / 69.405),
        ("CM2ML", "BSA", "M", 3.7877),
        ("CM2ML", None, "", 3.7877),
    ],
)
def test_a_persons_suv_by_body_size_are_brought_back_to_body_weight(
    tmp_path: Path, units: str, suv_type: str | None, sex: str, per_value: float
) -> None:
    said = {**PERSON, "PatientSex": sex, "Units": units, "SUVType": suv_type}

    series, suv, conversion = convert(tmp_path, OF_PEOPLE, **said)

    assert conversion.factor == pytest.approx(per_value, rel=1e-4)
    np.testing.assert_allclose(suv.values, series.volume.values * conversion.factor)
    assert suv.unit == "g/ml"
    assert conversion.numbers["weight_g"] == 70_000.0
    assert conversion.numbers["height_m"] == 1.75
    assert "undone" in conversion.rule


REFUSALS: dict[str, dict[str, Any]] = {
    "lean body mass of an unknown formula": {"SUVType": "LBM"},
    "another sex": {"SUVType": "IBW", "PatientSex": "U"},
    "no sex": {"SUVType": "IBW", "PatientSex": ""},
    "no height": {"SUVType": "IBW", "PatientSize": None},
    "a height of 0": {"SUVType": "IBW", "PatientSize": "0"},
    "a height in centimetres": {"SUVType": "IBW", "PatientSize": "175"},
    "no weight": {"SUVType": "IBW", "PatientWeight": None},
    "surface in grams": {"SUVType": "BSA"},
    "grams in surface": {"Units": "CM2ML", "SUVType": "LBMJANMA"},
    "an unknown type": {"SUVType": "MAGIC"},
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_be_undone_exactly_is_refused(tmp_path: Path, name: str) -> None:
    said = {"Units": "GML", **PERSON, **REFUSALS[name]}

    with pytest.raises((DicomContentError, ModelError)) as refusal:
        convert(tmp_path, OF_PEOPLE, **said)

    assert refusal.value.reason == "unsupported_units"
    assert "BQML" in refusal.value.remedy
    told = [str(refusal.value), *getattr(refusal.value, "__notes__", ())]
    assert "(0054,10" in "".join(told) or "(0010,10" in "".join(told)


@pytest.mark.parametrize(
    ("units", "suv_type"), [("GML", "LBMJAMES128"), ("GML", "IBW"), ("CM2ML", "BSA")]
)
def test_formulas_of_people_are_not_applied_to_animals(
    tmp_path: Path, units: str, suv_type: str
) -> None:
    with pytest.raises(DicomContentError, match=suv_type) as refusal:
        convert(tmp_path, OF_MICE, Units=units, SUVType=suv_type, PatientSize="0.1")

    assert refusal.value.reason == "unsupported_units"


def test_an_image_of_suv_takes_a_weight_for_numbers_per_gram(tmp_path: Path) -> None:
    row = Administration(Source.LOG, ROW, weight_g=24.8, activity=Assay(1.0))

    _, _, conversion = convert(tmp_path, OF_MICE, row, Units="GML")

    assert conversion.factor == 1.0
    assert conversion.numbers == {"weight_g": 24.8}
    assert conversion.percent_injected_dose_per_gram == pytest.approx(100 / 24.8)
    assert any(
        f"Weight 24.8 g from {ROW}; PET header: 22 g, with which" in said
        for said in conversion.statements
    )


@pytest.mark.parametrize("weight", ["0", ["22", "23"], "5000"])
def test_an_image_of_suv_is_never_held_for_a_weight(
    tmp_path: Path, weight: str | list[str]
) -> None:
    _, _, conversion = convert(
        tmp_path, OF_MICE, Units="GML", PatientWeight=weight, SUVType="BW"
    )

    assert conversion.factor == 1.0
    assert conversion.numbers == {}


def test_an_image_of_suv_of_several_animals_is_of_none(tmp_path: Path) -> None:
    group: dict[str, Any] = {"GroupOfPatientsIdentificationSequence": [Dataset()]}

    with pytest.raises(DicomContentError) as refusal:
        convert(tmp_path, OF_MICE, Units="GML", **group)

    assert refusal.value.reason == "several_animals"


PHILIPS: dict[str, Any] = {"Units": "CNTS", "Manufacturer": "Philips Medical Systems"}


def counts(
    suv: Any = None,
    activity: Any = None,
    *,
    creator: str | None = "Philips PET Private Group",
    vr: str = "DS",
    **overrides: Any,
) -> list[Dataset]:
    """Return a series of counts with Philips' factors; a list is by slice."""
    datasets = pet_datasets(values=SUV, **{**PHILIPS, **overrides})
    for k, dataset in enumerate(datasets):
        if creator:
            dataset.add_new(0x70530010, "LO", creator)
        for tag, given in ((0x70531000, suv), (0x70531009, activity)):
            value = given[k] if isinstance(given, list) else given
            if value is not None:
                written = value.ljust(8).encode() if vr == "UN" else value
                dataset.add_new(tag, vr, written)
    return datasets


@pytest.mark.parametrize("vr", ["DS", "UN"])
@pytest.mark.parametrize("creator", ["Philips PET Private Group", None])
def test_the_philips_suv_factor_makes_suv_of_counts(
    tmp_path: Path, creator: str | None, vr: str
) -> None:
    datasets = counts("0.5", "0.0", creator=creator, vr=vr, PatientWeight=None)
    series = series_of(tmp_path, datasets)

    suv, conversion = convert_to_suv(series, OF_MICE)

    np.testing.assert_allclose(suv.values, series.volume.values * 0.5)
    assert conversion.numbers == {"philips_suv_scale_factor": 0.5}
    assert "7053,1000" in conversion.rule


@pytest.mark.parametrize("suv_factor", [None, "0", "-1"])
def test_the_philips_activity_factor_makes_becquerel_of_counts(
    tmp_path: Path, suv_factor: str | None
) -> None:
    as_becquerel = series_of(tmp_path / "bq", pet_datasets(values=SUV * 1e5))
    expected, plain = convert_to_suv(as_becquerel, OF_MICE)

    series = series_of(tmp_path / "counts", counts(suv_factor, "1E5"))
    suv, conversion = convert_to_suv(series, OF_MICE)

    np.testing.assert_allclose(suv.values, expected.values, rtol=1e-3)
    assert conversion.factor == pytest.approx(plain.factor * 1e5)
    assert conversion.numbers["philips_activity_scale_factor"] == 1e5
    assert "7053,1009" in conversion.rule
    assert "START, decay reference = Series Time" in conversion.rule


def test_philips_factors_may_differ_from_slice_to_slice(tmp_path: Path) -> None:
    series = series_of(tmp_path, counts(["0.5", "0.25", "1"]))

    suv, conversion = convert_to_suv(series, OF_MICE)

    # Array slices run against the builder's index.
    assert conversion.slice_factors == (1.0, 0.25, 0.5)
    np.testing.assert_allclose(suv.values[1], series.volume.values[1] * 0.25)


def test_counts_that_were_not_corrected_for_decay_take_the_activity_factor(
    tmp_path: Path,
) -> None:
    uncorrected = {"DecayCorrection": "NONE", "CorrectedImage": ["NORM", "ATTN"]}
    both = series_of(tmp_path / "both", counts("0.5", "1E5", **uncorrected))
    alone = series_of(tmp_path / "suv", counts("0.5", **uncorrected))

    _, conversion = convert_to_suv(both, OF_MICE)

    assert "7053,1009" in conversion.rule
    assert "NONE" in conversion.rule
    with pytest.raises(DicomContentError) as refusal:
        convert_to_suv(alone, OF_MICE)
    assert refusal.value.reason == "unsupported_units"


COUNTS: dict[str, tuple[dict[str, Any], str]] = {
    "no factor": ({}, "unsupported_units"),
    "both are 0": ({"suv": "0", "activity": "0"}, "unsupported_units"),
    "in some slices": ({"suv": ["1", None, "1"]}, "unsupported_units"),
    "another creator": ({"suv": "1", "creator": "SOMEBODY"}, "unsupported_units"),
    "another vendor": (
        {"suv": "1", "creator": None, "Manufacturer": "SIEMENS"},
        "unsupported_units",
    ),
    "another normalisation": ({"suv": "1", "SUVType": "LBM"}, "unsupported_units"),
    "no number": ({"suv": "many", "vr": "UN"}, "unreadable_object"),
    "not finite": ({"suv": "1E999", "vr": "UN"}, "unreadable_object"),
}


@pytest.mark.parametrize("name", COUNTS)
def test_counts_without_a_factor_are_refused(tmp_path: Path, name: str) -> None:
    said, reason = COUNTS[name]

    with pytest.raises(DicomContentError) as refusal:
        convert_to_suv(series_of(tmp_path, counts(**said)), OF_MICE)

    assert refusal.value.reason == reason


@pytest.mark.parametrize("units", ["GML", "BQML"])
def test_impossible_suv_are_refused_in_any_unit(tmp_path: Path, units: str) -> None:
    rules = SuvRules(MOUSE, UnitsInDoubt.HOLD, BERLIN, check_activity_balance=False)

    with pytest.raises(ModelError, match="SUV reach") as refusal:
        convert(tmp_path, rules, Units=units, RescaleSlope="1E20")

    assert refusal.value.reason == "activity_balance"


def test_an_absurd_slope_does_not_balance(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="field of view") as refusal:
        convert(tmp_path, OF_MICE, RescaleSlope="1E20")

    assert refusal.value.reason == "activity_balance"
    assert "RescaleSlope (0028,1053)" in "".join(refusal.value.__notes__)


def test_an_image_without_attenuation_correction_may_be_allowed_and_is_said(
    tmp_path: Path,
) -> None:
    rules = SuvRules(
        MOUSE, UnitsInDoubt.HOLD, BERLIN, require_attenuation_correction=False
    )

    _, _, conversion = convert(tmp_path, rules, CorrectedImage=["NORM", "DECY"])

    assert any(
        "not corrected for attenuation" in said for said in conversion.statements
    )
