"""Promises of ``exhaustion-node score`` about multi-frame PET, through its own door."""

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    Comprehensive3DSRStorage,
    ImplicitVRLittleEndian,
    ParametricMapStorage,
    RLELossless,
)

from node.cli import main
from tests.support.dynamic import dynamic_datasets
from tests.support.enhanced_pet import (
    ENHANCED_UID,
    drawn_on_frames,
    enhanced_dataset,
    legacy_converted_dataset,
)
from tests.support.pet import DOSE_BQ, HALF_LIFE_S, WEIGHT_KG, write_all
from tests.support.report_alone import ALL_OBJECTS, configured
from tests.support.studies import TUMOUR_SLICES, contours_on, small_study
from tests.support.verification import complaints

Maker = Callable[..., Dataset]
BOTH = [enhanced_dataset, legacy_converted_dataset]
UPTAKE_S = 70 * 60
SUV_PER_BQ_ML = WEIGHT_KG * 1e3 / (DOSE_BQ * 2.0 ** (-UPTAKE_S / HALF_LIFE_S))
"""Of `small_study`."""


def score(folder: Path, out: Path, *more: str) -> tuple[int, Any]:
    words = configured("score", folder, "--out", out, "--json", *more)
    run = CliRunner().invoke(main, words)
    assert run.exception is None or isinstance(run.exception, SystemExit), run.output
    return run.exit_code, json.loads(run.stdout)


def multi_frame_study(make: Maker, folder: Path, **overrides: Any) -> list[Dataset]:
    """Write a study whose PET is one object, and whose contours name its frames."""
    pet, contours = small_study()
    image = make(pet, **overrides)
    write_all([image, drawn_on_frames(contours, image)], folder)
    return pet


def suv_of(answer: Any) -> dict[str, float]:
    (result,) = answer["results"]
    return dict(result["suv"])


