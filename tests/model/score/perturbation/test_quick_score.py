"""Promises of `perturbation.quick_score`: the catalogue's score, much faster.

The catalogue, whose formulas are PyRadiomics', is the oracle.
"""

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from config.score_models import shipped_score_models
from model.features.neighbour_pairs import difference_counts
from model.features.preparation import (
    Aggregation,
    Dimension,
    Discretisation,
    Interpolation,
    Limits,
    Preparation,
    Resampling,
    Resegmentation,
)
from model.score.perturbation.quick_score import QuickScore, quick_score
from model.score.perturbation.region_scoring import catalogue_score
from model.score.score_model import ScoreModel
from tests.model.features.regions import (
    FINE,
    IBEX_EXAMPLE,
    blob,
    region_of,
    sts_tumour,
)
from tests.model.score.models import published
from tests.support.shared import SHARED_DATA, needs_shared_data

SHIPPED = shipped_score_models()
EVERY_DIFFERENCE = {
    "glcm_InverseVariance": -297.597,
    "glcm_Homogeneity2": 178.689,
    "glcm_Homogeneity": 31.0,
    "glcm_Contrast": 0.017,
    "glcm_Dissimilarity": -0.31,
    "glcm_InverseDiffMomentNorm": 12.0,
    "glcm_InverseDiffNorm": -7.0,
    "histogram_Kurtosis": 1.088,
    "direct_Kurtosis": -0.483,
}
WAYS = list(product(Dimension, Aggregation))


def quick(model: ScoreModel) -> QuickScore:
    found = quick_score(model)
    assert found is not None
    return found


def isolated() -> NDArray[np.bool_]:
    """Two voxels side by side, and others that have no neighbour at all."""
    inside = np.zeros((5, 7, 7), np.bool_)
    inside[0, 0, 0:2] = inside[2, 3, 3] = inside[4, 6, 6] = inside[4, 2, 0] = True
    return inside


@pytest.mark.parametrize(("dimension", "aggregation"), WAYS)
@pytest.mark.parametrize("levels", [2, 64, 256])
def test_the_quick_score_is_that_of_the_catalogue(
    dimension: Dimension, aggregation: Aggregation, levels: int
) -> None:
    image, inside = blob(levels)
    preparation = replace(
        FINE, levels=levels, dimension=dimension, aggregation=aggregation
    )
    model = published(preparation, coefficients=EVERY_DIFFERENCE)

    expected = catalogue_score(*region_of(image, inside), model)
    assert quick(model).score(image, inside) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    "preparation",
    [
        IBEX_EXAMPLE,
        replace(FINE, discretisation=Discretisation.IBSI_FIXED_BIN_NUMBER, levels=32),
        replace(
            FINE,
            discretisation=Discretisation.IBSI_FIXED_BIN_SIZE,
            levels=None,
            bin_size=0.25,
            limits=Limits.RANGE,
        ),
        replace(FINE, limits=Limits.FIXED, low=1.0, high=6.0),
        replace(FINE, offset=2),
        replace(FINE, offset=2, dimension=Dimension.VOLUME),
        replace(FINE, symmetric=False),
    ],
    ids=lambda preparation: f"{preparation.discretisation}-{preparation.offset}",
)
def test_every_preparation_of_levels_gives_the_catalogues_score(
    preparation: Preparation,
) -> None:
    image, inside = blob(9)
    model = published(preparation)

    expected = catalogue_score(*region_of(image, inside), model)
    assert quick(model).score(image, inside) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("dimension", "aggregation"), WAYS)
def test_directions_and_slices_without_pairs_do_not_count(
    dimension: Dimension, aggregation: Aggregation
) -> None:
    inside = isolated()
    image = np.random.default_rng(3).random(inside.shape)
    model = published(replace(FINE, dimension=dimension, aggregation=aggregation))

    expected = catalogue_score(*region_of(image, inside), model)
    assert quick(model).score(image, inside) == pytest.approx(expected, rel=1e-9)


