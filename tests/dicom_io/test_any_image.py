"""Promises about images of any modality whose planes lie in space."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import (
    EnhancedCTImageStorage,
    EnhancedMRImageStorage,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
)

from dicom_io.any_image import AnyImage, read_any_image
from dicom_io.ct_series import read_ct_series
from dicom_io.errors import DicomContentError
from tests.support.pet import write_all
from tests.support.planes import image_datasets, multi_frame_dataset

VALUES = np.random.default_rng(3).integers(1, 900, (5, 4, 6))


def mr(**overrides: object) -> list[Dataset]:
    return image_datasets("MR", VALUES, **overrides)


def read(datasets: Sequence[Dataset], folder: Path) -> AnyImage:
    return read_any_image(write_all(datasets, folder))


def held(datasets: Sequence[Dataset], folder: Path) -> DicomContentError:
    with pytest.raises(DicomContentError) as caught:
        read(datasets, folder)
    return caught.value


def test_a_classic_mr_has_its_stored_values_without_a_unit(tmp_path: Path) -> None:
    found = read(mr()[::-1], tmp_path)

    assert (found.modality, found.volume.unit) == ("MR", "1")
    # The normal of the orientation is -z, so that slices run downwards.
    np.testing.assert_array_equal(found.volume.values, VALUES[::-1])


def test_slope_intercept_and_type_of_an_mr_are_applied(tmp_path: Path) -> None:
    images = mr(RescaleSlope=2, RescaleIntercept=-3, RescaleType="T1")
    images[0].RescaleSlope = 4

    found = read(images, tmp_path)

    assert found.volume.unit == "T1"
    np.testing.assert_array_equal(found.volume.values[:-1], 2 * VALUES[:0:-1] - 3)
    np.testing.assert_array_equal(found.volume.values[-1], 4 * VALUES[0] - 3)


def test_a_ct_is_what_the_ct_reader_makes_of_it(tmp_path: Path) -> None:
    paths = write_all(image_datasets("CT", VALUES, RescaleIntercept=-1000), tmp_path)

    found, expected = read_any_image(paths), read_ct_series(paths)

    assert found.volume.grid == expected.volume.grid
    assert found.volume.unit == expected.volume.unit
    np.testing.assert_array_equal(found.volume.values, expected.volume.values)


@pytest.mark.parametrize(
    ("modality", "sop_class"),
    [
        ("MR", EnhancedMRImageStorage),
        ("CT", EnhancedCTImageStorage),
        ("MR", MultiFrameGrayscaleWordSecondaryCaptureImageStorage),
    ],
)
def test_frames_of_one_image_are_slices_of_a_series(
    tmp_path: Path, modality: str, sop_class: str
) -> None:
    images = image_datasets(modality, VALUES, RescaleSlope=2, RescaleIntercept=-7)
    images[1].RescaleSlope = 3
    mixed = [images[k] for k in (3, 0, 4, 1, 2)]

    found = read([multi_frame_dataset(mixed, sop_class)], tmp_path / "frames")
    expected = read(images, tmp_path / "slices")

    assert found.volume.grid == expected.volume.grid
    assert found.volume.unit == expected.volume.unit
    np.testing.assert_array_equal(found.volume.values, expected.volume.values)


@pytest.mark.parametrize("frames", [False, True])
def test_a_missing_or_doubled_plane_is_held(tmp_path: Path, *, frames: bool) -> None:
    images = mr()
    missing, doubled = [*images[:2], *images[3:]], [*images, mr()[2]]
    doubled[-1].SOPInstanceUID = "1.2.3.4.5"
    doubled[-1].file_meta.MediaStorageSOPInstanceUID = "1.2.3.4.5"
    series = [missing, doubled]
    if frames:
        series = [[multi_frame_dataset(each)] for each in series]

    for number, each in enumerate(series):
        assert held(each, tmp_path / str(number)).reason == "incomplete_series"


def test_several_multi_frame_images_of_one_series_are_held(tmp_path: Path) -> None:
    one, other = multi_frame_dataset(mr()[:3]), multi_frame_dataset(mr()[3:])
    other.SOPInstanceUID = other.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4.5"

    assert held([one, other], tmp_path).reason == "enhanced_image"


def test_frames_without_a_place_are_held(tmp_path: Path) -> None:
    image = multi_frame_dataset(mr())
    del image.PerFrameFunctionalGroupsSequence[2].PlanePositionSequence

    assert "ImagePositionPatient" in str(held([image], tmp_path))


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "PhotometricInterpretation"),
        ({"ModalityLUTSequence": [Dataset()]}, "ModalityLUTSequence"),
        ({"RescaleSlope": 2}, "RescaleIntercept"),
        ({"RescaleSlope": 0, "RescaleIntercept": 0}, "RescaleSlope"),
    ],
)
def test_values_that_are_no_grey_numbers_are_held(
    tmp_path: Path, overrides: dict[str, object], named: str
) -> None:
    assert named in str(held(mr(**overrides), tmp_path))


def test_a_ct_without_slope_is_held(tmp_path: Path) -> None:
    images = image_datasets("CT", VALUES)
    del images[1].RescaleSlope

    assert "RescaleSlope" in str(held(images, tmp_path))
