"""Promises of `case.regions`: frames of reference, contours and segments on a grid."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from dicom_io.pet.series import read_pet_series
from model.affine import IDENTITY, Affine
from model.grid import Grid
from node.case.options import RoiPatterns
from node.case.regions import RegionRules, Regions, find_regions
from tests.support.pet import (
    FRAME_OF_REFERENCE_UID,
    ROOT,
    SLICE_SPACING_MM,
    SPACING_MM,
    STUDY_UID,
    pet_datasets,
    square_mm,
    structure_set_dataset,
    write_all,
)
from tests.support.segmentation import segmentation_dataset

SHAPE = (12, 16, 18)
PET = pet_datasets()
OTHER_FRAME = f"{ROOT}.5.9"
EVERYTHING = RegionRules(RoiPatterns(("*",), ()))
ROWS, COLUMNS = slice(4, 10), slice(5, 12)

# A turn about z, and a way: rigid, and by no means its own inverse.
JOIN = Affine(((0.0, -1.0, 0.0, 11.0), (1.0, 0.0, 0.0, -7.0), (0.0, 0.0, 1.0, 25.0)))
BACK = Affine(((0.0, 1.0, 0.0, 7.0), (-1.0, 0.0, 0.0, 11.0), (0.0, 0.0, 1.0, -25.0)))


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Grid:
    return read_pet_series(write_all(PET, tmp_path_factory.mktemp("pet"))).volume.grid


def block(*slices: int, rows: slice = ROWS, columns: slice = COLUMNS) -> Any:
    inside = np.zeros(SHAPE, np.bool_)
    inside[list(slices), rows, columns] = True
    return inside


def squares(*slices: int) -> list[NDArray[np.float64]]:
    return [square_mm(PET, k, rows=ROWS, columns=COLUMNS) for k in slices]


def regions(dataset: Dataset, folder: Path, grid: Grid, **options: Any) -> Regions:
    (path,) = write_all([dataset], folder)
    rules = options.get("rules", EVERYTHING)
    return find_regions(path, grid, rules, options.get("joins", {}), STUDY_UID)


def in_order(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return voxels by rising z, the order of `PET`."""
    return inside[::-1]


def test_a_segment_and_the_outline_of_it_are_one_region(
    tmp_path: Path, grid: Grid
) -> None:
    outlined = structure_set_dataset(PET, {"Tumor": squares(3, 4, 5)})
    painted = segmentation_dataset(PET, {"Tumor": block(3, 4, 5)})

    drawn = regions(outlined, tmp_path, grid)
    found = regions(painted, tmp_path, grid)

    np.testing.assert_array_equal(
        drawn.found[0].mask.inside, found.found[0].mask.inside
    )
    assert found.found[0].roi.name == "Tumor"
    assert found.found[0].warnings == ()
    assert found.source.sop_instance_uid == painted.SOPInstanceUID
    assert found.source.series_instance_uid == painted.SeriesInstanceUID


@pytest.mark.parametrize("reverse", [False, True])
def test_segments_may_overlap_and_say_so(
    tmp_path: Path, grid: Grid, *, reverse: bool
) -> None:
    painted = {"A": block(3, 4, 5), "B": block(5, 6)}
    if reverse:
        painted = dict(reversed(painted.items()))
    found = regions(segmentation_dataset(PET, painted), tmp_path, grid).found

    by_name = {region.roi.name: region for region in found}
    assert by_name["A"].mask.voxels == 3 * 42
    assert by_name["B"].mask.voxels == 2 * 42
    assert by_name["A"].warnings == ("42 voxels belong to 'B' as well",)
    assert by_name["B"].warnings == ("42 voxels belong to 'A' as well",)


def _moved(dataset: Dataset) -> Dataset:
    """Move a structure set by `BACK` into another frame of reference."""
    dataset.FrameOfReferenceUID = OTHER_FRAME
    for roi in dataset.StructureSetROISequence:
        roi.ReferencedFrameOfReferenceUID = OTHER_FRAME
    for roi in dataset.ROIContourSequence:
        for contour in roi.ContourSequence:
            points = np.array(contour.ContourData, np.float64).reshape(-1, 3)
            contour.ContourData = BACK.apply(points).round(4).ravel().tolist()
    return dataset


