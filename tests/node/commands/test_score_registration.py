"""Promises of ``score`` for contours in another frame of reference than the PET's."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from click.testing import CliRunner

from node.cli import main
from tests.support.elsewhere import write_elsewhere
from tests.support.pet import FRAME_OF_REFERENCE_UID, STRUCTURE_SET_UID, write_all
from tests.support.registration import (
    OTHER_FRAME,
    REGISTRATION_UID,
    THIRD_FRAME,
    deformable_dataset,
    registration_dataset,
    source,
    turned_z,
)
from tests.support.report_alone import configured, report_alone
from tests.support.studies import TUMOUR_VOXELS, write_study

# Thirty millimetres: the wrong way round, nothing of the tumour meets the PET.
TO_OTHER = turned_z(20.0, (30.0, -12.0, 40.0))
FROM_OTHER = np.linalg.inv(TO_OTHER)
SECOND = f"{REGISTRATION_UID}.2"


def score(folder: Path, *words: object) -> Any:
    """Run ``score --json`` on a folder and return its document."""
    out = folder.parent / f"{folder.name}-out"
    command = configured("score", folder, "--out", out, *words, "--json")
    run = CliRunner().invoke(main, command)
    assert run.exception is None or isinstance(run.exception, SystemExit), run.output
    return json.loads(run.stdout)


@pytest.fixture(scope="module")
def drawn_on_the_pet(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the result of the same tumour, drawn on the PET itself."""
    folder = tmp_path_factory.mktemp("direct") / "study"
    write_study(folder)
    [result] = score(folder)["results"]
    return result


def assert_same_tumour(document: Any, expected: Any) -> list[str]:
    """Assert voxels and SUV, and return the result's warnings."""
    assert document["held"] == []
    [result] = document["results"]
    assert result["voxels"] == TUMOUR_VOXELS
    assert result["suv"] == expected["suv"]
    assert result["score"] == expected["score"]
    return list(result["warnings"])


def test_contours_come_onto_the_pet_by_a_registration(
    tmp_path: Path, drawn_on_the_pet: Any
) -> None:
    reg = registration_dataset(FRAME_OF_REFERENCE_UID, source(OTHER_FRAME, FROM_OTHER))
    write_elsewhere(tmp_path / "study", TO_OTHER, reg)

    warnings = assert_same_tumour(score(tmp_path / "study"), drawn_on_the_pet)

    [said] = [text for text in warnings if REGISTRATION_UID in text]
    assert OTHER_FRAME in said
    assert FRAME_OF_REFERENCE_UID in said
    assert "turn by 20.00 degrees" in said


def test_a_registration_into_the_other_frame_is_followed_backwards(
    tmp_path: Path, drawn_on_the_pet: Any
) -> None:
    reg = registration_dataset(OTHER_FRAME, source(FRAME_OF_REFERENCE_UID, TO_OTHER))
    write_elsewhere(tmp_path / "study", TO_OTHER, reg)

    assert_same_tumour(score(tmp_path / "study"), drawn_on_the_pet)


def test_the_wrong_direction_would_miss_the_tumour(tmp_path: Path) -> None:
    reg = registration_dataset(FRAME_OF_REFERENCE_UID, source(OTHER_FRAME, TO_OTHER))
    write_elsewhere(tmp_path / "study", TO_OTHER, reg)

    document = score(tmp_path / "study")

    assert document["results"] == []
    assert [held["reason"] for held in document["held"]] == ["roi_outside_image"]


def test_one_object_may_lead_over_a_frame_of_its_own(
    tmp_path: Path, drawn_on_the_pet: Any
) -> None:
    into_atlas = turned_z(-50.0, (7.0, 8.0, 9.0))
    reg = registration_dataset(
        THIRD_FRAME,
        source(FRAME_OF_REFERENCE_UID, into_atlas),
        source(OTHER_FRAME, FROM_OTHER, into_atlas),
    )
    write_elsewhere(tmp_path / "study", TO_OTHER, reg)

    assert_same_tumour(score(tmp_path / "study"), drawn_on_the_pet)


def test_registrations_are_chained_forwards_and_backwards(
    tmp_path: Path, drawn_on_the_pet: Any
) -> None:
    half = turned_z(-50.0, (7.0, 8.0, 9.0))
    first = registration_dataset(
        OTHER_FRAME, source(THIRD_FRAME, TO_OTHER @ np.linalg.inv(half))
    )
    second = registration_dataset(
        THIRD_FRAME, source(FRAME_OF_REFERENCE_UID, half), uid=SECOND
    )
    write_elsewhere(tmp_path / "study", TO_OTHER, second, first)

    warnings = assert_same_tumour(score(tmp_path / "study"), drawn_on_the_pet)

    assert any(f"{REGISTRATION_UID} then {SECOND}" in text for text in warnings)


