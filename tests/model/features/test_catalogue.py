"""Promises of the feature catalogue of a region."""

import math
from dataclasses import replace

import numpy as np
import pytest

from model.features.catalogue import compute_features
from model.features.definitions import FEATURES, Group, features_of
from model.features.preparation import (
    Aggregation,
    Dimension,
    Interpolation,
    Preparation,
    Resampling,
    Resegmentation,
)
from model.features.shape import shape_features
from model.features.vector import FeatureVector
from model.grid import GridMismatchError, Mask, Volume
from tests.model.features import plain_texture as plain
from tests.model.features.regions import (
    FINE,
    IBEX_EXAMPLE,
    blob,
    grid_of,
    region_of,
    sts_ct_tumour,
    sts_tumour,
)
from tests.support.shared import SHARED_DATA, needs_shared_data

EVERY = [f.name for f in FEATURES if f.name != "histogram_KurtosisOfBinProbabilities"]
GLCM = [f.name for f in FEATURES if f.group is Group.GLCM]
TEXTURE = GLCM + [f.name for f in FEATURES if f.group is Group.GLRLM]
OF_VALUES = [name for name in EVERY if not name.startswith("shape_")]
IN_VOLUME = replace(FINE, dimension=Dimension.VOLUME)
PREPARATIONS = [FINE, replace(FINE, levels=64), IBEX_EXAMPLE, IN_VOLUME]


def plain_textures(
    volume: Volume, mask: Mask, preparation: Preparation, offset: float = 0.0
) -> dict[str, float]:
    levels, count = plain.levels_of(
        volume.values + offset, mask.inside, preparation.levels
    )
    flat = preparation.dimension is Dimension.IN_PLANE
    steps = plain.IN_PLANE if flat else plain.VOLUME
    pairs = plain.pooled(plain.pairs_of(levels, step) for step in steps)
    along = [(0, 0, 1), (0, 1, 0)] if flat else plain.VOLUME
    runs = plain.pooled(plain.runs_of(levels, step) for step in along)
    return plain.texture(pairs, count) | plain.run_lengths(runs, len(along))


@pytest.mark.parametrize("preparation", PREPARATIONS)
@pytest.mark.parametrize("seed", [1, 2])
def test_texture_equals_the_definitions(preparation: Preparation, seed: int) -> None:
    volume, mask = region_of(*blob(seed))

    features = compute_features(volume, mask, preparation, TEXTURE)

    expected = plain_textures(volume, mask, preparation)
    assert features.values == pytest.approx(expected, rel=1e-8, abs=1e-8)


@needs_shared_data
@pytest.mark.parametrize("case", ["STS_025", "STS_002"])
@pytest.mark.parametrize("preparation", PREPARATIONS)
def test_texture_of_a_real_tumour_equals_the_definitions(
    preparation: Preparation, case: str
) -> None:
    volume, mask = sts_tumour(SHARED_DATA / "sts-petct" / case)

    features = compute_features(volume, mask, preparation, TEXTURE)

    expected = plain_textures(volume, mask, preparation)
    assert features.values == pytest.approx(expected, rel=1e-8, abs=1e-8)


@needs_shared_data
def test_texture_of_a_real_ct_is_of_hounsfield_units_and_1000() -> None:
    volume, mask = sts_ct_tumour(SHARED_DATA / "sts-petct" / "STS_025")

    features = compute_features(volume, mask, FINE, TEXTURE, modality="CT")

    expected = plain_textures(volume, mask, FINE, offset=1000.0)
    assert features.values == pytest.approx(expected, rel=1e-8, abs=1e-8)


def test_run_lengths_of_averaged_directions_are_the_mean_of_two() -> None:
    volume, mask = region_of(*blob(4))
    averaged = replace(FINE, aggregation=Aggregation.AVERAGED, levels=4)

    features = compute_features(volume, mask, averaged, TEXTURE).values

    levels, _ = plain.levels_of(volume.values, mask.inside, 4)
    across, down = (
        plain.run_lengths(plain.runs_of(levels, step), 1)
        for step in ((0, 0, 1), (0, 1, 0))
    )
    for name, value in across.items():
        assert features[name] == pytest.approx((value + down[name]) / 2), name


def test_averaged_directions_are_the_mean_of_the_directions_that_have_pairs() -> None:
    image, inside = blob(4)
    inside[:, :, 4:] = False
    averaged = replace(IN_VOLUME, aggregation=Aggregation.AVERAGED, levels=16)

    features = compute_features(*region_of(image, inside), averaged, ["glcm_Contrast"])

    levels, count = plain.levels_of(image, inside, 16)
    each = [plain.texture(plain.pairs_of(levels, s), count) for s in plain.VOLUME]
    mean = sum(one["glcm_Contrast"] for one in each) / len(each)
    assert features.values["glcm_Contrast"] == pytest.approx(mean, rel=1e-12)


