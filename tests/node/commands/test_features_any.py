"""Promises of ``features`` about images beside PET: MR, NIfTI, whatever has planes."""

import csv
import json
import zipfile
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from pydicom.dataset import Dataset

from model.features.ibsi.tags import tag_of
from tests.support.pet import square_mm, structure_set_dataset, write_all
from tests.support.planes import image_datasets, multi_frame_dataset
from tests.support.service import command
from tests.support.shared import SHARED_DATA, needs_shared_data
from tests.support.studies import (
    TUMOUR_COLUMNS,
    TUMOUR_ROWS,
    TUMOUR_SLICES,
    TUMOUR_VOXELS,
    small_study,
)

PHANTOM = SHARED_DATA / "ibsi-1-digital-phantom"
SPACING_OF_DICOM, SPACING_OF_NIFTI = 1.0, 2.0
"""Of the digital phantom, as its files state them."""

LEVELS = np.random.default_rng(1).integers(1, 7, (6, 5, 4)).astype(np.int16)
INSIDE = np.zeros(LEVELS.shape, np.int16)
INSIDE[1:5, 1:4, 1:3] = 1


def features(*words: object) -> tuple[int, Any, str]:
    """Return exit code, document and what was said beside it."""
    code, out, said = command("features", *map(str, words), "--json")
    return code, json.loads(out), said


def of_any(folder: Path, *words: object) -> tuple[int, Any, str]:
    return features(folder, "--modality", "ANY", "--profile", "ibsi", *words)


