"""Promises of ``exhaustion-node features`` about regions: those of the score."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage

from tests.support.pet import pet_datasets, square_mm, structure_set_dataset, write_all
from tests.support.registration import (
    REGISTRATION_UID,
    registration_dataset,
    source,
)
from tests.support.report_alone import report_alone
from tests.support.segmentation import segmentation_dataset
from tests.support.service import command
from tests.support.studies import (
    TUMOUR_COLUMNS,
    TUMOUR_ROWS,
    TUMOUR_SLICES,
    TUMOUR_VOXELS,
    small_study,
)

PET, CONTOURS = small_study()
SUBTRACT = '[rois]\nsubtract = ["bone"]\n'


def features(*words: object) -> tuple[int, Any]:
    """Run ``features --json``; return exit code and document."""
    code, out, _ = command("features", *map(str, words), "--json")
    return code, json.loads(out)


def with_bone() -> Dataset:
    """Return contours of the tumour and of bone that fills two of its slices."""
    squares = [
        square_mm(PET, k, rows=TUMOUR_ROWS, columns=TUMOUR_COLUMNS)
        for k in TUMOUR_SLICES
    ]
    return structure_set_dataset(PET, {"Tumor": squares, "bone": squares[:2]})


def painted(images: list[Dataset]) -> Dataset:
    inside = np.zeros((12, 16, 18), np.bool_)
    inside[list(TUMOUR_SLICES), TUMOUR_ROWS, TUMOUR_COLUMNS] = True
    return segmentation_dataset(images, {"Tumor": inside})


def ct_of(
    pet: list[Dataset], *, factor: int = 1, frame_of_reference_uid: str = ""
) -> list[Dataset]:
    """Return a CT of the PET's field of view, with smaller pixels."""
    rows, columns = pet[0].Rows * factor, pet[0].Columns * factor
    values = np.random.default_rng(5).random((len(pet), rows, columns)) * 1000
    frame = frame_of_reference_uid or pet[0].FrameOfReferenceUID
    ct = pet_datasets(values=values, series_uid="1.2.3.7", frame_of_reference_uid=frame)
    for image, under in zip(ct, pet, strict=True):
        image.SOPClassUID = CTImageStorage
        image.file_meta.MediaStorageSOPClassUID = CTImageStorage
        image.Modality = "CT"
        row_mm, column_mm = map(float, under.PixelSpacing)
        image.PixelSpacing = [row_mm / factor, column_mm / factor]
        x, y, z = map(float, under.ImagePositionPatient)
        shift = 0.5 * (1 - 1 / factor)
        image.ImagePositionPatient = [x + shift * column_mm, y - shift * row_mm, z]
    return ct


def test_segments_have_the_features_of_contours_around_the_same_voxels(
    tmp_path: Path,
) -> None:
    write_all([*PET, CONTOURS], tmp_path / "drawn")
    write_all([*PET, painted(PET)], tmp_path / "painted")

    _, expected = features(tmp_path / "drawn")
    code, document = features(tmp_path / "painted")

    assert code == 0
    assert document["features"] == expected["features"]
    assert document["warnings"] == []


def test_what_is_taken_out_of_the_score_is_taken_out_here(tmp_path: Path) -> None:
    write_all([*PET, with_bone()], tmp_path / "in")
    (tmp_path / "node.toml").write_text(SUBTRACT)
    config = ["--config", tmp_path / "node.toml"]

    code, document = features(tmp_path / "in", *config)
    _, named = features(tmp_path / "in", *config, "--roi", "Tumor")
    _, bone = features(tmp_path / "in", *config, "--roi", "bone")

    assert code == 0
    assert document["roi"] == "Tumor"
    assert document["voxels"] == TUMOUR_VOXELS - 2 * 42
    assert document["warnings"] == ["84 voxels of 'bone' were taken out"]
    assert named == document
    assert (bone["roi"], bone["voxels"]) == ("bone", 2 * 42)


@pytest.mark.parametrize("segments", [False, True])
def test_what_was_drawn_on_the_pet_has_ct_features_too(
    tmp_path: Path, *, segments: bool
) -> None:
    contours = painted(PET) if segments else CONTOURS
    write_all([*PET, *ct_of(PET, factor=3), contours], tmp_path / "in")

    code, document = features(tmp_path / "in", "--modality", "CT")

    assert code == 0, document
    assert document["modality"] == "CT"
    assert document["voxels"] == 9 * TUMOUR_VOXELS


@pytest.mark.parametrize("segments", [False, True])
def test_what_was_painted_on_the_ct_has_its_voxels_there(
    tmp_path: Path, *, segments: bool
) -> None:
    ct = ct_of(PET)
    if segments:
        contours = painted(ct)
    else:
        squares = [
            square_mm(ct, k, rows=TUMOUR_ROWS, columns=TUMOUR_COLUMNS)
            for k in TUMOUR_SLICES
        ]
        contours = structure_set_dataset(ct, {"Tumor": squares})
    write_all([*ct, contours], tmp_path / "in")

    code, document = features(tmp_path / "in", "--modality", "CT")

    assert code == 0, document
    assert document["voxels"] == TUMOUR_VOXELS


def test_contours_in_another_frame_of_reference_than_the_ct_are_held(
    tmp_path: Path,
) -> None:
    ct = ct_of(PET, frame_of_reference_uid="1.2.3.99")
    write_all([*PET, *ct, CONTOURS], tmp_path / "in")

    code, document = features(tmp_path / "in", "--modality", "CT")

    assert code == 3
    assert document == []


CT_FRAME = "1.2.3.99"
SITE_RULE = '[[matching.co_registered]]\nmodel_name = "Inveon MM Platform"\n'


