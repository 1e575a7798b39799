"""Whole configurations of IBSI agree with a plain reading of the reference manual."""

import math
from dataclasses import replace

import numpy as np
import pytest

from model.features.ibsi.configuration import (
    Family,
    IbsiAggregation,
    IbsiConfiguration,
)
from model.features.ibsi.families import ibsi_features
from model.features.ibsi.tags import TAG_BY_STEM, stems_of, tag_of
from model.features.levels import NotLevelsError, UnsupportedPreparationError
from model.features.preparation import (
    Discretisation,
    Interpolation,
    Resampling,
    Resegmentation,
)
from model.features.vector import FeatureVector
from model.grid import GridMismatchError, Mask
from tests.model.features.ibsi import plain_ibsi as plain
from tests.model.features.ibsi import plain_matrices
from tests.model.features.ibsi.regions import PLAIN, grid_of, ragged, region_of

RANGE = Resegmentation(low=-60.0, high=70.0)
OUTLIERS = Resegmentation(low=-90.0, high=100.0, outlier_sigmas=1.5)
BY_SIZE = replace(
    PLAIN,
    discretisation=Discretisation.IBSI_FIXED_BIN_SIZE,
    bins=None,
    bin_size=12.5,
    ivh_discretisation=Discretisation.IBSI_FIXED_BIN_SIZE,
    ivh_bins=None,
    ivh_bin_size=2.5,
)
CONFIGURATIONS = {
    "number": PLAIN,
    "number, range": replace(PLAIN, resegmentation=RANGE),
    "number, outliers": replace(PLAIN, resegmentation=OUTLIERS),
    "size": BY_SIZE,
    "size, range": replace(BY_SIZE, resegmentation=RANGE),
    "size, outliers": replace(BY_SIZE, resegmentation=OUTLIERS),
    "size, from": replace(BY_SIZE, lowest=-500.0, resegmentation=OUTLIERS),
}


def levels_of(
    values: dict[plain_matrices.Voxel, float], configuration: IbsiConfiguration
) -> dict[plain_matrices.Voxel, int]:
    if configuration.bins is not None:
        return plain.by_number(values, configuration.bins)
    assert configuration.bin_size is not None
    lowest = configuration.lowest
    if lowest is None and configuration.resegmentation is not None:
        lowest = configuration.resegmentation.low
    least = min(values.values()) if lowest is None else lowest
    return plain.by_size(values, configuration.bin_size, least)


def expected(
    values: dict[plain_matrices.Voxel, float], configuration: IbsiConfiguration
) -> dict[str, float]:
    """Statistics, histogram and texture of the values of an intensity mask."""
    levels = levels_of(values, configuration)
    count = max(levels.values())
    found = {f"stat_{k}": v for k, v in plain.statistics([*values.values()]).items()}
    histogram = plain.intensity_histogram([*levels.values()], count)
    found |= {f"ih_{k}": v for k, v in histogram.items()}
    for method in configuration.aggregations:
        pairs = plain_matrices.cooccurrence(levels, method, count)
        found |= {f"cm_{k}_{method}": v for k, v in pairs.items()}
        runs = plain_matrices.run_length(levels, method)
        found |= {f"rlm_{k}_{method}": v for k, v in runs.items()}
    return found


def differing(
    found: FeatureVector, wanted: dict[str, float]
) -> dict[str, tuple[float, float]]:
    return {
        tag: (found.values[tag], value)
        for tag, value in wanted.items()
        if found.values[tag] != pytest.approx(value, rel=1e-9, abs=1e-9)
    }


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_values_histogram_and_texture_are_the_manuals(name: str, seed: int) -> None:
    configuration = CONFIGURATIONS[name]
    image, inside = ragged(seed)
    limits = configuration.resegmentation or Resegmentation()
    kept = plain.kept(
        plain.values_of(image, inside), limits.low, limits.high, limits.outlier_sigmas
    )

    found = ibsi_features(*region_of(image, inside), configuration)

    assert not differing(found, expected(kept, configuration))
    if configuration.resegmentation is not None:
        assert 20 < len(kept) < np.count_nonzero(inside)


