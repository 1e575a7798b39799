"""Promises of `dicom_io.results.report.measurement_report`, as pydicom reads it."""

import dataclasses
import io
import itertools
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import Comprehensive3DSRStorage, ParametricMapStorage

from dicom_io import codes
from dicom_io.part10 import encode_dataset
from dicom_io.pet.series import InstanceReference, PetSeries
from dicom_io.results.report.measurement_report import (
    build_measurement_report,
)
from dicom_io.results.report.report_content import (
    NothingToReportError,
    RelatedObject,
    ReportContent,
)
from dicom_io.results.report.report_reading import read_report
from dicom_io.source_reference import SourceReference
from model.contours import Roi
from model.grid import GridMismatchError, Mask
from model.plausibility import AnimalLimits
from model.score.domain import Circumstances
from model.score.score_model import Calibration
from model.score.uptake import Uptake
from model.suv import SuvConversion
from node.showing.report_data import results_of_report
from tests.support.pet import STUDY_UID, pet_datasets
from tests.support.result import (
    EQUIPMENT,
    FEATURES,
    MODEL,
    assessment_of,
    block,
    content_of,
    identity,
    series_of,
)
from tests.support.tools import require_tool
from tests.support.verification import complaints

MAP = SourceReference(ParametricMapStorage, "1.2.3.4.5.1", STUDY_UID, "1.2.3.4.5")


@pytest.fixture
def series(tmp_path: Path) -> PetSeries:
    return series_of(pet_datasets(), tmp_path)


def written(
    series: PetSeries, content: ReportContent | None = None, **overrides: object
) -> Dataset:
    """Build a report and read it back from its bytes."""
    if content is None:
        content = content_of(assessment_of(series))
    built = build_measurement_report(series, content, identity(**overrides), EQUIPMENT)
    return pydicom.dcmread(io.BytesIO(encode_dataset(built)))


def items(container: Dataset) -> Iterator[Dataset]:
    """Give all content items below a container."""
    for item in container.get("ContentSequence", []):
        yield item
        yield from items(item)


def named(container: Dataset, meaning: str) -> list[Dataset]:
    return [
        item
        for item in items(container)
        if item.ConceptNameCodeSequence[0].CodeMeaning == meaning
    ]


def groups(report: Dataset) -> list[Dataset]:
    return named(report, "Measurement Group")


def numbers(group: Dataset) -> dict[str, Dataset]:
    return {
        item.ConceptNameCodeSequence[0].CodeMeaning: item
        for item in group.ContentSequence
        if item.ValueType == "NUM"
    }


def value_of(item: Dataset) -> float:
    return float(item.MeasuredValueSequence[0].FloatingPointValue)


def unit_of(item: Dataset) -> str:
    return str(item.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue)


def texts(container: Dataset, meaning: str) -> list[str]:
    return [str(item.TextValue) for item in named(container, meaning)]


def test_the_report_is_a_complete_measurement_report_of_the_source_study(
    series: PetSeries,
) -> None:
    report = written(series)

    assert report.SOPClassUID == Comprehensive3DSRStorage
    assert report.ContentTemplateSequence[0].TemplateIdentifier == "1500"
    assert report.StudyInstanceUID == STUDY_UID
    assert (report.PatientID, report.PatientName) == ("m07_pet", "Mouse^Seven")
    assert (report.CompletionFlag, report.PreliminaryFlag) == ("COMPLETE", "FINAL")
    assert report.ConceptNameCodeSequence[0].CodeValue == "126000"


def test_a_report_to_which_more_will_come_says_so(series: PetSeries) -> None:
    content = content_of(assessment_of(series), completed=False)

    report = written(series, content)

    assert report.CompletionFlag == "PARTIAL"
    assert report.PreliminaryFlag == "PRELIMINARY"