def on_a_ct_of_its_own_frame(
    folder: Path, *objects: Dataset, rule: str = ""
) -> tuple[int, Any]:
    """Return the CT features of what was drawn on the PET; the rule configured."""
    ct = ct_of(PET, factor=3, frame_of_reference_uid=CT_FRAME)
    write_all([*PET, *ct, CONTOURS, *objects], folder / "in")
    config = folder / "node.toml"
    config.write_text(f'[node]\ndata_folder = "{folder / "data"}"\n{rule}')
    return features(folder / "in", "--modality", "CT", "--config", config)


@pytest.mark.parametrize("backwards", [False, True])
def test_a_registration_brings_contours_of_the_pet_onto_the_ct(
    tmp_path: Path, *, backwards: bool
) -> None:
    pet_frame = PET[0].FrameOfReferenceUID
    registered, moving = (CT_FRAME, pet_frame)[:: -1 if backwards else 1]
    reg = registration_dataset(registered, source(moving, np.eye(4)))

    code, document = on_a_ct_of_its_own_frame(tmp_path, reg)

    assert code == 0, document
    assert document["voxels"] == 9 * TUMOUR_VOXELS
    [said] = document["warnings"]
    assert REGISTRATION_UID in said
    assert CT_FRAME in said


def test_a_broken_registration_to_the_ct_is_held(tmp_path: Path) -> None:
    mirror = np.diag([-1.0, 1.0, 1.0, 1.0])
    reg = registration_dataset(CT_FRAME, source(PET[0].FrameOfReferenceUID, mirror))

    code, document = on_a_ct_of_its_own_frame(tmp_path, reg)

    assert (code, document) == (3, [])


def test_the_sites_rule_lets_the_ct_of_the_study_stand_for_its_pet(
    tmp_path: Path,
) -> None:
    code, document = on_a_ct_of_its_own_frame(tmp_path, rule=SITE_RULE)

    assert code == 0, document
    assert document["voxels"] == 9 * TUMOUR_VOXELS
    assert document["warnings"] == [
        "By the site's rule, the CT's coordinates are the PET's."
    ]


def test_a_rule_that_asks_for_a_registration_is_none_that_frames_are_equal(
    tmp_path: Path,
) -> None:
    rule = f'{SITE_RULE}register = "rigid"\n'

    assert on_a_ct_of_its_own_frame(tmp_path, rule=rule) == (3, [])


@pytest.mark.parametrize("modality", ["PET", "CT"])
def test_a_region_between_all_voxel_centres_is_held_as_by_the_score(
    tmp_path: Path, modality: str
) -> None:
    square = square_mm(PET, 5, rows=TUMOUR_ROWS, columns=TUMOUR_COLUMNS)
    tiny = square[0] - 0.05 * (square[0] - square[2]) / 6
    outline = tiny + 0.01 * (square - square[0])
    contours = structure_set_dataset(PET, {"Tiny": [outline]})
    write_all([*PET, *ct_of(PET), contours], tmp_path / "in")

    code, out, words = command(
        "features", str(tmp_path / "in"), "--modality", modality, "--json"
    )

    assert (code, json.loads(out)) == (3, [])
    assert "encloses no voxel" in " ".join(words.split())


def test_a_folder_without_contours_is_held(tmp_path: Path) -> None:
    write_all(ct_of(PET), tmp_path / "in")

    code, out, words = command("features", str(tmp_path / "in"), "--modality", "CT")

    assert code == 3
    assert "RTSTRUCT or SEG" in out + words


def test_weight_comes_from_the_injection_log_as_for_the_score(tmp_path: Path) -> None:
    pet, contours = small_study(PatientWeight=None)
    write_all([*pet, contours], tmp_path / "in")
    log = tmp_path / "log.csv"
    log.write_text("animal,patient_id,study_date,weight_g\nM07,m07_pet,2026-03-02,20\n")
    config = tmp_path / "node.toml"
    config.write_text(report_alone(f'[injection_log]\npath = "{log}"\n'))
    words = ["score", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--json"]

    without, _ = features(tmp_path / "in")
    code, document = features(tmp_path / "in", "--config", config)
    _, out, _ = command(*words, "--config", str(config))

    assert without == 3
    assert code == 0
    assert document["animal_id"] == "M07"
    (scored,) = json.loads(out)["results"]
    assert document["features"]["direct_GlobalMean"] == pytest.approx(
        scored["suv"]["mean"], rel=1e-9
    )


def test_a_table_says_which_animal_it_is(tmp_path: Path) -> None:
    write_all([*PET, CONTOURS], tmp_path / "in")

    features(tmp_path / "in", "--table", tmp_path / "table.csv")

    with (tmp_path / "table.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["animal_id"] == "m07_pet"
    assert row["roi"] == "Tumor"


@pytest.mark.parametrize("name", ["Tumor [1]", "Tumor*", "T?"])
def test_a_name_that_is_written_out_is_itself(tmp_path: Path, name: str) -> None:
    squares = [
        square_mm(PET, k, rows=TUMOUR_ROWS, columns=TUMOUR_COLUMNS)
        for k in TUMOUR_SLICES
    ]
    contours = structure_set_dataset(PET, {name: squares, "Elsewhere": squares})
    write_all([*PET, contours], tmp_path / "in")
    config = tmp_path / "node.toml"
    config.write_text(
        f'[node]\ndata_folder = "{tmp_path / "data"}"\n[rois]\ninclude = ["{name}"]\n'
    )

    code, document = features(tmp_path / "in", "--config", config)

    assert code == 0
    assert document["roi"] == name