@pytest.mark.parametrize("seed", range(2))
def test_an_image_of_levels_is_taken_as_it_is(seed: int) -> None:
    image, inside = ragged(seed)
    ranks = np.floor((image - image.min()) / 40.0) + 2.0
    kept = plain.values_of(ranks, inside)
    as_is = replace(PLAIN, discretisation=Discretisation.NONE, bins=None)
    steps = replace(as_is, bin_size=1.0, lowest=1.0)

    found = ibsi_features(*region_of(ranks, inside), as_is)

    assert not differing(found, expected(kept, steps))


@pytest.mark.parametrize("seed", range(2))
def test_slices_are_interpolated_in_their_plane_and_stay(seed: int) -> None:
    image, inside = ragged(seed)
    resampling = Resampling(
        (None, 1.3, 1.3), Interpolation.LINEAR, round_values=True, mask_threshold=0.5
    )
    configuration = replace(BY_SIZE, resampling=resampling, resegmentation=RANGE)
    values = np.floor(plain.in_plane(image, 0.9, 1.3) + 0.5)
    region = plain.in_plane(inside.astype(np.float64), 0.9, 1.3) >= 0.5
    kept = plain.kept(plain.values_of(values, region), RANGE.low, RANGE.high, None)

    found = ibsi_features(
        *region_of(image, inside, spacing_mm=(2.5, 0.9, 0.9)), configuration
    )

    assert not differing(found, expected(kept, configuration))
    volume = np.count_nonzero(region) * 2.5 * 1.3**2
    assert found.values["morph_vol_approx"] == pytest.approx(volume, rel=1e-12)


def test_shape_is_of_the_whole_region_and_values_of_what_is_left_of_it() -> None:
    volume, mask = region_of(*ragged(1))

    whole = ibsi_features(volume, mask, PLAIN).values
    part = ibsi_features(volume, mask, replace(PLAIN, resegmentation=RANGE)).values

    of_values = {"morph_com", "morph_integ_int", "morph_moran_i", "morph_geary_c"}
    for tag in stems_of(Family.MORPHOLOGY):
        assert (whole[tag] == part[tag]) is (tag not in of_values), tag
    mean = part["stat_mean"] * part["morph_volume"]
    assert part["morph_integ_int"] == pytest.approx(mean)


def test_the_tags_asked_for_are_there_in_the_order_of_the_table() -> None:
    volume, mask = region_of(*ragged(1))
    configuration = replace(
        PLAIN,
        families=(Family.RUN_LENGTH, Family.STATISTICS),
        aggregations=(IbsiAggregation.VOLUME_MERGED, IbsiAggregation.SLICE_AVERAGED),
    )

    names = list(ibsi_features(volume, mask, configuration).values)

    runs = stems_of(Family.RUN_LENGTH)
    assert names == [
        *stems_of(Family.STATISTICS),
        *(f"{stem}_2D_avg" for stem in runs),
        *(f"{stem}_3D_comb" for stem in runs),
    ]


def test_where_resegmentation_leaves_nothing_the_shape_stands() -> None:
    volume, mask = region_of(*ragged(2))
    nothing = replace(PLAIN, resegmentation=Resegmentation(low=1e6))

    found = ibsi_features(volume, mask, nothing)

    whole = ibsi_features(volume, mask, PLAIN)
    assert set(found.values) == set(whole.values)
    for tag, value in found.values.items():
        if tag in found.undefined:
            assert math.isnan(value)
            assert (
                found.undefined[tag] == "re-segmentation leaves no voxel of the region"
            )
        else:
            assert value == whole.values[tag]
    stands = set(found.values) - set(found.undefined)
    assert len(stands) == 21
    assert all(tag.startswith("morph_") for tag in stands)


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_no_number_leaves_the_shape_and_says_why(odd: float) -> None:
    image, inside = ragged(2)
    image[tuple(np.argwhere(inside)[5])] = odd

    found = ibsi_features(*region_of(image, inside), PLAIN)

    assert found.undefined["cm_contrast_3D_avg"].startswith("1 of ")
    assert math.isfinite(found.values["morph_volume"])
    assert set(found.undefined) == {t for t, v in found.values.items() if math.isnan(v)}