def test_the_image_library_holds_the_slices_of_all_regions_once(
    series: PetSeries,
) -> None:
    elsewhere = np.roll(block(series.volume.grid), 2, axis=0)
    both = (assessment_of(series), assessment_of(series, elsewhere))
    report = written(series, content_of(*both))

    listed = [
        str(item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID)
        for library in named(report, "Image Library")
        for item in items(library)
        if item.ValueType == "IMAGE"
    ]

    used = np.any([found.mask.inside for found in both], axis=(0, 2, 3))
    images = [series.instances[k].sop_instance_uid for k in np.flatnonzero(used)]
    assert 3 < len(images) < len(series.instances)
    assert listed == images


def test_every_referenced_object_is_among_the_evidence(series: PetSeries) -> None:
    content = content_of(
        assessment_of(series), of_regions=((RelatedObject(codes.MAP_OF_REGION, MAP),),)
    )
    report = written(series, content)

    evidence = {
        str(instance.ReferencedSOPInstanceUID)
        for sequence in (
            report.CurrentRequestedProcedureEvidenceSequence,
            report.get("PertinentOtherEvidenceSequence", []),
        )
        for study in sequence
        for listed in study.ReferencedSeriesSequence
        for instance in listed.ReferencedSOPSequence
    }
    referenced = {
        str(item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID)
        for item in items(report)
        if item.ValueType in {"IMAGE", "COMPOSITE"}
    }

    assert MAP.sop_instance_uid in referenced
    assert content.contour_source.sop_instance_uid in referenced
    assert referenced == evidence


def test_a_mean_over_time_frames_names_the_used_slices_of_all_of_them(
    series: PetSeries,
) -> None:
    later = tuple(
        InstanceReference(each.sop_class_uid, f"{each.sop_instance_uid}.2")
        for each in series.instances
    )
    mean = dataclasses.replace(series, averaged_instances=series.instances + later)
    report = written(mean, content_of(assessment_of(mean)))

    used = np.flatnonzero(block(series.volume.grid).any(axis=(1, 2)))
    listed = [
        [
            str(item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID)
            for item in items(group)
            if item.ValueType == "IMAGE"
        ]
        for group in named(report, "Image Library Group")
    ]
    evidence = [
        str(instance.ReferencedSOPInstanceUID)
        for instance in report.CurrentRequestedProcedureEvidenceSequence[0]
        .ReferencedSeriesSequence[0]
        .ReferencedSOPSequence
    ]
    first = [series.instances[k].sop_instance_uid for k in used]
    second = [later[k].sop_instance_uid for k in used]
    assert listed == [first, second]
    assert set(first + second) <= set(evidence)
    assert len(evidence) == len(set(evidence))


def test_contours_of_another_study_are_other_evidence(series: PetSeries) -> None:
    source = SourceReference("1.2.840.10008.5.1.4.1.1.481.3", "9.1", "9.2", "9.3")

    report = written(series, content_of(assessment_of(series), contour_source=source))

    other = report.PertinentOtherEvidenceSequence[0]
    assert other.StudyInstanceUID == "9.2"
    assert other.ReferencedSeriesSequence[0].SeriesInstanceUID == "9.3"


def test_numbers_are_those_that_were_computed_to_the_last_bit(
    series: PetSeries,
) -> None:
    found = assessment_of(series)
    written_numbers = numbers(groups(written(series, content_of(found)))[0])

    expected = {
        "Texture index (published equation, uncalibrated)": (found.score, "1"),
        "Texture index, reading zhang2023-64": (-3.25, "1"),
        "SUVbw mean": (found.suv.mean, "g/ml{SUVbw}"),
        "SUVbw maximum": (found.suv.maximum, "g/ml{SUVbw}"),
        "SUVbw minimum": (found.suv.minimum, "g/ml{SUVbw}"),
        "SUVbw median": (found.suv.median, "g/ml{SUVbw}"),
        "SUVbw standard deviation": (found.suv.standard_deviation, "g/ml{SUVbw}"),
        "Volume": (1000 * found.suv.volume_ml, "mm3"),
        "Inverse Variance of GLCM (glcm_InverseVariance)": (
            100 * FEATURES["glcm_InverseVariance"],
            "%",
        ),
        "Inverse Difference Moment of GLCM (glcm_Homogeneity2)": (
            100 * FEATURES["glcm_Homogeneity2"],
            "%",
        ),
        "Kurtosis (histogram_Kurtosis)": (FEATURES["histogram_Kurtosis"], "1"),
        "Texture index, sensitivity range low (no confidence interval)": (-1.25, "1"),
        "Texture index, sensitivity range high (no confidence interval)": (2.5, "1"),
        "Texture index, sensitivity shift (no confidence interval)": (0.75, "1"),
        "Texture index, voxels shuffled, mean": (4.5, "1"),
        "Texture index, voxels shuffled, standard deviation": (0.25, "1"),
        "Texture index, term histogram_Kurtosis": (
            1.088 * FEATURES["histogram_Kurtosis"],
            "1",
        ),
    }
    for name, (value, unit) in expected.items():
        assert value_of(written_numbers[name]) == value
        assert unit_of(written_numbers[name]) == unit
    voxels = written_numbers["Number of voxels"].MeasuredValueSequence[0]
    assert int(voxels.NumericValue) == found.mask.voxels


