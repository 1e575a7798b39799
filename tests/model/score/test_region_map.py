"""A map that is kept by its region is the same map."""

import numpy as np

from model.grid import Mask
from model.score.region_map import RegionMap
from tests.model.features.regions import grid_of

SHAPE = (3, 4, 5)


def test_it_gives_back_every_value_and_nothing_outside() -> None:
    grid = grid_of(SHAPE)
    inside = np.zeros(SHAPE, bool)
    inside[1, 1:3, 2:4] = True
    values = np.full(SHAPE, np.nan)
    values[inside] = [1.0, np.nan, -3.5, 4.25]

    kept = RegionMap(Mask(grid, inside), values[inside])

    assert kept.local.size == 4
    assert kept.grid == grid
    assert np.array_equal(kept.values, values, equal_nan=True)