def test_scale_and_shear_are_applied(tmp_path: Path, drawn_on_the_pet: Any) -> None:
    stretched = TO_OTHER @ np.diag([2.0, 0.5, 1.0, 1.0])
    reg = registration_dataset(
        FRAME_OF_REFERENCE_UID,
        source(OTHER_FRAME, np.linalg.inv(stretched), kind="AFFINE"),
    )
    write_elsewhere(tmp_path / "study", stretched, reg)

    assert_same_tumour(score(tmp_path / "study"), drawn_on_the_pet)


def held_for_its_frame(document: Any) -> str:
    """Return the words of the only hold, which is for the frame of reference."""
    assert document["results"] == []
    [held] = document["held"]
    assert held["reason"] == "frame_of_reference"
    return str(held["detail"])


def test_without_a_registration_both_frames_are_named(tmp_path: Path) -> None:
    write_elsewhere(tmp_path / "study", TO_OTHER)

    detail = held_for_its_frame(score(tmp_path / "study"))

    assert OTHER_FRAME in detail
    assert FRAME_OF_REFERENCE_UID in detail


def test_a_registration_of_other_frames_helps_nothing(tmp_path: Path) -> None:
    reg = registration_dataset(FRAME_OF_REFERENCE_UID, source(THIRD_FRAME, np.eye(4)))
    write_elsewhere(tmp_path / "study", TO_OTHER, reg)

    held_for_its_frame(score(tmp_path / "study"))


def test_a_deformable_registration_is_not_used_and_this_is_said(tmp_path: Path) -> None:
    deformable = deformable_dataset(FRAME_OF_REFERENCE_UID, OTHER_FRAME, SECOND)
    write_elsewhere(tmp_path / "study", TO_OTHER, deformable)

    detail = held_for_its_frame(score(tmp_path / "study"))

    assert f"Deformable registrations ({SECOND})" in detail


def test_registrations_that_disagree_hold_the_study_with_both(tmp_path: Path) -> None:
    one = registration_dataset(FRAME_OF_REFERENCE_UID, source(OTHER_FRAME, FROM_OTHER))
    shifted = turned_z(0.0, (0.3, 0.0, 0.0)) @ FROM_OTHER
    two = registration_dataset(
        FRAME_OF_REFERENCE_UID, source(OTHER_FRAME, shifted), uid=SECOND
    )
    write_elsewhere(tmp_path / "study", TO_OTHER, one, two)

    detail = held_for_its_frame(score(tmp_path / "study"))

    assert REGISTRATION_UID in detail
    assert SECOND in detail
    assert "0.30 mm apart" in detail


def test_registrations_that_agree_to_a_tenth_of_a_millimetre_are_one(
    tmp_path: Path, drawn_on_the_pet: Any
) -> None:
    one = registration_dataset(FRAME_OF_REFERENCE_UID, source(OTHER_FRAME, FROM_OTHER))
    shifted = turned_z(0.0, (0.05, 0.0, 0.0)) @ FROM_OTHER
    two = registration_dataset(
        FRAME_OF_REFERENCE_UID, source(OTHER_FRAME, shifted), uid=SECOND
    )
    write_elsewhere(tmp_path / "study", TO_OTHER, one, two)

    assert_same_tumour(score(tmp_path / "study"), drawn_on_the_pet)


def test_a_broken_registration_holds_the_study_with_its_attribute(
    tmp_path: Path,
) -> None:
    mirror = np.diag([-1.0, 1.0, 1.0, 1.0])
    reg = registration_dataset(FRAME_OF_REFERENCE_UID, source(OTHER_FRAME, mirror))
    write_elsewhere(tmp_path / "study", TO_OTHER, reg)

    detail = held_for_its_frame(score(tmp_path / "study"))

    assert "FrameOfReferenceTransformationMatrix (3006,00C6)" in detail
    assert REGISTRATION_UID in detail


def list_frame(folder: Path, frame: str) -> None:
    """Have the structure set list a frame of reference in which it draws nothing."""
    [path] = folder.glob(f"{STRUCTURE_SET_UID}.dcm")
    contours = pydicom.dcmread(path)
    listed = pydicom.Dataset()
    listed.FrameOfReferenceUID = frame
    contours.ReferencedFrameOfReferenceSequence.append(listed)
    contours.save_as(path)


@pytest.mark.parametrize("fault", ["mirrored", "contradicting"])
def test_a_broken_registration_of_a_frame_without_regions_holds_nothing(
    tmp_path: Path, drawn_on_the_pet: Any, fault: str
) -> None:
    mirror = np.diag([-1.0, 1.0, 1.0, 1.0])
    good = registration_dataset(FRAME_OF_REFERENCE_UID, source(OTHER_FRAME, FROM_OTHER))
    broken = {
        "mirrored": [
            registration_dataset(
                FRAME_OF_REFERENCE_UID, source(THIRD_FRAME, mirror), uid=SECOND
            )
        ],
        "contradicting": [
            registration_dataset(
                FRAME_OF_REFERENCE_UID,
                source(THIRD_FRAME, turned_z(0.0, (x, 0.0, 0.0))),
                uid=f"{SECOND}.{x:.0f}",
            )
            for x in (1.0, 2.0)
        ],
    }[fault]
    write_elsewhere(tmp_path / "study", TO_OTHER, good, *broken)
    list_frame(tmp_path / "study", THIRD_FRAME)

    warnings = assert_same_tumour(score(tmp_path / "study"), drawn_on_the_pet)

    assert not any(SECOND in text for text in warnings)


