"""Promises about images averaged over the voxels of a coarser grid."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.grid import Grid, Volume
from model.onto_grid import OtherFrameError, averaged_onto

Array = NDArray[np.float64]
FINE = (0.5, 0.2, 0.25)


def grid(
    shape: tuple[int, int, int],
    spacing: tuple[float, float, float] = FINE,
    origin: tuple[float, float, float] = (0.0, 0.0, 0.0),
    turn: float = 0.0,
) -> Grid:
    """Return a grid of (slice, row, column) along z, y, x, turned around z."""
    sine, cosine = float(np.sin(turn)), float(np.cos(turn))
    slices, rows, columns = spacing
    return Grid(
        shape,
        origin,
        (0.0, 0.0, slices),
        (-rows * sine, rows * cosine, 0.0),
        (columns * cosine, columns * sine, 0.0),
        "frame",
    )


def noise(shape: tuple[int, int, int]) -> Volume:
    return Volume(grid(shape), np.random.default_rng(2).random(shape), "[hnsf'U]")


def blocks(values: Array, k: int, j: int, i: int) -> Array:
    slices, rows, columns = values.shape
    cut = values.reshape(slices // k, k, rows // j, j, columns // i, i)
    return np.asarray(cut.mean(axis=(1, 3, 5)), np.float64)


def test_whole_voxels_give_the_mean_of_a_block() -> None:
    fine = noise((6, 8, 9))
    centre = (0.25, 0.3, 0.25)
    coarse = grid((3, 2, 3), (1.0, 0.8, 0.75), (centre[0], centre[1], centre[2]))

    found = averaged_onto(fine, coarse)

    assert found.unit == fine.unit
    np.testing.assert_allclose(found.values, blocks(fine.values, 2, 4, 3), rtol=1e-12)


def test_the_order_and_direction_of_axes_do_not_matter() -> None:
    fine = noise((6, 8, 9))
    coarse = grid((3, 2, 3), (1.0, 0.8, 0.75), (0.25, 0.3, 0.25))
    turned = Grid(
        (3, 3, 2),
        (0.25 + 2 * 0.75, 0.3, 0.25),
        (0.0, 0.0, 1.0),
        (-0.75, 0.0, 0.0),
        (0.0, 0.8, 0.0),
        "frame",
    )

    found = averaged_onto(fine, turned).values
    expected = averaged_onto(fine, coarse).values

    np.testing.assert_allclose(found, expected.transpose(0, 2, 1)[:, ::-1], rtol=1e-12)


def test_a_part_of_a_voxel_counts_as_that_part() -> None:
    fine = Volume(grid((1, 1, 3), (1.0, 1.0, 1.0)), np.array([[[1.0, 5.0, 20.0]]]), "1")
    # From a quarter of the first voxel's right half to the middle of the last.
    coarse = grid((1, 1, 1), (1.0, 1.0, 1.75), (1.125, 0.0, 0.0))

    (((found,),),) = averaged_onto(fine, coarse).values

    assert found == pytest.approx((0.25 * 1 + 1 * 5 + 0.5 * 20) / 1.75, rel=1e-12)


@pytest.mark.parametrize("turn", [0.0, 0.3])
def test_beyond_the_image_nothing_is_known(turn: float) -> None:
    fine = Volume(grid((4, 10, 10)), np.full((4, 10, 10), 7.0), "1")
    coarse = grid((4, 8, 8), (0.5, 0.8, 1.0), (-1.0, -1.0, 0.0), turn)

    found = averaged_onto(fine, coarse).values

    assert np.isnan(found).any()
    np.testing.assert_allclose(found[np.isfinite(found)], 7.0, rtol=1e-12)


def test_half_of_a_voxel_is_enough() -> None:
    fine = Volume(grid((1, 1, 4), (1.0, 1.0, 1.0)), np.full((1, 1, 4), 3.0), "1")

    def at(x: float) -> float:
        coarse = grid((1, 1, 1), (1.0, 1.0, 2.0), (x, 0.0, 0.0))
        return float(averaged_onto(fine, coarse).values[0, 0, 0])

    assert at(-0.5) == 3.0
    assert np.isnan(at(-0.51))


def test_turned_grids_give_the_mean_over_the_turned_voxel() -> None:
    """A linear image has its value at the centre as the mean of every box."""
    shape = (4, 40, 40)
    k, j, i = np.indices(shape)
    fine = Volume(grid(shape), 3.0 * k - 2.0 * j + i, "1")
    coarse = grid((2, 4, 4), (1.0, 0.9, 1.1), (4.0, 2.5, 0.25), 0.4)

    found = averaged_onto(fine, coarse)

    places = coarse.points_mm(np.argwhere(np.ones(coarse.shape)).astype(np.float64))
    k, j, i = fine.grid.indices(places).T
    np.testing.assert_allclose(found.values.ravel(), 3.0 * k - 2.0 * j + i, rtol=1e-9)


def test_a_turn_too_small_to_see_changes_nothing_to_speak_of() -> None:
    fine = noise((4, 40, 40))
    straight, turned = (
        averaged_onto(fine, grid((2, 4, 4), (1.0, 1.0, 1.0), (2.0, 2.0, 0.25), turn))
        for turn in (0.0, 2e-4)
    )

    np.testing.assert_allclose(turned.values, straight.values, atol=0.06)


def test_another_frame_of_reference_is_refused() -> None:
    elsewhere = Grid((1, 1, 1), (0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0), "other")

    with pytest.raises(OtherFrameError):
        averaged_onto(noise((2, 2, 2)), elsewhere)
