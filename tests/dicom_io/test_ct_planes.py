"""Promises of `dicom_io.ct_planes` and `model.slice_sampling`."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import RLELossless

from dicom_io import ct_planes
from dicom_io.ct_planes import CtNotShownError, CtSlice, read_ct_planes
from dicom_io.ct_series import read_ct_series
from dicom_io.errors import DicomContentError
from dicom_io.header import read_header_file
from dicom_io.part10 import read_dataset
from model.affine import IDENTITY, Affine
from model.display_planes import Lattice, display_axes, plane_lattice, whole_field
from model.grid import Grid
from tests.support.pet import write_all
from tests.support.planes import image_datasets, multi_frame_dataset

SHAPE = (12, 16, 18)
INDICES = np.indices(SHAPE)


def plane_wave(k: NDArray[np.floating], j: NDArray[np.floating], i: object) -> object:
    """Return a value that linear interpolation reproduces everywhere."""
    return 100.0 + 7.0 * k + 5.0 * j + 3.0 * i  # type: ignore[operator]  # arrays


CT = image_datasets("CT", plane_wave(*INDICES))


def slices_of(paths: Sequence[Path]) -> list[CtSlice]:
    headers = [read_header_file(path) for path in paths]
    return [
        CtSlice(path, header.sop_instance_uid, header.plane)
        for path, header in zip(paths, headers, strict=True)
    ]


def written(folder: Path, datasets: Sequence[Dataset] = CT) -> list[CtSlice]:
    return slices_of(write_all(datasets, folder))


def planes_of(grid: Grid) -> list[Lattice]:
    return [
        plane_lattice(grid, axes, grid.shape[axes.through] // 2, whole_field(grid))
        for axes in display_axes(grid)
    ]


def points_of(lattice: Lattice) -> NDArray[np.float64]:
    rows, columns = np.indices(lattice.shape).reshape(2, -1, 1)
    ways = rows * np.array(lattice.down_mm) + columns * np.array(lattice.across_mm)
    return np.asarray(np.array(lattice.origin_mm) + ways, np.float64)


def by_rising_z(points_mm: NDArray[np.float64], grid: Grid) -> NDArray[np.float64]:
    """Return the wave at points; the builder counts slices by rising z."""
    k, j, i = grid.indices(points_mm).T
    if grid.slice_step_mm[2] < 0.0:
        k = grid.shape[0] - 1 - k
    return np.asarray(plane_wave(k, j, i), np.float64)


@pytest.fixture(name="grid")
def _grid(tmp_path: Path) -> Grid:
    return read_ct_series(write_all(CT, tmp_path / "whole")).volume.grid


def test_every_pixel_is_the_ct_where_it_lies(tmp_path: Path, grid: Grid) -> None:
    lattices = planes_of(grid)

    found = read_ct_planes(written(tmp_path), lattices, IDENTITY)

    assert found.statements == ()
    for lattice, plane in zip(lattices, found.planes, strict=True):
        # The slices are further apart than pixels are.
        fine = lattice.divided(
            (
                plane.shape[0] // lattice.shape[0],
                plane.shape[1] // lattice.shape[1],
            )
        )
        points = points_of(fine)
        inside = np.all(
            (grid.indices(points) >= 0) & (grid.indices(points) <= np.array(SHAPE) - 1),
            axis=1,
        )
        assert np.isfinite(plane).all()
        assert plane.ravel()[inside] == pytest.approx(
            by_rising_z(points, grid)[inside], abs=1e-3
        )


def test_a_plane_may_lie_oblique_and_in_other_coordinates(
    tmp_path: Path, grid: Grid
) -> None:
    shift = Affine(((1.0, 0.0, 0.0, 5.0), (0.0, 1.0, 0.0, -3.0), (0.0, 0.0, 1.0, 2.0)))
    middle = grid.points_mm(np.array([[5.5, 7.5, 8.5]]))[0] - (5.0, -3.0, 2.0)
    x, y, z = middle.tolist()
    lattice = Lattice((5, 4), (x, y, z), (0.11, 0.3, 0.2), (-0.2, 0.1, 0.05))

    (plane,) = read_ct_planes(written(tmp_path), [lattice], shift).planes

    points = shift.apply(points_of(lattice))
    assert plane.ravel() == pytest.approx(by_rising_z(points, grid), abs=1e-3)


def test_slices_that_lie_at_uneven_distances_are_each_shown_in_their_place(
    tmp_path: Path, grid: Grid
) -> None:
    some = [CT[number] for number in (0, 1, 4, 5, 6, 10, 11)]
    lattice = planes_of(grid)[1]

    (plane,) = read_ct_planes(written(tmp_path, some), [lattice], IDENTITY).planes

    parts = (plane.shape[0] // lattice.shape[0], plane.shape[1] // lattice.shape[1])
    points = points_of(lattice.divided(parts))
    at = grid.indices(points)
    inside = np.all((at >= 0) & (at <= np.array(SHAPE) - 1), axis=1)
    expected = by_rising_z(points, grid)
    assert plane.ravel()[inside] == pytest.approx(expected[inside], abs=1e-3)


def test_beyond_the_ct_there_is_nothing(tmp_path: Path, grid: Grid) -> None:
    far = grid.points_mm(np.array([[5.0, 7.0, -10.0]]))[0]
    step = np.array(grid.column_step_mm)
    x, y, z = far.tolist()
    a, b, c = step.tolist()
    lattice = Lattice((1, 40), (x, y, z), (0.0, 0.0, 1.0), (a, b, c))

    (plane,) = read_ct_planes(written(tmp_path), [lattice], IDENTITY).planes

    shown = np.isfinite(plane).any(axis=0)
    assert shown.tolist() == [False] * 10 + [True] * 18 + [False] * 12


def test_no_more_slices_are_decoded_than_a_picture_is_worth(
    tmp_path: Path, grid: Grid, monkeypatch: pytest.MonkeyPatch
) -> None:
    compressed = image_datasets("CT", plane_wave(*INDICES))
    for dataset in compressed:
        dataset.compress(RLELossless)
    monkeypatch.setattr(ct_planes, "MOST_COMPRESSED", 4)
    read: list[Path] = []

    def counted(path: Path, *, stop_before_pixels: bool = False) -> Dataset:
        read.extend([] if stop_before_pixels else [path])
        return read_dataset(path, stop_before_pixels=stop_before_pixels)

    monkeypatch.setattr(ct_planes, "read_dataset", counted)

    found = read_ct_planes(written(tmp_path, compressed), planes_of(grid)[1:], IDENTITY)

    assert len(read) <= 5
    assert len(found.statements) == 1
    assert "apart" in found.statements[0]
    assert np.isfinite(found.planes[0]).all()


def test_a_plane_along_the_slices_is_drawn_from_those_it_lies_between(
    tmp_path: Path, grid: Grid, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ct_planes, "MOST_NATIVE", 2)
    axial = planes_of(grid)[0]

    (plane, _) = read_ct_planes(
        written(tmp_path), [axial, planes_of(grid)[1]], IDENTITY
    ).planes

    expected = by_rising_z(points_of(axial), grid)
    assert plane.ravel() == pytest.approx(expected, abs=1e-3)


def test_a_multi_frame_ct_is_not_shown(tmp_path: Path, grid: Grid) -> None:
    enhanced = multi_frame_dataset(CT, "1.2.840.10008.5.1.4.1.1.2.1")

    with pytest.raises(CtNotShownError):
        read_ct_planes(written(tmp_path, [enhanced]), planes_of(grid), IDENTITY)


def test_slices_that_are_turned_against_each_other_are_not_shown(
    tmp_path: Path, grid: Grid
) -> None:
    turned = image_datasets("CT", plane_wave(*INDICES))
    turned[3].ImageOrientationPatient = [0, 1, 0, 1, 0, 0]

    with pytest.raises(CtNotShownError):
        read_ct_planes(written(tmp_path, turned), planes_of(grid), IDENTITY)


def test_a_slice_that_lost_its_end_is_refused_by_name(
    tmp_path: Path, grid: Grid
) -> None:
    slices = written(tmp_path)
    for each in slices:
        each.path.write_bytes(each.path.read_bytes()[:-20])

    with pytest.raises(DicomContentError):
        read_ct_planes(slices, planes_of(grid), IDENTITY)
