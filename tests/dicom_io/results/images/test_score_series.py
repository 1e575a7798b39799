"""Promises of `dicom_io.results.images.score_series`, as pydicom reads it."""

import io
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset

from dicom_io.pet.series import PetSeries
from dicom_io.results.images.map_content import NoScoreMapError
from dicom_io.results.images.score_series import PADDING, build_score_series, layers_of
from dicom_io.stamp import ObjectIdentity, is_own_result
from model.contours import Roi
from model.grid import Volume
from model.score.assessment import RoiAssessment
from tests.support.pet import FRAME_OF_REFERENCE_UID, STUDY_UID, pet_datasets
from tests.support.result import EQUIPMENT, assessment_of, identity, series_of
from tests.support.tools import require_tool
from tests.support.verification import complaints


def nth(number: int) -> ObjectIdentity:
    return identity(sop_instance_uid=f"1.2.3.{number}", instance_number=number)


@pytest.fixture
def series(tmp_path: Path) -> PetSeries:
    return series_of(pet_datasets(), tmp_path)


def region(
    series: PetSeries, columns: slice, low: float, high: float, **more: Any
) -> RoiAssessment:
    """Return a region of some columns whose index rises from voxel to voxel."""
    grid = series.volume.grid
    inside = np.zeros(grid.shape, bool)
    inside[3:6, 4:9, columns] = True
    values = np.full(grid.shape, np.nan)
    values[inside] = np.linspace(low, high, int(inside.sum()))
    return assessment_of(series, inside, score_map=Volume(grid, values, "1"), **more)


def written(series: PetSeries, *assessments: RoiAssessment) -> list[Dataset]:
    instances = build_score_series(series, assessments, nth, EQUIPMENT)
    return [pydicom.dcmread(io.BytesIO(each.content)) for each in instances]


def values_of(datasets: list[Dataset]) -> NDArray[np.float64]:
    stored = np.stack([each.pixel_array for each in datasets])
    slope = float(datasets[0].RescaleSlope)
    return np.where(stored == datasets[0].PixelPaddingValue, np.nan, stored * slope)


def test_the_index_is_read_back_to_half_a_step_and_nothing_outside(
    series: PetSeries,
) -> None:
    first = region(series, slice(2, 6), -80.0, 12.5)
    second = region(series, slice(8, 12), -3.0, 40.0)

    datasets = written(series, first, second)

    expected = np.array(first.score_map and first.score_map.values)
    assert second.score_map is not None
    expected[second.mask.inside] = second.score_map.values[second.mask.inside]
    found = values_of(datasets)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.5001 * 80 / 32767)
    assert {float(each.RescaleIntercept) for each in datasets} == {0.0}
    assert len({each.RescaleSlope for each in datasets}) == 1


def test_where_a_window_has_no_index_there_is_padding_too(series: PetSeries) -> None:
    found = region(series, slice(2, 6), -1.0, 1.0)
    assert found.score_map is not None
    values = np.array(found.score_map.values)
    values[4, 5, 3] = np.nan
    holed = assessment_of(
        series,
        found.mask.inside,
        score_map=Volume(series.volume.grid, values, "1"),
    )

    stored = written(series, holed)[4].pixel_array

    assert stored[5, 3] == PADDING
    assert (stored != PADDING).sum() == 5 * 4 - 1


def test_outside_is_dark_for_who_does_not_know_padding(series: PetSeries) -> None:
    # All above 0: what is outside must be darker than 0.
    [dataset, *_] = written(series, region(series, slice(2, 6), 25.0, 75.0))

    outside = PADDING * float(dataset.RescaleSlope)
    lowest = float(dataset.WindowCenter) - 0.5 - (float(dataset.WindowWidth) - 1) / 2
    assert lowest == pytest.approx(25.0)
    assert outside < -50.0


def test_the_window_spans_the_index(series: PetSeries) -> None:
    [dataset, *_] = written(
        series,
        region(series, slice(2, 6), -80.0, 12.5),
        region(series, slice(8, 12), -3.0, 40.0),
    )

    centre, width = float(dataset.WindowCenter), float(dataset.WindowWidth)
    # LINEAR (PS3.3 C.11.2.1.2.1).
    assert centre - 0.5 - (width - 1) / 2 == pytest.approx(-80.0)
    assert centre - 0.5 + (width - 1) / 2 == pytest.approx(40.0)