def _moved_segments(dataset: Dataset) -> Dataset:
    dataset.FrameOfReferenceUID = OTHER_FRAME
    shared = dataset.SharedFunctionalGroupsSequence[0]
    plane = shared.PlaneOrientationSequence[0]
    cosines = np.array(plane.ImageOrientationPatient, np.float64).reshape(2, 3)
    turned = BACK.apply(cosines) - BACK.apply(np.zeros((1, 3)))
    plane.ImageOrientationPatient = turned.ravel().tolist()
    for frame in dataset.PerFrameFunctionalGroupsSequence:
        position = frame.PlanePositionSequence[0]
        place = np.array([position.ImagePositionPatient], np.float64)
        position.ImagePositionPatient = BACK.apply(place)[0].round(6).tolist()
    return dataset


@pytest.mark.parametrize("segments", [False, True])
def test_what_lies_in_a_joined_frame_of_reference_is_moved(
    tmp_path: Path, grid: Grid, *, segments: bool
) -> None:
    if segments:
        dataset = _moved_segments(segmentation_dataset(PET, {"T": block(3, 4)}))
    else:
        dataset = _moved(structure_set_dataset(PET, {"T": squares(3, 4)}))

    (region,) = regions(dataset, tmp_path, grid, joins={OTHER_FRAME: JOIN}).found

    np.testing.assert_array_equal(in_order(region.mask.inside), block(3, 4))
    assert region.warnings == ()


@pytest.mark.parametrize("segments", [False, True])
def test_a_frame_of_reference_that_counts_as_equal_moves_nothing(
    tmp_path: Path, grid: Grid, *, segments: bool
) -> None:
    if segments:
        dataset = segmentation_dataset(PET, {"T": block(3, 4)})
    else:
        dataset = structure_set_dataset(PET, {"T": squares(3, 4)})
        dataset.StructureSetROISequence[0].ReferencedFrameOfReferenceUID = OTHER_FRAME
    dataset.FrameOfReferenceUID = OTHER_FRAME

    (region,) = regions(dataset, tmp_path, grid, joins={OTHER_FRAME: IDENTITY}).found

    np.testing.assert_array_equal(in_order(region.mask.inside), block(3, 4))


@pytest.mark.parametrize("segments", [False, True])
def test_a_frame_of_reference_that_nothing_joins_is_held_with_both_names(
    tmp_path: Path, grid: Grid, *, segments: bool
) -> None:
    if segments:
        dataset = _moved_segments(segmentation_dataset(PET, {"T": block(3, 4)}))
    else:
        dataset = _moved(structure_set_dataset(PET, {"T": squares(3, 4)}))

    result = regions(dataset, tmp_path, grid)

    assert result.found == ()
    (held,) = result.held
    assert held.reason == "frame_of_reference"
    assert OTHER_FRAME in held.detail
    assert FRAME_OF_REFERENCE_UID in held.detail


def _finer(pet: list[Dataset], factor: int) -> list[Dataset]:
    """Return images of the same field of view with smaller pixels, as of a CT."""
    rows, columns = pet[0].Rows * factor, pet[0].Columns * factor
    fine = pet_datasets(
        values=np.ones((len(pet), rows, columns)), series_uid=f"{ROOT}.1.7"
    )
    shift = 0.5 * SPACING_MM * (1 - 1 / factor)
    for image, coarse in zip(fine, pet, strict=True):
        x, y, z = map(float, coarse.ImagePositionPatient)
        image.ImagePositionPatient = [x + shift, y - shift, z]
        image.PixelSpacing = [SPACING_MM / factor, SPACING_MM / factor]
    return fine


def test_a_segment_of_smaller_voxels_takes_the_centres_that_it_holds(
    tmp_path: Path, grid: Grid
) -> None:
    fine = _finer(PET, 4)
    inside = np.zeros((12, 64, 72), np.bool_)
    # From the middle of row 4 and of column 5 on: their centres lie on its edge, and
    # belong to the side that is left (of columns) or posterior (of rows).
    inside[3:5, 18:34, 22:42] = True
    dataset = segmentation_dataset(fine, {"T": inside})

    (region,) = regions(dataset, tmp_path, grid).found

    # Columns run to the right, so that the centre of column 5 moves out of the block.
    expected = block(3, 4, rows=slice(4, 8), columns=slice(6, 11))
    np.testing.assert_array_equal(in_order(region.mask.inside), expected)
    (warning,) = region.warnings
    assert "painted on another grid" in warning
    assert "0.2 x 0.2 mm" in warning


