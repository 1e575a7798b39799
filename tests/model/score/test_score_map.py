"""Promises of `model.score.score_map` and of the windows under it.

The oracle is PyRadiomics' voxel-based extraction on the same levels.
"""

import math
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 - the name that its documentation uses
from numpy.typing import NDArray
from radiomics.firstorder import RadiomicsFirstOrder
from radiomics.glcm import RadiomicsGLCM

from model.features.catalogue import compute_features
from model.features.definitions import FEATURE_BY_NAME
from model.features.discretisation import NonFiniteValuesError, grey_levels
from model.features.preparation import (
    Aggregation,
    Dimension,
    Discretisation,
    Preparation,
)
from model.grid import GridMismatchError, Mask, Volume
from model.score.score_map import (
    MAPPED_FEATURES,
    NoLocalFeatureError,
    feature_maps,
    local_texture_index,
    window_radius,
)
from tests.model.features import plain_texture as plain
from tests.model.features.regions import (
    FINE,
    IBEX_EXAMPLE,
    blob,
    grid_of,
    region_of,
    sts_tumour,
)
from tests.model.score.models import published
from tests.support.shared import SHARED_DATA, needs_shared_data

OF_PAIRS = sorted(name for name in MAPPED_FEATURES if name.startswith("glcm_"))
SPACING_MM = 0.8


def oracle(
    image: NDArray[np.generic],
    mask: Mask,
    preparation: Preparation,
    radius: int,
    kind: type,
    names: list[str],
) -> dict[str, NDArray[np.float64]]:
    extractor = kind(
        sitk.GetImageFromArray(image),
        sitk.GetImageFromArray(mask.inside.astype(np.uint8)),
        binWidth=1,
        force2D=preparation.dimension is not Dimension.VOLUME,
        force2Ddimension=0,
        symmetricalGLCM=True,
        weightingNorm={"pooled": "no_weighting"}.get(preparation.aggregation),
        voxelBased=True,
        kernelRadius=radius,
        maskedKernel=True,
        initValue=np.nan,
        voxelBatch=50,
    )
    for name in names:
        extractor.enableFeatureByName(name)
    with np.errstate(invalid="ignore"):
        maps = extractor.execute()
    return {name: sitk.GetArrayFromImage(maps[name]) for name in names}


def level_image(
    volume: Volume, mask: Mask, preparation: Preparation
) -> NDArray[np.int32]:
    image = np.zeros(mask.inside.shape, np.int32)
    image[mask.inside] = grey_levels(volume.inside(mask), preparation).values
    return image


def assert_equal_maps(
    ours: NDArray[np.floating], theirs: NDArray[np.float64], tolerance: float
) -> None:
    assert np.array_equal(np.isnan(ours), np.isnan(theirs))
    assert np.nanmax(np.abs(ours - theirs)) <= tolerance


@pytest.mark.filterwarnings("ignore:Mean of empty slice:RuntimeWarning")
@pytest.mark.parametrize("dimension", Dimension)
@pytest.mark.parametrize("aggregation", Aggregation)
@pytest.mark.parametrize(
    ("seed", "levels", "radius"), [(1, 128, 1), (2, 16, 2), (3, 5, 3)]
)
def test_maps_of_pairs_equal_pyradiomics_voxel_by_voxel(
    dimension: Dimension, aggregation: Aggregation, seed: int, levels: int, radius: int
) -> None:
    image, inside = (np.pad(array, 4) for array in blob(seed))
    inside[0, 0, 0] = True  # nothing else in its window: NaN there
    preparation = replace(
        FINE, dimension=dimension, aggregation=aggregation, levels=levels
    )
    volume, mask = region_of(image, inside)
    model = published(
        preparation,
        coefficients=dict.fromkeys(OF_PAIRS, 1.0),
        map_radius_mm=radius * SPACING_MM,
    )

    maps = feature_maps(volume, mask, model)

    names = [str(FEATURE_BY_NAME[name].pyradiomics) for name in OF_PAIRS]
    levelled = level_image(volume, mask, preparation)
    theirs = oracle(levelled, mask, preparation, radius, RadiomicsGLCM, names)
    assert np.isnan(maps["glcm_InverseVariance"].values[0, 0, 0])
    for ours, name in zip(OF_PAIRS, names, strict=True):
        scale = levels**2 if ours == "glcm_Contrast" else 1
        tolerance = 1e-12 * scale
        assert_equal_maps(maps[ours].values, theirs[name], tolerance)


@pytest.mark.parametrize("dimension", Dimension)
@pytest.mark.parametrize(("seed", "offset"), [(4, 0.0), (5, 1000.0), (6, -3.0)])
@pytest.mark.parametrize("radius", [1, 3])
def test_the_map_of_kurtosis_equals_pyradiomics(
    dimension: Dimension, seed: int, offset: float, radius: int
) -> None:
    image, inside = blob(seed)
    volume, mask = region_of(image + offset, inside)
    preparation = replace(FINE, dimension=dimension)
    model = published(preparation, map_radius_mm=radius * SPACING_MM)

    ours = feature_maps(volume, mask, model)["histogram_Kurtosis"].values

    theirs = oracle(
        volume.values, mask, preparation, radius, RadiomicsFirstOrder, ["Kurtosis"]
    )["Kurtosis"]
    assert np.array_equal(np.isnan(ours), np.isnan(theirs))
    assert ours[inside] == pytest.approx(theirs[inside], rel=1e-9)


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

    maps = feature_maps(*region, model)
    terms = [c * maps[name].values for name, c in model.coefficients.items()]
    assert index.unit == "1"
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


@needs_shared_data
@pytest.mark.parametrize(
    "preparation",
    [
        replace(FINE, levels=64),
        replace(
            FINE,
            levels=16,
            dimension=Dimension.VOLUME,
            aggregation=Aggregation.AVERAGED,
        ),
        replace(FINE, discretisation=Discretisation.IBEX_UNIT_STEP, levels=None),
    ],
)
def test_the_map_of_a_real_tumour_equals_pyradiomics(preparation: Preparation) -> None:
    volume, mask = sts_tumour(SHARED_DATA / "sts-petct" / "STS_025")
    model = published(preparation, map_radius_mm=1.0)

    maps = feature_maps(volume, mask, model)

    names = {"glcm_InverseVariance": "InverseVariance", "glcm_Homogeneity2": "Idm"}
    levelled = level_image(volume, mask, preparation)
    theirs = oracle(levelled, mask, preparation, 1, RadiomicsGLCM, list(names.values()))
    for ours, name in names.items():
        assert_equal_maps(maps[ours].values, theirs[name], 1e-12)
        assert math.isfinite(np.nanmax(maps[ours].values))
