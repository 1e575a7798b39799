"""Promises of `dicom_io.results.images.segmentation_object`, as pydicom reads it."""

import io
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from dicom_io.part10 import decode_dataset, encode_dataset
from dicom_io.pet.series import PetSeries
from dicom_io.regions.segmentation import segmentation_of
from dicom_io.results.group_subject import SourceGroupSubject
from dicom_io.results.images.segmentation_object import (
    EmptySegmentationError,
    SegmentContent,
    build_segmentation,
)
from dicom_io.results.tracking import Tracking
from dicom_io.stamp import is_own_result
from model.grid import Grid, GridMismatchError, Mask
from tests.support.enhanced_pet import enhanced_dataset
from tests.support.pet import FRAME_OF_REFERENCE_UID, STUDY_UID, pet_datasets
from tests.support.result import EQUIPMENT, block, identity, series_of
from tests.support.verification import complaints

LIMB = Code("61685007", "SCT", "Lower limb")
LEFT = Code("7771000", "SCT", "Left")


@pytest.fixture
def series(tmp_path: Path) -> PetSeries:
    """Return slices of 17 x 19 pixels, which fill no whole number of bytes."""
    return series_of(pet_datasets(rows=17, columns=19), tmp_path)


def of_region(
    inside: NDArray[np.bool_], grid: Grid, name: str = "Tumour", number: int = 1
) -> SegmentContent:
    tracking = Tracking(name, f"1.2.3.{number}")
    return SegmentContent(name, Mask(grid, inside), tracking, LIMB)


def two_regions(series: PetSeries) -> list[SegmentContent]:
    """Return regions that share voxels; the second reaches two borders."""
    grid = series.volume.grid
    second = np.zeros(grid.shape, bool)
    second[0:7, 5:12, 9:] = True
    second[11, 16, 18] = True
    return [of_region(block(grid), grid), of_region(second, grid, "Core", 2)]


def written(series: PetSeries, segments: list[SegmentContent]) -> Dataset:
    built = build_segmentation(series, segments, identity(), EQUIPMENT)
    return pydicom.dcmread(io.BytesIO(encode_dataset(built)))


def masks_of(dataset: Dataset, series: PetSeries) -> dict[int, NDArray[np.bool_]]:
    """Read every segment on the slices of the series, by position alone."""
    bits = np.unpackbits(np.frombuffer(dataset.PixelData, np.uint8), bitorder="little")
    shape = (dataset.NumberOfFrames, dataset.Rows, dataset.Columns)
    frames = bits[: np.prod(shape)].reshape(shape).astype(bool)
    slice_of = {
        tuple(map(float, header.ImagePositionPatient)): k
        for k, header in enumerate(series.headers)
    }
    found: dict[int, NDArray[np.bool_]] = {}
    groups = dataset.PerFrameFunctionalGroupsSequence
    for frame, group in zip(frames, groups, strict=True):
        number = group.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        place = group.PlanePositionSequence[0].ImagePositionPatient
        mask = found.setdefault(number, np.zeros(series.volume.grid.shape, bool))
        mask[slice_of[tuple(map(float, place))]] |= frame
    return found


def test_another_reader_finds_every_voxel_and_no_other(series: PetSeries) -> None:
    segments = two_regions(series)

    found = masks_of(written(series, segments), series)

    for number, segment in enumerate(segments, start=1):
        np.testing.assert_array_equal(found[number], segment.mask.inside)


def test_our_own_reader_finds_the_same_voxels(series: PetSeries) -> None:
    segments = two_regions(series)
    built = build_segmentation(series, segments, identity(), EQUIPMENT)

    read = segmentation_of(decode_dataset(encode_dataset(built)))

    assert [segment.label for segment in read.segments] == ["Tumour", "Core"]
    for segment, expected in zip(read.segments, segments, strict=True):
        there = segment.mask.grid.points_mm(
            np.argwhere(segment.mask.inside).astype(np.float64)
        )
        on_pet = np.rint(series.volume.grid.indices(there)).astype(int)
        mask = np.zeros(series.volume.grid.shape, bool)
        mask[tuple(on_pet.T)] = True
        np.testing.assert_array_equal(mask, expected.mask.inside)