def test_suv_statistics_are_one_concept_told_apart_by_derivation(
    series: PetSeries,
) -> None:
    found = numbers(groups(written(series))[0])

    derivations = {}
    for name, item in found.items():
        concept = item.ConceptNameCodeSequence[0]
        if name.startswith("SUVbw"):
            assert (concept.CodeValue, concept.CodingSchemeDesignator) == (
                "126401",
                "DCM",
            )
            derivations[name] = item.ContentSequence[0].ConceptCodeSequence[0].CodeValue

    assert derivations == {
        "SUVbw mean": "373098007",
        "SUVbw maximum": "56851009",
        "SUVbw peak, sphere 2 mm": "PEAKSPHERE",
        "SUVbw minimum": "255605001",
        "SUVbw median": "373099004",
        "SUVbw standard deviation": "386136009",
    }


def test_a_peak_has_the_standard_s_derivation_only_of_a_sphere_of_one_millilitre(
    series: PetSeries,
) -> None:
    uptake = Uptake(2.5, 12.4, 0.25, 0.5, 50.0)
    group = groups(written(series, content_of(assessment_of(series, uptake=uptake))))[0]

    peak = numbers(group)["SUVbw peak, sphere 12.4 mm"]

    assert value_of(peak) == 2.5
    assert peak.ContentSequence[0].ConceptCodeSequence[0].CodeValue == "126031"


def test_metabolic_volume_and_glycolysis_say_their_threshold(
    series: PetSeries,
) -> None:
    uptake = Uptake(None, 2.0, 0.25, 0.5, 41.5)
    found = assessment_of(series, uptake=uptake)
    by_name = numbers(groups(written(series, content_of(found)))[0])

    volume = by_name["MTV at 41.5 % of maximum"]
    glycolysis = by_name["TLG at 41.5 % of maximum"]
    assert (value_of(volume), unit_of(volume)) == (250.0, "mm3")
    assert (value_of(glycolysis), unit_of(glycolysis)) == (500.0, "mg")
    assert volume.ConceptNameCodeSequence[0].CodeValue == "126032"
    assert glycolysis.ConceptNameCodeSequence[0].CodeValue == "126033"
    peak = by_name["SUVbw peak, sphere 2 mm"]
    assert peak.NumericValueQualifierCodeSequence[0].CodeValue == "114007"


def test_the_first_five_numbers_are_score_range_and_uptake(series: PetSeries) -> None:
    first = list(numbers(groups(written(series))[0]))[:5]

    assert first == [
        "Texture index (published equation, uncalibrated)",
        "Texture index, sensitivity range low (no confidence interval)",
        "Texture index, sensitivity range high (no confidence interval)",
        "SUVbw mean",
        "SUVbw maximum",
    ]


