"""Promises of `model.score.uptake`."""

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from model.grid import Grid, GridMismatchError, Mask, Volume
from model.score.uptake import sphere, uptake_of

SHAPE = (9, 11, 13)
CUBES = ((0, 0, 1.0), (0, 1.0, 0), (1.0, 0, 0))
INVEON = ((0, 0, 0.796), (0, 0.8, 0), (-0.8, 0, 0))
SKEWED = ((0, 0.4, 3.0), (0, 1.0, 0.1), (2.0, 0.3, 0))


def grid_of(steps: tuple[tuple[float, ...], ...], shape: tuple[int, ...]) -> Grid:
    return Grid(shape, (0.0, 0.0, 0.0), *steps, frame_of_reference="1.2.3")


def volume_of(
    values: NDArray[np.float64], steps: tuple[tuple[float, ...], ...] = CUBES
) -> Volume:
    return Volume(grid_of(steps, values.shape), values, "g/ml")


def mask_of(suv: Volume, *voxels: tuple[int, int, int]) -> Mask:
    inside = np.zeros(suv.grid.shape, bool)
    for voxel in voxels:
        inside[voxel] = True
    return Mask(suv.grid, inside)


def greatest_mean(suv: Volume, mask: Mask, diameter_mm: float) -> float:
    """Return SUVpeak voxel by voxel, as it is defined."""
    steps = np.array(
        [suv.grid.slice_step_mm, suv.grid.row_step_mm, suv.grid.column_step_mm]
    )
    around = np.array(list(itertools.product(range(-8, 9), repeat=3)))
    near = around[np.linalg.norm(around @ steps, axis=1) <= diameter_mm / 2]
    means = []
    for centre in np.argwhere(mask.inside):
        voxels = centre + near
        if (voxels >= 0).all() and (voxels < suv.grid.shape).all():
            means.append(np.mean([suv.values[tuple(voxel)] for voxel in voxels]))
    return float(max(means))


@pytest.mark.parametrize(
    ("steps", "diameter_mm"),
    [(INVEON, 2.0), (INVEON, 4.0), (SKEWED, 7.0), (CUBES, 3.3)],
)
def test_the_peak_is_the_greatest_mean_of_a_sphere_on_a_voxel_of_the_region(
    steps: tuple[tuple[float, ...], ...], diameter_mm: float
) -> None:
    random = np.random.default_rng(7)
    suv = volume_of(random.gamma(2.0, 1.0, SHAPE), steps)
    mask = Mask(suv.grid, random.random(SHAPE) < 0.2)

    peak = uptake_of(suv, mask, diameter_mm, 41.0).peak

    assert peak == pytest.approx(greatest_mean(suv, mask, diameter_mm), rel=1e-14)


def test_voxels_around_the_region_count_as_its_own() -> None:
    values = np.full((5, 5, 5), 7.0)
    values[2, 2, 2] = 0.0
    suv = volume_of(values)

    found = uptake_of(suv, mask_of(suv, (2, 2, 2)), 2.0, 41.0)

    assert found.peak == 6 * 7.0 / 7


def test_a_sphere_reaches_to_the_centres_on_its_surface() -> None:
    assert len(sphere(grid_of(CUBES, SHAPE), 2.0)) == 7
    assert len(sphere(grid_of(CUBES, SHAPE), 1.99)) == 1
    assert sphere(grid_of(((0, 0, 9.0), (0, 1.0, 0), (1.0, 0, 0)), SHAPE), 2.0) == [
        (0, -1, 0),
        (0, 0, -1),
        (0, 0, 0),
        (0, 0, 1),
        (0, 1, 0),
    ]


def test_a_sphere_that_leaves_the_image_does_not_count() -> None:
    values = np.ones((5, 5, 5))
    values[0, 2, 2] = 100.0
    suv = volume_of(values)

    at_border = uptake_of(suv, mask_of(suv, (0, 2, 2)), 2.0, 41.0)
    with_inner = uptake_of(suv, mask_of(suv, (0, 2, 2), (3, 3, 3)), 2.0, 41.0)

    assert at_border.peak is None
    assert with_inner.peak == 1.0


def test_an_image_smaller_than_the_sphere_has_no_peak() -> None:
    suv = volume_of(np.ones((3, 3, 3)))

    assert uptake_of(suv, mask_of(suv, (1, 1, 1)), 30.0, 41.0).peak is None


def test_a_sphere_of_one_voxel_is_no_peak() -> None:
    suv = volume_of(np.ones((5, 5, 5)))

    found = uptake_of(suv, mask_of(suv, (2, 2, 2)), 1.0, 41.0)

    assert (found.peak, found.peak_diameter_mm) == (None, 1.0)


def test_metabolic_volume_begins_at_the_threshold_and_glycolysis_is_its_sum() -> None:
    values = np.zeros((3, 3, 4))
    values[1, 1] = (10.0, 5.0, 4.999, 1.0)
    suv = volume_of(values, INVEON)
    voxel_ml = 0.796 * 0.8 * 0.8 / 1000

    found = uptake_of(suv, mask_of(suv, *((1, 1, i) for i in range(4))), 2.0, 50.0)

    assert found.mtv_ml == pytest.approx(2 * voxel_ml)
    assert found.tlg_g == pytest.approx(15.0 * voxel_ml)
    assert found.mtv_threshold_percent == 50.0


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_a_region_without_uptake_has_no_metabolic_volume(value: float) -> None:
    suv = volume_of(np.full((5, 5, 5), value))

    found = uptake_of(suv, mask_of(suv, (2, 2, 2)), 2.0, 41.0)

    assert (found.mtv_ml, found.tlg_g) == (None, None)
    assert found.peak == value


def test_what_is_no_number_makes_no_number() -> None:
    values = np.ones((5, 5, 5))
    values[2, 2, 3] = math.nan
    suv = volume_of(values)

    found = uptake_of(suv, mask_of(suv, (2, 2, 2), (2, 2, 3)), 2.0, 41.0)

    assert found.peak is not None
    assert math.isnan(found.peak)
    assert found.mtv_ml is None


def test_a_mask_of_another_grid_is_refused() -> None:
    suv = volume_of(np.ones((3, 3, 3)))
    other = volume_of(np.ones((3, 3, 3)), INVEON)

    with pytest.raises(GridMismatchError):
        uptake_of(suv, mask_of(other, (1, 1, 1)), 2.0, 41.0)
