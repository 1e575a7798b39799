"""The maps of `model.score.maps.score_map` against PyRadiomics' voxel-based extraction.

On the same levels: a bin width of 1 leaves these as they are.
"""

import math
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 - the name that its documentation uses
from numpy.typing import NDArray
from radiomics.firstorder import RadiomicsFirstOrder
from radiomics.glcm import RadiomicsGLCM

from model.features.definitions import FEATURE_BY_NAME
from model.features.discretisation import grey_levels
from model.features.preparation import (
    Aggregation,
    Dimension,
    Discretisation,
    Preparation,
)
from model.grid import Mask, Volume
from model.score.maps.score_map import (
    MAPPED_FEATURES,
    feature_maps,
)
from tests.model.features.regions import (
    FINE,
    blob,
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
    there = ~np.isnan(ours)
    assert np.max(np.abs(ours - theirs)[there], initial=0) <= tolerance


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


SMALL = [
    (3, 5, 6),
    (4, 4, 4),
    (1, 7, 6),
    (5, 1, 6),
    (1, 1, 9),
    (2, 6, 5),
]


@pytest.mark.filterwarnings("ignore:Mean of empty slice:RuntimeWarning")
@pytest.mark.parametrize("seed", range(18))
def test_maps_of_small_regions_of_any_kind_equal_pyradiomics(seed: int) -> None:
    random = np.random.default_rng(seed)
    radius = 1 + seed % 3
    preparation = replace(
        FINE,
        levels=int(random.choice([2, 8, 32, 64])),
        dimension=list(Dimension)[random.integers(3)],
        aggregation=list(Aggregation)[random.integers(2)],
    )
    inside = np.pad(random.random(SMALL[seed % 6]) < random.choice([0.3, 0.6, 1]), 1)
    inside[1, 1, 1] = True
    image = random.gamma(3.0, 1.5, inside.shape) - random.choice([0.0, 3.0])
    if seed % 2:
        image = np.rint(image)
    volume, mask = region_of(image, inside)
    model = published(preparation, map_radius_mm=radius * SPACING_MM)

    maps = feature_maps(volume, mask, model)

    levelled = level_image(volume, mask, preparation)
    request = (mask, preparation, radius)
    pairs = oracle(levelled, *request, RadiomicsGLCM, ["InverseVariance", "Idm"])
    values = oracle(image, *request, RadiomicsFirstOrder, ["Kurtosis"])["Kurtosis"]
    assert_equal_maps(
        maps["glcm_InverseVariance"].values, pairs["InverseVariance"], 1e-12
    )
    assert_equal_maps(maps["glcm_Homogeneity2"].values, pairs["Idm"], 1e-12)
    kurtosis = maps["histogram_Kurtosis"].values
    assert np.array_equal(np.isnan(kurtosis), np.isnan(values))
    varied = inside & (kurtosis > 0)
    assert kurtosis[varied] == pytest.approx(values[varied], rel=1e-9)


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
