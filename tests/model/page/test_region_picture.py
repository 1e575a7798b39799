"""Promises of `model.page.region_picture`."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.page.region_picture import region_picture
from model.page.summary.palette import table_of


def a_map(rows: int = 20, columns: int = 30) -> NDArray[np.float32]:
    """Return a map of three voxels by two, least at its first."""
    values = np.full((rows, columns), np.nan, np.float32)
    values[8:10, 14:17] = [[-2.0, 0.0, 1.0], [2.0, 0.5, 1.5]]
    return values


def test_the_least_is_the_first_colour_and_the_greatest_the_last() -> None:
    picture = region_picture(a_map(), None, (1.0, 1.0), 64)
    found = {tuple(pixel) for pixel in picture.reshape(-1, 3).tolist()}

    assert tuple(table_of("viridis")[0].tolist()) in found
    assert tuple(table_of("viridis")[-1].tolist()) in found
    assert len(found - {(0, 0, 0)}) == 6


def test_the_region_keeps_its_shape_when_pixels_are_not_square() -> None:
    picture = region_picture(a_map(), None, (3.0, 1.0), 60)
    rows, columns, _ = np.nonzero(picture)

    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    assert height / width == pytest.approx(6.0 / 3.0, rel=0.15)


def test_the_image_lies_under_the_map_and_around_it() -> None:
    below = np.tile(np.arange(30.0), (20, 1))
    picture = region_picture(a_map(), below, (1.0, 1.0), 64)
    edge = picture[0].astype(int)

    assert np.array_equal(edge[:, 0], edge[:, 1])
    assert (np.diff(edge[:, 0]) >= 0).all()
    assert edge[-1, 0] > edge[0, 0]


@pytest.mark.parametrize("at", [(0, 0), (19, 29)])
def test_a_single_voxel_at_the_border_is_shown(at: tuple[int, int]) -> None:
    values = np.full((20, 30), np.nan)
    values[at] = 3.0

    picture = region_picture(values, np.zeros((20, 30)), (0.8, 0.8), 48)

    assert picture.shape[1] == 48
    assert picture.any()
