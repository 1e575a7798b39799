"""Promises of `node.case.report` and `node.display`: results as data, and as read."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from dicom_io.pet.series import PetSeries
from model.score.assessment import SuvStatistics
from model.score.domain import Circumstances
from model.suv import SuvConversion
from node.case.report import RoiResult, roi_result
from node.display import print_result
from tests.support.pet import pet_datasets
from tests.support.result import MODEL, assessment_of, series_of

CONVERSION = SuvConversion(
    rule="BQML, START, decay reference = Series Time",
    factor=6.125e-06,
    numbers={
        "weight_g": 22.0,
        "injected_activity_bq": 5.55e6,
        "uptake_s": 4200.0,
        "cross_calibration": 1.021,
        "averaged_frames": 6,
    },
)
GML = SuvConversion("GML, SUV Type = BW, values are SUVbw", 1.0)


@pytest.fixture
def series(tmp_path: Path) -> PetSeries:
    return series_of(pet_datasets(), tmp_path)


def result_of(
    series: PetSeries, conversion: SuvConversion = CONVERSION, **rest: Any
) -> RoiResult:
    return roi_result(assessment_of(series), series, conversion, ("said",), **rest)


def shown(result: dict[str, Any]) -> str:
    """Return what a terminal shows of a result, on one line."""
    console = Console(width=400, record=True, file=io.StringIO())
    print_result(console, result)
    return " ".join(console.export_text().split())


def test_an_animal_is_the_pet_s_patient_unless_it_is_named(series: PetSeries) -> None:
    assert result_of(series).animal_id == "m07_pet"
    assert result_of(series, animal_id="m07").animal_id == "m07"
    assert result_of(series, animal_id="m07").patient_id == "m07_pet"


def test_context_is_carried_as_text_by_name(series: PetSeries) -> None:
    result = result_of(series, context=(("route", "IP"), ("glucose", "7.2 mmol/l")))

    data = json.loads(json.dumps(result.as_data()))

    assert data["context"] == {"route": "IP", "glucose": "7.2 mmol/l"}


def test_statistics_in_percent_per_gram_follow_from_suv_and_weight(
    series: PetSeries,
) -> None:
    dose: Any = result_of(series).percent_injected_dose_per_gram

    assert dose == {
        "min": pytest.approx(100 * 0.25 / 22),
        "median": pytest.approx(100 * 1.5 / 22),
        "mean": pytest.approx(100 * 1.625 / 22),
        "max": pytest.approx(100 * 4.125 / 22),
        "sd": pytest.approx(100 * 0.875 / 22),
    }


def test_peak_and_metabolic_volume_stand_with_what_they_are_defined_by(
    series: PetSeries,
) -> None:
    suv = result_of(series).as_data()["suv"]

    assert (suv["peak"], suv["peak_diameter_mm"]) == (3.5, 2.0)
    assert (suv["tlg_g"], suv["mtv_threshold_percent"]) == (0.125, 41.0)
    assert suv["mtv_ml"] == pytest.approx(0.8 * suv["volume_ml"])


def test_the_terminal_shows_sphere_and_threshold_beside_their_numbers(
    series: PetSeries,
) -> None:
    text = shown(result_of(series).as_data())

    assert "peak 3.5 g/ml (sphere of 2 mm) MTV " in text
    assert "TLG 0.125 g (from 41 % of the maximum)" in text


def test_without_a_weight_the_dose_per_gram_does_not_exist(series: PetSeries) -> None:
    assert result_of(series, GML).percent_injected_dose_per_gram is None


def test_numbers_that_do_not_exist_are_null_in_json(series: PetSeries) -> None:
    nan = float("nan")
    found = assessment_of(series, suv=SuvStatistics(nan, nan, nan, nan, nan, 0.1))

    data = roi_result(found, series, CONVERSION, ()).as_data()

    assert data["percent_injected_dose_per_gram"]["mean"] is None
    json.dumps(data, allow_nan=False)


def test_what_a_score_hangs_on_is_data(series: PetSeries) -> None:
    data = json.loads(json.dumps(result_of(series).as_data(), allow_nan=False))

    assert data["intercept"] == 1.485
    assert [term["feature"] for term in data["terms"]] == list(MODEL.coefficients)
    for term in data["terms"]:
        assert term["contribution"] == pytest.approx(
            term["coefficient"] * term["value"]
        )
    assert data["shuffled"] == {"mean": 4.5, "sd": 0.25, "repetitions": 100, "seed": 7}
    assert data["sensitivity"] == {
        "low": -1.25,
        "high": 2.5,
        "shift": 0.75,
        "basis": "perturbation",
        "parts": {"contour_in": None, "contour_out": -1.25, "noise_seed": 0},
    }
    assert data["inside_domain"] is True
    assert data["circumstances"] == {
        "tracer": "FDG",
        "radionuclide": "F-18",
        "species": "mouse",
        "route": None,
        "uptake_min": 70.0,
    }


def test_without_a_score_all_that_it_hangs_on_is_null_or_empty(
    series: PetSeries,
) -> None:
    refused = assessment_of(
        series,
        score=None,
        terms=(),
        shuffled=None,
        sensitivity=None,
        undefined={"glcm_Homogeneity2": "the region has a single voxel"},
        inside_domain=False,
        circumstances=Circumstances(),
    )

    data = roi_result(refused, series, CONVERSION, ()).as_data()

    assert (data["score"], data["terms"], data["shuffled"]) == (None, [], None)
    assert data["sensitivity"] == {
        "low": None,
        "high": None,
        "shift": None,
        "basis": None,
        "parts": {},
    }
    assert data["undefined"] == {"glcm_Homogeneity2": "the region has a single voxel"}
    assert data["inside_domain"] is False
    assert set(data["circumstances"].values()) == {None}
    assert "score none" in shown(data)


def test_the_terminal_shows_what_a_score_hangs_on_and_claims_no_interval(
    series: PetSeries,
) -> None:
    text = shown(result_of(series).as_data())

    assert "made of intercept +1.485 glcm_InverseVariance -3.674" in text
    assert "between -1.25 and 2.5, shift 0.75" in text
    assert "sensitivity range, no confidence interval" in text
    assert "shuffled 4.5 SD 0.25" in text
    assert "100 random orders" in text


def test_the_terminal_shows_rule_numbers_and_context_in_readable_units(
    series: PetSeries,
) -> None:
    text = shown(result_of(series, context=(("route", "IP"),)).as_data())

    assert "by rule BQML, START, decay reference = Series Time" in text
    assert (
        "from weight 22 g injected activity 5.55 MBq uptake 70 min"
        " cross calibration 1.021 averaged frames 6"
    ) in text
    assert "%ID/g mean 7.39 max 18.8 (tissue of 1 g/ml)" in text
    assert "context route IP" in text


def test_the_terminal_shows_no_dose_per_gram_of_an_image_in_suv(
    series: PetSeries,
) -> None:
    assert "%ID/g" not in shown(result_of(series, GML).as_data())


def test_what_tables_hold_cannot_steer_the_terminal(series: PetSeries) -> None:
    context = (("cage[/]", "[red]7\x1b[2J"),)

    text = shown(result_of(series, context=context).as_data())

    assert "cage[/] [red]7[2J" in text


def test_a_result_of_an_earlier_version_is_shown(series: PetSeries) -> None:
    data = result_of(series).as_data()
    for key in (
        "percent_injected_dose_per_gram",
        "context",
        "suv_numbers",
        "circumstances",
        "undefined",
        "intercept",
        "terms",
        "shuffled",
        "inside_domain",
    ):
        del data[key]
    del data["suv"]["peak"]
    data["sensitivity"] = {"low": None, "high": None, "shift": None}

    assert "SUVbw min 0.25" in shown(data)
