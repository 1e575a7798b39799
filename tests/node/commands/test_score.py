"""Promises of ``exhaustion-node score``, through its own door."""

import json
from pathlib import Path
from typing import Any

import pydicom
import pytest
from click.testing import CliRunner
from pydicom.uid import (
    Comprehensive3DSRStorage,
    ParametricMapStorage,
    SegmentationStorage,
)

from config.score_models import shipped_score_models
from node.cli import main
from tests.support.pet import write_all
from tests.support.report_alone import ALL_OBJECTS, configured
from tests.support.studies import TUMOUR_VOXELS, small_study, write_study

AT = "2026-11-22T10:00:00+00:00"


def score(*words: object) -> tuple[int, Any]:
    """Run ``score --json`` for the report; return exit code and document."""
    run = CliRunner().invoke(main, configured("score", *words, "--json"))
    assert run.exception is None or isinstance(run.exception, SystemExit), run.output
    return run.exit_code, json.loads(run.stdout)


def reasons(document: Any) -> list[str]:
    """Return the reason codes of what is held."""
    return [held["reason"] for held in document["held"]]


def whole(*words: object) -> tuple[int, Any]:
    """Run ``score --json`` for all kinds of objects; exit code and document."""
    return score(*configured(*words, config=ALL_OBJECTS))


def test_a_folder_in_gives_result_objects_out(tmp_path: Path) -> None:
    write_study(tmp_path / "in")

    code, document = whole(tmp_path / "in", "--out", tmp_path / "out")

    assert code == 0
    assert document["held"] == []
    (result,) = document["results"]
    assert result["roi"] == "Tumor"
    assert result["voxels"] == TUMOUR_VOXELS
    classes = [written["sop_class"] for written in document["objects"]]
    assert classes[0] == Comprehensive3DSRStorage
    assert {ParametricMapStorage, SegmentationStorage} < set(classes)
    for written in document["objects"]:
        dataset = pydicom.dcmread(tmp_path / "out" / written["path"])
        assert dataset.SOPInstanceUID == written["sop_instance_uid"]


def test_the_document_has_the_keys_of_the_contract(tmp_path: Path) -> None:
    write_study(tmp_path / "in")

    _, document = score(tmp_path / "in", "--out", tmp_path / "out")

    (result,) = document["results"]
    assert set(result) >= {
        "study_instance_uid",
        "animal_id",
        "patient_id",
        "roi",
        "voxels",
        "suv",
        "suv_rule",
        "features",
        "score",
        "score_model",
        "calibration",
        "readings",
        "sensitivity",
        "probability",
        "exhausted",
        "warnings",
    }
    assert set(result["suv"]) >= {"min", "median", "mean", "max", "sd", "volume_ml"}
    assert result["score_model"] == "zhang2023-fine"
    assert result["calibration"] == "none"
    assert set(result["readings"]) == {
        "zhang2023-fine",
        "zhang2023-64",
        "zhang2023-ibex-example",
    }
    for name, stated in result["reading_models"].items():
        model = shipped_score_models()[name]
        assert stated == {"version": model.version, "sha256": model.sha256}
    assert result["reading_models"].keys() == result["readings"].keys()


def test_percent_injected_dose_per_gram_is_suv_over_weight(tmp_path: Path) -> None:
    write_study(tmp_path / "in")

    _, document = score(tmp_path / "in", "--out", tmp_path / "out")

    (result,) = document["results"]
    expected = {
        name: pytest.approx(100 * result["suv"][name] / 22.0)
        for name in ("min", "median", "mean", "max", "sd")
    }
    assert result["percent_injected_dose_per_gram"] == expected
    assert result["context"] == {}


def test_an_image_in_suv_needs_a_weight_for_injected_dose_per_gram_alone(
    tmp_path: Path,
) -> None:
    write_study(tmp_path / "in", peak=4.0, Units="GML", SUVType="BW", PatientWeight="")

    code, document = score(tmp_path / "in", "--out", tmp_path / "out")

    assert code == 0
    (result,) = document["results"]
    assert 2.0 < result["suv"]["mean"] < 4.0
    assert result["percent_injected_dose_per_gram"] is None