@pytest.fixture(scope="module")
def classic_suv(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """Return the statistics of the same study in classic slices."""
    folder = tmp_path_factory.mktemp("classic")
    pet, contours = small_study()
    write_all([*pet, contours], folder / "in")
    _, answer = score(folder / "in", folder / "out")
    return suv_of(answer)


def paths_of(answer: Any) -> tuple[str, str]:
    """Return where the report and the map are."""
    paths = {each["sop_class"]: each["path"] for each in answer["objects"]}
    return paths[Comprehensive3DSRStorage], paths[ParametricMapStorage]


def written(answer: Any, out: Path) -> tuple[Dataset, Dataset]:
    report, score_map = (pydicom.dcmread(out / path) for path in paths_of(answer))
    return report, score_map


def items_of(dataset: Dataset) -> Iterator[Dataset]:
    """Give all items of all sequences, of whatever depth."""
    for element in dataset:
        for item in element.value if element.VR == "SQ" else ():
            yield item
            yield from items_of(item)


def frame_bq_ml(number: int) -> NDArray[np.float64]:
    generator = np.random.default_rng(number)
    return 2e5 * (0.5 + 0.1 * number + 0.5 * generator.random((12, 16, 18)))


def only_held(answer: Any) -> Any:
    assert answer["results"] == []
    (held,) = answer["held"]
    return held


@pytest.mark.parametrize("make", BOTH)
def test_frames_have_the_suv_of_the_same_classic_slices(
    tmp_path: Path, make: Maker
) -> None:
    pet = multi_frame_study(make, tmp_path / "frames")
    write_all([*pet, contours_on(pet)], tmp_path / "slices")
    code, answer = score(tmp_path / "frames", tmp_path / "out")
    _, classic = score(tmp_path / "slices", tmp_path / "twin")
    assert (code, answer["held"]) == (0, [])
    (result,), (twin,) = answer["results"], classic["results"]
    assert result["suv"] == pytest.approx(twin["suv"], rel=1e-6)
    assert result["voxels"] == twin["voxels"]
    assert result["features"] == pytest.approx(twin["features"], rel=1e-6)
    assert result["score"] == pytest.approx(twin["score"], rel=1e-6)


def test_the_result_says_that_it_is_of_enhanced_pet(tmp_path: Path) -> None:
    multi_frame_study(enhanced_dataset, tmp_path / "in")
    _, answer = score(tmp_path / "in", tmp_path / "out")
    (result,) = answer["results"]
    assert result["suv_rule"] == (
        "Enhanced PET, Bq/ml, decay reference = Decay Correction DateTime"
    )
    assert any("in MBq" in said for said in result["warnings"])


def test_the_result_says_that_it_is_of_converted_pet(tmp_path: Path) -> None:
    multi_frame_study(legacy_converted_dataset, tmp_path / "in")
    _, answer = score(tmp_path / "in", tmp_path / "out")
    (result,) = answer["results"]
    assert result["suv_rule"] == (
        "Legacy Converted Enhanced PET, BQML, START, decay reference = Series Time"
    )
    assert not any("MBq" in said for said in result["warnings"])


@pytest.mark.parametrize("make", BOTH)
def test_reports_and_maps_name_the_frames(tmp_path: Path, make: Maker) -> None:
    pet = multi_frame_study(make, tmp_path / "in")
    words = configured(config=ALL_OBJECTS)
    _, answer = score(tmp_path / "in", tmp_path / "out", *words)
    report, score_map = written(answer, tmp_path / "out")
    named = {
        (str(item.ReferencedSOPInstanceUID), int(item.ReferencedFrameNumber))
        for item in items_of(report)
        if "ReferencedFrameNumber" in item
    }
    assert named == {(ENHANCED_UID, k + 1) for k in TUMOUR_SLICES}
    (evidence,) = report.CurrentRequestedProcedureEvidenceSequence
    listed = [
        str(item.ReferencedSOPInstanceUID)
        for series in evidence.ReferencedSeriesSequence
        for item in series.ReferencedSOPSequence
    ]
    assert listed.count(ENHANCED_UID) == 1
    assert score_map.NumberOfFrames == len(pet)
    for group in score_map.PerFrameFunctionalGroupsSequence:
        (source,) = group.DerivationImageSequence[0].SourceImageSequence
        classic = pet[source.ReferencedFrameNumber - 1]
        position = group.PlanePositionSequence[0].ImagePositionPatient
        assert source.ReferencedSOPInstanceUID == ENHANCED_UID
        assert position == classic.ImagePositionPatient
    (whole,) = score_map.SourceImageSequence
    assert whole.ReferencedSOPInstanceUID == ENHANCED_UID
    assert "ReferencedFrameNumber" not in whole


@pytest.mark.parametrize("make", BOTH)
def test_dciodvfy_finds_nothing_but_our_private_codes(
    tmp_path: Path, make: Maker
) -> None:
    multi_frame_study(make, tmp_path / "in")
    words = configured(config=ALL_OBJECTS)
    _, answer = score(tmp_path / "in", tmp_path / "out", *words)
    report, score_map = (tmp_path / "out" / path for path in paths_of(answer))
    assert complaints(report, "Comprehensive3DSR") == []
    assert complaints(score_map, "ParametricMap") == []


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (enhanced_dataset, "EnhancedPETImage"),
        (legacy_converted_dataset, "LegacyConvertedEnhancedPETImage"),
    ],
)
def test_dciodvfy_finds_no_error_in_the_images_of_these_tests(
    tmp_path: Path, make: Maker, name: str
) -> None:
    (path,) = write_all([make(small_study()[0])], tmp_path)
    found = complaints(path, name)
    assert [line for line in found if line.startswith("Error")] == []


HELD: dict[str, tuple[dict[str, Any], str, str]] = {
    "no word on decay": (
        {"DecayCorrected": None},
        "not_decay_corrected",
        "DecayCorrected (0018,9758)",
    ),
    "a flag that is none": (
        {"DecayCorrected": "MAYBE"},
        "unreadable_object",
        "DecayCorrected (0018,9758)",
    ),
    "no attenuation correction": (
        {"AttenuationCorrected": "NO"},
        "not_attenuation_corrected",
        "AttenuationCorrected (0018,9759)",
    ),
    "no decay reference": (
        {"DecayCorrectionDateTime": None},
        "uptake_time",
        "DecayCorrectionDateTime (0018,9701)",
    ),
    "a decay reference after the scan": (
        {"DecayCorrectionDateTime": "20260302121000"},
        "uptake_time",
        "DecayCorrectionDateTime (0018,9701)",
    ),
    "a decay reference before the injection": (
        {"DecayCorrectionDateTime": "20260302091000"},
        "uptake_time",
        "DecayCorrectionDateTime (0018,9701)",
    ),
    "a gated heart": (
        {"CardiacSynchronizationTechnique": "PROSPECTIVE"},
        "gated",
        "CardiacSynchronizationTechnique (0018,9037)",
    ),
    "a gated breath": (
        {"RespiratoryMotionCompensationTechnique": "GATING"},
        "gated",
        "RespiratoryMotionCompensationTechnique (0018,9170)",
    ),
    "counts": (
        {"unit": "{counts}"},
        "unsupported_units",
        "MeasurementUnitsCodeSequence (0040,08EA)",
    ),
    "mass, by nobody knows what": (
        {"unit": "g/ml"},
        "unsupported_units",
        "MeasurementUnitsCodeSequence (0040,08EA)",
    ),
    "a part of an image": (
        {
            "ConcatenationUID": "2.25.1",
            "InConcatenationNumber": 1,
            "InConcatenationTotalNumber": 2,
        },
        "enhanced_image",
        "ConcatenationUID (0020,9161)",
    ),
    "a frame that is not described": (
        {"NumberOfFrames": 13},
        "unreadable_object",
        "NumberOfFrames (0028,0008)",
    ),
    "too few pixels": (
        {"PixelData": bytes(2 * 16 * 18 * 11)},
        "unreadable_object",
        "PixelData (7FE0,0010)",
    ),
    "no weight": ({"PatientWeight": None}, "missing_weight", "PatientWeight"),
}