def test_percent_injected_dose_per_gram_stands_beside_suv_under_names_of_its_own(
    series: PetSeries,
) -> None:
    found = assessment_of(series)
    by_name = numbers(groups(written(series, content_of(found)))[0])

    for word, suv in (
        ("mean", found.suv.mean),
        ("maximum", found.suv.maximum),
        ("minimum", found.suv.minimum),
        ("median", found.suv.median),
        ("standard deviation", found.suv.standard_deviation),
    ):
        item = by_name[f"%ID/g {word}"]
        concept = item.ConceptNameCodeSequence[0]
        # The conversion of these reports is that of an animal of 22 g.
        assert value_of(item) == pytest.approx(100 * suv / 22.0, rel=1e-15)
        assert unit_of(item) == "%{ID}/g"
        assert (concept.CodeValue, concept.CodingSchemeDesignator) == (
            "PCTIDPERG",
            "99EXNODE",
        )


def test_without_a_weight_there_is_no_injected_dose_per_gram(series: PetSeries) -> None:
    conversion = SuvConversion("GML, SUV Type = BW, values are SUVbw", 1.0)
    content = content_of(assessment_of(series), conversion=conversion)

    item = numbers(groups(written(series, content))[0])["%ID/g mean"]

    assert len(item.MeasuredValueSequence) == 0
    assert item.NumericValueQualifierCodeSequence[0].CodeValue == "114007"


def test_injected_dose_of_a_large_species_is_told_by_the_kilogram(
    series: PetSeries,
) -> None:
    numbers_of = {"weight_g": 70000.0}
    conversion = SuvConversion("BQML", 1.0, numbers_of, by_kilogram=True)
    found = assessment_of(series)
    report = written(series, content_of(found, conversion=conversion))
    item = numbers(groups(report)[0])["%ID/kg mean"]

    assert value_of(item) == pytest.approx(100 * found.suv.mean / 70.0, rel=1e-15)
    assert unit_of(item) == "%{ID}/kg"
    assert item.ConceptNameCodeSequence[0].CodeValue == "PCTIDPERKG"
    # What reads it back has it by the gram, as every result.
    [data] = results_of_report(read_report(report))
    doses = data["percent_injected_dose_per_gram"]
    assert doses["mean"] == pytest.approx(100 * found.suv.mean / 70000.0, rel=1e-12)


@pytest.mark.parametrize(
    ("greatest_g", "large"), [(60.0, False), (1000.0, False), (300e3, True)]
)
def test_a_species_is_large_by_what_it_can_weigh(
    greatest_g: float, *, large: bool
) -> None:
    assert AnimalLimits("", (10.0, greatest_g), (0.0, 1.0)).is_large is large


def test_every_measurement_of_a_region_has_a_name_of_its_own(
    series: PetSeries,
) -> None:
    group = groups(written(series))[0]

    measured = [item for item in group.ContentSequence if item.ValueType == "NUM"]

    assert len(numbers(group)) == len(measured)


def test_a_number_that_does_not_exist_says_why_and_is_not_left_out(
    series: PetSeries,
) -> None:
    features = {
        "glcm_InverseVariance": float("nan"),
        "direct_Skewness": float("inf"),
        "direct_Energy": float("-inf"),
    }
    found = assessment_of(
        series,
        score=None,
        terms=(),
        features=features,
        shuffled=None,
        sensitivity=None,
    )
    by_name = numbers(groups(written(series, content_of(found)))[0])

    reasons = {
        name: item.NumericValueQualifierCodeSequence[0].CodeValue
        for name, item in by_name.items()
        if "NumericValueQualifierCodeSequence" in item
    }

    assert reasons == {
        "Texture index (published equation, uncalibrated)": "114007",
        "Texture index, reading zhang2023-ibex-example": "114007",
        "Texture index, sensitivity range low (no confidence interval)": "114007",
        "Texture index, sensitivity range high (no confidence interval)": "114007",
        "Texture index, sensitivity shift (no confidence interval)": "114007",
        "Texture index, voxels shuffled, mean": "114007",
        "Texture index, voxels shuffled, standard deviation": "114007",
        "Inverse Variance of GLCM (glcm_InverseVariance)": "114000",
        "direct_Skewness": "114002",
        "direct_Energy": "114001",
    }
    for name in reasons:
        assert len(by_name[name].MeasuredValueSequence) == 0


