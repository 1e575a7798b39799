"""Promises of `dicom_io.results.images.parametric_map`, as pydicom reads it."""

import dataclasses
import io
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from dicom_io.part10 import encode_dataset
from dicom_io.pet.series import PetSeries
from dicom_io.results.images.map_content import (
    NoScoreMapError,
    feature_content,
    index_content,
)
from dicom_io.results.images.parametric_map import build_parametric_map
from model.contours import Roi
from model.grid import GridMismatchError, Volume
from model.score.assessment import RoiAssessment
from tests.support.pet import FRAME_OF_REFERENCE_UID, STUDY_UID, pet_datasets
from tests.support.result import EQUIPMENT, assessment_of, identity, series_of
from tests.support.verification import complaints


@pytest.fixture
def series(tmp_path: Path) -> PetSeries:
    return series_of(pet_datasets(), tmp_path)


def written(series: PetSeries, assessment: RoiAssessment | None = None) -> Dataset:
    """Build a map and read it back from its bytes."""
    if assessment is None:
        assessment = assessment_of(series)
    built = build_parametric_map(
        series, index_content(assessment), identity(), EQUIPMENT
    )
    return pydicom.dcmread(io.BytesIO(encode_dataset(built)))


def frames(dataset: Dataset) -> NDArray[np.float32]:
    shape = (dataset.NumberOfFrames, dataset.Rows, dataset.Columns)
    return np.frombuffer(dataset.FloatPixelData, "<f4").reshape(shape)


def value_at(dataset: Dataset, point_mm: NDArray[np.float64]) -> float:
    """Look a point up in patient space, as PS3.3 C.7.6.2.1.1 defines it."""
    shared = dataset.SharedFunctionalGroupsSequence[0]
    cosines = shared.PlaneOrientationSequence[0].ImageOrientationPatient
    across, down = np.array(cosines, float).reshape(2, 3)
    row_mm, column_mm = map(float, shared.PixelMeasuresSequence[0].PixelSpacing)
    for frame, groups in zip(
        frames(dataset), dataset.PerFrameFunctionalGroupsSequence, strict=True
    ):
        position = np.array(groups.PlanePositionSequence[0].ImagePositionPatient, float)
        offset = point_mm - position
        if abs(offset @ np.cross(across, down)) < 0.01:
            column, row = offset @ across / column_mm, offset @ down / row_mm
            assert column == pytest.approx(round(column), abs=1e-3)
            assert row == pytest.approx(round(row), abs=1e-3)
            return float(frame[round(row), round(column)])
    pytest.fail(f"no frame lies at {point_mm}")


@pytest.mark.parametrize("z_direction", [1, -1])
def test_every_voxel_of_the_map_lies_where_the_pet_s_voxel_lies(
    tmp_path: Path, z_direction: int
) -> None:
    datasets = pet_datasets(ImageOrientationPatient=[-z_direction, 0, 0, 0, 1, 0])
    series = series_of(datasets, tmp_path)
    grid = series.volume.grid
    found = assessment_of(series)
    assert found.score_map is not None
    indices = np.argwhere(found.mask.inside)
    dataset = written(series, found)

    points = grid.points_mm(indices.astype(float))
    there = [value_at(dataset, point) for point in points]

    expected = found.score_map.values[tuple(indices.T)]
    np.testing.assert_array_equal(np.array(there, np.float32), expected)


def test_the_map_is_the_whole_grid_along_the_normal_as_viewers_expect_it(
    series: PetSeries,
) -> None:
    found = assessment_of(series)
    assert found.score_map is not None
    dataset = written(series, found)

    index_of = {
        tuple(map(float, header.ImagePositionPatient)): k
        for k, header in enumerate(series.headers)
    }
    order = [
        index_of[
            tuple(map(float, groups.PlanePositionSequence[0].ImagePositionPatient))
        ]
        for groups in dataset.PerFrameFunctionalGroupsSequence
    ]

    assert order == list(range(series.volume.grid.shape[0]))
    np.testing.assert_array_equal(frames(dataset), found.score_map.values[order])


