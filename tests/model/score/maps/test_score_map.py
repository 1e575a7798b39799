"""Promises of `model.score.maps.score_map`; its oracle has a module of its own."""

import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from model.features.catalogue import compute_features
from model.features.levels import NonFiniteValuesError
from model.features.preparation import (
    Dimension,
    Interpolation,
    Resampling,
    Resegmentation,
)
from model.grid import GridMismatchError, Mask
from model.score.maps.score_map import (
    NoLocalFeatureError,
    NoLocalPreparationError,
    feature_maps,
    local_texture_index,
    texture_maps,
    window_radius,
)
from tests.model.features import plain_texture as plain
from tests.model.features.regions import (
    FINE,
    IBEX_EXAMPLE,
    blob,
    grid_of,
    region_of,
)
from tests.model.score.models import published

SPACING_MM = 0.8


@pytest.mark.parametrize("dimension", Dimension)
def test_a_region_of_one_voxel_has_no_pairs_and_no_index(dimension: Dimension) -> None:
    inside = np.zeros((3, 3, 3), np.bool_)
    inside[1, 1, 1] = True
    region = region_of(np.full((3, 3, 3), 2.5), inside)

    index, maps = texture_maps(*region, published(replace(FINE, dimension=dimension)))

    assert np.isnan(maps["glcm_InverseVariance"].values).all()
    assert maps["histogram_Kurtosis"].values[1, 1, 1] == 0
    assert np.isnan(index.values).all()


def test_a_window_that_holds_the_whole_region_has_the_features_of_the_region() -> None:
    image, inside = blob(7)
    inside[1:] = False
    region = region_of(image, inside)
    model = published(FINE, map_radius_mm=20 * SPACING_MM)

    maps = feature_maps(*region, model)

    expected = compute_features(*region, FINE, list(model.coefficients)).values
    for name, value in expected.items():
        assert maps[name].values[inside] == pytest.approx(value, rel=1e-12), name


def test_a_window_beyond_the_region_costs_no_more_than_the_region() -> None:
    in_volume = replace(FINE, dimension=Dimension.VOLUME)
    region = region_of(*blob(7))

    just = local_texture_index(*region, published(in_volume, map_radius_mm=8.0))
    vast = local_texture_index(*region, published(in_volume, map_radius_mm=100.0))

    assert np.array_equal(just.values, vast.values, equal_nan=True)


@pytest.mark.parametrize("shift", [0.0, -2.0])
def test_a_window_of_the_whole_region_has_its_kurtosis_of_bin_probabilities(
    shift: float,
) -> None:
    image, inside = blob(8)
    inside[1:] = False
    region = region_of(image + shift, inside)
    model = published(IBEX_EXAMPLE, map_radius_mm=20 * SPACING_MM)
    name = "histogram_KurtosisOfBinProbabilities"

    local = feature_maps(*region, model)[name].values[inside]

    whole = compute_features(*region, IBEX_EXAMPLE, [name]).values[name]
    assert local == pytest.approx(whole, rel=1e-9)


def test_local_kurtosis_of_bin_probabilities_counts_the_window_in_the_bins() -> None:
    image, inside = blob(9, (1, 9, 9))
    region = region_of(image, inside)
    name = "histogram_KurtosisOfBinProbabilities"

    local = feature_maps(*region, published(IBEX_EXAMPLE))[name].values

    for _, row, column in np.argwhere(inside):
        window = (
            0,
            slice(max(0, row - 2), row + 3),
            slice(max(0, column - 2), column + 3),
        )
        values = image[window][inside[window]]
        counts = plain.bin_probabilities(values, 101, 0.0, 100.0)
        expected = plain.kurtosis(counts)
        assert local[0, row, column] == pytest.approx(expected, rel=1e-9)


def test_the_index_is_the_equation_of_the_maps() -> None:
    region = region_of(*blob(10))
    model = published(FINE)

    index = local_texture_index(*region, model)

    beside, maps = texture_maps(*region, model)
    assert np.array_equal(beside.values, index.values, equal_nan=True)
    terms = [c * maps[name].values for name, c in model.coefficients.items()]
    assert np.allclose(index.values, 1.485 + sum(terms), equal_nan=True)
    assert np.array_equal(np.isnan(index.values), ~region[1].inside)


