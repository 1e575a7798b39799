"""Promises of `dicom_io.results.report.report_reading`: what is written is read."""

import io
from dataclasses import replace

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from dicom_io import codes, feature_codes
from dicom_io.part10 import decode_dataset, encode_dataset
from dicom_io.pet.series import PetSeries
from dicom_io.results.report.measurement_report import build_measurement_report
from dicom_io.results.report.report_reading import (
    NotAReportError,
    ReadReport,
    ReportedRegion,
    read_report,
)
from model.contours import Roi
from model.score.assessment import RoiAssessment
from tests.support.pet import STUDY_UID, pet_datasets
from tests.support.result import (
    EQUIPMENT,
    FEATURES,
    MODEL,
    SENSITIVITY,
    assessment_of,
    content_of,
    identity,
    series_of,
)


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> PetSeries:
    return series_of(pet_datasets(), tmp_path_factory.mktemp("pet"))


def built(series: PetSeries, *found: RoiAssessment) -> Dataset:
    content = content_of(
        *found, statements=("said of all",), context=(("glucose", "7.1 = high"),)
    )
    return build_measurement_report(series, content, identity(), EQUIPMENT)


def read(dataset: Dataset) -> ReadReport:
    return read_report(decode_dataset(encode_dataset(dataset)))


def value(region: ReportedRegion, code: Code, *more: Code) -> float | None:
    return next(each.value for each in region.numbers if each.is_of(code, *more))


def test_every_number_comes_back_exactly(series: PetSeries) -> None:
    found = assessment_of(series)
    [region] = read(built(series, found)).regions

    assert value(region, codes.TEXTURE_INDEX) == found.score
    assert value(region, codes.SENSITIVITY_LOW) == SENSITIVITY.low
    assert value(region, codes.SENSITIVITY_HIGH) == SENSITIVITY.high
    assert value(region, codes.TEXTURE_INDEX_SHUFFLED, codes.MEAN) == 4.5
    assert value(region, codes.SUV_BODY_WEIGHT, codes.MEAN) == found.suv.mean
    assert value(region, codes.SUV_BODY_WEIGHT, codes.MAXIMUM) == found.suv.maximum
    assert value(region, codes.VOXEL_COUNT) == found.mask.voxels
    for name, expected in FEATURES.items():
        unit, factor = feature_codes.feature_unit(name)
        [told] = [
            each
            for each in region.numbers
            if (each.concept, each.meaning)
            == (_named(name), feature_codes.feature_concept(name).meaning)
        ]
        assert told.value == factor * expected
        assert told.unit == unit.value


def _named(name: str) -> tuple[str, str]:
    code = feature_codes.feature_concept(name)
    return code.value, code.scheme_designator


def test_what_is_said_comes_back_by_what_it_is_about(series: PetSeries) -> None:
    report = read(built(series, assessment_of(series)))
    [region] = report.regions

    assert (report.study_instance_uid, report.patient_id) == (STUDY_UID, "m07_pet")
    assert report.job_key == identity().job_key
    assert report.completed
    assert report.suv_rule == "BQML, START, decay reference = Series Time"
    assert report.suv_inputs["weight_g"] == "22.0"
    assert report.context == {"glucose": "7.1 = high"}
    assert "said of all" in report.statements
    assert region.name == "Tumour"
    assert (region.model, region.model_version) == (MODEL.name, MODEL.version)
    assert region.parameters["sha256"] == MODEL.sha256
    assert region.parameters["calibration"] == "none"
    assert region.warnings == ("12 voxels: texture of so few is unsure",)
    assert region.exhausted is None
    assert region.tracking_uid.startswith("2.25.")


def test_regions_come_back_in_their_order_each_with_its_own(
    series: PetSeries,
) -> None:
    first = assessment_of(series)
    grid = series.volume.grid
    second = replace(
        first, roi=Roi(2, "Lymphknöten", (), grid.frame_of_reference), score=-7.0
    )

    regions = read(built(series, first, second)).regions

    assert [each.name for each in regions] == ["Tumour", "Lymphknöten"]
    assert value(regions[1], codes.TEXTURE_INDEX) == -7.0


def test_a_number_that_does_not_exist_is_none(series: PetSeries) -> None:
    features = {**FEATURES, "glcm_InverseVariance": float("nan")}
    found = assessment_of(
        series, score=None, terms=(), features=features, shuffled=None
    )
    [region] = read(built(series, found)).regions

    assert value(region, codes.TEXTURE_INDEX) is None
    assert value(region, feature_codes.feature_concept("glcm_InverseVariance")) is None
    assert value(region, codes.TEXTURE_INDEX_SHUFFLED, codes.MEAN) is None


@pytest.mark.parametrize("exhausted", [True, False])
def test_a_class_comes_back_as_it_was_said(
    series: PetSeries,
    exhausted: bool,  # noqa: FBT001 (a parameter of pytest's)
) -> None:
    found = assessment_of(series, exhausted=exhausted, probability=0.625)
    [region] = read(built(series, found)).regions

    assert region.exhausted is exhausted
    assert value(region, codes.EXHAUSTION_PROBABILITY) == 62.5


def test_the_objects_that_a_report_refers_to_are_named(series: PetSeries) -> None:
    report = built(series, assessment_of(series))
    named = {each.sop_instance_uid for each in read(report).referenced}

    assert "1.2.826.0.1.3680043.10.1555.1.3.1" in named
    assert {each.sop_instance_uid for each in series.instances} & named


def other_class(report: Dataset) -> None:
    report.SOPClassUID = "1.2.840.10008.5.1.4.1.1.88.33"


def other_title(report: Dataset) -> None:
    report.ConceptNameCodeSequence[0].CodeValue = "121144"


def other_maker(report: Dataset) -> None:
    report.ManufacturerModelName = "Other"
    del report.ContributingEquipmentSequence


def without_measurements(report: Dataset) -> None:
    report.ContentSequence = []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (other_class, "no Comprehensive 3D SR"),
        (other_title, "no measurement report"),
        (other_maker, "written by other software"),
        (without_measurements, "no texture index"),
    ],
)
def test_another_document_is_refused_in_words(
    series: PetSeries, change: object, said: str
) -> None:
    content = encode_dataset(built(series, assessment_of(series)))
    dataset = pydicom.dcmread(io.BytesIO(content))
    assert callable(change)
    change(dataset)

    with pytest.raises(NotAReportError, match=said) as caught:
        read_report(dataset)

    assert "Mouse" not in str(caught.value)
