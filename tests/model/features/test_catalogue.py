"""Promises of `model.features.catalogue`, of its table and of its engine."""

import math
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 - the name that its documentation uses
from radiomics.glcm import RadiomicsGLCM

from model.features.catalogue import compute_features
from model.features.definitions import (
    FEATURE_BY_NAME,
    FEATURES,
    Group,
    UnknownFeatureError,
)
from model.features.discretisation import UnsupportedPreparationError, grey_levels
from model.features.preparation import Aggregation, Dimension, Preparation
from model.grid import GridMismatchError, Mask, Volume
from tests.model.features import plain_texture as plain
from tests.model.features.regions import (
    FINE,
    IBEX_EXAMPLE,
    blob,
    grid_of,
    region_of,
    sts_tumour,
)
from tests.support.shared import SHARED_DATA, needs_shared_data

GLCM_NAMES = [f.name for f in FEATURES if f.group is Group.GLCM]
IN_VOLUME = replace(FINE, dimension=Dimension.VOLUME)
PREPARATIONS = [FINE, replace(FINE, levels=64), IBEX_EXAMPLE, IN_VOLUME]


def plain_glcm(
    volume: Volume, mask: Mask, preparation: Preparation
) -> dict[str, float]:
    levels, count = plain.levels_of(volume.values, mask.inside, preparation.levels)
    flat = preparation.dimension is Dimension.IN_PLANE
    steps = plain.IN_PLANE if flat else plain.VOLUME
    matrices = [plain.pairs_of(levels, step) for step in steps]
    return plain.texture(plain.pooled(matrices), count)


