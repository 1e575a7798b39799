"""Promises of ``features`` about one CT as DICOM with contours and as NIfTI files."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 - the name that its documentation uses
from pydicom.dataset import Dataset

from dicom_io.any_image import read_any_image
from model.grid import Grid
from tests.support.pet import square_mm, structure_set_dataset, write_all
from tests.support.planes import image_datasets
from tests.support.service import command

SLICE_MM, PIXEL_MM = 2.7, 0.7
"""Decimals that no binary number is: NIfTI keeps other ones than DICOM."""
SHAPE = (12, 30, 32)
REGION = (slice(2, 10), slice(6, 24), slice(5, 27))
LETTERS = pytest.mark.parametrize("letter", "abcde")


def ct_datasets() -> list[Dataset]:
    """Lung with a tumour and a little bone, in whole Hounsfield units."""
    random = np.random.default_rng(8)
    k, j, i = np.indices(SHAPE)
    distance = np.sqrt(
        (SLICE_MM * (k - 6)) ** 2
        + (PIXEL_MM * (j - 14)) ** 2
        + (PIXEL_MM * (i - 15)) ** 2
    )
    values = np.where(distance < 7, 30.0, -300.0) + random.normal(0, 90, SHAPE)
    values[random.random(SHAPE) < 0.01] = 900.0
    made = image_datasets("CT", np.rint(values).astype(int))
    for number, image in enumerate(made):
        image.PixelSpacing = [PIXEL_MM, PIXEL_MM]
        image.ImagePositionPatient = [31.7, -12.3, round(-20.6 + number * SLICE_MM, 1)]
    return made


def write_nifti(path: Path, values: np.ndarray, grid: Grid) -> None:
    image = sitk.GetImageFromArray(values)
    steps = np.array([grid.column_step_mm, grid.row_step_mm, grid.slice_step_mm])
    lengths = np.linalg.norm(steps, axis=1)
    image.SetOrigin(grid.origin_mm)
    image.SetSpacing(lengths.tolist())
    image.SetDirection((steps / lengths[:, None]).T.ravel().tolist())
    path.parent.mkdir(parents=True, exist_ok=True)
    sitk.WriteImage(image, str(path))


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the folder of each form; the NIfTI values are whole but for noise."""
    root = tmp_path_factory.mktemp("ct")
    images = ct_datasets()
    squares = [
        square_mm(images, number, rows=REGION[1], columns=REGION[2])
        for number in range(REGION[0].start, REGION[0].stop)
    ]
    paths = write_all(images, root / "dicom")
    drawn = structure_set_dataset(images, {"GTV-1": squares, "Lung": squares[:2]})
    write_all([drawn], root / "dicom")
    volume = read_any_image(paths).volume
    inside = np.zeros(SHAPE, np.uint8)
    inside[REGION] = 1
    backwards = volume.grid.slice_step_mm[2] < 0
    noise = np.random.default_rng(9).uniform(-0.03, 0.03, SHAPE)
    write_nifti(
        root / "nifti" / "ct.nii.gz",
        (volume.values + noise).astype(np.float32),
        volume.grid,
    )
    write_nifti(
        root / "nifti" / "GTV-1_mask.nii.gz",
        inside[::-1] if backwards else inside,
        volume.grid,
    )
    return {"dicom": root / "dicom", "nifti": root / "nifti"}


def features(folder: Path, modality: str, profile: str, *words: str) -> dict[str, Any]:
    code, out, said = command(
        *("features", str(folder), "--modality", modality),
        *("--profile", profile, *words, "--json"),
    )
    assert (code, said) == (0, "")
    document = json.loads(out)
    assert isinstance(document, dict)
    return document


@LETTERS
def test_a_ct_has_the_same_features_as_dicom_and_as_nifti(
    folders: dict[str, Path], letter: str
) -> None:
    dicom = features(folders["dicom"], "CT", f"ibsi-{letter}", "--roi", "GTV-1")

    nifti = features(folders["nifti"], "ANY", f"ibsi-{letter}")

    assert (dicom["roi"], nifti["roi"]) == ("GTV-1", "GTV-1_mask")
    assert dicom["undefined"] == nifti["undefined"] == {}
    # Lengths are those of the files where nothing is interpolated.
    assert nifti["features"] == pytest.approx(dicom["features"], rel=1e-6)
    values = [name for name in dicom["features"] if not name.startswith("morph")]
    assert {name: nifti["features"][name] for name in values} == pytest.approx(
        {name: dicom["features"][name] for name in values}, rel=1e-11
    )


@LETTERS
def test_the_tags_say_the_aggregations_of_the_configuration(
    folders: dict[str, Path], letter: str
) -> None:
    suffixes = {
        "2": ("2D_avg", "2D_comb", "2_5D_avg", "2_5D_comb"),
        "3": ("3D_avg", "3D_comb"),
    }["2" if letter in "ab" else "3"]

    found = features(folders["dicom"], "ANY", f"ibsi-{letter}", "--roi", "GTV-1")

    names = found["features"]
    for prefix, count in (("cm", 25), ("rlm", 16)):
        tags = [name for name in names if name.startswith(f"{prefix}_")]
        assert len(tags) == count * len(suffixes)
        assert all(name.endswith(suffixes) for name in tags)
    counts = {"morph": 25, "loc": 2, "stat": 18, "ih": 23, "ivh": 6}
    for prefix, count in counts.items():
        assert sum(name.startswith(f"{prefix}_") for name in names) == count


def test_a_profile_that_only_rounds_gives_whole_numbers_of_the_same_voxels(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    text = """
schema = 1
name = "rounded"
title = "Histogram of whole numbers"

[ibsi]
discretisation = "ibsi_fixed_bin_number"
bins = 16
families = ["stat", "ivh"]
"""
    rounding = """
[ibsi.resampling]
spacing_mm = ["keep", "keep", "keep"]
interpolation = "linear"
round_values = true
"""
    plain, rounded = tmp_path / "plain.toml", tmp_path / "rounded.toml"
    plain.write_text(text, encoding="utf-8")
    rounded.write_text(text + rounding, encoding="utf-8")

    as_it_is = features(folders["nifti"], "ANY", str(plain))
    whole = features(folders["nifti"], "ANY", str(rounded))
    wanted = features(folders["dicom"], "CT", str(plain), "--roi", "GTV-1")

    assert "rounded values" in as_it_is["undefined"]["ivh_i10"]
    assert whole["undefined"] == {}
    assert whole["features"] == pytest.approx(wanted["features"], rel=1e-11)