def test_an_uncalibrated_report_has_no_probability_and_no_class(
    series: PetSeries,
) -> None:
    report = written(series)

    for name in ("Probability of exhaustion", "Exhaustion class"):
        assert not named(report, name)
        assert not named(report, f"{name} (uncalibrated)")


def test_probability_and_class_of_a_calibrated_model_have_their_plain_names(
    series: PetSeries,
) -> None:
    model = dataclasses.replace(MODEL, calibration=Calibration.SITE)
    found = assessment_of(
        series, score_model=model, probability=0.6875, exhausted=False
    )

    report = written(series, content_of(found))

    assert value_of(named(report, "Probability of exhaustion")[0]) == 68.75
    verdict = named(report, "Exhaustion class")[0]
    assert verdict.ConceptCodeSequence[0].CodeValue == "NOTEXHAUSTED"


def test_readings_with_long_names_are_told_apart(series: PetSeries) -> None:
    names = [f"{'our-model-of-' * 4}{number}" for number in (1, 2)]
    found = assessment_of(series, readings={names[0]: 1.5, names[1]: -2.5})

    report = written(series, content_of(found))

    shown = [
        f"Texture index, reading our-model-of-our-...el-of-our-model-of-{number}"
        for number in (1, 2)
    ]
    assert [value_of(named(report, name)[0]) for name in shown] == [1.5, -2.5]


def test_probability_and_class_come_with_what_they_are_of(series: PetSeries) -> None:
    found = assessment_of(series, probability=0.6875, exhausted=True)
    report = written(series, content_of(found))

    probability = named(report, "Probability of exhaustion (uncalibrated)")[0]
    verdict = named(report, "Exhaustion class (uncalibrated)")[0]

    assert (value_of(probability), unit_of(probability)) == (68.75, "%")
    assert verdict.ConceptCodeSequence[0].CodeValue == "EXHAUSTED"
    assert texts(report, "Comment") == [
        f"Probability and class are of: {MODEL.outcome}"
    ]


def test_the_algorithm_is_named_with_version_hash_and_preparation(
    series: PetSeries,
) -> None:
    group = groups(written(series))[0]

    assert texts(group, "Algorithm Name") == ["zhang2023-fine"]
    assert texts(group, "Algorithm Version") == ["1.0.0"]
    parameters = texts(group, "Algorithm Parameters")
    for parameter in (
        f"title={MODEL.title}",
        f"sha256={MODEL.sha256}",
        "calibration=none",
        "intercept=1.485",
        "coefficient of glcm_InverseVariance=-297.597",
        "discretisation=ibex_fixed_count",
        "levels=256",
        "dimension=2.5D",
        "offset=1",
        "domain tracers=FDG",
        "domain uptake_min=45.0, 75.0",
        "domain minimum_diameter_mm=5.0",
    ):
        assert parameter in parameters
    assert not [each for each in parameters if each.startswith("domain routes")]


def test_the_algorithm_says_what_was_stated_and_what_was_drawn_at_random(
    series: PetSeries,
) -> None:
    parameters = texts(groups(written(series))[0], "Algorithm Parameters")

    for parameter in (
        "circumstances tracer=FDG",
        "circumstances uptake_min=70.0",
        "shuffled repetitions=100",
        "shuffled seed=7",
        "sensitivity basis=perturbation",
        "sensitivity contour_in=none",
        "sensitivity contour_out=-1.25",
        "sensitivity noise_seed=0",
    ):
        assert parameter in parameters
    assert not [each for each in parameters if each.startswith("circumstances route")]


def test_the_models_of_the_other_readings_are_named_with_version_and_hash(
    series: PetSeries,
) -> None:
    other = dataclasses.replace(MODEL, name="ours", version="2.0.1", sha256="ab" * 32)
    found = assessment_of(series, reading_models=(MODEL, other))
    [group] = groups(written(series, content_of(found)))

    parameters = texts(group, "Algorithm Parameters")

    named_there = [each for each in parameters if each.startswith("reading ")]
    assert named_there == [f"reading ours=2.0.1, sha256 {'ab' * 32}"]