def test_every_frame_refers_to_the_slice_at_its_place(series: PetSeries) -> None:
    positions = {
        image.sop_instance_uid: list(map(float, header.ImagePositionPatient))
        for image, header in zip(series.instances, series.headers, strict=True)
    }
    dataset = written(series)

    for groups in dataset.PerFrameFunctionalGroupsSequence:
        source = groups.DerivationImageSequence[0].SourceImageSequence[0]
        there = groups.PlanePositionSequence[0].ImagePositionPatient
        assert positions[source.ReferencedSOPInstanceUID] == list(map(float, there))
    listed = dataset.ReferencedSeriesSequence[0]
    assert listed.SeriesInstanceUID == series.series_instance_uid
    assert len(listed.ReferencedInstanceSequence) == len(series.instances)


def test_slices_a_little_out_of_step_make_no_regular_volume(tmp_path: Path) -> None:
    datasets = pet_datasets()
    z_mm = float(datasets[5].ImagePositionPatient[2])
    datasets[5].ImagePositionPatient[2] = f"{z_mm + 0.02:.6f}"
    regular = written(series_of(pet_datasets(), tmp_path))
    irregular = written(series_of(datasets, tmp_path))

    measures = [
        found.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
        for found in (regular, irregular)
    ]

    assert regular.DimensionOrganizationType == "3D"
    assert float(measures[0].SpacingBetweenSlices) == pytest.approx(0.796)
    assert "DimensionOrganizationType" not in irregular
    assert "SpacingBetweenSlices" not in measures[1]


def test_a_series_of_one_slice_has_a_map_of_one_frame(tmp_path: Path) -> None:
    series = series_of(pet_datasets(slices=1), tmp_path)
    inside = np.zeros(series.volume.grid.shape, bool)
    inside[0, 4:8, 4:8] = True

    dataset = written(series, assessment_of(series, inside))

    assert dataset.NumberOfFrames == 1
    assert frames(dataset).shape == series.volume.grid.shape


def test_the_map_joins_study_patient_and_frame_of_reference(
    series: PetSeries,
) -> None:
    dataset = written(series)

    assert dataset.StudyInstanceUID == STUDY_UID
    assert dataset.SeriesInstanceUID == identity().series_instance_uid
    assert dataset.FrameOfReferenceUID == FRAME_OF_REFERENCE_UID
    assert dataset.PatientID == "m07_pet"
    assert dataset.BodyPartExamined == "WHOLEBODY"


def test_the_map_says_what_it_is_and_that_it_locates_no_cells(
    series: PetSeries,
) -> None:
    dataset = written(series)

    mapping = dataset.SharedFunctionalGroupsSequence[0].RealWorldValueMappingSequence[0]
    quantity = mapping.QuantityDefinitionSequence[0].ConceptCodeSequence[0]
    assert quantity.CodeMeaning == "Local texture index"
    assert mapping.MeasurementUnitsCodeSequence[0].CodeValue == "1"
    assert (mapping.RealWorldValueSlope, mapping.RealWorldValueIntercept) == (1, 0)
    assert "locates no cells" in mapping.LUTExplanation
    assert dataset.ContentDescription == "Local texture index; locates no cells. Tumour"
    assert dataset.ContentCreatorName == "exhaustion-node^"
    assert dataset.ImageType[3] == "NONE"
    assert dataset.ContentQualification == "RESEARCH"


def test_the_window_and_the_mapping_span_the_values(series: PetSeries) -> None:
    shared = written(series).SharedFunctionalGroupsSequence[0]

    window = shared.FrameVOILUTSequence[0]
    mapping = shared.RealWorldValueMappingSequence[0]

    assert (window.WindowCenter, window.WindowWidth) == (-2.625, 19.75)
    assert window.VOILUTFunction == "LINEAR_EXACT"
    assert mapping.DoubleFloatRealWorldValueFirstValueMapped == -12.5
    assert mapping.DoubleFloatRealWorldValueLastValueMapped == 7.25