@pytest.mark.parametrize("name", HELD)
def test_what_is_wrong_is_held_by_its_attribute(tmp_path: Path, name: str) -> None:
    overrides, reason, attribute = HELD[name]
    multi_frame_study(enhanced_dataset, tmp_path / "in", **overrides)
    code, answer = score(tmp_path / "in", tmp_path / "out")
    held = only_held(answer)
    assert code == 3
    assert held["reason"] == reason
    assert attribute in held["detail"]


def unmapped(image: Dataset) -> None:
    for group in image.PerFrameFunctionalGroupsSequence:
        del group.RealWorldValueMappingSequence


def narrowly_mapped(image: Dataset) -> None:
    mapping = image.PerFrameFunctionalGroupsSequence[3].RealWorldValueMappingSequence
    mapping[0].RealWorldValueLastValueMapped = 20_000


def projected(image: Dataset) -> None:
    kind = image.SharedFunctionalGroupsSequence[0].PETFrameTypeSequence[0]
    kind.VolumeBasedCalculationTechnique = "MAX_IP"


def of_deviations(image: Dataset) -> None:
    kind = image.SharedFunctionalGroupsSequence[0].PETFrameTypeSequence[0]
    kind.FrameType = ["DERIVED", "PRIMARY", "VOLUME", "STD_DEVIATION"]


def in_becquerel(image: Dataset) -> None:
    item = image.RadiopharmaceuticalInformationSequence[0]
    item.RadionuclideTotalDose = "5.55E6"


def without_a_plane(image: Dataset) -> None:
    del image.PerFrameFunctionalGroupsSequence[4].PlanePositionSequence


def with_a_gap(image: Dataset) -> None:
    del image.PerFrameFunctionalGroupsSequence[5]
    image.NumberOfFrames = 11
    image.PixelData = image.PixelData[: 2 * 16 * 18 * 11]


@pytest.mark.parametrize(
    ("change", "reason", "attribute"),
    [
        (unmapped, "unsupported_units", "RealWorldValueMappingSequence"),
        (narrowly_mapped, "unsupported_units", "RealWorldValueMappingSequence"),
        (projected, "no_pet", "FrameType"),
        (of_deviations, "unsupported_units", "FrameType"),
        (in_becquerel, "implausible_activity", "which is in MBq in Enhanced PET"),
        (without_a_plane, "unreadable_object", "ImagePositionPatient"),
        (with_a_gap, "incomplete_series", "ImagePositionPatient"),
    ],
)
def test_what_is_wrong_in_frames_is_held_by_its_attribute(
    tmp_path: Path, change: Callable[[Dataset], None], reason: str, attribute: str
) -> None:
    pet, contours = small_study()
    image = enhanced_dataset(pet)
    drawn_on_frames(contours, image)
    change(image)
    write_all([image, contours], tmp_path / "in")
    code, answer = score(tmp_path / "in", tmp_path / "out")
    held = only_held(answer)
    assert (code, held["reason"]) == (3, reason)
    assert attribute in held["detail"]


def without_units(image: Dataset) -> None:
    del converted(image).Units


def without_decay_correction(image: Dataset) -> None:
    del converted(image).DecayCorrection