def test_a_tracer_in_another_script_is_written_as_it_is_stated(
    tmp_path: Path,
) -> None:
    series = series_of(pet_datasets(SpecificCharacterSet=None), tmp_path)
    found = assessment_of(series, circumstances=Circumstances(tracer="氟化物"))

    report = written(series, content_of(found))

    assert "circumstances tracer=氟化物" in texts(report, "Algorithm Parameters")


def test_terms_and_shuffled_scores_are_told_apart_by_their_codes(
    series: PetSeries,
) -> None:
    found = numbers(groups(written(series))[0])

    def modifier(name: str) -> str:
        (item,) = found[name].ContentSequence
        return str(item.ConceptCodeSequence[0].CodeValue)

    assert modifier("Texture index, term glcm_Homogeneity2") == "WF0Z"
    assert modifier("Texture index, term histogram_Kurtosis") == "126052"
    assert modifier("Texture index, voxels shuffled, mean") == "373098007"
    assert modifier("Texture index, voxels shuffled, standard deviation") == "386136009"


def test_scores_name_their_model_as_method(series: PetSeries) -> None:
    methods = []
    for item in numbers(groups(written(series))[0]).values():
        name = item.ConceptNameCodeSequence[0]
        if name.CodeValue in {"TEXINDEX", "TEXREADING"}:
            method = item.ContentSequence[0].ConceptCodeSequence[0]
            methods.append(method.get("CodeValue") or method.LongCodeValue)

    assert methods == ["zhang2023-fine", "zhang2023-64", "zhang2023-ibex-example"]


def test_the_suv_rule_its_numbers_and_every_statement_can_be_read(
    series: PetSeries,
) -> None:
    report = written(series)

    assert texts(report, "SUV rule") == ["BQML, START, decay reference = Series Time"]
    assert texts(report, "SUV input") == [
        "factor = 6.123e-06",
        "weight_g = 22.0",
        "injected_activity_bq = 5550000.0",
    ]
    assert texts(report, "Statement") == [
        "decay reference is Series Time",
        "contours matched by frame of reference",
    ]
    assert texts(report, "Warning") == ["12 voxels: texture of so few is unsure"]
    assert texts(report, "Job key") == [identity().job_key]
    assert "Research use only" in texts(report, "Intended use")[0]


def test_what_is_said_twice_is_written_once(series: PetSeries) -> None:
    content = content_of(
        assessment_of(series),
        statements=("decay reference is Series Time", "contours matched by series"),
    )

    assert texts(written(series, content), "Statement") == [
        "decay reference is Series Time",
        "contours matched by series",
    ]


def test_factors_that_differ_between_slices_are_all_given(series: PetSeries) -> None:
    factors = (6.125e-06, 6.25e-06)
    conversion = SuvConversion("BQML, NONE", factors[0], slice_factors=factors)
    content = content_of(assessment_of(series), conversion=conversion)

    assert texts(written(series, content), "SUV input") == [
        "factor = 6.125e-06",
        "factor by slice = 6.125e-06, 6.25e-06",
    ]


def test_the_context_of_injection_and_scan_can_be_read(series: PetSeries) -> None:
    context = (("route", "intraperitoneal"), ("glucose [mmol/l]", "7.2"))
    report = written(series, content_of(assessment_of(series), context=context))

    assert texts(report, "Acquisition context") == [
        "route = intraperitoneal",
        "glucose [mmol/l] = 7.2",
    ]


def test_texts_of_any_length_and_script_are_written_whole(tmp_path: Path) -> None:
    series = series_of(pet_datasets(SpecificCharacterSet=None), tmp_path)
    statement = "Öffnung \\ 瘤 " * 5000
    content = content_of(
        assessment_of(series),
        statements=(statement, "two\nlines"),
        context=(("Käfig", "小鼠"),),
    )

    report = written(series, content)

    assert texts(report, "Statement")[1:] == [statement.rstrip(), "two\nlines"]
    assert texts(report, "Acquisition context") == ["Käfig = 小鼠"]
    assert report.SpecificCharacterSet == "ISO_IR 192"