def test_values_that_no_suv_can_have_are_held(tmp_path: Path) -> None:
    """Activity that was written under the name of SUV."""
    write_study(tmp_path / "in", Units="GML", SUVType="BW")

    code, document = score(tmp_path / "in", "--out", tmp_path / "out")

    assert code == 3
    (held,) = document["held"]
    assert held["reason"] == "activity_balance"


def test_an_uncalibrated_score_claims_no_class_and_says_so(tmp_path: Path) -> None:
    write_study(tmp_path / "in")

    _, document = score(tmp_path / "in", "--out", tmp_path / "out")

    (result,) = document["results"]
    assert result["score"] is not None
    assert result["probability"] is None
    assert result["exhausted"] is None
    assert any("uncalibrated" in warning for warning in result["warnings"])


def test_the_same_instant_gives_the_same_bytes(tmp_path: Path) -> None:
    write_study(tmp_path / "in")

    for name in ("one", "two"):
        whole(tmp_path / "in", "--out", tmp_path / name, "--at", AT)

    def content(name: str) -> dict[str, bytes]:
        return {
            str(path.relative_to(tmp_path / name)): path.read_bytes()
            for path in (tmp_path / name).rglob("*.dcm")
        }

    assert content("one") == content("two")
    assert len(content("one")) > 2 * 12


def test_a_folder_without_dicom_is_held(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "notes.txt").write_text("nothing")

    code, document = score(tmp_path / "in", "--out", tmp_path / "out")

    assert code == 3
    assert reasons(document) == ["no_dicom"]
    assert document["held"][0]["study_instance_uid"] is None


def test_a_study_without_contours_is_held(tmp_path: Path) -> None:
    pet, _ = small_study()
    write_all(pet, tmp_path / "in")

    code, document = score(tmp_path / "in", "--out", tmp_path / "out")

    assert code == 3
    assert reasons(document) == ["no_roi"]
    assert document["objects"] == []


def test_contours_without_pet_are_held(tmp_path: Path) -> None:
    _, contours = small_study()
    write_all([contours], tmp_path / "in")

    code, document = score(tmp_path / "in", "--out", tmp_path / "out")

    assert code == 3
    assert reasons(document) == ["no_pet"]


def test_a_missing_slice_is_held_and_counted(tmp_path: Path) -> None:
    write_study(tmp_path / "in")[5].unlink()

    code, document = score(tmp_path / "in", "--out", tmp_path / "out")

    assert code == 3
    assert reasons(document) == ["incomplete_series"]
    assert "11 of 12" in document["held"][0]["detail"]


def test_contours_outside_the_image_are_held(tmp_path: Path) -> None:
    pet, contours = small_study()
    for contour in contours.ROIContourSequence[0].ContourSequence:
        moved = [float(value) for value in contour.ContourData]
        moved[0::3] = [x + 500 for x in moved[0::3]]
        contour.ContourData = moved
    write_all([*pet, contours], tmp_path / "in")

    code, document = score(tmp_path / "in", "--out", tmp_path / "out")

    assert code == 3
    assert reasons(document) == ["roi_outside_image"]
    assert "Tumor" in document["held"][0]["detail"]


@pytest.mark.parametrize(
    ("attribute", "reason"),
    [
        ("PatientWeight", "missing_weight"),
        ("RadionuclideTotalDose", "missing_activity"),
    ],
)
def test_a_missing_value_is_held_with_attribute_and_object_named(
    tmp_path: Path, attribute: str, reason: str
) -> None:
    pet, contours = small_study()
    for dataset in pet:
        for owner in (dataset, dataset.RadiopharmaceuticalInformationSequence[0]):
            if attribute in owner:
                del owner[attribute]
    write_all([*pet, contours], tmp_path / "in")

    code, document = score(tmp_path / "in", "--out", tmp_path / "out")

    assert code == 3
    assert reasons(document) == [reason]
    assert attribute in document["held"][0]["detail"]
    held_uid = document["held"][0]["study_instance_uid"]
    assert held_uid == pet[0].StudyInstanceUID


def test_a_truncated_file_is_held_and_named(tmp_path: Path) -> None:
    path = write_study(tmp_path / "in")[4]
    path.write_bytes(path.read_bytes()[:-100])

    code, document = score(tmp_path / "in", "--out", tmp_path / "out")

    assert code == 3
    assert reasons(document) == ["unreadable_object", "incomplete_series"]
    assert path.name in document["held"][0]["detail"]
    assert "11 of 12" in document["held"][1]["detail"]