@pytest.mark.parametrize(("modality", "count"), [("CT", 57), ("PET", 61), ("MR", 61)])
def test_a_modality_has_its_features_in_the_order_of_the_table(
    modality: str, count: int
) -> None:
    found = compute_features(*region_of(*blob(3)), FINE, modality=modality).values

    assert len(found) == count
    assert list(found) == [f.name for f in features_of(modality, FINE)]


def test_names_come_back_in_the_order_of_the_table() -> None:
    asked = ["histogram_Kurtosis", "direct_GlobalMax", "glcm_Contrast"]

    features = compute_features(*region_of(*blob(3)), FINE, asked).values

    assert list(features) == ["direct_GlobalMax", "histogram_Kurtosis", "glcm_Contrast"]


def test_intensities_of_a_ct_are_hounsfield_units_and_1000() -> None:
    image, inside = blob(12)
    volume, mask = region_of(image * 30 - 500, inside)
    ct = Volume(volume.grid, volume.values, "[hnsf'U]")

    found = compute_features(ct, mask, FINE, ["direct_GlobalMean", "shape_Mass"])

    mean = float((image * 30 + 500)[inside].mean())
    assert found.values["direct_GlobalMean"] == pytest.approx(mean)
    assert found.values["shape_Mass"] > 0


def test_a_resegmentation_leaves_the_shape() -> None:
    volume, mask = region_of(*blob(13))
    lower = replace(FINE, resegmentation=Resegmentation(high=4.0))

    found = compute_features(volume, mask, lower, EVERY).values

    kept = Mask(mask.grid, mask.inside & (volume.values <= 4.0))
    assert kept.voxels < mask.voxels
    expected = dict(compute_features(volume, kept, FINE, OF_VALUES).values)
    expected |= shape_features(volume, mask).values
    assert found == pytest.approx(expected, nan_ok=True)


def test_a_resegmentation_of_a_ct_is_of_hounsfield_units_and_1000() -> None:
    volume, mask = region_of(np.array([[[-150.0, -100.0, 0.0, 40.0]]]))
    ct = Volume(volume.grid, volume.values, "[hnsf'U]")
    soft = replace(FINE, resegmentation=Resegmentation(low=900.0, high=1000.0))

    names = ["direct_GlobalMax", "direct_GlobalMin"]
    found = compute_features(ct, mask, soft, names).values

    assert found == {"direct_GlobalMax": 1000.0, "direct_GlobalMin": 900.0}


def test_a_resampling_changes_the_grid_of_every_feature() -> None:
    half = Resampling((None, 0.4, 0.4), Interpolation.NEAREST)
    doubled = replace(FINE, resampling=half)

    found = compute_features(
        *region_of(*blob(13)), doubled, ["shape_VoxelSize", "direct_GlobalMax"]
    ).values

    assert found["shape_VoxelSize"] == pytest.approx(0.08 * 0.04 * 0.04)
    assert found["direct_GlobalMax"] == blob(13)[0][blob(13)[1]].max()


def test_a_region_that_a_resegmentation_leaves_nothing_of_says_so() -> None:
    nothing = replace(FINE, resegmentation=Resegmentation(low=1e6))

    found = compute_features(*region_of(*blob(3)), nothing, EVERY)

    assert found.values["shape_Volume"] > 0
    assert {found.undefined[n] for n in OF_VALUES} == {"the region has no voxel"}


def test_what_lies_outside_the_mask_does_not_matter() -> None:
    image, inside = blob(9)
    odd = np.where(inside, image, np.nan)

    assert_same(
        compute_features(*region_of(odd, inside), FINE, EVERY),
        compute_features(*region_of(image, inside), FINE, EVERY),
    )


def test_a_region_at_the_border_has_the_features_of_the_same_region_inside() -> None:
    image, inside = blob(10)
    wide = np.pad(image, 3, constant_values=99.0), np.pad(inside, 3)

    assert_same(
        compute_features(*region_of(*wide), FINE, EVERY),
        compute_features(*region_of(image, inside), FINE, EVERY),
    )


def assert_same(one: FeatureVector, other: FeatureVector) -> None:
    assert dict(one.values) == pytest.approx(dict(other.values), rel=1e-12, nan_ok=True)
    assert one.undefined == other.undefined