def test_characters_that_steer_a_terminal_are_left_out_of_texts(
    series: PetSeries,
) -> None:
    content = content_of(assessment_of(series), context=(("cage", "7\x1b[2J\x00"),))

    assert texts(written(series, content), "Acquisition context") == ["cage = 7[2J"]


def test_the_software_is_the_observer(series: PetSeries) -> None:
    report = written(series)

    assert texts(report, "Device Observer Name") == [EQUIPMENT.station_name]
    assert (
        named(report, "Observer Type")[0].ConceptCodeSequence[0].CodeValue == "121007"
    )


def test_polylines_enclose_exactly_the_mask_on_its_own_slices(
    series: PetSeries,
) -> None:
    found = assessment_of(series)
    group = groups(written(series, content_of(found)))[0]
    slice_of = {image.sop_instance_uid: k for k, image in enumerate(series.instances)}

    enclosed = np.zeros(found.mask.inside.shape, bool)
    for region in named(group, "Image Region"):
        points = np.array(region.GraphicData, float).reshape(-1, 2)
        source = region.ContentSequence[0].ReferencedSOPSequence[0]
        k = slice_of[str(source.ReferencedSOPInstanceUID)]
        assert (points[0] == points[-1]).all()
        enclosed[k] |= even_odd(points, found.mask.grid.shape[1:])

    np.testing.assert_array_equal(enclosed, found.mask.inside)