@pytest.mark.parametrize("unit", [1e16, 1e100, 1e145, 1e200, 1e305])
def test_values_of_any_size_have_features_or_a_reason(unit: float) -> None:
    image, inside = ragged(2)
    image = np.rint(image) * unit
    image[0, 0, 0] = -1.7e308
    inside[0, 0, 0] = False
    whole = replace(PLAIN, ivh_discretisation=Discretisation.NONE, ivh_bins=None)

    found = ibsi_features(*region_of(image, inside), whole)

    assert set(found.undefined) == {
        tag for tag, value in found.values.items() if not math.isfinite(value)
    }
    assert math.isfinite(found.values["stat_energy"]) == (unit < 1e140)
    assert "too large" in found.undefined["ivh_v10"]


def test_an_empty_region_has_no_feature_and_says_why() -> None:
    image, inside = ragged(2)

    found = ibsi_features(*region_of(image, np.zeros_like(inside)), PLAIN)

    assert set(found.undefined) == set(found.values)
    assert set(found.undefined.values()) == {"the region has no voxel"}


REGIONS = {
    "one voxel": (slice(1, 2), slice(3, 4), slice(3, 4)),
    "two voxels": (slice(1, 2), slice(3, 4), slice(3, 5)),
    "a line": (slice(1, 2), slice(3, 4), slice(1, 6)),
    "a slice": (slice(1, 2), slice(1, 6), slice(1, 6)),
    "a column through the slices": (slice(0, 4), slice(2, 3), slice(2, 3)),
}


@pytest.mark.parametrize("spread", ["one value", "several values"])
@pytest.mark.parametrize("name", REGIONS)
def test_a_small_region_has_a_value_or_a_reason_for_every_tag(
    name: str, spread: str
) -> None:
    image, inside = ragged(3)
    inside[:] = False
    inside[REGIONS[name]] = True
    if spread == "one value":
        image[:] = 5.0

    found = ibsi_features(*region_of(image, inside), PLAIN)

    assert set(found.undefined) == {t for t, v in found.values.items() if math.isnan(v)}
    assert not any(math.isinf(value) for value in found.values.values())
    assert all(reason for reason in found.undefined.values())
    assert found.values["morph_volume"] > 0
    assert found.values["stat_mean"] == pytest.approx(image[inside].mean())


def test_values_that_are_no_levels_are_refused_without_a_discretisation() -> None:
    volume, mask = region_of(*ragged(0))
    as_is = replace(PLAIN, discretisation=Discretisation.NONE, bins=None)

    with pytest.raises(NotLevelsError):
        ibsi_features(volume, mask, as_is)


def test_without_levels_no_family_that_needs_none_is_refused() -> None:
    volume, mask = region_of(*ragged(0))
    families = (Family.MORPHOLOGY, Family.LOCAL_INTENSITY, Family.STATISTICS)
    as_is = replace(PLAIN, discretisation=Discretisation.NONE, families=families)

    assert not ibsi_features(volume, mask, as_is).undefined


@pytest.mark.parametrize(
    "configuration",
    [
        replace(PLAIN, bins=None),
        replace(BY_SIZE, bin_size=None),
        replace(PLAIN, ivh_bins=None),
        replace(BY_SIZE, ivh_bin_size=None),
        replace(PLAIN, discretisation=Discretisation.IBEX_FIXED_COUNT),
        replace(PLAIN, ivh_discretisation=Discretisation.IBEX_FIXED_COUNT),
    ],
)
def test_a_configuration_that_says_too_little_is_refused(
    configuration: IbsiConfiguration,
) -> None:
    with pytest.raises(UnsupportedPreparationError):
        ibsi_features(*region_of(*ragged(0)), configuration)


def test_a_region_on_another_grid_is_refused() -> None:
    volume, mask = region_of(*ragged(0))
    elsewhere = Mask(grid_of(mask.grid.shape, (1.0, 1.0, 1.0)), mask.inside.copy())

    with pytest.raises(GridMismatchError):
        ibsi_features(volume, elsewhere, PLAIN)


def test_every_feature_has_its_row_in_the_table() -> None:
    found = ibsi_features(*region_of(*ragged(0)), PLAIN)

    assert {tag_of(name).stem for name in found.values} == set(TAG_BY_STEM)
    assert tag_of("cm_contrast_2_5D_comb").code == "ACUI"
    assert tag_of("stat_var").unit_in("g/ml") == "(g/ml)2"
