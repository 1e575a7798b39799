"""Promises of `model.masks`."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from model.affine import Affine
from model.contours import Contour, Roi, rasterise
from model.errors import ModelError
from model.grid import Grid, GridMismatchError, Mask, Vector
from model.masks import FlatteningError, carried, moved_grid, shared_voxels, without
from model.outline import staircase_outlines

GRID = Grid((6, 8, 10), (1.0, 2.0, 3.0), (0, 0, 0.8), (0, 0.8, 0), (0.8, 0, 0), "1.2")
QUARTER_TURN = Affine(((0, -1, 0, 5.0), (1, 0, 0, -2.0), (0, 0, 1, 7.0)))
SEEDS = range(5)


def some_mask(grid: Grid, seed: int, share: float = 0.3) -> Mask:
    return Mask(grid, np.random.default_rng(seed).random(grid.shape) < share)


def vector(values: NDArray[np.float64]) -> Vector:
    x, y, z = map(float, values)
    return x, y, z


def reordered(mask: Mask, axes: tuple[int, ...], flips: tuple[int, ...]) -> Mask:
    """Return the same voxels on a grid whose axes are swapped and flipped."""
    grid, inside = mask.grid, np.flip(mask.inside.transpose(axes), flips)
    steps = np.array([grid.slice_step_mm, grid.row_step_mm, grid.column_step_mm])
    steps = steps[list(axes)]
    origin = np.array(grid.origin_mm)
    for axis in flips:
        origin = origin + steps[axis] * (inside.shape[axis] - 1)
        steps[axis] *= -1
    slices, rows, columns = inside.shape
    there = Grid(
        (slices, rows, columns),
        vector(origin),
        vector(steps[0]),
        vector(steps[1]),
        vector(steps[2]),
        grid.frame_of_reference,
    )
    return Mask(there, inside.copy())


def by_definition(mask: Mask, grid: Grid) -> NDArray[np.bool_]:
    """Ask of every voxel's centre, moved a little to LPS+, which voxel it lies in."""
    indices = np.indices(grid.shape).reshape(3, -1).T.astype(np.float64)
    points = grid.points_mm(indices) + np.array([4e-5, 2e-5, 1e-5])
    voxels = np.rint(mask.grid.indices(points)).astype(int)
    known = ((voxels >= 0) & (voxels < np.array(mask.grid.shape))).all(axis=1)
    k, j, i = voxels.T
    inside = np.zeros(len(points), np.bool_)
    inside[known] = mask.inside[k[known], j[known], i[known]]
    return inside.reshape(grid.shape)


@pytest.mark.parametrize(
    ("axes", "flips"),
    [((0, 1, 2), ()), ((0, 1, 2), (0,)), ((2, 0, 1), (1,)), ((1, 2, 0), (0, 1, 2))],
)
def test_the_same_voxels_in_another_order_are_the_same_region(
    axes: tuple[int, ...], flips: tuple[int, ...]
) -> None:
    mask = some_mask(GRID, 1)

    result = carried(reordered(mask, axes, flips), GRID)

    np.testing.assert_array_equal(result.mask.inside, mask.inside)
    assert result.mask.grid is GRID
    assert result.same_voxels
    assert result.outside == 0


def test_a_part_of_a_grid_is_put_where_it_belongs() -> None:
    mask = some_mask(GRID, 2)
    (x, y, z), *_ = GRID.points_mm(np.array([(2.0, 3.0, 4.0)])).tolist()
    part = replace(GRID, shape=(3, 4, 5), origin_mm=(x, y, z))

    result = carried(Mask(part, mask.inside[2:5, 3:7, 4:9].copy()), GRID)

    expected = np.zeros(GRID.shape, np.bool_)
    expected[2:5, 3:7, 4:9] = mask.inside[2:5, 3:7, 4:9]
    np.testing.assert_array_equal(result.mask.inside, expected)
    assert result.same_voxels


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("half", [False, True])
def test_a_voxel_belongs_when_its_centre_lies_in_a_painted_one(
    seed: int, *, half: bool
) -> None:
    """With half the spacing, centres lie on faces between painted voxels too."""
    generator = np.random.default_rng(seed)
    spacing = (0.4, 0.4, 0.4) if half else tuple(generator.uniform(0.2, 1.7, 3))
    signs = generator.choice([-1.0, 1.0], 3)
    k, j, i = (float(s * d) for s, d in zip(signs, spacing, strict=True))
    shift = 0.2 if half else float(generator.uniform(-1, 1))
    origin = np.where(signs[::-1] > 0, (1.0, 2.0, 3.0), (8.2, 7.6, 7.0)) + shift
    x, y, z = map(float, origin)
    grid = Grid((9, 13, 17), (x, y, z), (0, 0, k), (0, j, 0), (i, 0, 0), "1.2")
    mask = some_mask(grid, seed, 0.5)

    result = carried(mask, GRID)

    np.testing.assert_array_equal(result.mask.inside, by_definition(mask, GRID))
    assert result.mask.voxels
    assert not result.same_voxels


