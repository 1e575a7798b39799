"""Promises about NIfTI files."""

import gzip
import struct
from pathlib import Path

import nibabel
import numpy as np
import pytest

from dicom_io.errors import DicomContentError
from dicom_io.nifti import read_nifti, read_nifti_grid, same_grid, stem_of
from model.grid import Grid

VALUES = np.arange(2 * 3 * 4, dtype=np.int16).reshape(2, 3, 4)
TURNED = np.array(
    [[0.0, -0.8, 0.0, 5.0], [0.7, 0.0, 0.0, -3.0], [0, 0, 0.9, 2], [0, 0, 0, 1]]
)
"""RAS: columns along +y, rows along -x."""
DIMENSIONS, DATATYPE, SPACING, MAGIC = 40, 70, 76, 344


def written(
    path: Path, values: np.ndarray = VALUES, affine: np.ndarray = TURNED
) -> Path:
    nibabel.save(nibabel.Nifti1Image(values, affine), path)
    return path


def damaged(path: Path, at: int, kind: str, *numbers: float) -> Path:
    """Return a file with numbers of its header replaced."""
    content = bytearray(written(path).read_bytes())
    struct.pack_into(kind, content, at, *numbers)
    path.write_bytes(content)
    return path


def refused(path: Path) -> str:
    with pytest.raises(DicomContentError) as caught:
        read_nifti(path)
    assert caught.value.reason == "unreadable_object"
    return str(caught.value)


@pytest.mark.parametrize("name", ["image.nii", "image.nii.gz", "IMAGE.NII.GZ"])
def test_voxels_lie_where_the_header_says_in_lps(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name)

    volume = read_nifti(path)

    grid = volume.grid
    assert grid.shape == (4, 3, 2)
    np.testing.assert_array_equal(volume.values, VALUES.transpose())
    assert grid.origin_mm == pytest.approx((-5, 3, 2))
    assert grid.column_step_mm == pytest.approx((0, -0.7, 0))
    assert grid.row_step_mm == pytest.approx((0.8, 0, 0))
    assert grid.slice_step_mm == pytest.approx((0, 0, 0.9))
    assert grid == read_nifti_grid(path)
    assert stem_of(path).lower() == "image"


def test_values_are_scaled_as_the_header_says(tmp_path: Path) -> None:
    path = damaged(tmp_path / "a.nii", 112, "<2f", 0.5, -10)

    np.testing.assert_allclose(read_nifti(path).values, VALUES.transpose() * 0.5 - 10)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [((1e-30, 0), (1e-30, 0)), ((0, 5), (1, 0)), ((float("nan"), 5), (1, 0))],
)
def test_a_scale_may_be_tiny_and_may_be_none(
    tmp_path: Path, stated: tuple[float, float], expected: tuple[float, float]
) -> None:
    path = damaged(tmp_path / "a.nii", 112, "<2f", *stated)

    slope, intercept = expected
    np.testing.assert_allclose(
        read_nifti(path).values, VALUES.transpose() * slope + intercept, rtol=1e-6
    )


@pytest.mark.parametrize("kind", ["<f4", ">f4", "<f8", ">f8"])
def test_what_is_no_number_is_not_read_as_zero(tmp_path: Path, kind: str) -> None:
    values = VALUES.astype(kind)
    values[0, 0, :3] = np.nan, np.inf, -np.inf

    read = read_nifti(written(tmp_path / "a.nii.gz", values)).values

    np.testing.assert_array_equal(read, values.transpose())
    assert np.isnan(read[0, 0, 0])


@pytest.mark.parametrize("kind", ["u1", "i1", ">i2", "u2", ">i4", "u4", "i8", "u8"])
def test_whole_numbers_of_every_kind_are_read(tmp_path: Path, kind: str) -> None:
    values = VALUES.astype(kind)
    values[0, 0, :2] = np.iinfo(kind).min, np.iinfo(kind).max

    image = nibabel.Nifti1Image(values, TURNED, dtype=values.dtype)
    nibabel.save(image, tmp_path / "a.nii")

    read = read_nifti(tmp_path / "a.nii").values
    np.testing.assert_array_equal(read, values.transpose().astype(np.float64))


def test_a_packed_file_whose_checksum_is_wrong_is_refused(tmp_path: Path) -> None:
    content = bytearray(written(tmp_path / "a.nii.gz").read_bytes())
    content[-8] ^= 1
    (tmp_path / "a.nii.gz").write_bytes(content)

    assert "BadGzipFile" in refused(tmp_path / "a.nii.gz")


