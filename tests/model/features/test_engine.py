"""Promises of the texture engine: PyRadiomics' values on ready grey levels."""

import math

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 - the name that its documentation uses
from numpy.typing import NDArray
from radiomics.glcm import RadiomicsGLCM
from radiomics.glrlm import RadiomicsGLRLM

from model.features.engine import cooccurrence_features, run_length_features
from model.features.levels import GreyLevels, UnsupportedPreparationError
from model.features.preparation import Aggregation, Dimension, Neighbourhood
from tests.model.features import plain_texture as plain
from tests.model.features.regions import blob

GLCM = [
    name
    for name, deprecated in RadiomicsGLCM.getFeatureNames().items()
    if not deprecated and name != "MCC"
]
GLRLM = [
    n for n, deprecated in RadiomicsGLRLM.getFeatureNames().items() if not deprecated
]
POOLED = Neighbourhood(Dimension.IN_PLANE, Aggregation.POOLED)
OF_PYRADIOMICS = [
    Neighbourhood(dimension, aggregation)
    for dimension in (Dimension.IN_PLANE, Dimension.VOLUME)
    for aggregation in Aggregation
]


def levels_of(seed: int, count: int) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Grey levels on a ragged region, 0 outside it."""
    _, inside = blob(seed)
    image = np.random.default_rng(seed).integers(1, count + 1, inside.shape)
    return np.where(inside, image, 0).astype(np.int32), inside


def of(image: NDArray[np.int32], count: int | None = None) -> GreyLevels:
    present = image[image > 0]
    return GreyLevels(present, int(present.max()) if count is None else count)


def shipped(
    kind: type, image: NDArray[np.int32], neighbourhood: Neighbourhood
) -> dict[str, float]:
    """PyRadiomics' own class, from image to values."""
    pooled = neighbourhood.aggregation is Aggregation.POOLED
    calculator = kind(
        sitk.GetImageFromArray(image),
        sitk.GetImageFromArray((image > 0).astype(np.uint8)),
        binWidth=1,
        force2D=neighbourhood.dimension is not Dimension.VOLUME,
        force2Ddimension=0,
        symmetricalGLCM=neighbourhood.symmetric,
        distances=[1],
        weightingNorm="no_weighting" if pooled else None,
    )
    calculator.logger.disabled = True
    return {name: float(value) for name, value in calculator.execute().items()}


@pytest.mark.parametrize("neighbourhood", OF_PYRADIOMICS)
@pytest.mark.parametrize("count", [3, 40])
def test_pairs_have_the_features_of_pyradiomics_as_it_ships(
    count: int, neighbourhood: Neighbourhood
) -> None:
    image, inside = levels_of(count, count)

    ours = cooccurrence_features(of(image), inside, neighbourhood, GLCM)

    theirs = shipped(RadiomicsGLCM, image, neighbourhood)
    assert ours == pytest.approx({name: theirs[name] for name in GLCM}, rel=1e-10)


@pytest.mark.parametrize("neighbourhood", OF_PYRADIOMICS)
@pytest.mark.parametrize("count", [2, 40])
def test_runs_have_the_features_of_pyradiomics_as_it_ships(
    count: int, neighbourhood: Neighbourhood
) -> None:
    image, inside = levels_of(count, count)

    ours = run_length_features(of(image), inside, neighbourhood, GLRLM)

    theirs = shipped(RadiomicsGLRLM, image, neighbourhood)
    assert ours == pytest.approx({name: theirs[name] for name in GLRLM}, rel=1e-10)


@pytest.mark.parametrize("aggregation", Aggregation)
def test_each_slice_counts_as_much_as_every_other_that_has_pairs(
    aggregation: Aggregation,
) -> None:
    image, inside = levels_of(5, 6)
    image[0], inside[0] = 0, False
    image[0, 0, 0], inside[0, 0, 0] = 3, True  # A slice without pairs.
    by_slice = Neighbourhood(Dimension.SLICE, aggregation)
    in_plane = Neighbourhood(Dimension.IN_PLANE, aggregation)

    ours = cooccurrence_features(of(image), inside, by_slice, ["Contrast"])

    slices = [image[k : k + 1] for k in range(1, len(image)) if image[k].any()]
    each = [
        cooccurrence_features(of(s), s > 0, in_plane, ["Contrast"])["Contrast"]
        for s in slices
    ]
    assert len(each) > 2
    assert ours["Contrast"] == pytest.approx(np.nanmean(each), rel=1e-12)


def test_a_slice_of_one_voxel_has_runs() -> None:
    image = np.zeros((2, 2, 2), np.int32)
    image[0, 0, 0] = 2
    image[1] = 1
    by_slice = Neighbourhood(Dimension.SLICE, Aggregation.POOLED)

    found = run_length_features(of(image), image > 0, by_slice, ["RunPercentage"])

    # Four directions: 4 runs of 4 voxels, and 1 for each of 4 voxels in two directions
    # of the other slice, 2 in each of the two others: 2 + 2 + 3 + 3 = 10 of 16.
    assert found["RunPercentage"] == pytest.approx((1 + 10 / 16) / 2)