def test_one_region_at_fault_does_not_cost_the_others_their_result(
    tmp_path: Path,
) -> None:
    pet, contours = small_study()
    outside = pydicom.Dataset()
    outside.update(contours.ROIContourSequence[0])
    outside = pydicom.Dataset.from_json(outside.to_json())
    outside.ReferencedROINumber = 99
    for contour in outside.ContourSequence:
        contour.ContourData = [float(v) + 500 for v in contour.ContourData]
    contours.ROIContourSequence.append(outside)
    named = pydicom.Dataset.from_json(contours.StructureSetROISequence[0].to_json())
    named.ROINumber, named.ROIName = 99, "Elsewhere"
    contours.StructureSetROISequence.append(named)
    write_all([*pet, contours], tmp_path / "in")

    code, document = score(tmp_path / "in", "--out", tmp_path / "out")

    assert code == 3
    assert [result["roi"] for result in document["results"]] == ["Tumor"]
    assert reasons(document) == ["roi_outside_image"]
    assert document["objects"]


def test_the_species_decides_what_is_plausible(tmp_path: Path) -> None:
    write_study(tmp_path / "in")

    code, document = score(
        tmp_path / "in", "--out", tmp_path / "out", "--species", "human"
    )

    assert code == 3
    assert reasons(document) in (["implausible_weight"], ["units_in_doubt"])
    assert "PatientWeight (0010,1030)" in document["held"][0]["detail"]


def test_an_unknown_model_or_species_is_wrong_usage(tmp_path: Path) -> None:
    write_study(tmp_path / "in")
    for words in (["--model", "nobody2020"], ["--species", "unicorn"]):
        run = CliRunner().invoke(
            main,
            ["score", str(tmp_path / "in"), "--out", str(tmp_path / "out"), *words],
        )

        assert run.exit_code == 2
        assert words[1] in run.output


def test_people_read_the_same_numbers_on_the_terminal(tmp_path: Path) -> None:
    write_study(tmp_path / "in")

    run = CliRunner().invoke(
        main, ["score", str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    )

    assert run.exit_code == 0
    assert f"{TUMOUR_VOXELS} voxels" in run.stdout
    assert "uncalibrated" in run.stdout
    wrote = [line for line in run.stdout.splitlines() if line.startswith("wrote")]
    assert len(wrote) == 9
    assert wrote[0].endswith("/report.dcm: report")
    (series,) = (line for line in wrote if "suv" in line)
    assert series.endswith("/suv-001.dcm to -012.dcm: SUV series (12 images)")
    assert "BQML, START, decay reference = Series Time" in run.stdout
    shown = " ".join(run.stdout.split())
    assert "weight 22 g injected activity 5.55 MBq" in shown
    assert "half life 109.8 min" in shown
    assert "uptake 70 min" in shown
    assert "%ID/g mean" in shown


def test_the_same_instant_in_another_zone_gives_the_same_bytes(tmp_path: Path) -> None:
    write_study(tmp_path / "in")

    whole(tmp_path / "in", "--out", tmp_path / "one", "--at", AT)
    whole(
        tmp_path / "in", "--out", tmp_path / "two", "--at", "2026-11-22T18:00:00+08:00"
    )

    one, two = (
        {path.name: path.read_bytes() for path in (tmp_path / name).rglob("*.dcm")}
        for name in ("one", "two")
    )
    assert one
    assert one == two


def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_read(
    tmp_path: Path,
) -> None:
    write_study(tmp_path / "in")
    (tmp_path / "file").write_text("")

    run = CliRunner().invoke(
        main, ["score", str(tmp_path / "in"), "--out", str(tmp_path / "file" / "out")]
    )

    assert run.exit_code == 2
    assert "cannot be written" in run.stderr


def test_another_instant_gives_other_uids(tmp_path: Path) -> None:
    write_study(tmp_path / "in")

    uids = [
        score(tmp_path / "in", "--out", tmp_path / name, "--at", at)[1]["objects"][0][
            "sop_instance_uid"
        ]
        for name, at in (("one", AT), ("two", "2026-11-22T10:00:01+00:00"))
    ]

    assert uids[0] != uids[1]