def test_a_segment_partly_outside_the_image_says_how_much(
    tmp_path: Path, grid: Grid
) -> None:
    dataset = segmentation_dataset(PET, {"T": block(0, 1, 2)})
    for frame in dataset.PerFrameFunctionalGroupsSequence:
        frame.PlanePositionSequence[0].ImagePositionPatient[2] -= SLICE_SPACING_MM

    (region,) = regions(dataset, tmp_path, grid).found

    np.testing.assert_array_equal(in_order(region.mask.inside), block(0, 1))
    assert region.warnings == ("42 of 126 painted voxels lie outside the image",)


def test_a_segment_outside_the_image_is_held(tmp_path: Path, grid: Grid) -> None:
    dataset = segmentation_dataset(PET, {"far": block(0, 1), "near": block(11)})
    for frame in dataset.PerFrameFunctionalGroupsSequence:
        frame.PlanePositionSequence[0].ImagePositionPatient[2] -= 3.0

    result = regions(dataset, tmp_path, grid)

    assert [region.roi.name for region in result.found] == ["near"]
    (held,) = result.held
    assert held.reason == "roi_outside_image"
    assert "'far'" in held.detail
    assert "84 voxels" in held.detail


@pytest.mark.parametrize("segments", [False, True])
def test_doubled_names_are_told_apart_by_number(
    tmp_path: Path, grid: Grid, *, segments: bool
) -> None:
    if segments:
        dataset = segmentation_dataset(PET, {"a": block(3), "b": block(6)})
        for item in dataset.SegmentSequence:
            item.SegmentLabel = "Tumor"
    else:
        dataset = structure_set_dataset(PET, {"a": squares(3), "b": squares(6)})
        for item in dataset.StructureSetROISequence:
            item.ROIName = "Tumor"
    only = RegionRules(RoiPatterns(("tumor",), ()))

    found = regions(dataset, tmp_path, grid, rules=only).found

    assert [region.roi.name for region in found] == ["Tumor (1)", "Tumor (2)"]


def test_a_name_that_looks_like_one_told_apart_is_told_apart_too(
    tmp_path: Path, grid: Grid
) -> None:
    dataset = structure_set_dataset(PET, {name: squares(3) for name in "abc"})
    written = ["Tumor", "Tumor", "Tumor (1)"]
    for item, name in zip(dataset.StructureSetROISequence, written, strict=True):
        item.ROIName = name

    found = regions(dataset, tmp_path, grid).found

    names = [region.roi.name for region in found]
    assert names == ["Tumor (1) (1)", "Tumor (2)", "Tumor (1) (3)"]


def test_slices_between_contour_planes_are_left_out_and_counted(
    tmp_path: Path, grid: Grid
) -> None:
    dataset = structure_set_dataset(PET, {"T": squares(2, 3, 6, 8)})

    (region,) = regions(dataset, tmp_path, grid).found

    np.testing.assert_array_equal(in_order(region.mask.inside), block(2, 3, 6, 8))
    assert region.warnings == (
        "3 slices between contour planes without a contour were left out",
    )


def test_slices_between_contour_planes_are_filled_when_the_site_says_so(
    tmp_path: Path, grid: Grid
) -> None:
    dataset = structure_set_dataset(PET, {"T": squares(2, 3, 6, 8)})
    filled = RegionRules(EVERYTHING.patterns, interpolate_gaps=True)

    (region,) = regions(dataset, tmp_path, grid, rules=filled).found

    np.testing.assert_array_equal(in_order(region.mask.inside), block(*range(2, 9)))
    assert region.warnings == (
        "3 slices between contour planes without a contour were interpolated",
    )


def test_contours_that_repeat_another_are_said(tmp_path: Path, grid: Grid) -> None:
    dataset = structure_set_dataset(PET, {"T": squares(2, 3, 3)})

    (region,) = regions(dataset, tmp_path, grid).found

    np.testing.assert_array_equal(in_order(region.mask.inside), block(2, 3))
    assert region.warnings == ("1 of 3 contours repeat another one",)