def test_a_registration_that_no_region_needs_is_not_said_to_be_applied(
    tmp_path: Path, drawn_on_the_pet: Any
) -> None:
    write_study(tmp_path / "study")
    unused = registration_dataset(
        FRAME_OF_REFERENCE_UID, source(THIRD_FRAME, FROM_OTHER)
    )
    write_all([unused], tmp_path / "study")
    list_frame(tmp_path / "study", THIRD_FRAME)

    warnings = assert_same_tumour(score(tmp_path / "study"), drawn_on_the_pet)

    assert not any(REGISTRATION_UID in text for text in warnings)


def test_a_chain_over_a_broken_registration_is_held(tmp_path: Path) -> None:
    mirror = np.diag([-1.0, 1.0, 1.0, 1.0])
    near = registration_dataset(FRAME_OF_REFERENCE_UID, source(THIRD_FRAME, mirror))
    far = registration_dataset(THIRD_FRAME, source(OTHER_FRAME, FROM_OTHER), uid=SECOND)
    write_elsewhere(tmp_path / "study", TO_OTHER, near, far)

    assert REGISTRATION_UID in held_for_its_frame(score(tmp_path / "study"))


SMALL = ("--slices", "64", "--matrix", "56", "--ct-matrix", "128", "--drawn-on", "ct")


@pytest.fixture(scope="module")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a phantom's study, its tumour drawn on the CT."""
    folder = tmp_path_factory.mktemp("phantom") / "study"
    run = CliRunner().invoke(main, ["phantom", "--out", str(folder), *SMALL])
    assert run.exit_code == 0, run.output
    return folder


def frames_of(study: Path) -> tuple[str, str]:
    """Return the frames of reference of PET and CT."""
    pet, ct = (pydicom.dcmread(study / name / "0001.dcm") for name in ("PET", "CT"))
    return str(pet.FrameOfReferenceUID), str(ct.FrameOfReferenceUID)


@pytest.mark.parametrize("named", ["by frame", "by images"])
def test_contours_on_a_ct_that_is_registered_go_to_its_pet(
    tmp_path: Path, phantom: Path, named: str
) -> None:
    pet, ct = frames_of(phantom)
    study = tmp_path / "study"
    study.mkdir()
    images = [
        str(pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID)
        for path in sorted((phantom / "CT").glob("*.dcm"))
    ]
    item = (
        source(ct, np.eye(4))
        if named == "by frame"
        else source(None, np.eye(4), images=images)
    )
    for path in sorted(phantom.rglob("*.dcm")):
        (study / f"{path.parent.name}-{path.name}").symlink_to(path)
    write_all([registration_dataset(pet, item, study_uid="1.2.3.77")], study)

    document = score(study)

    truth = json.loads((phantom / "truth.json").read_text())
    [result] = document["results"]
    assert document["held"] == []
    assert result["voxels"] == truth["voxels"]
    assert result["suv"]["mean"] == pytest.approx(truth["suv"]["mean"], rel=1e-3)


def write_rule(folder: Path, maximum_motion_mm: float) -> Path:
    """Write a configuration in which the phantom's gantry is registered."""
    path = folder / "node.toml"
    path.write_text(
        report_alone(f"""
[node]
data_folder = "{folder / "data"}"

[[matching.co_registered]]
model_name = "Inveon MM Platform"
register = "rigid"
maximum_motion_mm = {maximum_motion_mm}
""")
    )
    return path


def test_a_site_rule_may_have_the_ct_registered(tmp_path: Path, phantom: Path) -> None:
    config = write_rule(tmp_path, 1.0)
    study = tmp_path / "study"
    study.symlink_to(phantom)

    first = score(study, "--config", config)
    again = score(study, "--config", config)

    truth = json.loads((phantom / "truth.json").read_text())
    [result] = first["results"]
    assert abs(result["voxels"] - truth["voxels"]) <= 0.03 * truth["voxels"]
    assert any("was registered to the PET" in text for text in result["warnings"])
    assert first["results"] == again["results"]


def test_an_animal_that_moved_further_than_allowed_is_held_with_the_numbers(
    tmp_path: Path, phantom: Path
) -> None:
    study = tmp_path / "study"
    study.mkdir()
    for path in sorted(phantom.rglob("*.dcm")):
        dataset = pydicom.dcmread(path)
        if dataset.Modality == "CT":
            x, y, z = dataset.ImagePositionPatient
            dataset.ImagePositionPatient = [x + 2.5, y, z]
        dataset.save_as(study / f"{path.parent.name}-{path.name}")

    document = score(study, "--config", write_rule(tmp_path, 1.0))

    assert document["results"] == []
    [held] = document["held"]
    assert held["reason"] == "registration_failed"
    assert "beyond the 1 mm that the site allows" in held["detail"]
    assert "2.5" in held["detail"]