@needs_shared_data
@pytest.mark.parametrize("name", SHIPPED)
def test_the_quick_score_of_a_real_tumour_is_that_of_the_catalogue(name: str) -> None:
    suv, mask = sts_tumour(SHARED_DATA / "sts-petct" / "STS_002")
    model = SHIPPED[name]

    score = quick(model).score(suv.values.astype(np.float64), np.asarray(mask.inside))

    assert score == pytest.approx(catalogue_score(suv, mask, model), rel=1e-9)


def test_a_region_without_neighbours_or_without_contrast_has_no_score() -> None:
    inside = isolated()
    inside[0, 0, 1] = False
    image = np.random.default_rng(3).random(inside.shape)
    score = quick(published(FINE)).score

    assert math.isnan(score(image, inside))
    assert math.isnan(score(np.ones((3, 4, 4)), np.ones((3, 4, 4), np.bool_)))
    assert math.isnan(score(image, np.zeros(inside.shape, np.bool_)))


@pytest.mark.parametrize("odd", [math.nan, math.inf])
def test_values_that_are_no_numbers_have_no_score(odd: float) -> None:
    image, inside = blob(4)
    image[tuple(np.argwhere(inside)[5])] = odd

    assert math.isnan(quick(published(FINE)).score(image, inside))


def test_values_that_cannot_be_prepared_have_no_score() -> None:
    image, inside = blob(4)

    assert math.isnan(quick(published(IBEX_EXAMPLE)).score(image * 1e5, inside))


@pytest.mark.parametrize(
    "changes",
    [
        {"coefficients": {"glcm_Entropy": 1.0}},
        {"coefficients": {"glcm_InverseVariance": 1.0, "direct_GlobalMean": 1.0}},
        {"coefficients": {"histogram_KurtosisOfBinProbabilities": 1.0}},
        {"preparation": replace(FINE, resegmentation=Resegmentation(low=1.0))},
        {
            "preparation": replace(
                FINE, resampling=Resampling((1.0, 1.0, 1.0), Interpolation.LINEAR)
            )
        },
    ],
)
def test_what_is_not_computed_exactly_has_no_quick_score(
    changes: dict[str, object],
) -> None:
    model = published(FINE)

    assert quick_score(model) is not None
    assert quick_score(replace(model, **changes)) is None


def test_shuffled_scores_are_scores_of_shuffled_values() -> None:
    image, inside = blob(6)
    model = published(FINE)

    together = quick(model).shuffled_scores(image, inside, np.random.default_rng(5), 4)

    generator = np.random.default_rng(5)
    for found in together:
        shuffled = image.copy()
        shuffled[inside] = generator.permutation(image[inside])
        assert found == pytest.approx(quick(model).score(shuffled, inside), rel=1e-12)


def test_pairs_are_counted_by_their_difference() -> None:
    levels = np.random.default_rng(8).integers(0, 6, (3, 4, 5)).astype(np.int32)
    steps = np.array([[0, 0, 1], [0, 1, -1], [1, -1, -1], [2, 0, 0]])

    counts = difference_counts(levels, steps, 5)

    expected = np.zeros((4, 5), np.int64)
    for (number, step), place in product(enumerate(steps), np.ndindex(levels.shape)):
        other = np.add(place, step)
        if (other >= 0).all() and (other < levels.shape).all():
            first, second = int(levels[place]), int(levels[tuple(other)])
            if first and second:
                expected[number, abs(first - second)] += 1
    assert np.array_equal(counts, expected)


@pytest.mark.parametrize("odd", [-1, 6])
def test_levels_that_the_count_does_not_hold_are_refused(odd: int) -> None:
    levels = np.ones((2, 2, 2), np.int32)
    levels[1, 1, 1] = odd

    with pytest.raises(ValueError, match=r"0\.\.5"):
        difference_counts(levels, np.array([[0, 0, 1]]), 5)
