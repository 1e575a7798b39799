"""Contours in every orientation, through the command that users type."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray

from dicom_io.pet.series import read_pet_series
from model.grid import Grid
from node.cli import main
from tests.support.pet import structure_set_dataset, write_all
from tests.support.studies import TUMOUR_VOXELS, small_study

# Of the tumour in `small_study`, on a grid whose slices run against their numbers.
FIRST, LAST = np.array([4, 4, 5]), np.array([8, 9, 11])
AXES = pytest.mark.parametrize("axis", [0, 1, 2], ids=["slices", "rows", "columns"])


def outlines_across(grid: Grid, axis: int) -> list[NDArray[np.float64]]:
    """Return the tumour's outline on every layer of voxels across an array axis."""
    a, b = (other for other in range(3) if other != axis)
    low, high = FIRST - 0.5, LAST + 0.5
    outlines = []
    for layer in range(FIRST[axis], LAST[axis] + 1):
        corners = np.full((4, 3), float(layer))
        corners[:, a] = [low[a], low[a], high[a], high[a]]
        corners[:, b] = [low[b], high[b], high[b], low[b]]
        outlines.append(grid.points_mm(corners))
    return outlines


def features_with(axes: list[int], folder: Path) -> Result:
    """Return the command's answer for contours across some array axes."""
    pet, _ = small_study()
    grid = read_pet_series(write_all(pet, folder)).volume.grid
    outlines = [each for axis in axes for each in outlines_across(grid, axis)]
    write_all([structure_set_dataset(pet, {"Tumor": outlines})], folder)
    return CliRunner().invoke(main, ["features", str(folder), "--json"])


@AXES
def test_a_tumour_has_its_features_in_whichever_planes_it_was_drawn(
    axis: int, tmp_path: Path
) -> None:
    expected = json.loads(features_with([0], tmp_path / "transverse").stdout)

    answer = features_with([axis], tmp_path / "drawn")

    assert answer.exit_code == 0
    found = json.loads(answer.stdout)
    assert found["voxels"] == TUMOUR_VOXELS
    assert found["features"] == expected["features"]


def test_planes_of_two_orientations_in_one_region_are_held(tmp_path: Path) -> None:
    answer = features_with([0, 2], tmp_path)

    assert answer.exit_code == 3
    assert "contour_planes" in answer.stderr
    assert "'Tumor'" in answer.stderr