def test_the_second_version_of_the_format_is_refused(tmp_path: Path) -> None:
    nibabel.save(nibabel.Nifti2Image(VALUES, TURNED), tmp_path / "a.nii")

    assert "NIfTI-1" in refused(tmp_path / "a.nii")


@pytest.mark.parametrize(
    ("at", "kind", "numbers", "said"),
    [
        (DIMENSIONS, "<5h", (4, 4, 3, 2, 2), "one volume"),
        (DIMENSIONS, "<4h", (3, 30000, 30000, 30000), "of at most"),
        (DIMENSIONS, "<4h", (3, 30000, 30, 30), "missing"),
        (DIMENSIONS, "<4h", (3, -4, 3, 2), "dimensions"),
        (DIMENSIONS, "<h", (9,), "dimensions"),
        (DIMENSIONS, "<h", (2,), "2 dimensions"),
        (DATATYPE, "<2h", (128, 24), "type 128"),
        (DATATYPE, "<2h", (32, 64), "type 32"),
        (DATATYPE, "<2h", (4, 8), "8 bits"),
        (SPACING, "<2f", (1, float("inf")), "distances"),
        (SPACING, "<2f", (1, 0), "distances"),
        (280, "<4f", (float("nan"), 0, 0, 0), "different sizes"),
        (280, "<f", (2,), "different sizes"),
        (280, "<f", (0.3,), "different sizes"),
        (SPACING, "<2f", (1, 0.9), "different sizes"),
        (SPACING, "<2f", (1, float("nan")), "distances"),
        (108, "<f", (float("nan"),), "begin"),
        (112, "<2f", (2, float("inf")), "scale"),
        (MAGIC, "<4s", (b"ni1\0",), "no single NIfTI-1 file"),
    ],
)
def test_a_header_that_declares_no_single_volume_is_refused(
    tmp_path: Path, at: int, kind: str, numbers: tuple[float, ...], said: str
) -> None:
    assert said in refused(damaged(tmp_path / "a.nii", at, kind, *numbers))


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
@pytest.mark.parametrize("kept", [0, 3, 100, 347, 360, 399])
def test_a_file_that_is_cut_off_is_refused(
    tmp_path: Path, name: str, kept: int
) -> None:
    content = written(tmp_path / "whole.nii").read_bytes()[:kept]
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith("gz") else content)

    refused(path)


def test_what_is_no_gzip_file_is_refused(tmp_path: Path) -> None:
    for number, content in enumerate([b"no gzip", b"\x1f\x8b\x08\0\0\0\0\0\0\3broken"]):
        path = tmp_path / f"{number}.nii.gz"
        path.write_bytes(content)
        refused(path)


def test_no_header_brings_the_reader_down(tmp_path: Path) -> None:
    content = written(tmp_path / "a.nii").read_bytes()
    generator = np.random.default_rng(11)
    outcomes = {"read": 0, "refused": 0}
    for _ in range(60):
        hostile = bytearray(content)
        for at in generator.integers(0, 348, 6):
            hostile[at] = int(generator.integers(0, 256))
        (tmp_path / "b.nii").write_bytes(hostile)
        try:
            outcomes["read"] += read_nifti(tmp_path / "b.nii").values.size > 0
        except DicomContentError:
            outcomes["refused"] += 1

    assert min(outcomes.values()) > 0
    assert sum(outcomes.values()) == 60


def test_grids_are_the_same_within_a_hundredth_of_a_voxel() -> None:
    def grid(shift: float, slices: int = 4) -> Grid:
        steps = ((0.0, 0.0, 0.9), (0.8, 0.0, 0.0), (0.0, 0.7, 0.0))
        return Grid((slices, 3, 2), (shift, 0.0, 0.0), *steps, "f")

    assert same_grid(grid(0), grid(0.007))
    assert not same_grid(grid(0), grid(0.009))
    assert not same_grid(grid(0), grid(0, slices=5))


def test_the_reader_of_geometry_says_nothing_by_itself(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    image = nibabel.Nifti1Image(VALUES, None)
    image.set_qform(TURNED, 1)
    image.set_sform(2 * TURNED, 4)
    nibabel.save(image, tmp_path / "a.nii")

    grid = read_nifti_grid(tmp_path / "a.nii")

    assert grid.row_step_mm == pytest.approx((0.8, 0, 0), abs=1e-6)
    assert capfd.readouterr().err == ""
