"""Promises of the features of the voxel values."""

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 - the name that its documentation uses
from numpy.typing import NDArray
from radiomics.firstorder import RadiomicsFirstOrder

from model.features.catalogue import compute_features
from model.features.definitions import FEATURES, Group
from model.features.levels import UnsupportedPreparationError
from model.features.preparation import HistogramBins
from tests.model.features import plain_texture as plain
from tests.model.features.regions import FINE, IBEX_EXAMPLE, blob, region_of

DIRECT = [f.name for f in FEATURES if f.group is Group.INTENSITY_DIRECT]
OF_BINS = "histogram_KurtosisOfBinProbabilities"


def direct(image: NDArray[np.float64], inside: NDArray[np.bool_]) -> dict[str, float]:
    found = compute_features(*region_of(image, inside), FINE, DIRECT).values
    return {name.removeprefix("direct_"): value for name, value in found.items()}


def test_intensity_features_equal_their_definitions() -> None:
    image, inside = blob(6)
    values = sorted(image[inside].tolist())
    n, mean = len(values), sum(values) / len(values)
    squares = sum((v - mean) ** 2 for v in values)
    median = float(np.median(values))

    features = direct(image, inside)

    expected = {
        "GlobalMax": values[-1],
        "GlobalMin": values[0],
        "GlobalMedian": median,
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
        assert features[name] == pytest.approx(value, rel=1e-12), name


@pytest.mark.parametrize("levels", [256, 8])
def test_entropy_and_uniformity_are_of_the_grey_levels(levels: int) -> None:
    image, inside = blob(6)
    counts = Counter(plain.levels_of(image, inside, levels)[0].values())
    shares = [count / np.count_nonzero(inside) for count in counts.values()]
    names = ["direct_GlobalEntropy", "direct_GlobalUniformity"]

    found = compute_features(
        *region_of(image, inside), replace(FINE, levels=levels), names
    ).values

    assert found[names[0]] == pytest.approx(plain.entropy(shares), rel=1e-12)
    assert found[names[1]] == pytest.approx(sum(p * p for p in shares), rel=1e-12)


def test_they_equal_those_of_pyradiomics_that_the_table_calls_equal() -> None:
    image, inside = blob(11)
    shipped = RadiomicsFirstOrder(
        sitk.GetImageFromArray(image), sitk.GetImageFromArray(inside.astype(np.uint8))
    )
    theirs = shipped.execute()
    equal = {f.name: f.equal_in_pyradiomics for f in FEATURES if f.equal_in_pyradiomics}

    ours = compute_features(*region_of(image, inside), FINE, list(equal)).values

    assert len(equal) == 14
    expected = {name: float(theirs[other]) for name, other in equal.items()}
    assert ours == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("unit", [1e-220, 1e220])
def test_spreads_have_values_where_squares_have_none(unit: float) -> None:
    image, inside = blob(6)

    tiny, usual = direct(image * unit, inside), direct(image, inside)

    for name in ("GlobalStd", "RootMeanSquare", "Range", "MeanAbsoluteDeviation"):
        assert tiny[name] == pytest.approx(usual[name] * unit, rel=1e-12), name
    for name in ("Kurtosis", "Skewness"):
        assert tiny[name] == pytest.approx(usual[name], rel=1e-9), name


@pytest.mark.parametrize("value", [0.0, 5.0])
def test_a_single_voxel_has_no_deviation_whatever_its_value(value: float) -> None:
    found = direct(np.full((1, 1, 1), value), np.ones((1, 1, 1), np.bool_))

    assert math.isnan(found["GlobalStd"])
    assert math.isnan(found["Variance"])
    assert found["RootMeanSquare"] == value


def test_quartiles_are_those_of_matlab() -> None:
    # MATLAB: iqr([1 2 3 4 5 6]) = 5 - 2; numpy's default would give 2.5.
    image = np.arange(1.0, 7.0).reshape(1, 2, 3)

    assert direct(image, np.ones((1, 2, 3), np.bool_))["InterQuartileRange"] == 3.0


def test_the_histogram_group_is_of_the_voxel_values() -> None:
    features = compute_features(
        *region_of(*blob(7)), FINE, [f.name for f in FEATURES if f.name != OF_BINS]
    ).values

    for name in (n for n in features if n.startswith("histogram_")):
        assert features[name] == features[name.replace("histogram", "direct")]


@pytest.mark.parametrize("shift", [0.0, -3.0, 96.0])
def test_kurtosis_of_bin_probabilities_counts_empty_bins_and_drops_open_ones(
    shift: float,
) -> None:
    image, inside = blob(8)
    volume, mask = region_of(image + shift, inside)

    found = compute_features(volume, mask, IBEX_EXAMPLE, [OF_BINS]).values[OF_BINS]

    probabilities = plain.bin_probabilities(volume.inside(mask), 101, 0.0, 100.0)
    assert len(probabilities) == (102 if shift == 0 else 101)
    assert found == pytest.approx(plain.kurtosis(probabilities), rel=1e-10)


def test_a_value_between_two_bin_centres_belongs_to_the_lower_one() -> None:
    # MATLAB's hist has intervals open below: centres 0, 1, 2; 0.5 -> 0 and 1.5 -> 1.
    bins = HistogramBins(intervals=2, low=0.0, high=2.0)
    region = region_of(np.array([[[0.5, 1.5, 1.5, 1.5]]]))

    found = compute_features(*region, replace(IBEX_EXAMPLE, histogram=bins)).values

    assert found[OF_BINS] == pytest.approx(plain.kurtosis([0.25, 0.75, 0.0]))


def test_a_histogram_feature_without_a_histogram_is_refused_when_asked_for() -> None:
    with pytest.raises(UnsupportedPreparationError, match="histogram"):
        compute_features(*region_of(*blob(3)), FINE, [OF_BINS])
