"""Made-up images with ragged regions, and the configurations that measure them."""

import numpy as np
from numpy.typing import NDArray

from model.features.ibsi.configuration import (
    Family,
    IbsiAggregation,
    IbsiConfiguration,
)
from model.features.preparation import Discretisation
from model.grid import Grid, Mask, Vector, Volume

PLAIN = IbsiConfiguration(
    resampling=None,
    resegmentation=None,
    discretisation=Discretisation.IBSI_FIXED_BIN_NUMBER,
    bins=6,
    bin_size=None,
    lowest=None,
    aggregations=tuple(IbsiAggregation),
    families=tuple(Family),
    ivh_discretisation=Discretisation.IBSI_FIXED_BIN_NUMBER,
    ivh_bins=50,
)

SPACING_MM: Vector = (2.5, 1.0, 0.8)


def grid_of(shape: tuple[int, ...], spacing_mm: Vector = SPACING_MM) -> Grid:
    slices, rows, columns = shape
    return Grid(
        shape=(slices, rows, columns),
        origin_mm=(7.0, -3.0, 11.0),
        slice_step_mm=(0.0, 0.0, spacing_mm[0]),
        row_step_mm=(0.0, spacing_mm[1], 0.0),
        column_step_mm=(spacing_mm[2], 0.0, 0.0),
        frame_of_reference="1.2.3",
    )


def region_of(
    values: NDArray[np.float64],
    inside: NDArray[np.bool_] | None = None,
    spacing_mm: Vector = SPACING_MM,
) -> tuple[Volume, Mask]:
    grid = grid_of(values.shape, spacing_mm)
    chosen = np.ones(values.shape, np.bool_) if inside is None else inside
    return Volume(grid, values.astype(np.float64), "[hnsf'U]"), Mask(grid, chosen)


def ragged(
    seed: int, shape: tuple[int, int, int] = (4, 8, 7)
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """An image with some texture, and a region with holes off its centre."""
    random = np.random.default_rng(seed)
    image = 40.0 * random.standard_normal(shape).cumsum(axis=2) + 10.0
    middle = np.array(shape) / 2.2
    distance = np.linalg.norm((np.indices(shape).reshape(3, -1).T - middle), axis=1)
    inside = (distance.reshape(shape) < 3.6) & (random.random(shape) < 0.85)
    return image, inside
