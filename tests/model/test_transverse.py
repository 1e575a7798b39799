"""Promises about slices across the patient."""

import numpy as np

from model.grid import Grid, Mask, Vector, Volume
from model.transverse import in_transverse_slices

X, Y, Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0)


def image(*steps: Vector) -> tuple[Volume, Mask]:
    grid = Grid((2, 3, 4), (5.0, 6.0, 7.0), *steps, "f")
    values = np.arange(24.0).reshape(2, 3, 4)
    return Volume(grid, values, "1"), Mask(grid, values > 11)


def test_coronal_slices_of_cubes_become_transverse() -> None:
    volume, mask = image(Y, Z, X)

    turned, inside = in_transverse_slices(volume, mask)

    assert turned.grid.slice_step_mm == Z
    assert turned.grid.shape == (3, 2, 4)
    assert inside.grid == turned.grid
    np.testing.assert_array_equal(turned.values, volume.values.transpose(1, 0, 2))
    np.testing.assert_array_equal(inside.inside, mask.inside.transpose(1, 0, 2))


def test_every_voxel_stays_where_it_is() -> None:
    volume, mask = image(X, Z, Y)

    turned, _ = in_transverse_slices(volume, mask)

    for index in np.argwhere(np.ones(turned.grid.shape)):
        place = turned.grid.points_mm(np.array([index], np.float64))
        k, j, i = np.rint(volume.grid.indices(place)[0]).astype(int)
        assert turned.values[tuple(index)] == volume.values[k, j, i]


def test_transverse_slices_stay_as_they_are() -> None:
    volume, mask = image(Z, Y, X)

    assert in_transverse_slices(volume, mask) == (volume, mask)


def test_slices_that_were_sampled_as_such_stay_slices() -> None:
    volume, mask = image((0.0, 2.0, 0.0), Z, X)

    assert in_transverse_slices(volume, mask) == (volume, mask)