def test_a_direction_along_which_no_two_voxels_lie_has_runs_of_one() -> None:
    image = np.ones((1, 3, 3), np.int32)
    across = ((1, 0, 0),)

    found = run_length_features(
        of(image), image > 0, POOLED, ["RunPercentage", "LongRunEmphasis"], across
    )

    assert found == {"RunPercentage": 1.0, "LongRunEmphasis": 1.0}


def test_directions_that_define_a_feature_are_averaged() -> None:
    # Along the rows there are two levels, along the columns only pairs of equal ones.
    image = np.array([[[1, 2, 1], [1, 2, 1]]], np.int32)
    each = Neighbourhood(Dimension.IN_PLANE, Aggregation.AVERAGED)

    found = cooccurrence_features(of(image), image > 0, each, ["Correlation", "Imc1"])

    assert all(math.isfinite(value) for value in found.values())


@pytest.mark.parametrize("dimension", Dimension)
@pytest.mark.parametrize("aggregation", Aggregation)
def test_a_single_level_has_no_correlation_and_an_entropy_of_nought(
    dimension: Dimension, aggregation: Aggregation
) -> None:
    image = np.full((2, 3, 3), 4, np.int32)

    found = cooccurrence_features(
        of(image), image > 0, Neighbourhood(dimension, aggregation), GLCM
    )

    assert {n for n in GLCM if math.isnan(found[n])} == {"Correlation", "Imc1"}
    zero = ("JointEntropy", "DifferenceEntropy", "SumEntropy", "Imc2", "Contrast")
    assert [found[name] for name in zero] == [0.0] * 5
    assert found["JointAverage"] == 4


def test_no_pairs_leave_every_feature_of_pairs_undefined() -> None:
    image = np.zeros((3, 5, 5), np.int32)
    image[1, ::2, ::2] = 7

    found = cooccurrence_features(of(image), image > 0, POOLED, GLCM)

    assert all(math.isnan(value) for value in found.values())


def test_an_empty_region_leaves_everything_undefined() -> None:
    nothing = GreyLevels(np.zeros(0, np.int32), 1)
    inside = np.zeros((2, 3, 4), np.bool_)

    for dimension in Dimension:
        around = Neighbourhood(dimension, Aggregation.POOLED)
        pairs = cooccurrence_features(nothing, inside, around, ["Contrast"])
        runs = run_length_features(nothing, inside, around, ["RunPercentage"])
        assert math.isnan(pairs["Contrast"])
        assert math.isnan(runs["RunPercentage"])


@pytest.mark.parametrize("offset", [2, 3, 9])
def test_an_offset_is_so_many_steps_of_a_direction(offset: int) -> None:
    image, inside = levels_of(8, 5)
    apart = Neighbourhood(Dimension.VOLUME, Aggregation.POOLED, offset)
    voxels = [tuple(int(n) for n in voxel) for voxel in np.argwhere(inside)]
    levels = {voxel: int(image[voxel]) for voxel in voxels}
    steps = [(offset * k, offset * j, offset * i) for k, j, i in plain.VOLUME]
    pairs = plain.pooled(plain.pairs_of(levels, step) for step in steps)

    found = cooccurrence_features(of(image), inside, apart, ["Contrast", "JointEnergy"])

    if not pairs:
        assert all(math.isnan(value) for value in found.values())
        return
    expected = plain.texture(pairs, 5)
    assert found["Contrast"] == pytest.approx(expected["glcm_Contrast"])
    assert found["JointEnergy"] == pytest.approx(expected["glcm_Energy"])


def test_an_offset_of_nought_is_refused() -> None:
    image, inside = levels_of(8, 5)
    nowhere = Neighbourhood(Dimension.VOLUME, Aggregation.POOLED, 0)

    with pytest.raises(UnsupportedPreparationError, match="offset"):
        cooccurrence_features(of(image), inside, nowhere, ["Contrast"])


def test_an_asymmetric_matrix_keeps_the_order_of_its_pairs() -> None:
    image = np.array([[[1, 1, 2, 2]]], np.int32)
    one_way = Neighbourhood(
        Dimension.IN_PLANE, Aggregation.POOLED, offset=1, symmetric=False
    )

    found = cooccurrence_features(
        of(image), image > 0, one_way, ["JointEnergy", "JointAverage", "SumAverage"]
    )

    # Pairs (1,1) (1,2) (2,2), each a third, instead of (1,2) and (2,1) a sixth each.
    assert found["JointEnergy"] == pytest.approx(1 / 3)
    assert found["JointAverage"] == pytest.approx(4 / 3)
    assert found["SumAverage"] == pytest.approx(3)