def test_a_window_of_a_single_value_has_no_index() -> None:
    image = np.full((1, 12, 12), 2.0)
    image[0, 9:, 9:] = np.random.default_rng(1).random((3, 3))

    index = local_texture_index(*region_of(image), published(FINE)).values

    assert np.isnan(index[0, 0, 0])
    assert np.isfinite(index[0, 10, 10])


def test_a_constant_region_has_no_index_anywhere() -> None:
    index = local_texture_index(*region_of(np.full((2, 5, 5), 0.3)), published(FINE))

    assert np.isnan(index.values).all()


def test_nothing_outside_the_mask_is_read() -> None:
    image, inside = blob(11)
    odd = np.where(inside, image, np.nan)

    index = local_texture_index(*region_of(odd, inside), published(FINE))

    clean = local_texture_index(*region_of(image, inside), published(FINE))
    assert np.array_equal(index.values, clean.values, equal_nan=True)


def test_the_map_stands_on_the_whole_grid_at_its_place() -> None:
    image, inside = blob(12)
    wide = np.pad(image, 4), np.pad(inside, 4)

    index = local_texture_index(*region_of(*wide), published(FINE)).values

    alone = local_texture_index(*region_of(image, inside), published(FINE)).values
    assert np.array_equal(index[4:-4, 4:-4, 4:-4], alone, equal_nan=True)
    assert np.isfinite(index).sum() == inside.sum()


def test_an_empty_region_has_an_empty_map() -> None:
    region = region_of(np.ones((2, 3, 3)), np.zeros((2, 3, 3), np.bool_))

    assert np.isnan(local_texture_index(*region, published(FINE)).values).all()


@pytest.mark.parametrize(
    ("radius_mm", "spacing_mm", "voxels"),
    [(2.4, 0.8, 3), (2.4, 0.796, 3), (2.4, 5.47, 1), (0.3, 0.8, 1), (2.0, 0.8, 3)],
)
def test_the_radius_is_rounded_to_voxels_and_at_least_one(
    radius_mm: float, spacing_mm: float, voxels: int
) -> None:
    grid = grid_of((3, 3, 3), spacing_mm)
    in_volume = replace(FINE, dimension=Dimension.VOLUME)

    flat = window_radius(grid, published(FINE, map_radius_mm=radius_mm))
    solid = window_radius(grid, published(in_volume, map_radius_mm=radius_mm))

    assert flat == (0, voxels, voxels)
    assert solid == (voxels, voxels, voxels)


def test_a_feature_without_a_local_form_is_refused_by_name() -> None:
    model = published(FINE, coefficients={"direct_GlobalMax": 1.0, "glcm_Energy": 1.0})

    with pytest.raises(NoLocalFeatureError) as refusal:
        local_texture_index(*region_of(*blob(1)), model)

    assert refusal.value.names == ("direct_GlobalMax", "glcm_Energy")


RESAMPLED = Resampling((2.0, 2.0, 2.0), Interpolation.LINEAR)


@pytest.mark.parametrize(
    "changes",
    [
        {"resampling": RESAMPLED},
        {"resegmentation": Resegmentation(low=1.0)},
        {"resampling": RESAMPLED, "resegmentation": Resegmentation(low=1.0)},
    ],
)
def test_a_model_of_other_voxels_than_the_image_s_has_no_map(
    changes: dict[str, Any],
) -> None:
    model = published(replace(FINE, **changes))

    with pytest.raises(NoLocalPreparationError) as refusal:
        texture_maps(*region_of(*blob(1)), model)

    assert refusal.value.choices == tuple(changes)


def test_another_grid_is_refused() -> None:
    image, inside = blob(3)
    volume, _ = region_of(image, inside)

    with pytest.raises(GridMismatchError):
        feature_maps(volume, Mask(grid_of(image.shape, 0.9), inside), published(FINE))


def test_values_that_are_not_finite_are_refused() -> None:
    image, inside = blob(3)
    image[tuple(np.argwhere(inside)[0])] = np.nan

    with pytest.raises(NonFiniteValuesError):
        local_texture_index(*region_of(image, inside), published(FINE))


_INDEX = """
from model.score.maps.score_map import local_texture_index
from tests.model.features.regions import FINE, blob, region_of
from tests.model.score.models import published
print(local_texture_index(*region_of(*blob(10)), published(FINE)).values.tobytes())
"""


def test_every_process_computes_the_same_bits() -> None:
    """Python orders sets of texts anew in each process."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", _INDEX],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
        )
        for seed in ("0", "1")
    ]

    first, second = (process.communicate()[0] for process in started)

    assert first
    assert first == second
