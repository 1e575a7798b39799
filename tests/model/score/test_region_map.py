"""A map that is kept by its region is the same map."""

import numpy as np
import pytest

from model.errors import ModelError
from model.grid import Mask, Volume
from model.score.region_map import region_map
from tests.model.features.regions import grid_of

SHAPE = (3, 4, 5)


def test_it_gives_back_every_value_and_nothing_outside() -> None:
    grid = grid_of(SHAPE)
    inside = np.zeros(SHAPE, bool)
    inside[1, 1:3, 2:4] = True
    values = np.full(SHAPE, np.nan)
    values[inside] = [1.0, np.nan, -3.5, 4.25]

    kept = region_map(Volume(grid, values, "1"), Mask(grid, inside))

    assert kept.local.size == 4
    assert kept.grid == grid
    assert np.array_equal(kept.values, values, equal_nan=True)


def test_a_map_on_another_grid_is_refused() -> None:
    volume = Volume(grid_of(SHAPE), np.zeros(SHAPE), "1")
    mask = Mask(grid_of(SHAPE, 0.9), np.ones(SHAPE, bool))

    with pytest.raises(ModelError):
        region_map(volume, mask)