def nifti(path: Path, values: np.ndarray, spacing: float = 1.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    affine = np.diag([spacing, spacing, spacing, 1.0])
    nibabel.save(nibabel.Nifti1Image(values, affine), path)
    return path


def contours_of(images: list[Dataset]) -> Dataset:
    squares = [
        square_mm(images, k, rows=TUMOUR_ROWS, columns=TUMOUR_COLUMNS)
        for k in TUMOUR_SLICES
    ]
    return structure_set_dataset(images, {"Tumor": squares})


def dimension_of(unit: str) -> int:
    """Return the power of the length in a unit of the shape family."""
    return {"mm": 1, "mm2": 2, "mm3": 3, "mm-1": -1}.get(unit, 0)


@pytest.fixture(scope="module")
def phantoms() -> dict[str, Any]:
    """Return the documents of both forms of the digital phantom."""
    documents = {}
    for form in ("dicom", "nifti"):
        code, documents[form], said = of_any(PHANTOM / form)
        assert (code, said) == (0, "")
    return documents


@needs_shared_data
@pytest.mark.reference
def test_both_forms_of_the_digital_phantom_have_the_same_features(
    phantoms: dict[str, Any],
) -> None:
    """The DICOM has coronal slices of 1 mm, the NIfTI transverse ones of 2 mm."""
    dicom, other = phantoms["dicom"], phantoms["nifti"]
    assert (dicom["modality"], dicom["voxels"]) == ("MR", 74)
    assert (other["modality"], other["voxels"]) == ("OT", 74)
    assert (dicom["roi"], other["roi"]) == ("ROI", "mask")
    assert dicom["features"].keys() == other["features"].keys()
    for name, value in dicom["features"].items():
        if name.startswith("loc_"):
            continue  # Within a sphere of a fixed size.
        tag = tag_of(name)
        power = 3 if "mm3" in tag.unit else dimension_of(tag.unit)
        scale = (SPACING_OF_NIFTI / SPACING_OF_DICOM) ** power
        assert other["features"][name] == pytest.approx(value * scale, rel=1e-9), name


@needs_shared_data
@pytest.mark.reference
def test_the_digital_phantom_has_the_consensus_values(phantoms: dict[str, Any]) -> None:
    """A few of each family; `tests.reference.test_ibsi_phantom` has them all."""
    expected = {
        "morph_vol_approx": (592, 4),
        "stat_mean": (2.15, 0.005),
        "ih_entropy": (1.27, 0.005),
        "cm_contrast_2D_avg": (5.28, 0.005),
        "cm_contrast_3D_avg": (5.32, 0.005),
        "rlm_sre_2D_avg": (0.641, 0.0005),
        "rlm_sre_3D_avg": (0.705, 0.0005),
    }

    found = phantoms["nifti"]["features"]

    for name, (value, tolerance) in expected.items():
        assert found[name] == pytest.approx(value, abs=tolerance), name


@needs_shared_data
def test_a_folder_with_both_forms_has_the_features_of_both() -> None:
    code, documents, _ = of_any(PHANTOM)

    assert code == 0
    assert [each["roi"] for each in documents] == ["ROI", "mask"]
    assert documents[1]["image"] == "phantom.nii.gz"


@pytest.mark.parametrize("frames", [False, True])
def test_contours_on_an_mr_have_its_features(tmp_path: Path, *, frames: bool) -> None:
    images = image_datasets("MR")
    drawn = contours_of(images)
    series = [multi_frame_dataset(images)] if frames else images
    write_all([*series, drawn], tmp_path / "in")

    code, document, said = features(tmp_path / "in", "--modality", "ANY")

    assert (code, said) == (0, "")
    assert (document["modality"], document["unit"]) == ("MR", "1")
    assert document["voxels"] == TUMOUR_VOXELS
    assert document["features"]["direct_GlobalMax"] <= 899


@pytest.mark.parametrize("frames", [False, True])
def test_a_ct_is_measured_whether_in_slices_or_in_frames(
    tmp_path: Path, *, frames: bool
) -> None:
    images = image_datasets("CT", RescaleIntercept=-1000)
    drawn = contours_of(images)
    enhanced = "1.2.840.10008.5.1.4.1.1.2.1"
    series = [multi_frame_dataset(images, enhanced)] if frames else images
    write_all([*series, drawn], tmp_path / "in")

    code, document, _ = features(tmp_path / "in", "--modality", "CT")

    assert code == 0
    assert (document["modality"], len(document["features"])) == ("CT", 57)


def test_a_pet_that_fits_goes_before_a_ct_and_an_mr(tmp_path: Path) -> None:
    pet, drawn = small_study()
    others = [*image_datasets("MR")]
    nifti(tmp_path / "in" / "image.nii", LEVELS)
    nifti(tmp_path / "in" / "mask.nii", INSIDE)
    write_all([*pet, *others, drawn], tmp_path / "in")

    code, document, _ = features(tmp_path / "in", "--modality", "ANY")

    assert code == 0
    assert document["modality"] == "PET"


def test_a_pet_that_fits_and_cannot_be_measured_is_held(tmp_path: Path) -> None:
    pet, drawn = small_study(PatientWeight=None)
    write_all([*pet, *image_datasets("CT"), drawn], tmp_path / "in")

    code, document, said = features(tmp_path / "in", "--modality", "ANY")

    assert (code, document) == (3, [])
    assert "missing_weight" in said


def test_a_hold_says_that_the_image_is_missing(tmp_path: Path) -> None:
    images = image_datasets("MR")
    elsewhere = image_datasets(
        "MR", FrameOfReferenceUID="1.2.3", SeriesInstanceUID="1.2"
    )
    for number, image in enumerate(elsewhere):
        image.SOPInstanceUID = f"1.2.3.4.{number}"
        image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    write_all([*elsewhere, contours_of(images)], tmp_path / "in")

    code, document, said = features(tmp_path / "in", "--modality", "ANY")

    assert (code, document) == (3, [])
    assert "no_image" in said


@pytest.mark.parametrize(
    "name", ["tumour_mask.nii.gz", "SEG-1.nii", "labels/mouse.nii.gz", "a/roi2/m.nii"]
)
def test_a_nifti_mask_is_known_by_a_word_of_its_name(tmp_path: Path, name: str) -> None:
    nifti(tmp_path / "in" / "images" / "mouse.nii.gz", LEVELS)
    nifti(tmp_path / "in" / name, INSIDE)

    code, document, _ = of_any(tmp_path / "in")

    assert code == 0
    assert document["voxels"] == INSIDE.sum()
    assert document["image"] == "mouse.nii.gz"
    assert document["study_instance_uid"] == ""


@pytest.mark.parametrize("name", ["masked.nii", "segment.nii", "european.nii"])
def test_a_part_of_a_word_makes_no_mask(tmp_path: Path, name: str) -> None:
    nifti(tmp_path / "in" / name, LEVELS)

    code, _, said = of_any(tmp_path / "in")

    assert code == 3
    assert "no_roi" in said
    assert name.removesuffix(".nii") in said


def test_every_label_is_a_region_of_its_own(tmp_path: Path) -> None:
    labels = INSIDE.copy()
    labels[3:, :, :] *= 7
    nifti(tmp_path / "in" / "image.nii", LEVELS)
    nifti(tmp_path / "in" / "mask.nii", labels)

    code, documents, _ = of_any(tmp_path / "in", "--table", tmp_path / "table.csv")

    assert code == 0
    assert [(each["roi"], each["voxels"]) for each in documents] == [
        ("mask 1", 12),
        ("mask 7", 12),
    ]
    with (tmp_path / "table.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["profile"] for row in rows] == ["ibsi", "ibsi"]
    assert float(rows[0]["stat_max"]) == documents[0]["features"]["stat_max"]
    _, one, _ = of_any(tmp_path / "in", "--roi", "mask 7")
    assert one == documents[1]


def test_masks_go_with_the_image_on_their_grid(tmp_path: Path) -> None:
    nifti(tmp_path / "in" / "fine.nii", LEVELS, 0.5)
    nifti(tmp_path / "in" / "coarse.nii", LEVELS, 1.0)
    nifti(tmp_path / "in" / "a" / "mask.nii", INSIDE, 0.5)
    nifti(tmp_path / "in" / "b" / "mask.nii", INSIDE, 1.0000001)

    code, documents, _ = of_any(tmp_path / "in")

    assert code == 0
    assert {each["image"]: each["roi"] for each in documents} == {
        "fine.nii": "mask",
        "coarse.nii": "mask",
    }


def test_a_mask_of_no_image_or_of_several_is_held_with_the_list(tmp_path: Path) -> None:
    nifti(tmp_path / "in" / "t1.nii", LEVELS)
    nifti(tmp_path / "in" / "t2.nii", LEVELS)
    nifti(tmp_path / "in" / "mask.nii", INSIDE)
    nifti(tmp_path / "in" / "other_mask.nii", INSIDE, 3.0)

    code, document, said = of_any(tmp_path / "in")

    words = " ".join(said.split())
    assert (code, document) == (3, [])
    assert words.count("no_image") == 2
    assert (
        "2 NIfTI images lie on the grid of the mask 'mask', among 't1', 't2'" in words
    )
    assert "0 NIfTI images lie on the grid of the mask 'other_mask'" in words


def test_what_is_no_mask_is_held_beside_what_is_one(tmp_path: Path) -> None:
    nifti(tmp_path / "in" / "image.nii", LEVELS)
    nifti(tmp_path / "in" / "mask.nii", INSIDE)
    nifti(tmp_path / "in" / "soft_mask.nii", INSIDE * np.float32(0.5))
    (tmp_path / "in" / "seg.nii.gz").write_bytes(b"nothing")

    code, document, said = of_any(tmp_path / "in")

    assert code == 3
    assert document["roi"] == "mask"
    assert "soft_mask.nii is no mask" in said
    assert "seg.nii.gz" in said


def test_what_is_taken_out_is_taken_out_of_masks_too(tmp_path: Path) -> None:
    bone = np.zeros_like(INSIDE)
    bone[1] = 1
    nifti(tmp_path / "in" / "image.nii", LEVELS)
    nifti(tmp_path / "in" / "mask" / "tumour.nii", INSIDE)
    nifti(tmp_path / "in" / "mask" / "bone.nii", bone)
    config = tmp_path / "node.toml"
    config.write_text('[rois]\nsubtract = ["bone"]\n')

    code, document, _ = of_any(tmp_path / "in", "--config", config)

    assert code == 0
    assert (document["roi"], document["voxels"]) == ("tumour", 18)
    assert document["warnings"] == ["6 voxels of 'bone' were taken out"]


def test_a_zip_file_of_nifti_is_read_under_its_names(tmp_path: Path) -> None:
    image = nifti(tmp_path / "image.nii.gz", LEVELS)
    mask = nifti(tmp_path / "m.nii.gz", INSIDE)
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.write(image, "study/image/mouse.nii.gz")
        archive.write(mask, "../../mask/m.nii.gz")

    code, document, _ = of_any(tmp_path / "in.zip")

    assert code == 0
    assert (document["roi"], document["image"]) == ("m", "mouse.nii.gz")


def test_names_in_other_scripts_are_kept_in_a_zip_file(tmp_path: Path) -> None:
    image = nifti(tmp_path / "image.nii.gz", LEVELS)
    mask = nifti(tmp_path / "m.nii.gz", INSIDE)
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.write(image, f"{'鼠' * 90}.nii.gz")
        archive.write(mask, "опухоль mask 1.nii.gz")

    code, document, _ = of_any(tmp_path / "in.zip")

    assert (code, document["roi"]) == (0, "опухоль mask 1")


@pytest.mark.parametrize("modality", ["PET", "ANY"])
def test_a_folder_without_images_is_held_and_not_passed_in_silence(
    tmp_path: Path, modality: str
) -> None:
    (tmp_path / "notes.hdr").write_text("no image")

    code, document, said = features(tmp_path, "--modality", modality)

    assert (code, document) == (3, [])
    assert "held no_dicom: no DICOM object among 1 files" in said


def test_nifti_is_pointed_at_where_it_is_passed_over(tmp_path: Path) -> None:
    nifti(tmp_path / "image.nii", LEVELS)

    code, document, said = features(tmp_path)

    assert (code, document) == (3, [])
    assert "--modality ANY" in " ".join(said.split())


def test_what_is_no_number_in_a_nifti_image_leaves_features_undefined(
    tmp_path: Path,
) -> None:
    values = LEVELS.astype(np.float32)
    values[2, 2, 2] = np.nan
    nifti(tmp_path / "in" / "image.nii.gz", values)
    nifti(tmp_path / "in" / "mask.nii.gz", INSIDE)

    code, document, _ = features(tmp_path / "in", "--modality", "ANY")

    assert code == 0
    assert document["features"]["direct_GlobalMean"] is None
    assert "not finite" in document["undefined"]["direct_GlobalMean"]
    assert document["features"]["shape_Volume"] is not None


def test_score_skips_nifti_and_counts_it(tmp_path: Path) -> None:
    nifti(tmp_path / "in" / "image.nii", LEVELS)
    nifti(tmp_path / "in" / "mask.nii", INSIDE)

    code, out, _ = command(
        "score", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--json"
    )

    [held] = json.loads(out)["held"]
    assert code == 3
    assert held["reason"] == "no_dicom"
    assert "among 2 files" in held["detail"]


def test_a_profile_that_does_not_suit_the_image_is_remarked(tmp_path: Path) -> None:
    """Bins of 25 flatten SUV, and voxels of 2 mm lose what is smaller."""
    nifti(tmp_path / "wide" / "image.nii", LEVELS.astype(np.float32))
    nifti(tmp_path / "wide" / "mask.nii", INSIDE)
    single = np.zeros_like(INSIDE)
    single[2, 2, 2] = 1
    nifti(tmp_path / "small" / "image.nii", LEVELS, spacing=0.5)
    nifti(tmp_path / "small" / "mask.nii", single, spacing=0.5)

    said = {}
    for name in ("wide", "small"):
        folder = tmp_path / name
        code, document, _ = features(folder, "--modality", "ANY", "--profile", "ibsi-c")
        assert code == 0
        said[name] = document["warnings"]

    assert "one grey level" in said["wide"][0]
    assert "leaves no voxel" in said["small"][0]