def test_frames_are_only_where_voxels_are(series: PetSeries) -> None:
    segments = two_regions(series)

    dataset = written(series, segments)

    painted = [int(each.mask.inside.any(axis=(1, 2)).sum()) for each in segments]
    assert dataset.NumberOfFrames == sum(painted)
    assert len(dataset.PixelData) == -(-sum(painted) * 17 * 19 // 16) * 2


def test_every_frame_refers_to_the_slice_at_its_place(series: PetSeries) -> None:
    positions = {
        image.sop_instance_uid: list(map(float, header.ImagePositionPatient))
        for image, header in zip(series.instances, series.headers, strict=True)
    }
    dataset = written(series, two_regions(series))

    referred = set()
    for group in dataset.PerFrameFunctionalGroupsSequence:
        source = group.DerivationImageSequence[0].SourceImageSequence[0]
        there = group.PlanePositionSequence[0].ImagePositionPatient
        assert positions[source.ReferencedSOPInstanceUID] == list(map(float, there))
        referred.add(source.ReferencedSOPInstanceUID)
    [listed] = dataset.ReferencedSeriesSequence
    assert listed.SeriesInstanceUID == series.series_instance_uid
    assert {
        each.ReferencedSOPInstanceUID for each in listed.ReferencedInstanceSequence
    } == referred


def test_frames_of_one_multi_frame_source_are_told_apart(tmp_path: Path) -> None:
    series = series_of([enhanced_dataset(pet_datasets())], tmp_path)
    inside = block(series.volume.grid)

    dataset = written(series, [of_region(inside, series.volume.grid)])

    frames = {
        group.DerivationImageSequence[0].SourceImageSequence[0].ReferencedFrameNumber
        for group in dataset.PerFrameFunctionalGroupsSequence
    }
    slices = np.flatnonzero(inside.any(axis=(1, 2)))
    assert frames == {series.instances[k].frame for k in slices}
    [listed] = dataset.ReferencedSeriesSequence
    assert len(listed.ReferencedInstanceSequence) == 1


def test_segments_say_what_the_report_says(series: PetSeries) -> None:
    dataset = written(series, two_regions(series))

    [first, second] = dataset.SegmentSequence
    assert (first.SegmentNumber, second.SegmentNumber) == (1, 2)
    assert (first.SegmentLabel, second.SegmentLabel) == ("Tumour", "Core")
    assert first.SegmentedPropertyTypeCodeSequence[0].CodeValue == "52988006"
    assert first.AnatomicRegionSequence[0].CodeValue == LIMB.value
    assert (second.TrackingID, second.TrackingUID) == ("Core", "1.2.3.2")
    assert first.SegmentAlgorithmType == "SEMIAUTOMATIC"
    colours = {tuple(each.RecommendedDisplayCIELabValue) for each in (first, second)}
    assert len(colours) == 2
    assert dataset.SegmentsOverlap == "YES"


def test_regions_apart_are_said_not_to_overlap(series: PetSeries) -> None:
    dataset = written(series, two_regions(series)[:1])

    assert dataset.SegmentsOverlap == "NO"


def test_the_side_of_a_site_is_told_where_it_is_known(series: PetSeries) -> None:
    grid = series.volume.grid
    content = SegmentContent(
        "t", Mask(grid, block(grid)), Tracking("t", "1.2"), LIMB, laterality=LEFT
    )

    [segment] = written(series, [content]).SegmentSequence

    [site] = segment.AnatomicRegionSequence
    assert site.AnatomicRegionModifierSequence[0].CodeValue == LEFT.value


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("x" * 70, "x" * 64),
        ("Tumör links", "Tumör links"),
        ("a\\b\nc", "a b c"),
        ("\t", "Region 1"),
    ],
)
def test_a_region_of_any_name_has_a_label(
    series: PetSeries, name: str, label: str
) -> None:
    segment = of_region(block(series.volume.grid), series.volume.grid, name)

    [item] = written(series, [segment]).SegmentSequence

    assert item.SegmentLabel == label


def test_one_voxel_is_a_segment(series: PetSeries) -> None:
    grid = series.volume.grid
    inside = np.zeros(grid.shape, bool)
    inside[0, 0, 0] = True

    dataset = written(series, [of_region(inside, grid)])

    np.testing.assert_array_equal(masks_of(dataset, series)[1], inside)


def test_what_has_no_voxel_or_another_grid_is_refused(series: PetSeries) -> None:
    grid = series.volume.grid
    nothing = of_region(np.zeros(grid.shape, bool), grid)
    other = moved(grid)

    with pytest.raises(EmptySegmentationError):
        written(series, [nothing])
    with pytest.raises(GridMismatchError):
        written(series, [of_region(block(grid), other)])


def moved(grid: Grid) -> Grid:
    return Grid(
        grid.shape,
        (0.0, 0.0, 1e-9),
        grid.slice_step_mm,
        grid.row_step_mm,
        grid.column_step_mm,
        grid.frame_of_reference,
    )


def test_it_joins_study_and_frame_and_comes_back_as_our_own(series: PetSeries) -> None:
    dataset = written(series, two_regions(series))

    assert dataset.StudyInstanceUID == STUDY_UID
    assert dataset.FrameOfReferenceUID == FRAME_OF_REFERENCE_UID
    assert dataset.PatientID == "m07_pet"
    assert is_own_result(dataset)


def test_one_animal_of_a_group_has_it_in_its_own_study(series: PetSeries) -> None:
    built = build_segmentation(
        series,
        two_regions(series),
        identity(),
        EQUIPMENT,
        SourceGroupSubject("m07-a", 22.0),
    )

    [other] = built.StudiesContainingOtherReferencedInstancesSequence
    assert built.PatientID == "m07-a"
    assert built.StudyInstanceUID != STUDY_UID
    assert other.StudyInstanceUID == STUDY_UID


def test_the_side_that_a_pet_states_is_the_segments_alone(tmp_path: Path) -> None:
    datasets = pet_datasets(BodyPartExamined="BREAST", Laterality="L")
    paired = series_of(datasets, tmp_path)
    built = written(paired, [of_region(block(paired.volume.grid), paired.volume.grid)])

    assert built.BodyPartExamined == "BREAST"
    # Of a segmentation the standard knows no side of the whole (PS3.3 C.7.3.1).
    assert "Laterality" not in built


def test_dciodvfy_finds_nothing(series: PetSeries, tmp_path: Path) -> None:
    built = build_segmentation(series, two_regions(series), identity(), EQUIPMENT)
    path = tmp_path / "segmentation.dcm"
    path.write_bytes(encode_dataset(built))

    assert complaints(path, "Segmentation") == []