@pytest.mark.parametrize("value", [float("nan"), 0.0, 3.5])
def test_an_index_without_contrast_is_written_too(
    series: PetSeries, value: float
) -> None:
    datasets = written(series, region(series, slice(2, 6), value, value))

    found = values_of(datasets)
    assert float(datasets[0].WindowWidth) == 1
    if np.isnan(value):
        assert np.isnan(found).all()
    else:
        np.testing.assert_allclose(found[4, 5, 3], value, rtol=1e-4)


def test_the_slices_lie_on_the_pet_and_say_what_they_are_not(
    series: PetSeries,
) -> None:
    roi = Roi(1, "Tumör\x1b", (), FRAME_OF_REFERENCE_UID)
    datasets = written(series, region(series, slice(2, 6), 0.0, 1.0, roi=roi))

    assert len(datasets) == len(series.instances)
    for dataset, header in zip(datasets, series.headers, strict=True):
        assert dataset.ImagePositionPatient == header.ImagePositionPatient
        assert dataset.ImageOrientationPatient == header.ImageOrientationPatient
        assert dataset.FrameOfReferenceUID == FRAME_OF_REFERENCE_UID
        assert dataset.StudyInstanceUID == STUDY_UID
        assert (dataset.Modality, dataset.Units) == ("PT", "NONE")
        assert "SUVType" not in dataset
        assert dataset.DerivationDescription.startswith(
            "Local texture index; locates no cells."
        )
        assert dataset.DerivationDescription.endswith("Tumör")
        assert dataset.DerivationCodeSequence[0].CodeValue == "LOCALTEXINDEX"
        assert is_own_result(dataset)


def test_regions_that_overlap_are_in_series_of_their_own(series: PetSeries) -> None:
    left = region(series, slice(2, 6), 0.0, 1.0)
    across = region(series, slice(4, 10), 0.0, 1.0)
    right = region(series, slice(8, 12), 0.0, 1.0)
    far = region(series, slice(14, 16), 0.0, 1.0)
    without = assessment_of(series, left.mask.inside, score_map=None)

    assert layers_of([]) == ()
    assert layers_of([without]) == ()
    assert layers_of([left, right, far]) == ((0, 1, 2),)
    assert layers_of([left, across, right, without, far]) == ((0, 2, 4), (1,))
    assert layers_of([left, left, left]) == ((0,), (1,), (2,))


def test_a_region_without_a_map_is_refused(series: PetSeries) -> None:
    with pytest.raises(NoScoreMapError):
        written(series, assessment_of(series, score_map=None))


def test_dciodvfy_finds_nothing_but_our_private_codes(
    series: PetSeries, tmp_path: Path
) -> None:
    found = region(series, slice(2, 6), -80.0, 12.5)
    path = tmp_path / "index.dcm"
    path.write_bytes(
        next(iter(build_score_series(series, [found], nth, EQUIPMENT))).content
    )

    assert complaints(path, "PETImage") == []


def test_a_viewer_draws_the_region_on_black(series: PetSeries, tmp_path: Path) -> None:
    found = region(series, slice(2, 6), 25.0, 75.0)
    instances = list(build_score_series(series, [found], nth, EQUIPMENT))
    path, picture = tmp_path / "index.dcm", tmp_path / "index.png"
    path.write_bytes(instances[4].content)

    subprocess.run(
        [require_tool("dcm2pnm"), "--use-window", "1", "+on", path, picture],
        check=True,
        capture_output=True,
    )

    with Image.open(picture) as image:
        grey = np.asarray(image.convert("L")).astype(int)
    inside = found.mask.inside[4]
    assert grey[~inside].max() == 0
    # The index rises along each row.
    assert (np.diff(grey[4:9, 2:6], axis=1) >= 0).all()
    assert grey[8, 5] > grey[4, 2] > 0