def without_injection(image: Dataset) -> None:
    del converted(image).RadiopharmaceuticalInformationSequence


def without_a_slope(image: Dataset) -> None:
    del image.PerFrameFunctionalGroupsSequence[2].PixelValueTransformationSequence


def with_an_intercept(image: Dataset) -> None:
    group = image.PerFrameFunctionalGroupsSequence[2]
    group.PixelValueTransformationSequence[0].RescaleIntercept = 5


def in_megabecquerel(image: Dataset) -> None:
    (injection,) = converted(image).RadiopharmaceuticalInformationSequence
    injection.RadionuclideTotalDose = "5.55"


def converted(image: Dataset) -> Dataset:
    (shared,) = image.SharedFunctionalGroupsSequence
    item: Dataset = shared.UnassignedSharedConvertedAttributesSequence[0]
    return item


@pytest.mark.parametrize(
    ("change", "reason", "attribute"),
    [
        (without_units, "unsupported_units", "Units (0054,1001)"),
        (without_decay_correction, "not_decay_corrected", "DecayCorrection"),
        (without_injection, "missing_activity", "RadionuclideTotalDose"),
        (without_a_slope, "unreadable_object", "RescaleSlope"),
        (with_an_intercept, "unsupported_units", "RescaleIntercept"),
        (in_megabecquerel, "units_in_doubt", "RadionuclideTotalDose"),
    ],
)
def test_what_a_converter_left_out_is_held_by_its_attribute(
    tmp_path: Path, change: Callable[[Dataset], None], reason: str, attribute: str
) -> None:
    pet, contours = small_study()
    image = legacy_converted_dataset(pet)
    drawn_on_frames(contours, image)
    change(image)
    write_all([image, contours], tmp_path / "in")
    code, answer = score(tmp_path / "in", tmp_path / "out")
    held = only_held(answer)
    assert (code, held["reason"]) == (3, reason)
    assert attribute in held["detail"]


def test_several_images_of_a_series_are_held(tmp_path: Path) -> None:
    pet, contours = small_study()
    images = [enhanced_dataset(pet), enhanced_dataset(pet, SOPInstanceUID="2.25.5")]
    write_all([*images, drawn_on_frames(contours, images[0])], tmp_path / "in")
    code, answer = score(tmp_path / "in", tmp_path / "out")
    assert (code, only_held(answer)["reason"]) == (3, "enhanced_image")


@pytest.mark.parametrize(
    ("unit", "per_unit"), [("kBq/ml", 1e-3), ("Bq/cm3", 1.0), ("MBq/mL", 1e-6)]
)
def test_multiples_of_becquerel_are_read_as_their_codes_say(
    tmp_path: Path, classic_suv: dict[str, float], unit: str, per_unit: float
) -> None:
    multi_frame_study(enhanced_dataset, tmp_path / "in", unit=unit, per_unit=per_unit)
    _, answer = score(tmp_path / "in", tmp_path / "out")
    assert suv_of(answer) == pytest.approx(classic_suv, rel=1e-6)


def test_of_two_mappings_the_one_to_activity_counts(
    tmp_path: Path, classic_suv: dict[str, float]
) -> None:
    pet, contours = small_study()
    image = enhanced_dataset(pet)
    drawn_on_frames(contours, image)
    in_suv = enhanced_dataset(pet, unit="g/ml{SUVbw}", per_unit=7.0)
    for group, other in zip(
        image.PerFrameFunctionalGroupsSequence,
        in_suv.PerFrameFunctionalGroupsSequence,
        strict=True,
    ):
        group.RealWorldValueMappingSequence.insert(
            0, other.RealWorldValueMappingSequence[0]
        )
    write_all([image, contours], tmp_path / "in")
    _, answer = score(tmp_path / "in", tmp_path / "out")
    assert suv_of(answer) == pytest.approx(classic_suv, rel=1e-6)


def test_instants_are_read_with_their_offsets(
    tmp_path: Path, classic_suv: dict[str, float]
) -> None:
    pet, contours = small_study()
    image = enhanced_dataset(pet, DecayCorrectionDateTime="20260302121000+0200")
    drawn_on_frames(contours, image)
    for group in image.PerFrameFunctionalGroupsSequence:
        group.FrameContentSequence[0].FrameAcquisitionDateTime = "20260302051000-0500"
    item = image.RadiopharmaceuticalInformationSequence[0]
    item.RadiopharmaceuticalStartDateTime = "20260302090000+0000"
    write_all([image, contours], tmp_path / "in")
    _, answer = score(tmp_path / "in", tmp_path / "out")
    assert suv_of(answer) == pytest.approx(classic_suv, rel=1e-6)


