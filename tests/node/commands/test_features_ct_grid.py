"""Promises of ``features`` about CT features on the PET's grid."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from tests.support.pet import square_mm, structure_set_dataset, write_all
from tests.support.planes import image_datasets
from tests.support.registration import registration_dataset, source, turned_z
from tests.support.service import command
from tests.support.studies import (
    TUMOUR_COLUMNS,
    TUMOUR_ROWS,
    TUMOUR_SLICES,
    TUMOUR_VOXELS,
    small_study,
)

PET, CONTOURS = small_study()
CT_FRAME = "1.2.3.99"
FACTOR = 3
HOUNSFIELD = np.random.default_rng(8).integers(
    -900, 900, (12, 16 * FACTOR, 18 * FACTOR)
)
RULE = '[[matching.co_registered]]\nmodel_name = "Inveon MM Platform"\n'
ON_PET = '[features]\nct_grid = "pet"\n'
SAID = "CT features on the PET grid: the CT averaged over the PET's voxels"


def ct(frame: str | None = None, shift_mm: float = 0.0) -> list[Dataset]:
    """Return a CT with nine voxels to each of the PET's."""
    images = image_datasets("CT", HOUNSFIELD)
    for image, under in zip(images, PET, strict=True):
        spacing = float(under.PixelSpacing[0])
        image.PixelSpacing = [spacing / FACTOR, spacing / FACTOR]
        x, y, z = map(float, under.ImagePositionPatient)
        off = 0.5 * (1 - 1 / FACTOR) * spacing
        image.ImagePositionPatient = [x + off + shift_mm, y - off, z]
        if frame is not None:
            image.FrameOfReferenceUID = frame
    return images


def features(folder: Path, objects: list[Dataset], config: str) -> tuple[int, Any, str]:
    """Return exit code, document and what was said beside it."""
    write_all(objects, folder / "in")
    path = folder / "node.toml"
    path.write_text(config)
    words = ["features", str(folder / "in"), "--modality", "CT", "--config", str(path)]
    code, out, said = command(*words, "--json")
    return code, json.loads(out), " ".join(said.split())


def expected_range() -> float:
    slices, rows, columns = HOUNSFIELD.shape
    cut = HOUNSFIELD.reshape(slices, rows // FACTOR, FACTOR, columns // FACTOR, FACTOR)
    means = cut.mean(axis=(2, 4))
    inside = means[list(TUMOUR_SLICES), TUMOUR_ROWS, TUMOUR_COLUMNS]
    return float(inside.max() - inside.min())


def drawn_on(images: list[Dataset]) -> Dataset:
    squares = [
        square_mm(
            images,
            k,
            rows=slice(TUMOUR_ROWS.start * FACTOR, TUMOUR_ROWS.stop * FACTOR),
            columns=slice(TUMOUR_COLUMNS.start * FACTOR, TUMOUR_COLUMNS.stop * FACTOR),
        )
        for k in TUMOUR_SLICES
    ]
    return structure_set_dataset(images, {"Tumor": squares})


@pytest.mark.parametrize("on_ct", [False, True])
def test_the_ct_is_averaged_over_the_voxels_of_the_pet(
    tmp_path: Path, *, on_ct: bool
) -> None:
    images = ct()
    contours = drawn_on(images) if on_ct else CONTOURS

    code, document, _ = features(tmp_path, [*PET, *images, contours], ON_PET)

    assert code == 0
    assert (document["modality"], document["voxels"]) == ("CT", TUMOUR_VOXELS)
    assert len(document["features"]) == 57
    found = document["features"]["histogram_Range"]
    assert found == pytest.approx(expected_range(), rel=1e-5)
    assert SAID in document["warnings"]
    assert document["acquisition"]["series"] == images[0].SeriesInstanceUID
    assert document["acquisition"]["voxel_mm"] == pytest.approx(
        float(PET[0].PixelSpacing[0]), abs=1e-6
    )
    assert document["suv"] is None


def test_without_the_setting_the_ct_keeps_its_own_grid(tmp_path: Path) -> None:
    code, document, _ = features(tmp_path, [*PET, *ct(), CONTOURS], "")

    assert code == 0
    assert document["voxels"] == FACTOR**2 * TUMOUR_VOXELS
    assert document["acquisition"]["voxel_mm"] == pytest.approx(
        float(PET[0].PixelSpacing[0]) / FACTOR, abs=1e-6
    )
    assert document["warnings"] == []


@pytest.mark.parametrize("on_ct", [False, True])
def test_a_site_rule_brings_the_ct_onto_its_pet(tmp_path: Path, *, on_ct: bool) -> None:
    images = ct(CT_FRAME)
    contours = drawn_on(images) if on_ct else CONTOURS

    code, document, _ = features(tmp_path, [*PET, *images, contours], ON_PET + RULE)

    assert code == 0
    found = document["features"]["histogram_Range"]
    assert found == pytest.approx(expected_range(), rel=1e-5)
    assert any("By the site's rule" in said for said in document["warnings"])


@pytest.mark.parametrize("on_ct", [False, True])
def test_a_registration_brings_the_ct_onto_its_pet(
    tmp_path: Path, *, on_ct: bool
) -> None:
    images = ct(CT_FRAME, shift_mm=-25.0)
    contours = drawn_on(images) if on_ct else CONTOURS
    join = source(CT_FRAME, turned_z(0.0, (25.0, 0.0, 0.0)))
    registration = registration_dataset(PET[0].FrameOfReferenceUID, join)

    code, document, _ = features(
        tmp_path, [*PET, *images, contours, registration], ON_PET
    )

    assert code == 0
    found = document["features"]["histogram_Range"]
    assert found == pytest.approx(expected_range(), rel=1e-5)
    assert any("Spatial Registration" in said for said in document["warnings"])


def test_a_ct_that_covers_half_of_the_region_leaves_features_undefined(
    tmp_path: Path,
) -> None:
    low, high = TUMOUR_COLUMNS.start, TUMOUR_COLUMNS.stop
    middle = 0.5 * (low + high) * float(PET[0].PixelSpacing[1])

    code, document, _ = features(
        tmp_path, [*PET, *ct(shift_mm=-middle), CONTOURS], ON_PET
    )

    assert code == 0
    assert document["features"]["histogram_Range"] is None
    assert "finite" in document["undefined"]["histogram_Range"]
    assert document["features"]["shape_Volume"] > 0


def test_without_a_pet_it_is_held_that_there_is_none(tmp_path: Path) -> None:
    images = ct()

    code, document, said = features(tmp_path, [*images, drawn_on(images)], ON_PET)

    assert (code, document) == (3, [])
    assert "no_pet" in said


def test_a_ct_that_nothing_joins_to_the_pet_is_held(tmp_path: Path) -> None:
    code, document, said = features(tmp_path, [*PET, *ct(CT_FRAME), CONTOURS], ON_PET)

    assert (code, document) == (3, [])
    assert "no_ct" in said