@pytest.mark.parametrize("value", [float("nan"), 3.5])
def test_a_map_without_contrast_still_has_a_window(
    series: PetSeries, value: float
) -> None:
    grid = series.volume.grid
    flat = Volume(grid, np.full(grid.shape, value, np.float32), "1")
    dataset = written(series, assessment_of(series, score_map=flat))

    window = dataset.SharedFunctionalGroupsSequence[0].FrameVOILUTSequence[0]

    assert window.WindowWidth == 1
    np.testing.assert_array_equal(frames(dataset), flat.values)


def test_a_long_region_name_is_cut_and_not_refused(series: PetSeries) -> None:
    roi = Roi(1, "x" * 70, (), series.volume.grid.frame_of_reference)

    dataset = written(series, assessment_of(series, roi=roi))

    assert len(dataset.ContentDescription) == 64


def test_a_region_without_a_map_is_refused(series: PetSeries) -> None:
    with pytest.raises(NoScoreMapError):
        written(series, assessment_of(series, score_map=None))


def test_a_map_on_another_grid_is_refused(series: PetSeries) -> None:
    grid = dataclasses.replace(series.volume.grid, origin_mm=(0.0, 0.0, 1e-9))
    elsewhere = Volume(grid, np.zeros(grid.shape), "1")

    with pytest.raises(GridMismatchError):
        written(series, assessment_of(series, score_map=elsewhere))


def test_dciodvfy_finds_nothing_but_our_private_codes(
    series: PetSeries, tmp_path: Path
) -> None:
    built = build_parametric_map(
        series, index_content(assessment_of(series)), identity(), EQUIPMENT
    )
    path = tmp_path / "map.dcm"
    path.write_bytes(encode_dataset(built))

    assert complaints(path, "ParametricMap") == []


def test_a_map_of_a_feature_says_which_and_that_it_locates_no_cells(
    series: PetSeries,
) -> None:
    found = assessment_of(series)
    assert found.score_map is not None
    found = dataclasses.replace(
        found, feature_maps={"glcm_InverseVariance": found.score_map}
    )
    content = feature_content(found, "glcm_InverseVariance")
    built = build_parametric_map(series, content, identity(), EQUIPMENT)

    [mapping] = built.SharedFunctionalGroupsSequence[0].RealWorldValueMappingSequence
    [quantity] = mapping.QuantityDefinitionSequence
    assert quantity.ConceptCodeSequence[0].CodeValue == "E8JP"
    assert mapping.LUTExplanation == "Local InverseVariance; locates no cells"
    with pytest.raises(NoScoreMapError):
        feature_content(found, "glcm_Contrast")


def test_a_map_of_some_slices_has_the_same_values_in_the_same_places(
    series: PetSeries,
) -> None:
    found = assessment_of(series)
    content = index_content(found)
    used = np.flatnonzero(found.mask.inside.any(axis=(1, 2)))
    slices = range(int(used[0]), int(used[-1]) + 1)
    part = dataclasses.replace(content, slices=slices)
    built = build_parametric_map(series, part, identity(), EQUIPMENT)
    sparse = pydicom.dcmread(io.BytesIO(encode_dataset(built)))

    assert len(slices) == sparse.NumberOfFrames < len(series.instances)
    for voxel in np.argwhere(found.mask.inside):
        [point] = series.volume.grid.points_mm(voxel[np.newaxis].astype(float))
        assert value_at(sparse, point) == content.volume.values[tuple(voxel)]
    [listed] = sparse.ReferencedSeriesSequence
    assert [
        each.ReferencedSOPInstanceUID for each in listed.ReferencedInstanceSequence
    ] == [series.instances[k].sop_instance_uid for k in slices]


def test_dciodvfy_finds_nothing_in_a_map_of_some_slices(
    series: PetSeries, tmp_path: Path
) -> None:
    content = index_content(assessment_of(series))
    part = dataclasses.replace(content, slices=range(4, 7))
    built = build_parametric_map(series, part, identity(), EQUIPMENT)
    path = tmp_path / "map.dcm"
    path.write_bytes(encode_dataset(built))

    assert complaints(path, "ParametricMap") == []