@pytest.mark.parametrize("preparation", PREPARATIONS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_texture_equals_the_definitions(preparation: Preparation, seed: int) -> None:
    volume, mask = region_of(*blob(seed))

    features = compute_features(volume, mask, preparation, GLCM_NAMES)

    expected = plain_glcm(volume, mask, preparation)
    assert features == pytest.approx(expected, rel=1e-8, abs=1e-8)


@needs_shared_data
@pytest.mark.parametrize("case", ["STS_025", "STS_002"])
@pytest.mark.parametrize("preparation", PREPARATIONS)
def test_texture_of_a_real_tumour_equals_the_definitions(
    preparation: Preparation, case: str
) -> None:
    volume, mask = sts_tumour(SHARED_DATA / "sts-petct" / case)

    features = compute_features(volume, mask, preparation, GLCM_NAMES)

    expected = plain_glcm(volume, mask, preparation)
    assert features == pytest.approx(expected, rel=1e-8, abs=1e-8)


def test_averaged_directions_are_the_mean_of_the_directions_that_have_pairs() -> None:
    image, inside = blob(4)
    inside[:, :, 4:] = False
    volume, mask = region_of(image, inside)
    averaged = replace(IN_VOLUME, aggregation=Aggregation.AVERAGED, levels=16)

    features = compute_features(volume, mask, averaged, ["glcm_Contrast"])

    levels, count = plain.levels_of(image, inside, 16)
    each = [plain.texture(plain.pairs_of(levels, s), count) for s in plain.VOLUME]
    mean = sum(one["glcm_Contrast"] for one in each) / len(each)
    assert features["glcm_Contrast"] == pytest.approx(mean, rel=1e-12)


@pytest.mark.parametrize("aggregation", Aggregation)
@pytest.mark.parametrize("dimension", [Dimension.IN_PLANE, Dimension.VOLUME])
def test_the_engine_equals_pyradiomics_as_it_ships(
    aggregation: Aggregation, dimension: Dimension
) -> None:
    preparation = replace(FINE, aggregation=aggregation, dimension=dimension)
    volume, mask = region_of(*blob(5))
    image = np.zeros(mask.inside.shape, np.int32)
    image[mask.inside] = grey_levels(volume.inside(mask), preparation).values
    shipped = RadiomicsGLCM(
        sitk.GetImageFromArray(image),
        sitk.GetImageFromArray(mask.inside.astype(np.uint8)),
        binWidth=1,
        force2D=dimension is Dimension.IN_PLANE,
        force2Ddimension=0,
        symmetricalGLCM=True,
        distances=[1],
        weightingNorm={"pooled": "no_weighting"}.get(aggregation),
    )
    shipped.logger.disabled = True
    theirs = shipped.execute()

    ours = compute_features(volume, mask, preparation, GLCM_NAMES)

    expected = {n: float(theirs[FEATURE_BY_NAME[n].pyradiomics]) for n in GLCM_NAMES}
    assert ours == pytest.approx(expected, rel=1e-12)


def test_an_asymmetric_matrix_keeps_the_order_of_its_pairs() -> None:
    values = np.array([[[1.0, 1.0, 2.0, 2.0]]])
    volume, mask = region_of(values)
    one_way = replace(FINE, levels=2, symmetric=False)

    # Pairs (1,1) (1,2) (2,2), each a third, instead of (1,2) and (2,1) a sixth each.
    features = compute_features(volume, mask, one_way, ["glcm_Energy"])

    assert features["glcm_Energy"] == pytest.approx(1 / 3)


def test_intensity_features_equal_their_definitions() -> None:
    image, inside = blob(6)
    volume, mask = region_of(image, inside)
    values = sorted(image[inside].tolist())
    n, mean = len(values), sum(values) / len(values)
    squares = sum((v - mean) ** 2 for v in values)
    median = float(np.median(values))

    features = compute_features(volume, mask, FINE)

    assert features["direct_GlobalMax"] == values[-1]
    assert features["direct_GlobalMin"] == values[0]
    assert features["direct_GlobalMedian"] == median
    expected = {
        "GlobalMean": mean,
        "Range": values[-1] - values[0],
        "Kurtosis": plain.kurtosis(values),
        "Skewness": sum((v - mean) ** 3 for v in values) / n / (squares / n) ** 1.5,
        "GlobalStd": math.sqrt(squares / (n - 1)),
        "Variance": squares / (n - 1),
        "MeanAbsoluteDeviation": sum(abs(v - mean) for v in values) / n,
        "MedianAbsoluteDeviation": np.median([abs(v - median) for v in values]),
        "Energy": sum(v * v for v in values),
        "EnergyNorm": sum(v * v for v in values) / n,
        "RootMeanSquare": math.sqrt(sum(v * v for v in values) / n),
    }
    for name, value in expected.items():
        assert features[f"direct_{name}"] == pytest.approx(value, rel=1e-12), name


def test_quartiles_are_those_of_matlab() -> None:
    # MATLAB: iqr([1 2 3 4 5 6]) = 5 - 2; numpy's default would give 2.5.
    volume, mask = region_of(np.arange(1.0, 7.0).reshape(1, 2, 3))

    name = "direct_InterQuartileRange"

    assert compute_features(volume, mask, FINE, [name]) == {name: 3.0}


def test_the_histogram_group_is_of_the_voxel_values() -> None:
    features = compute_features(*region_of(*blob(7)), FINE)

    for name in ("Kurtosis", "Skewness", "Range", "MeanAbsoluteDeviation"):
        assert features[f"histogram_{name}"] == features[f"direct_{name}"]


@pytest.mark.parametrize("shift", [0.0, -3.0, 96.0])
def test_kurtosis_of_bin_probabilities_counts_empty_bins_and_drops_open_ones(
    shift: float,
) -> None:
    image, inside = blob(8)
    volume, mask = region_of(image + shift, inside)
    name = "histogram_KurtosisOfBinProbabilities"

    features = compute_features(volume, mask, IBEX_EXAMPLE, [name])

    probabilities = plain.bin_probabilities(volume.inside(mask), 101, 0.0, 100.0)
    assert len(probabilities) == (102 if shift == 0 else 101)
    assert features[name] == pytest.approx(plain.kurtosis(probabilities), rel=1e-10)


def test_a_value_between_two_bin_centres_belongs_to_the_lower_one() -> None:
    # MATLAB's hist has intervals open below: centres 0, 1, 2; 0.5 -> 0 and 1.5 -> 1.
    bins = replace(IBEX_EXAMPLE.histogram, intervals=2, high=2.0)
    volume, mask = region_of(np.array([[[0.5, 1.5, 1.5, 1.5]]]))
    name = "histogram_KurtosisOfBinProbabilities"

    features = compute_features(volume, mask, replace(IBEX_EXAMPLE, histogram=bins))

    assert features[name] == pytest.approx(plain.kurtosis([0.25, 0.75, 0.0]))


def test_what_lies_outside_the_mask_does_not_matter() -> None:
    image, inside = blob(9)
    odd = np.where(inside, image, np.nan)

    assert compute_features(*region_of(odd, inside), FINE) == compute_features(
        *region_of(image, inside), FINE
    )


def test_a_region_at_the_border_has_the_features_of_the_same_region_inside() -> None:
    image, inside = blob(10)
    wide = np.pad(image, 3, constant_values=99.0), np.pad(inside, 3)

    assert compute_features(*region_of(*wide), FINE) == compute_features(
        *region_of(image, inside), FINE
    )


def test_a_constant_region_has_flat_texture_and_no_quotients_of_moments() -> None:
    features = compute_features(*region_of(np.full((3, 4, 4), 0.1)), FINE)

    undefined = {name for name, value in features.items() if math.isnan(value)}
    assert undefined == {
        "direct_Kurtosis",
        "direct_Skewness",
        "histogram_Kurtosis",
        "histogram_Skewness",
        "glcm_Correlation",
        "glcm_InformationMeasureCorr1",
    }
    assert features["glcm_Homogeneity2"] == 1
    assert features["glcm_InverseVariance"] == 0


def test_a_single_voxel_has_intensities_and_no_texture() -> None:
    inside = np.zeros((3, 3, 3), np.bool_)
    inside[1, 1, 1] = True

    features = compute_features(*region_of(blob(1, (3, 3, 3))[0], inside), FINE)

    assert all(math.isnan(features[name]) for name in GLCM_NAMES)
    assert features["direct_Range"] == 0
    assert math.isnan(features["direct_GlobalStd"])


def test_voxels_in_separate_slices_have_no_pairs_in_the_plane_but_in_the_volume() -> (
    None
):
    inside = np.zeros((2, 1, 1), np.bool_)
    inside[:] = True
    region = region_of(np.array([1.0, 2.0]).reshape(2, 1, 1), inside)

    assert math.isnan(compute_features(*region, FINE)["glcm_Contrast"])
    assert compute_features(*region, IN_VOLUME)["glcm_Contrast"] == 255**2


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_one_value_that_is_not_finite_leaves_every_feature_undefined(
    odd: float,
) -> None:
    image, inside = blob(2)
    image[tuple(np.argwhere(inside)[0])] = odd

    features = compute_features(*region_of(image, inside), FINE)

    assert features
    assert all(math.isnan(value) for value in features.values())


def test_an_empty_region_leaves_every_feature_undefined() -> None:
    region = region_of(np.ones((2, 2, 2)), np.zeros((2, 2, 2), np.bool_))

    assert all(math.isnan(v) for v in compute_features(*region, FINE).values())


def test_names_come_back_in_the_order_of_the_table() -> None:
    asked = ["histogram_Kurtosis", "direct_GlobalMax", "glcm_Contrast"]

    features = compute_features(*region_of(*blob(3)), FINE, asked)

    assert list(features) == ["direct_GlobalMax", "histogram_Kurtosis", "glcm_Contrast"]


def test_unknown_names_are_refused_together() -> None:
    with pytest.raises(UnknownFeatureError) as refusal:
        compute_features(*region_of(*blob(3)), FINE, ["glcm_Odd", "shape_Even"])

    assert refusal.value.names == ("glcm_Odd", "shape_Even")


def test_another_grid_is_refused() -> None:
    image, inside = blob(3)
    volume, _ = region_of(image, inside)
    elsewhere = Mask(grid_of(inside.shape, spacing_mm=0.9), inside)

    with pytest.raises(GridMismatchError):
        compute_features(volume, elsewhere, FINE)


def test_an_offset_is_so_many_steps_of_a_direction() -> None:
    image, inside = blob(3)
    volume, mask = region_of(image, inside)
    apart = replace(FINE, offset=2, levels=16)

    features = compute_features(volume, mask, apart, GLCM_NAMES)

    levels, count = plain.levels_of(image, inside, 16)
    steps = [(2 * k, 2 * j, 2 * i) for k, j, i in plain.IN_PLANE]
    pairs = plain.pooled(plain.pairs_of(levels, step) for step in steps)
    expected = plain.texture(pairs, count)
    assert features == pytest.approx(expected, rel=1e-8, abs=1e-8)


def test_a_histogram_feature_without_a_histogram_is_refused_when_asked_for() -> None:
    with pytest.raises(UnsupportedPreparationError, match="histogram"):
        compute_features(
            *region_of(*blob(3)), FINE, ["histogram_KurtosisOfBinProbabilities"]
        )


def test_the_table_names_every_feature_once_by_its_group() -> None:
    assert len(FEATURE_BY_NAME) == len(FEATURES)
    assert all(f.name.startswith(f"{f.group}_") for f in FEATURES)
    assert all(f.note for f in FEATURES)
    assert all((f.group is Group.GLCM) == (f.pyradiomics is not None) for f in FEATURES)


def test_kurtosis_bears_no_code_of_the_excess_kurtosis() -> None:
    codes = {f.ibsi_code for f in FEATURES if "Kurtosis" in f.name}

    assert codes == {None}


def test_units_follow_the_image() -> None:
    assert FEATURE_BY_NAME["direct_GlobalMax"].unit_in("g/ml") == "g/ml"
    assert FEATURE_BY_NAME["direct_Energy"].unit_in("g/ml") == "(g/ml)2"
    assert FEATURE_BY_NAME["glcm_Contrast"].unit_in("g/ml") == "1"


def test_nothing_is_printed_or_logged(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    compute_features(*region_of(*blob(3)), FINE)

    assert capfd.readouterr() == ("", "")
    assert not caplog.records
