"""Promises of `model.score.perturbation.shuffled`."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from config.score_models import shipped_score_models
from model.features.preparation import Resegmentation
from model.grid import GridMismatchError
from model.score.perturbation.region_scoring import catalogue_score, fewer_repetitions
from model.score.perturbation.shuffled import shuffled_score
from tests.model.features.regions import FINE, blob, region_of, sts_tumour
from tests.model.score.models import published
from tests.support.shared import SHARED_DATA, needs_shared_data

LARGE = (12, 14, 16)
MODEL = published(FINE)


def test_the_shuffled_score_is_the_same_on_every_machine() -> None:
    """Values that are whole numbers times a power of two, and a fixed generator."""
    image = (np.arange(360) * 7919 % 360 / 64).reshape(5, 8, 9)

    result = shuffled_score(*region_of(image), MODEL, repetitions=20, seed=4)

    assert result is not None
    assert (result.repetitions, result.seed) == (20, 4)
    assert result.mean == pytest.approx(1.4172411402556837, rel=1e-12)
    assert result.standard_deviation == pytest.approx(0.5605119842258155, rel=1e-9)


def test_another_seed_draws_other_permutations() -> None:
    region = region_of(*blob(1, LARGE))

    first, again, other = (shuffled_score(*region, MODEL, seed=s) for s in (0, 0, 1))

    assert first == again
    assert first is not None
    assert other is not None
    assert first.mean != other.mean
    assert first.mean == pytest.approx(other.mean, abs=first.standard_deviation)


def test_it_is_the_catalogues_score_of_permuted_values() -> None:
    image, inside = blob(2)
    scores = []
    generator = np.random.Generator(np.random.PCG64(7))
    for _ in range(3):
        permuted = image.copy()
        permuted[inside] = generator.permutation(image[inside])
        scores.append(catalogue_score(*region_of(permuted, inside), MODEL))

    result = shuffled_score(*region_of(image, inside), MODEL, repetitions=3, seed=7)

    assert result is not None
    assert result.mean == pytest.approx(np.mean(scores), rel=1e-9)
    assert result.standard_deviation == pytest.approx(np.std(scores), rel=1e-6)


def test_values_without_arrangement_score_like_their_shuffled_selves() -> None:
    image, inside = blob(3, LARGE)
    smooth = ndimage.gaussian_filter(image, 1.5)

    for values, arranged in ((image, False), (smooth, True)):
        region = region_of(values, inside)
        result = shuffled_score(*region, MODEL)
        assert result is not None
        added = catalogue_score(*region, MODEL) - result.mean
        assert (abs(added) > 5 * result.standard_deviation) is arranged


@needs_shared_data
@pytest.mark.parametrize(
    ("case", "mean", "deviation"), [("STS_025", 2.27, 0.67), ("STS_002", 1.08, 0.67)]
)
def test_two_real_tumours_have_their_known_shuffled_scores(
    case: str, mean: float, deviation: float
) -> None:
    model = shipped_score_models()["zhang2023-fine"]

    result = shuffled_score(*sts_tumour(SHARED_DATA / "sts-petct" / case), model)

    assert result is not None
    assert result.mean == pytest.approx(mean, abs=0.01)
    assert result.standard_deviation == pytest.approx(deviation, abs=0.01)


def test_a_model_of_other_features_is_shuffled_through_the_catalogue() -> None:
    image, inside = blob(2)
    model = published(FINE, coefficients={"glcm_Energy": 100.0, "direct_Kurtosis": 1.0})
    generator = np.random.Generator(np.random.PCG64(0))
    scores = []
    for _ in range(10):
        permuted = image.copy()
        permuted[inside] = generator.permutation(image[inside])
        scores.append(catalogue_score(*region_of(permuted, inside), model))

    result = shuffled_score(*region_of(image, inside), model, repetitions=50)

    assert result is not None
    assert result.repetitions == 10
    assert result.mean == pytest.approx(np.mean(scores), rel=1e-9)


def test_a_region_that_has_no_score_has_no_shuffled_score() -> None:
    image, inside = blob(5)
    constant = np.full(image.shape, 2.5)
    odd = image.copy()
    odd[tuple(np.argwhere(inside)[0])] = math.nan
    few = published(FINE, minimum_voxels=int(inside.sum()) + 1)

    assert shuffled_score(*region_of(image, inside), MODEL) is not None
    assert shuffled_score(*region_of(constant, inside), MODEL) is None
    assert shuffled_score(*region_of(odd, inside), MODEL) is None
    assert shuffled_score(*region_of(image, inside), few) is None
    assert shuffled_score(*region_of(image, inside & False), MODEL) is None


def test_a_mask_of_another_image_is_refused() -> None:
    image, _ = region_of(*blob(5))
    _, mask = region_of(*blob(5, LARGE))

    with pytest.raises(GridMismatchError):
        shuffled_score(image, mask, MODEL)


@pytest.mark.parametrize(
    ("asked", "shape", "quick", "done"),
    [
        (100, (20, 10, 10), True, 100),
        (100, (50, 100, 10), True, 100),
        (100, (50, 100, 40), True, 25),
        (100, (100, 100, 100), True, 10),
        (100, (20, 10, 10), False, 20),
        (50, (50, 100, 40), False, 10),
        (3, (50, 100, 40), True, 3),
    ],
)
def test_large_regions_and_slow_models_are_scored_less_often(
    asked: int, shape: tuple[int, ...], done: int, *, quick: bool
) -> None:
    slow = published(replace(FINE, resegmentation=Resegmentation(low=0.0)))
    inside = np.ones(shape, np.bool_)

    assert fewer_repetitions(asked, inside, MODEL if quick else slow) == done


def test_a_few_voxels_scattered_over_a_body_count_as_many() -> None:
    scattered = np.zeros((100, 100, 60), np.bool_)
    scattered[0, 0, 0] = scattered[-1, -1, -1] = True

    assert fewer_repetitions(100, scattered, MODEL) == 25