def test_an_oblique_grid_is_sampled_at_centres() -> None:
    grid = Grid(
        (7, 9, 9), (1.0, 1.5, 2.0), (0, 0.1, 0.9), (0, 0.9, -0.1), (0.9, 0, 0), "1.2"
    )
    mask = some_mask(grid, 3, 0.5)

    result = carried(mask, GRID)

    np.testing.assert_array_equal(result.mask.inside, by_definition(mask, GRID))
    assert result.mask.voxels


def test_painted_and_outlined_voxels_of_a_finer_grid_give_the_same_region() -> None:
    """Centres of the coarse grid lie on edges of the fine one, too."""
    fine = Grid((1, 40, 40), (0.0, 0, 0), (0, 0, 1.0), (0, 0.2, 0), (0.2, 0, 0), "1.2")
    coarse = Grid(
        (1, 9, 9), (0.1, 0.1, 0), (0, 0, 1.0), (0, 0.8, 0), (0.8, 0, 0), "1.2"
    )
    mask = some_mask(fine, 4, 0.6)
    outlines = [
        Contour(fine.points_mm(np.insert(corners, 0, 0.0, axis=1)))
        for corners in staircase_outlines(mask.inside[0])
    ]

    painted = carried(mask, coarse).mask
    outlined = rasterise(Roi(1, "drawn", tuple(outlines), "1.2"), coarse)

    np.testing.assert_array_equal(painted.inside, outlined.inside)
    assert 0 < painted.voxels < painted.inside.size


def test_what_lies_outside_is_counted() -> None:
    mask = Mask(replace(GRID, origin_mm=(1.0, 2.0, -0.2)), np.ones(GRID.shape, bool))

    result = carried(mask, GRID)

    assert result.outside == 4 * 8 * 10
    assert result.mask.voxels == 2 * 8 * 10


def test_grids_that_do_not_meet_share_no_voxel() -> None:
    far = replace(GRID, origin_mm=(100.0, 0.0, 0.0))

    result = carried(Mask(far, np.ones(far.shape, bool)), GRID)

    assert result.mask.voxels == 0
    assert result.outside == far.shape[0] * far.shape[1] * far.shape[2]


def test_nothing_painted_is_nothing() -> None:
    assert carried(Mask(GRID, np.zeros(GRID.shape, bool)), GRID).mask.voxels == 0


def test_a_grid_moves_with_its_points() -> None:
    there = moved_grid(GRID, QUARTER_TURN, "1.3")

    indices = np.array([(0.0, 0, 0), (2, 3, 4), (5, 7, 9)])
    np.testing.assert_allclose(
        there.points_mm(indices), QUARTER_TURN.apply(GRID.points_mm(indices))
    )
    assert there.frame_of_reference == "1.3"
    assert there.shape == GRID.shape


def test_a_map_that_leaves_no_volume_is_refused() -> None:
    flat = Affine(((1, 0, 0, 0), (0, 1, 0, 0), (1, 1, 0, 0)))

    with pytest.raises(ModelError) as refusal:
        moved_grid(GRID, flat, "1.3")

    assert isinstance(refusal.value, FlatteningError)
    assert refusal.value.reason == "frame_of_reference"


@pytest.mark.parametrize("seed", SEEDS)
def test_voxels_are_taken_out_and_counted(seed: int) -> None:
    first, second = some_mask(GRID, seed), some_mask(GRID, seed + 100, 0.6)

    left = without(first, second)

    np.testing.assert_array_equal(left.inside, first.inside & ~second.inside)
    assert shared_voxels(first, second) == first.voxels - left.voxels
    assert shared_voxels(second, first) == first.voxels - left.voxels


@pytest.mark.parametrize("combine", [without, shared_voxels])
def test_masks_on_different_grids_are_not_combined(combine: Any) -> None:
    other = replace(GRID, origin_mm=(0.0, 0.0, 0.0))

    with pytest.raises(GridMismatchError):
        combine(some_mask(GRID, 1), some_mask(other, 1))
