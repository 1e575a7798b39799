"""Promises of `regions.segmentation` and of what a Segmentation was drawn on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from dicom_io.errors import DicomContentError
from dicom_io.header import ObjectKind, read_header_file
from dicom_io.pet.series import read_pet_series
from dicom_io.regions.segmentation import Segmentation, read_segmentation
from model.grid import Grid, Mask
from model.masks import carried
from tests.support.pet import (
    FRAME_OF_REFERENCE_UID,
    PET_SERIES_UID,
    STUDY_UID,
    pet_datasets,
    write_all,
)
from tests.support.segmentation import (
    SEGMENTATION_SERIES_UID,
    SEGMENTATION_UID,
    keep_frames,
    segmentation_dataset,
)

PET = pet_datasets(slices=7, rows=9, columns=11)
"""By rising z, which is against the normal of their orientation."""
SHAPE = (7, 9, 11)
TUMOUR = np.zeros(SHAPE, np.bool_)
TUMOUR[1:5, 2:7, 3:9] = np.random.default_rng(3).random((4, 5, 6)) < 0.6
BONE = np.zeros(SHAPE, np.bool_)
BONE[3:6, 4:8, 2:5] = True


def painted(**options: Any) -> Dataset:
    return segmentation_dataset(PET, {"tumour": TUMOUR, "bone": BONE}, **options)


def read(dataset: Dataset, folder: Path) -> Segmentation:
    return read_segmentation(write_all([dataset], folder)[0])


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Grid:
    return read_pet_series(write_all(PET, tmp_path_factory.mktemp("pet"))).volume.grid


def on(grid: Grid, mask: Mask) -> NDArray[np.bool_]:
    """Return voxels in the order of `PET`, whose reader sorts along the normal."""
    return carried(mask, grid).mask.inside[::-1]


@pytest.mark.parametrize(
    "syntax",
    [None, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian],
)
def test_segments_are_read_as_they_were_painted(
    tmp_path: Path, grid: Grid, syntax: UID | None
) -> None:
    dataset = painted()
    if syntax is not None:
        dataset.file_meta.TransferSyntaxUID = syntax

    found = read(dataset, tmp_path)

    tumour, bone = found.segments
    assert [(each.number, each.label) for each in found.segments] == [
        (1, "tumour"),
        (2, "bone"),
    ]
    np.testing.assert_array_equal(on(grid, tumour.mask), TUMOUR)
    np.testing.assert_array_equal(on(grid, bone.mask), BONE)
    assert bone.mask.grid.shape == (3, 4, 3)
    assert bone.mask.grid.frame_of_reference == FRAME_OF_REFERENCE_UID
    assert found.reference.sop_instance_uid == SEGMENTATION_UID
    assert found.series_instance_uid == SEGMENTATION_SERIES_UID
    assert found.study_instance_uid == STUDY_UID
    assert found.statements == ()


@pytest.mark.parametrize("order", [(), (8, 0, 5, 3, 1, 7, 2, 4, 6, 9, 11, 13, 10, 12)])
def test_frames_may_be_empty_or_in_any_order(
    tmp_path: Path, grid: Grid, order: tuple[int, ...]
) -> None:
    dataset = painted(omit_empty_frames=False)
    assert dataset.NumberOfFrames == 14
    keep_frames(dataset, order or range(14))

    for segment, expected in zip(
        read(dataset, tmp_path).segments, (TUMOUR, BONE), strict=True
    ):
        np.testing.assert_array_equal(on(grid, segment.mask), expected)


def test_a_plane_that_was_left_out_between_two_is_empty(
    tmp_path: Path, grid: Grid
) -> None:
    """Two planes with an empty one between them are not neighbours."""
    apart = np.zeros(SHAPE, np.bool_)
    apart[[1, 3, 5], 2:5, 2:5] = True
    dataset = segmentation_dataset(PET, {"tumour": apart})
    assert dataset.NumberOfFrames == 3

    (segment,) = read(dataset, tmp_path).segments

    np.testing.assert_array_equal(on(grid, segment.mask), apart)


def test_one_plane_alone_is_as_thick_as_it_says(tmp_path: Path, grid: Grid) -> None:
    single = np.zeros(SHAPE, np.bool_)
    single[4, 2:5, 2:5] = True
    dataset = segmentation_dataset(PET, {"tumour": single})

    (segment,) = read(dataset, tmp_path).segments

    np.testing.assert_array_equal(on(grid, segment.mask), single)


def test_without_stated_distances_the_nearest_planes_are_neighbours(
    tmp_path: Path, grid: Grid
) -> None:
    dataset = painted()
    measures = dataset.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    del measures.SliceThickness
    del measures.SpacingBetweenSlices

    tumour, _ = read(dataset, tmp_path).segments

    np.testing.assert_array_equal(on(grid, tumour.mask), TUMOUR)


def test_orientation_and_measures_may_stand_at_each_frame(
    tmp_path: Path, grid: Grid
) -> None:
    dataset = painted()
    shared = dataset.SharedFunctionalGroupsSequence[0]
    for frame in dataset.PerFrameFunctionalGroupsSequence:
        frame.PlaneOrientationSequence = shared.PlaneOrientationSequence
        frame.PixelMeasuresSequence = shared.PixelMeasuresSequence
    del shared.PlaneOrientationSequence
    del shared.PixelMeasuresSequence

    tumour, _ = read(dataset, tmp_path).segments

    np.testing.assert_array_equal(on(grid, tumour.mask), TUMOUR)


def test_a_fraction_counts_from_half_of_the_greatest_value_on(
    tmp_path: Path, grid: Grid
) -> None:
    fractions = np.zeros(SHAPE)
    fractions[2, 3, 2:7] = [0.2, 0.49, 0.5, 0.51, 1.0]
    dataset = segmentation_dataset(
        PET, {"tumour": fractions}, kind="FRACTIONAL", max_fractional_value=200
    )

    found = read(dataset, tmp_path)

    assert np.argwhere(on(grid, found.segments[0].mask)).tolist() == [
        [2, 3, 4],
        [2, 3, 5],
        [2, 3, 6],
    ]
    (statement,) = found.statements
    assert "probability" in statement
    assert "100 of 200" in statement


@pytest.mark.parametrize("background", [0, 255])
def test_a_label_map_has_a_segment_for_each_label(
    tmp_path: Path, grid: Grid, background: int
) -> None:
    bone = BONE & ~TUMOUR
    dataset = segmentation_dataset(
        PET, {"tumour": TUMOUR, "bone": bone}, kind="LABELMAP"
    )
    if background:
        dataset.PixelPaddingValue = background
        stored = dataset.pixel_array
        stored[stored == 0] = background
        dataset.PixelData = stored.tobytes() + b"\0" * (stored.size % 2)
        dataset.SegmentSequence[0].SegmentNumber = background

    found = read(dataset, tmp_path)

    assert [(each.number, each.label) for each in found.segments] == [
        (1, "tumour"),
        (2, "bone"),
    ]
    np.testing.assert_array_equal(on(grid, found.segments[0].mask), TUMOUR)
    np.testing.assert_array_equal(on(grid, found.segments[1].mask), bone)


def test_compressed_labels_are_decoded(tmp_path: Path, grid: Grid) -> None:
    dataset = segmentation_dataset(
        PET, {"tumour": TUMOUR}, kind="LABELMAP", transfer_syntax_uid=RLELossless
    )

    (tumour,) = read(dataset, tmp_path).segments

    np.testing.assert_array_equal(on(grid, tumour.mask), TUMOUR)


def test_an_empty_segment_is_left_out_and_said(tmp_path: Path) -> None:
    dataset = segmentation_dataset(
        PET, {"tumour": TUMOUR, "nothing": np.zeros(SHAPE, np.bool_)}
    )

    found = read(dataset, tmp_path)

    assert [each.label for each in found.segments] == ["tumour"]
    assert found.statements == ("Segment 'nothing' has no voxel and is left out",)


def test_a_segment_without_a_label_is_known_by_its_number(tmp_path: Path) -> None:
    dataset = painted()
    dataset.SegmentSequence[0].SegmentLabel = ""

    assert read(dataset, tmp_path).segments[0].label == "Segment 1"


def test_voxels_of_no_described_segment_are_left_out_and_said(tmp_path: Path) -> None:
    dataset = painted()
    dataset.SegmentSequence = dataset.SegmentSequence[:1]

    found = read(dataset, tmp_path)

    assert [each.label for each in found.segments] == ["tumour"]
    assert "segment number 2" in found.statements[0]


def _tiled(dataset: Dataset) -> None:
    dataset.DimensionOrganizationType = "TILED_FULL"


def _matrix(dataset: Dataset) -> None:
    dataset.TotalPixelMatrixColumns = 11


def _unknown_type(dataset: Dataset) -> None:
    dataset.SegmentationType = "SURFACE"


def _turned(dataset: Dataset) -> None:
    frame = dataset.PerFrameFunctionalGroupsSequence[1]
    frame.PlaneOrientationSequence = [Dataset()]
    frame.PlaneOrientationSequence[0].ImageOrientationPatient = [1, 0, 0, 0, 1, 0]


def _irregular(dataset: Dataset) -> None:
    frame = dataset.PerFrameFunctionalGroupsSequence[2]
    frame.PlanePositionSequence[0].ImagePositionPatient[2] += 0.35


def _sideways(dataset: Dataset) -> None:
    frame = dataset.PerFrameFunctionalGroupsSequence[2]
    frame.PlanePositionSequence[0].ImagePositionPatient[0] += 0.35


def _far(dataset: Dataset) -> None:
    frame = dataset.PerFrameFunctionalGroupsSequence[0]
    frame.PlanePositionSequence[0].ImagePositionPatient[2] -= 796000


@pytest.mark.parametrize(
    "damage", [_tiled, _matrix, _unknown_type, _turned, _irregular, _sideways, _far]
)
def test_what_has_no_grid_is_refused_by_its_kind(
    tmp_path: Path, damage: Callable[[Dataset], None]
) -> None:
    dataset = painted()
    damage(dataset)

    with pytest.raises(DicomContentError) as refusal:
        read(dataset, tmp_path)

    assert refusal.value.reason == "unsupported_segmentation"
    assert refusal.value.uid == SEGMENTATION_UID


def _twice(dataset: Dataset) -> None:
    keep_frames(dataset, [0, 0, *range(1, dataset.NumberOfFrames)])


def _doubled_number(dataset: Dataset) -> None:
    dataset.SegmentSequence[1].SegmentNumber = 1


def _anonymous_frame(dataset: Dataset) -> None:
    del dataset.PerFrameFunctionalGroupsSequence[0].SegmentIdentificationSequence


def _cut(dataset: Dataset) -> None:
    dataset.PixelData = dataset.PixelData[:20]


def _without_pixels(dataset: Dataset) -> None:
    del dataset.PixelData


def _uncounted(dataset: Dataset) -> None:
    dataset.NumberOfFrames = 99


def _without_place(dataset: Dataset) -> None:
    del dataset.PerFrameFunctionalGroupsSequence[1].PlanePositionSequence


def _without_frame_of_reference(dataset: Dataset) -> None:
    del dataset.FrameOfReferenceUID


def _crooked(dataset: Dataset) -> None:
    shared = dataset.SharedFunctionalGroupsSequence[0]
    shared.PlaneOrientationSequence[0].ImageOrientationPatient = [1, 0, 0, 1, 0, 0]


def _flat(dataset: Dataset) -> None:
    shared = dataset.SharedFunctionalGroupsSequence[0]
    shared.PixelMeasuresSequence[0].PixelSpacing = [0, 0.8]


def _deep(dataset: Dataset) -> None:
    dataset.BitsAllocated = 32


@pytest.mark.parametrize(
    "damage",
    [
        _twice,
        _doubled_number,
        _anonymous_frame,
        _cut,
        _without_pixels,
        _uncounted,
        _without_place,
        _without_frame_of_reference,
        _crooked,
        _flat,
        _deep,
    ],
)
def test_a_damaged_segmentation_is_refused_by_name(
    tmp_path: Path, damage: Callable[[Dataset], None]
) -> None:
    dataset = painted()
    damage(dataset)

    with pytest.raises(DicomContentError) as refusal:
        read(dataset, tmp_path)

    assert refusal.value.reason == "unreadable_object"


def test_a_pet_is_no_segmentation(tmp_path: Path) -> None:
    with pytest.raises(DicomContentError, match="no Segmentation"):
        read(PET[0], tmp_path)


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL", "LABELMAP"])
def test_the_header_says_what_it_was_drawn_on(tmp_path: Path, kind: str) -> None:
    dataset = segmentation_dataset(PET, {"tumour": TUMOUR}, kind=kind)

    header = read_header_file(write_all([dataset], tmp_path)[0])

    assert header.kind is ObjectKind.SEGMENTATION
    assert header.drawn_on is not None
    assert header.drawn_on.frames_of_reference == (FRAME_OF_REFERENCE_UID,)
    assert header.drawn_on.series == (PET_SERIES_UID,)
    assert set(header.drawn_on.instances) == {image.SOPInstanceUID for image in PET}
    assert "tumour" in header.drawn_on.roi_names


def test_the_header_says_between_which_corners_it_lies(tmp_path: Path) -> None:
    header = read_header_file(write_all([painted()], tmp_path)[0])

    places = np.array([image.ImagePositionPatient for image in PET[1:6]], np.float64)
    assert header.drawn_on is not None
    assert header.drawn_on.low_mm is not None
    assert header.drawn_on.high_mm is not None
    # The rows run to the right, from the greatest x.
    assert header.drawn_on.high_mm[0] == pytest.approx(places[0, 0])
    assert header.drawn_on.low_mm[0] == pytest.approx(places[0, 0] - 10 * 0.800024)
    assert header.drawn_on.low_mm[2] == pytest.approx(places[:, 2].min())
    assert header.drawn_on.high_mm[2] == pytest.approx(places[:, 2].max())


def test_images_that_only_the_frames_name_count(tmp_path: Path) -> None:
    dataset = painted()
    del dataset.ReferencedSeriesSequence

    header = read_header_file(write_all([dataset], tmp_path)[0])

    assert header.drawn_on is not None
    # Frames of the planes that bear a segment.
    assert set(header.drawn_on.instances) == {i.SOPInstanceUID for i in PET[1:6]}


def test_a_result_of_ours_is_no_source_of_contours(tmp_path: Path) -> None:
    dataset = painted()
    dataset.ManufacturerModelName = "exhaustion-node"

    header = read_header_file(write_all([dataset], tmp_path)[0])

    assert header.kind is ObjectKind.OWN_RESULT
