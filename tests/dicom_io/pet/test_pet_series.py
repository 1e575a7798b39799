"""Promises of `dicom_io.pet.series`, `ct_series`, `geometry` and `pixels`."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    EnhancedPETImageStorage,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from dicom_io.ct_series import HOUNSFIELD, read_ct_series
from dicom_io.errors import DicomContentError
from dicom_io.pet.corrections import DecayCorrection
from dicom_io.pet.series import PetSeries, read_pet_series
from dicom_io.pet.units import Units
from tests.support.pet import (
    FRAME_OF_REFERENCE_UID,
    ROOT,
    SLICE_SPACING_MM,
    SPACING_MM,
    default_values,
    pet_datasets,
    write_all,
)

SHAPE = (12, 16, 18)


def read(folder: Path, **overrides: Any) -> PetSeries:
    return read_pet_series(write_all(pet_datasets(**overrides), folder))


def test_values_are_stored_values_times_each_slices_own_slope(tmp_path: Path) -> None:
    datasets = pet_datasets()
    series = read_pet_series(write_all(datasets, tmp_path))

    for plane, dataset in zip(series.volume.values, datasets[::-1], strict=True):
        stored = np.frombuffer(dataset.PixelData, "<i2").reshape(SHAPE[1:])
        np.testing.assert_array_equal(plane, stored * float(dataset.RescaleSlope))
    assert len({str(dataset.RescaleSlope) for dataset in datasets}) == 12
    np.testing.assert_allclose(
        series.volume.values[::-1], default_values(*SHAPE), atol=60.0
    )


def test_the_grid_says_where_every_voxel_lies(tmp_path: Path) -> None:
    datasets = pet_datasets()
    grid = read_pet_series(write_all(datasets, tmp_path)).volume.grid

    assert grid.shape == SHAPE
    assert grid.frame_of_reference == FRAME_OF_REFERENCE_UID
    np.testing.assert_allclose(grid.slice_step_mm, (0.0, 0.0, -SLICE_SPACING_MM))
    np.testing.assert_allclose(grid.row_step_mm, (0.0, SPACING_MM, 0.0))
    np.testing.assert_allclose(grid.column_step_mm, (-SPACING_MM, 0.0, 0.0))
    for k, dataset in enumerate(datasets[::-1]):
        np.testing.assert_allclose(
            grid.points_mm(np.array([[k, 0.0, 0.0]]))[0],
            [float(value) for value in dataset.ImagePositionPatient],
            atol=1e-9,
        )


def test_rows_and_columns_keep_their_own_spacing(tmp_path: Path) -> None:
    grid = read(tmp_path, PixelSpacing=[0.7, 0.9]).volume.grid

    assert grid.spacing_mm == pytest.approx((SLICE_SPACING_MM, 0.7, 0.9))


def test_the_order_of_the_files_does_not_matter(tmp_path: Path) -> None:
    paths = write_all(pet_datasets(), tmp_path)
    expected = read_pet_series(paths)
    random.Random(1).shuffle(paths)  # noqa: S311 - an order, not a secret

    series = read_pet_series(paths)

    assert series.instances == expected.instances
    assert series.volume.grid == expected.volume.grid
    np.testing.assert_array_equal(series.volume.values, expected.volume.values)


def test_headers_follow_the_slices_and_hold_no_pixel_data(tmp_path: Path) -> None:
    series = read(tmp_path)

    assert [header.ImageIndex for header in series.headers] == list(range(12, 0, -1))
    assert [one.sop_instance_uid for one in series.instances] == [
        header.SOPInstanceUID for header in series.headers
    ]
    assert not any("PixelData" in header for header in series.headers)
    assert series.units is Units.BQML
    assert series.decay_correction is DecayCorrection.START
    assert series.patient_id == "m07_pet"
    assert series.volume.unit == "Bq/ml"


@pytest.mark.parametrize(
    "syntax",
    [
        ImplicitVRLittleEndian,
        DeflatedExplicitVRLittleEndian,
        RLELossless,
        JPEGLSLossless,
        JPEG2000Lossless,
    ],
)
def test_other_transfer_syntaxes_give_the_same_values(
    tmp_path: Path, syntax: UID
) -> None:
    datasets = pet_datasets(slices=3, rows=40, columns=48)
    expected = read_pet_series(write_all(datasets, tmp_path / "plain"))
    for dataset in datasets:
        if syntax in {RLELossless, JPEGLSLossless, JPEG2000Lossless}:
            dataset.compress(syntax, generate_instance_uid=False)
        dataset.file_meta.TransferSyntaxUID = syntax

    series = read_pet_series(write_all(datasets, tmp_path / "other"))

    np.testing.assert_array_equal(series.volume.values, expected.volume.values)


def test_big_endian_pixels_are_read(tmp_path: Path) -> None:
    datasets = pet_datasets(slices=3)
    expected = read_pet_series(write_all(datasets, tmp_path / "little"))
    for dataset in datasets:
        swapped = np.frombuffer(dataset.PixelData, "<i2").byteswap()
        dataset.PixelData = swapped.tobytes()
        dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian

    series = read_pet_series(write_all(datasets, tmp_path / "big"))

    np.testing.assert_array_equal(series.volume.values, expected.volume.values)


def test_tiny_slopes_are_legal(tmp_path: Path) -> None:
    series = read(tmp_path, values=default_values(*SHAPE) * 1e-12)

    assert series.volume.values.max() == pytest.approx(
        default_values(*SHAPE).max() * 1e-12, rel=1e-4
    )


def test_bits_above_the_stored_ones_do_not_count(tmp_path: Path) -> None:
    datasets = ct_datasets()
    for dataset in datasets:
        dataset.BitsStored, dataset.HighBit = 12, 11
        stored = np.frombuffer(dataset.PixelData, "<i2")
        dataset.PixelData = ((stored & 0x0FFF) | 0x5000).astype("<i2").tobytes()

    series = read_ct_series(write_all(datasets, tmp_path))

    np.testing.assert_array_equal(series.volume.values[2], np.full((16, 18), -22.4))


def ct_datasets() -> list[Dataset]:
    """Return a CT series whose values are -22.4 HU in slice 2 and rise from there."""
    datasets = pet_datasets(slices=4, SOPClassUID=CTImageStorage, Modality="CT")
    for k, dataset in enumerate(datasets):
        dataset.file_meta.MediaStorageSOPClassUID = CTImageStorage
        dataset.PixelData = np.full((16, 18), -29 - k, "<i2").tobytes()
        dataset.RescaleSlope, dataset.RescaleIntercept = "0.4", "-10.4"
    return datasets


def test_ct_is_read_with_slope_and_intercept(tmp_path: Path) -> None:
    series = read_ct_series(write_all(ct_datasets(), tmp_path))

    assert series.volume.unit == HOUNSFIELD
    np.testing.assert_allclose(
        series.volume.values[:, 0, 0], [-23.2, -22.8, -22.4, -22.0]
    )
    assert len(series.headers) == len(series.instances) == 4


def of_slice(position: int, value: Any, otherwise: Any) -> Callable[[int], Any]:
    return lambda k: value if k == position else otherwise


def shifted(position: int, by_mm: float) -> Callable[[int], list[float]]:
    return lambda k: [7.0, -6.0, 0.8 * k + (by_mm if k == position else 0.0)]


REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "a plane doubled": ({"ImagePositionPatient": shifted(5, 0.8)}, "incomplete_series"),
    "an irregular gap": (
        {"ImagePositionPatient": shifted(5, 0.2)},
        "incomplete_series",
    ),
    "a slanted stack": (
        {"ImagePositionPatient": lambda k: [0.3 * k, 0.0, 0.8 * k]},
        "incomplete_series",
    ),
    "fewer slices than stated": ({"NumberOfSlices": 13}, "incomplete_series"),
    "two series": (
        {"SeriesInstanceUID": of_slice(3, f"{ROOT}.7", f"{ROOT}.8")},
        "several_pet",
    ),
    "two sizes": ({"Columns": of_slice(3, 17, 18)}, "unreadable_object"),
    "two orientations": (
        {
            "ImageOrientationPatient": of_slice(
                3, [1, 0, 0, 0, 1, 0], [-1, 0, 0, 0, 1, 0]
            )
        },
        "unreadable_object",
    ),
    "two spacings": (
        {"PixelSpacing": of_slice(3, [0.9, 0.8], [0.8, 0.8])},
        "unreadable_object",
    ),
    "two units": ({"Units": of_slice(3, "CNTS", "BQML")}, "unreadable_object"),
    "no orientation": ({"ImageOrientationPatient": None}, "unreadable_object"),
    "a skewed orientation": (
        {"ImageOrientationPatient": [1, 0, 0, 0.5, 0.86, 0]},
        "unreadable_object",
    ),
    "no slope": ({"RescaleSlope": of_slice(3, None, 2.0)}, "unreadable_object"),
    "a slope of zero": ({"RescaleSlope": of_slice(3, 0, 2)}, "unreadable_object"),
    "an intercept": ({"RescaleIntercept": of_slice(3, 1, 0)}, "unsupported_units"),
    "proportional counts": ({"Units": "PROPCNTS"}, "unsupported_units"),
    "no units": ({"Units": None}, "unsupported_units"),
    "a gated series": ({"SeriesType": ["GATED", "IMAGE"]}, "gated"),
    "a dynamic series": (
        {"SeriesType": ["DYNAMIC", "IMAGE"], "NumberOfTimeSlices": 40},
        "dynamic_series",
    ),
    "a dynamic series of unknown length": (
        {"SeriesType": ["DYNAMIC", "IMAGE"]},
        "dynamic_series",
    ),
    "reprojections": ({"SeriesType": ["STATIC", "REPROJECTION"]}, "no_pet"),
    "an enhanced image": ({"SOPClassUID": EnhancedPETImageStorage}, "enhanced_image"),
    "a CT image": ({"SOPClassUID": CTImageStorage}, "unreadable_object"),
    "START without DECY": (
        {"CorrectedImage": ["NORM", "ATTN"]},
        "not_decay_corrected",
    ),
    "NONE with DECY": ({"DecayCorrection": "NONE"}, "not_decay_corrected"),
    "no decay correction": ({"DecayCorrection": None}, "not_decay_corrected"),
    "too few pixels": (
        {"PixelData": of_slice(3, b"\0" * 100, b"\0" * 576)},
        "unreadable_object",
    ),
    "three samples": ({"SamplesPerPixel": 3}, "unreadable_object"),
    "several frames": ({"NumberOfFrames": 2}, "unreadable_object"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_no_complete_static_series_is_refused(
    tmp_path: Path, name: str
) -> None:
    overrides, reason = REFUSALS[name]
    if name == "a plane doubled":
        overrides |= {"SOPInstanceUID": lambda k: f"{ROOT}.1.2.{k + 1}"}
    paths = write_all(pet_datasets(**overrides), tmp_path)

    with pytest.raises(DicomContentError) as refusal:
        read_pet_series(paths)

    assert refusal.value.reason == reason
    assert "Mouse" not in str(refusal.value)


def test_a_missing_slice_is_found_without_a_stated_count(tmp_path: Path) -> None:
    paths = write_all(pet_datasets(NumberOfSlices=None), tmp_path)

    with pytest.raises(DicomContentError, match=r"1\.592 mm.*0\.796 mm") as refusal:
        read_pet_series(paths[:5] + paths[6:])

    assert refusal.value.reason == "incomplete_series"


def test_an_instance_sent_twice_is_no_second_plane(tmp_path: Path) -> None:
    paths = write_all(pet_datasets(), tmp_path)

    with pytest.raises(DicomContentError, match="two planes lie at"):
        read_pet_series([*paths, paths[3]])


def test_no_file_and_one_file_of_unknown_many_are_incomplete(tmp_path: Path) -> None:
    one = write_all(pet_datasets(slices=1, NumberOfSlices=None), tmp_path)

    for paths in ([], one):
        with pytest.raises(DicomContentError) as refusal:
            read_pet_series(paths)
        assert refusal.value.reason == "incomplete_series"


def test_a_series_of_one_slice_is_as_thick_as_it_says(tmp_path: Path) -> None:
    series = read(tmp_path, slices=1)

    assert series.volume.grid.spacing_mm[0] == pytest.approx(SLICE_SPACING_MM)


def test_stale_time_slices_of_a_static_series_do_not_count(tmp_path: Path) -> None:
    assert read(tmp_path, NumberOfTimeSlices=6).volume.grid.shape == SHAPE


def test_a_dynamic_series_of_one_time_slice_is_one_volume(tmp_path: Path) -> None:
    series = read(tmp_path, SeriesType=["DYNAMIC", "IMAGE"], NumberOfTimeSlices=1)

    assert series.volume.grid.shape == SHAPE


def test_undecodable_pixels_are_refused(tmp_path: Path) -> None:
    datasets = pet_datasets(slices=2)
    for dataset in datasets:
        dataset.compress(RLELossless, generate_instance_uid=False)
    content = bytearray(datasets[1].PixelData)
    content[20:90] = b"\x7f" * 70
    datasets[1].PixelData = bytes(content)

    with pytest.raises(DicomContentError, match="pixel data") as refusal:
        read_pet_series(write_all(datasets, tmp_path))

    assert refusal.value.uid == datasets[1].SOPInstanceUID
