"""Masks and SUV of the IBSI validation cases, from their DICOM.

Source: TCIA Soft-tissue-Sarcoma in the IBSI validation set, CC BY 3.0
(doi 10.7937/K9/TCIA.2015.7GO2GSKS).
"""

from datetime import UTC
from pathlib import Path

import nibabel
import numpy as np
import pytest
from numpy.typing import NDArray

from dicom_io.ct_series import read_ct_series
from dicom_io.pet.series import read_pet_series
from dicom_io.regions.rtstruct import read_structure_set
from dicom_io.suv.rule import SuvRules, convert_to_suv
from model.contours import Roi, gaps_of, outside_contours, rasterise, repeated_contours
from model.contours.orientation import common_normal
from model.contours.outlines import drawn_outlines
from model.contours.slabs import Slabs
from model.grid import Grid, Mask, Volume
from model.plausibility import AnimalLimits, UnitsInDoubt
from tests.support.contours import (
    STORAGES,
    as_before,
    rotation,
    stored,
    turned_grid,
    turned_roi,
)
from tests.support.shared import SHARED_DATA, needs_shared_data

pytestmark = pytest.mark.reference

STS = SHARED_DATA / "sts-petct"
HUMAN = AnimalLimits("human", (2_000.0, 300_000.0), (10e6, 2e9))
RULES = SuvRules(HUMAN, UnitsInDoubt.HOLD, UTC)


def read_volume(folder: Path, modality: str) -> Volume:
    paths = list(folder.glob("*.dcm"))
    if modality == "CT":
        return read_ct_series(paths).volume
    return convert_to_suv(read_pet_series(paths), RULES)[0]


def read_roi(path: Path) -> Roi:
    (roi,) = read_structure_set(path).rois
    return roi


def reference_mask(case: str, modality: str, grid: Grid) -> NDArray[np.bool_]:
    """Look up the reference at the position of every voxel of the grid."""
    path = STS / case / "reference-masks" / f"{modality}_mask.nii.gz"
    image = nibabel.Nifti1Image.from_filename(path)
    inside, affine = np.asarray(image.dataobj) > 0, np.asarray(image.affine)
    indices = np.indices(grid.shape).reshape(3, -1).T.astype(np.float64)
    # NIfTI runs to the right and anterior, DICOM to the left and posterior.
    points = grid.points_mm(indices) * (-1.0, -1.0, 1.0)
    found = (points - affine[:3, 3]) @ np.linalg.inv(affine[:3, :3]).T
    i, j, k = np.rint(found).astype(int).T
    return np.asarray(inside[i, j, k].reshape(grid.shape), np.bool_)


CASES = pytest.mark.parametrize(
    ("case", "modality", "voxels"),
    [
        ("STS_002", "PET", 555),
        ("STS_002", "CT", 17090),
        ("STS_025", "PET", 606),
        ("STS_025", "CT", 9655),
    ],
)


def case_of(case: str, modality: str) -> tuple[Grid, Roi, NDArray[np.bool_]]:
    """Return the grid, the contours and the reference mask."""
    folder = STS / case / modality
    grid = read_volume(folder / "image", modality).grid
    roi = read_roi(next((folder / "mask").iterdir()))
    return grid, roi, reference_mask(case, modality, grid)


@needs_shared_data
@CASES
def test_a_mask_is_the_reference_mask(case: str, modality: str, voxels: int) -> None:
    grid, roi, reference = case_of(case, modality)

    mask = rasterise(roi, grid)

    assert mask.voxels == voxels
    assert outside_contours(roi, grid) == 0
    assert gaps_of(roi, grid) == 0
    assert repeated_contours(roi) == 0
    np.testing.assert_array_equal(mask.inside, reference)
    filled = rasterise(roi, grid, interpolate_gaps=True)
    np.testing.assert_array_equal(filled.inside, reference)


@needs_shared_data
@CASES
def test_a_reference_mask_does_not_depend_on_how_the_image_is_stored(
    case: str, modality: str, voxels: int
) -> None:
    """Among the ways are slices that run to the left and posterior."""
    grid, roi, reference = case_of(case, modality)

    for order, flips in STORAGES[::5]:
        other, ways = stored(grid, order, flips)
        found = rasterise(roi, other)
        assert found.voxels == voxels
        np.testing.assert_array_equal(as_before(found.inside, order, ways), reference)


@needs_shared_data
@CASES
def test_a_reference_mask_does_not_depend_on_the_coordinate_system(
    case: str, modality: str, voxels: int
) -> None:
    grid, roi, reference = case_of(case, modality)

    for degrees in (0.3, 33.0, 90.0, 123.0):
        turn, shift = rotation(degrees, (1.0, -0.6, 0.4)), (3.0, -50.0, 120.0)
        found = rasterise(turned_roi(roi, turn, shift), turned_grid(grid, turn, shift))
        assert found.voxels == voxels
        np.testing.assert_array_equal(found.inside, reference)


@needs_shared_data
@CASES
def test_the_rule_for_oblique_contours_gives_the_reference_mask_too(
    case: str, modality: str, voxels: int
) -> None:
    grid, roi, reference = case_of(case, modality)
    outlines = drawn_outlines(roi)

    slabs = Slabs.of(outlines, grid, common_normal(outlines), roi.name)

    found = slabs.inside(interpolate_gaps=False)
    assert np.count_nonzero(found) == voxels
    np.testing.assert_array_equal(found, reference)
    assert slabs.gaps == 0


def pet_mask(image: Path, structure_set: Path) -> tuple[Volume, Mask]:
    volume = read_volume(image, "PET")
    return volume, rasterise(read_roi(structure_set), volume.grid)


@needs_shared_data
def test_a_copy_in_inveon_orientation_has_the_same_voxels_and_suv() -> None:
    original = STS / "STS_025" / "PET"
    copy = STS / "STS_025-inveon-orientation"
    suv, mask = pet_mask(original / "image", next((original / "mask").iterdir()))
    flipped_suv, flipped = pet_mask(copy / "image", copy / "RS.dcm")

    assert flipped.voxels == 606
    np.testing.assert_array_equal(
        flipped.inside, reference_mask("STS_025", "PET", flipped.grid)
    )
    for volume, region in ((suv, mask), (flipped_suv, flipped)):
        values = volume.inside(region)
        assert values.max() == pytest.approx(6.376, abs=0.0005)
        assert values.mean() == pytest.approx(2.953, abs=0.0005)