@pytest.mark.parametrize("unit", ["g/ml{SUVbw}", "{SUVbw}g/ml"])
def test_frames_in_suv_need_no_dose(
    tmp_path: Path, classic_suv: dict[str, float], unit: str
) -> None:
    multi_frame_study(
        enhanced_dataset,
        tmp_path / "in",
        unit=unit,
        per_unit=SUV_PER_BQ_ML,
        RadiopharmaceuticalInformationSequence=None,
    )
    _, answer = score(tmp_path / "in", tmp_path / "out")
    assert answer["results"][0]["suv_rule"] == (
        "Enhanced PET, g/ml, SUV Type = BW, values are SUVbw"
    )
    assert suv_of(answer) == pytest.approx(classic_suv, rel=1e-6)


def test_frames_that_were_not_decay_corrected_are_read_as_classic_ones(
    tmp_path: Path,
) -> None:
    pet, contours = small_study(DecayCorrection="NONE", CorrectedImage=["ATTN", "SCAT"])
    write_all([*pet, contours], tmp_path / "slices")
    image = enhanced_dataset(pet)
    drawn = drawn_on_frames(contours_on(pet), image)
    write_all([image, drawn], tmp_path / "frames")
    _, classic = score(tmp_path / "slices", tmp_path / "twin")
    _, answer = score(tmp_path / "frames", tmp_path / "out")
    assert suv_of(answer) == pytest.approx(suv_of(classic), rel=1e-6)


def shuffled(pet: list[Dataset]) -> list[Dataset]:
    return [pet[k] for k in (7, 0, 3, 11, 2, 9, 1, 10, 4, 8, 6, 5)]


def test_frames_may_come_in_any_order(
    tmp_path: Path, classic_suv: dict[str, float]
) -> None:
    pet, contours = small_study()
    image = enhanced_dataset(shuffled(pet))
    write_all([image, drawn_on_frames(contours, image)], tmp_path / "in")
    _, answer = score(tmp_path / "in", tmp_path / "out")
    assert suv_of(answer) == pytest.approx(classic_suv, rel=1e-6)


def test_a_mapping_may_have_an_intercept(
    tmp_path: Path, classic_suv: dict[str, float]
) -> None:
    pet, contours = small_study()
    image = enhanced_dataset(pet)
    drawn_on_frames(contours, image)
    for group, classic in zip(image.PerFrameFunctionalGroupsSequence, pet, strict=True):
        (mapping,) = group.RealWorldValueMappingSequence
        mapping.RealWorldValueIntercept = 100.0 * float(classic.RescaleSlope)
    stored = np.frombuffer(image.PixelData, "<i2") - 100
    image.PixelData = stored.astype("<i2").tobytes()
    write_all([image, contours], tmp_path / "in")
    _, answer = score(tmp_path / "in", tmp_path / "out")
    assert suv_of(answer) == pytest.approx(classic_suv, rel=1e-6)


@pytest.mark.parametrize("syntax", [RLELossless, ImplicitVRLittleEndian])
def test_frames_may_be_compressed_or_implicit(
    tmp_path: Path, classic_suv: dict[str, float], syntax: UID
) -> None:
    pet, contours = small_study()
    image = enhanced_dataset(pet)
    drawn_on_frames(contours, image)
    if syntax.is_compressed:
        image.compress(syntax, generate_instance_uid=False)
    else:
        image.file_meta.TransferSyntaxUID = syntax
    write_all([image, contours], tmp_path / "in")
    _, answer = score(tmp_path / "in", tmp_path / "out")
    assert suv_of(answer) == pytest.approx(classic_suv, rel=1e-6)


def test_contours_match_by_series_and_by_place(
    tmp_path: Path, classic_suv: dict[str, float]
) -> None:
    pet, contours = small_study()
    image = enhanced_dataset(pet)
    write_all([image, contours_on(pet)], tmp_path / "series")
    del contours.ReferencedFrameOfReferenceSequence[0].RTReferencedStudySequence
    write_all([image, contours], tmp_path / "place")
    for how in ("series", "place"):
        _, answer = score(tmp_path / how, tmp_path / f"{how}-out")
        assert answer["held"] == []
        assert suv_of(answer) == pytest.approx(classic_suv, rel=1e-6)
        assert any("matched by" in said for said in answer["results"][0]["warnings"])