@pytest.mark.parametrize("preparation", [FINE, IBEX_EXAMPLE, IN_VOLUME])
@pytest.mark.parametrize(
    "image",
    [
        np.full((3, 4, 4), 0.1),
        np.full((3, 4, 4), 0.0),
        np.full((1, 4, 4), -7.0),
        np.arange(9.0).reshape(1, 3, 3),
        np.arange(9.0).reshape(9, 1, 1),
        np.arange(-4.0, 5.0).reshape(1, 3, 3),
        np.ones((1, 1, 1)),
        np.array([1e200, -1e200, 3.0, 5.0]).reshape(1, 2, 2),
        np.array([1.7e308, -1.7e308, 3.0, 5.0]).reshape(1, 2, 2),
        np.array([1e-200, 2e-200, 4e-200, 5e-200]).reshape(1, 2, 2),
        np.full((1, 2, 2), np.nan),
        np.array([1.0, np.inf, -np.inf, np.nan]).reshape(1, 2, 2),
    ],
    ids=lambda image: f"{image.flat[0]:g}-{image.shape}",
)
def test_every_nan_has_a_reason_and_nothing_else_is_without_value(
    image: np.ndarray, preparation: Preparation
) -> None:
    if preparation is IBEX_EXAMPLE and 1e100 < np.abs(image).max() < math.inf:
        image = image / np.abs(image).max()
    names = [f.name for f in FEATURES if preparation.histogram or f.name in EVERY]

    found = compute_features(*region_of(image), preparation, names)

    assert set(found.values) == set(names)
    assert not any(math.isinf(value) for value in found.values.values())
    nan = {name for name, value in found.values.items() if math.isnan(value)}
    assert nan == set(found.undefined)
    assert all(found.undefined.values())


def test_a_constant_region_has_flat_texture_and_no_quotients_of_moments() -> None:
    found = compute_features(*region_of(np.full((3, 4, 4), 0.1)), FINE)

    moments = {"direct_Kurtosis", "histogram_Kurtosis", "histogram_Skewness"}
    single = {"glcm_Correlation", "glcm_InformationMeasureCorr1"}
    assert set(found.undefined) == moments | single | {"shape_Mass"}
    assert {found.undefined[n] for n in moments} == {
        "all values of the region are equal"
    }
    assert {found.undefined[n] for n in single} == {
        "all neighbours have the same grey level"
    }
    assert found.values["glcm_Homogeneity2"] == 1
    assert found.values["glcm_InverseVariance"] == 0


def test_a_single_voxel_has_intensities_and_runs_and_no_pairs() -> None:
    inside = np.zeros((3, 3, 3), np.bool_)
    inside[1, 1, 1] = True

    found = compute_features(*region_of(blob(1, (3, 3, 3))[0], inside), FINE, EVERY)

    undefined = {n for n, why in found.undefined.items() if "single voxel" in why}
    assert undefined >= {*GLCM, "direct_GlobalStd", "direct_Kurtosis"}
    assert found.values["direct_Range"] == 0
    assert found.values["glrlm_RunPercentage"] == 1


def test_voxels_in_separate_slices_have_no_pairs_in_the_plane_but_in_the_volume() -> (
    None
):
    region = region_of(np.array([1.0, 2.0]).reshape(2, 1, 1))

    apart = compute_features(*region, FINE, ["glcm_Contrast"])

    assert apart.undefined == {
        "glcm_Contrast": "no two voxels of the region are neighbours"
    }
    together = compute_features(*region, IN_VOLUME, ["glcm_Contrast"])
    assert together.values["glcm_Contrast"] == 255**2


def test_parts_of_a_region_far_apart_are_one_region() -> None:
    image, inside = blob(1, (3, 4, 4))
    apart = np.zeros((3, 4, 20), np.bool_)
    apart[..., :4] = apart[..., 16:] = inside
    twice = np.concatenate([image, np.zeros((3, 4, 12)), image], axis=2)

    found = compute_features(*region_of(twice, apart), FINE, TEXTURE)

    once = compute_features(*region_of(image, inside), FINE, TEXTURE)
    assert found.values == pytest.approx(dict(once.values), rel=1e-12)


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_one_value_that_is_not_finite_leaves_every_feature_of_values_undefined(
    odd: float,
) -> None:
    image, inside = blob(2)
    image[tuple(np.argwhere(inside)[0])] = odd

    found = compute_features(*region_of(image, inside), FINE, OF_VALUES)

    why = f"1 of {np.count_nonzero(inside)} values are not finite numbers"
    assert set(found.undefined.values()) == {why}
    assert all(math.isnan(value) for value in found.values.values())


def test_an_empty_region_leaves_every_feature_undefined() -> None:
    region = region_of(np.ones((2, 2, 2)), np.zeros((2, 2, 2), np.bool_))

    found = compute_features(*region, FINE)

    assert all(math.isnan(value) for value in found.values.values())
    assert set(found.undefined) == set(found.values)


def test_another_grid_is_refused() -> None:
    image, inside = blob(3)
    volume, _ = region_of(image, inside)
    elsewhere = Mask(grid_of(inside.shape, spacing_mm=0.9), inside)

    with pytest.raises(GridMismatchError):
        compute_features(volume, elsewhere, FINE)


def test_nothing_is_printed_or_logged(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    compute_features(*region_of(*blob(3)), FINE)

    assert capfd.readouterr() == ("", "")
    assert not caplog.records