def even_odd(points: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return the pixels whose centre, at (column + 1/2, row + 1/2), is inside."""
    rows, columns = np.mgrid[: shape[0], : shape[1]] + 0.5
    inside = np.zeros(shape, bool)
    for (x1, y1), (x2, y2) in itertools.pairwise(points):
        if y1 != y2:
            crosses = (rows > min(y1, y2)) & (rows < max(y1, y2))
            inside ^= crosses & (columns < x1 + (rows - y1) * (x2 - x1) / (y2 - y1))
    return inside


def test_the_first_polyline_lies_on_the_largest_slice(series: PetSeries) -> None:
    inside = block(series.volume.grid)
    largest = series.volume.grid.shape[0] // 2
    inside[largest, 0, :] = True
    group = groups(written(series, content_of(assessment_of(series, inside))))[0]

    first = named(group, "Image Region")[0].ContentSequence[0].ReferencedSOPSequence[0]

    expected = series.instances[largest].sop_instance_uid
    assert first.ReferencedSOPInstanceUID == expected


def tracking_uids(report: Dataset) -> list[str]:
    return [str(item.UID) for item in named(report, "Tracking Unique Identifier")]


def test_a_tumour_keeps_its_tracking_uid_over_revisions_and_time_points(
    series: PetSeries, tmp_path: Path
) -> None:
    later = series_of(
        pet_datasets(study_uid="1.2.3", PatientID="m07_day7"), tmp_path / "later"
    )
    first = content_of(assessment_of(series), animal_id="m07")
    second = content_of(assessment_of(later), animal_id="m07")

    uids = tracking_uids(written(series, first))

    assert uids == tracking_uids(written(later, second, job_key="ff" * 32))
    assert uids != tracking_uids(written(series, content_of(assessment_of(series))))


def test_regions_of_one_name_are_told_apart(series: PetSeries) -> None:
    frame = series.volume.grid.frame_of_reference
    found = [
        assessment_of(series, roi=Roi(number, "Tumour", (), frame)) for number in (1, 2)
    ]
    report = written(series, content_of(*found))

    assert texts(report, "Tracking Identifier") == ["Tumour (1)", "Tumour (2)"]
    assert len(set(tracking_uids(report))) == 2


def test_a_revision_names_its_predecessor(series: PetSeries) -> None:
    before = SourceReference(Comprehensive3DSRStorage, "1.2.9.1", STUDY_UID, "1.2.9")
    content = content_of(assessment_of(series), predecessor=before)

    document = written(series, content).PredecessorDocumentsSequence[0]

    listed = document.ReferencedSeriesSequence[0]
    assert document.StudyInstanceUID == STUDY_UID
    assert listed.SeriesInstanceUID == "1.2.9"
    assert listed.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == "1.2.9.1"


def test_text_beyond_the_source_s_character_set_is_written_in_unicode(
    tmp_path: Path,
) -> None:
    series = series_of(pet_datasets(SpecificCharacterSet=None), tmp_path)
    roi = Roi(1, "Tumör 瘤", (), series.volume.grid.frame_of_reference)
    report = written(series, content_of(assessment_of(series, roi=roi)))

    assert report.SpecificCharacterSet == "ISO_IR 192"
    assert texts(report, "Tracking Identifier") == ["Tumör 瘤"]


def test_text_that_the_source_s_character_set_can_hold_stays_in_it(
    tmp_path: Path,
) -> None:
    datasets = pet_datasets(
        SpecificCharacterSet="ISO_IR 100", PatientName="Mäuse^Sieben"
    )
    series = series_of(datasets, tmp_path)
    roi = Roi(1, "Tumör", (), series.volume.grid.frame_of_reference)
    report = written(series, content_of(assessment_of(series, roi=roi)))

    assert report.SpecificCharacterSet == "ISO_IR 100"
    assert report.PatientName == "Mäuse^Sieben"
    assert texts(report, "Tracking Identifier") == ["Tumör"]


@pytest.mark.parametrize("assessments", [0, 1])
def test_a_report_of_nothing_is_refused(series: PetSeries, assessments: int) -> None:
    empty = np.zeros(series.volume.grid.shape, bool)
    content = content_of(*[assessment_of(series, empty)] * assessments)

    with pytest.raises(NothingToReportError):
        build_measurement_report(series, content, identity(), EQUIPMENT)


def test_a_mask_on_another_grid_is_refused(series: PetSeries) -> None:
    grid = dataclasses.replace(series.volume.grid, origin_mm=(0.0, 0.0, 1e-9))
    found = assessment_of(series, mask=Mask(grid, block(grid)))

    with pytest.raises(GridMismatchError):
        build_measurement_report(series, content_of(found), identity(), EQUIPMENT)


def test_dciodvfy_finds_nothing_but_our_private_codes(
    series: PetSeries, tmp_path: Path
) -> None:
    nan_feature = {"glcm_InverseVariance": float("nan"), "direct_GlobalMax": 4.125}
    found = assessment_of(
        series, features=nan_feature, probability=0.5, exhausted=False, score=None
    )
    content = content_of(
        found,
        of_regions=((RelatedObject(codes.MAP_OF_REGION, MAP),),),
        statements=("a long statement, " * 1000, "Käfig 7"),
        context=(("route", "intraperitoneal"),),
        predecessor=SourceReference(
            Comprehensive3DSRStorage, "1.2.9.1", STUDY_UID, "1.2.9"
        ),
    )
    path = tmp_path / "report.dcm"
    path.write_bytes(
        encode_dataset(build_measurement_report(series, content, identity(), EQUIPMENT))
    )

    assert complaints(path, "Comprehensive3DSR") == []


def test_dsrdump_reads_the_report(series: PetSeries, tmp_path: Path) -> None:
    path = tmp_path / "report.dcm"
    content = content_of(
        assessment_of(series),
        statements=("a long statement, " * 1000,),
        context=(("route", "intraperitoneal"),),
    )
    report = build_measurement_report(series, content, identity(), EQUIPMENT)
    path.write_bytes(encode_dataset(report))

    dump = subprocess.run(
        [require_tool("dsrdump"), "+Pl", path],
        capture_output=True,
        text=True,
        check=True,
    )

    assert 'Texture index (published equation, uncalibrated)")="0.80123' in dump.stdout
    assert '"%ID/g mean")="7.386' in dump.stdout
    assert '"route = intraperitoneal"' in dump.stdout
    assert not [line for line in dump.stderr.splitlines() if line.startswith("E:")]