def test_contours_beside_the_frames_are_held(tmp_path: Path) -> None:
    pet, contours = small_study()
    image = enhanced_dataset(pet)
    del contours.ReferencedFrameOfReferenceSequence[0].RTReferencedStudySequence
    for contour in contours.ROIContourSequence[0].ContourSequence:
        points = np.array(contour.ContourData, float).reshape(-1, 3)
        points[:, 2] += 400.0
        contour.ContourData = [f"{value:.6f}" for value in points.ravel()]
    write_all([image, contours], tmp_path / "in")
    _, answer = score(tmp_path / "in", tmp_path / "out")
    assert only_held(answer)["reason"] == "roi_outside_image"


def test_a_dynamic_image_is_averaged_as_its_classic_twin(tmp_path: Path) -> None:
    pet = dynamic_datasets(values=frame_bq_ml)
    write_all([*pet, contours_on(pet[-12:])], tmp_path / "slices")
    image = enhanced_dataset(pet)
    write_all([image, contours_on(pet[-12:])], tmp_path / "frames")
    _, classic = score(tmp_path / "slices", tmp_path / "twin")
    code, answer = score(tmp_path / "frames", tmp_path / "out")
    assert (code, answer["held"]) == (0, [])
    assert suv_of(answer) == pytest.approx(suv_of(classic), rel=1e-6)
    warnings = answer["results"][0]["warnings"]
    assert any("dynamic series of 8 time frames" in said for said in warnings)


def test_a_dynamic_image_of_frames_corrected_to_their_own_start_is_held(
    tmp_path: Path,
) -> None:
    pet = dynamic_datasets(values=frame_bq_ml)
    image = enhanced_dataset(pet)
    for group, classic in zip(image.PerFrameFunctionalGroupsSequence, pet, strict=True):
        duration_s = float(classic.ActualFrameDuration) / 1e3
        decay = math.log(2.0) * duration_s / HALF_LIFE_S
        factors = Dataset()
        factors.DecayFactor = f"{decay / (1.0 - math.exp(-decay)):.6f}"
        group.PETFrameCorrectionFactorsSequence = [factors]
    write_all([image, contours_on(pet[-12:])], tmp_path / "in")
    _, answer = score(tmp_path / "in", tmp_path / "out")
    assert only_held(answer)["reason"] == "not_decay_corrected"


def test_a_converted_dynamic_image_is_averaged_as_its_classic_twin(
    tmp_path: Path,
) -> None:
    pet = dynamic_datasets(values=frame_bq_ml)
    write_all([*pet, contours_on(pet[-12:])], tmp_path / "slices")
    image = legacy_converted_dataset(pet)
    write_all([image, contours_on(pet[-12:])], tmp_path / "frames")
    _, classic = score(tmp_path / "slices", tmp_path / "twin")
    _, answer = score(tmp_path / "frames", tmp_path / "out")
    assert suv_of(answer) == pytest.approx(suv_of(classic), rel=1e-6)


def test_phases_of_a_breath_are_held(tmp_path: Path) -> None:
    pet, contours = small_study()
    image = enhanced_dataset([*pet, *pet])
    for number, group in enumerate(image.PerFrameFunctionalGroupsSequence):
        phase = Dataset()
        phase.NominalPercentageOfRespiratoryPhase = 50.0 * (number // len(pet))
        group.RespiratorySynchronizationSequence = [phase]
    write_all([image, drawn_on_frames(contours, image)], tmp_path / "in")
    _, answer = score(tmp_path / "in", tmp_path / "out")
    assert only_held(answer)["reason"] == "gated"


def test_the_features_command_reads_frames(tmp_path: Path) -> None:
    pet = multi_frame_study(enhanced_dataset, tmp_path / "frames")
    write_all([*pet, contours_on(pet)], tmp_path / "slices")
    found = []
    for folder in ("frames", "slices"):
        words = ["features", str(tmp_path / folder), "--modality", "PET", "--json"]
        run = CliRunner().invoke(main, words)
        assert run.exit_code == 0, run.output
        found.append(json.loads(run.stdout)["features"])
    undefined = [{name for name in one if one[name] is None} for one in found]
    assert undefined[0] == undefined[1]
    assert {n: v for n, v in found[0].items() if v is not None} == pytest.approx(
        {n: v for n, v in found[1].items() if v is not None}, rel=1e-6
    )
