"""Promises of `model.score.perturbation.noise`, on images whose noise is known."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from model.score.perturbation.noise import (
    PointSpread,
    noise_boxes,
    noise_level,
    repeated_noise,
)

INVEON = PointSpread(1.65, (0.796, 0.8, 0.8))
SHAPE = (30, 30, 30)


def generator(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def correlated_noise(
    shape: tuple[int, int, int], spread: PointSpread, drawn: np.random.Generator
) -> NDArray[np.float64]:
    """Return noise for a whole image."""
    slices, rows, columns = (slice(0, size) for size in shape)
    [[(_, noise)]] = repeated_noise([(slices, rows, columns)], spread, drawn, 1)
    return noise


def ball(radius_voxels: float) -> NDArray[np.bool_]:
    places = np.indices(SHAPE) - np.reshape(SHAPE, (3, 1, 1, 1)) / 2 + 0.3
    return np.asarray((places**2).sum(axis=0) <= radius_voxels**2, np.bool_)


def blurred(image: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(ndimage.gaussian_filter(image, 1.65 / 2.3548 / 0.8), np.float64)


def level(image: NDArray[np.float64], inside: NDArray[np.bool_]) -> float:
    found = noise_level(image, inside, INVEON)
    assert found is not None
    return found


@pytest.mark.parametrize("sigma", [0.02, 0.3])
@pytest.mark.parametrize(("radius_voxels", "uptake"), [(2.5, 6.0), (5, 12.0), (7, 1.0)])
def test_a_known_level_is_found_beside_and_in_a_tumour(
    sigma: float, radius_voxels: float, uptake: float
) -> None:
    inside = ball(radius_voxels)
    tumour = blurred(np.where(inside, uptake, 1.0))
    noise = sigma * correlated_noise(SHAPE, INVEON, generator(1))

    assert level(tumour + noise, inside) == pytest.approx(sigma, rel=0.1)


def test_a_tumour_at_the_skin_has_the_level_of_the_body() -> None:
    inside = ball(4)
    body = inside | (np.indices(SHAPE)[1] < 16)
    image = blurred(np.where(inside, 4.0, 1.0) * body)
    noise = 0.2 * correlated_noise(SHAPE, INVEON, generator(2)) * blurred(body * 1.0)

    assert level(image + noise, inside) == pytest.approx(0.2, rel=0.15)


def test_slopes_are_no_noise() -> None:
    inside = ball(4)
    slope = np.einsum("a,aijk->ijk", [0.3, -0.2, 0.1], np.indices(SHAPE)) + 20

    assert level(slope, inside) == pytest.approx(0.0, abs=1e-9)
    assert level(np.full(SHAPE, 3.0), inside) == 0
    assert level(np.zeros(SHAPE), inside) == 0


def test_the_level_goes_with_the_unit() -> None:
    inside = ball(4)
    image = 5 + correlated_noise(SHAPE, INVEON, generator(3))

    assert level(1000 * image, inside) == pytest.approx(1000 * level(image, inside))


def test_voxels_without_a_number_are_passed_over() -> None:
    inside = ball(4)
    image = 5 + 0.3 * correlated_noise(SHAPE, INVEON, generator(4))
    image[:, :, 25:] = math.nan
    image[20, :, :] = math.inf

    assert level(image, inside) == pytest.approx(0.3, rel=0.1)


def test_a_region_that_fills_its_image_has_the_level_of_its_inside() -> None:
    noise = 5 + 0.3 * correlated_noise((1, 20, 20), INVEON, generator(5))

    found = noise_level(noise, np.ones(noise.shape, np.bool_), INVEON)

    assert found == pytest.approx(0.3, rel=0.25)


def test_where_nothing_lies_apart_from_the_outline_all_places_count() -> None:
    inside = np.zeros((1, 6, 6), np.bool_)
    inside[:, 1:5, 1:5] = True
    image = generator(6).random(inside.shape)

    assert level(image + 7, inside) == pytest.approx(level(image, inside))
    assert level(image, inside) > 0


def test_an_image_of_a_few_voxels_tells_no_level() -> None:
    few = np.ones((2, 4, 4), np.bool_)

    assert noise_level(generator(7).random(few.shape), few, INVEON) is None


def test_noise_has_unit_strength_and_the_scanners_correlation() -> None:
    noise = correlated_noise((60, 60, 60), INVEON, generator(8))
    sigma = 1.65 / 2.3548

    assert noise.std() == pytest.approx(1.0, rel=0.02)
    assert noise[0].std() == pytest.approx(1.0, rel=0.1)
    for axis, spacing in enumerate(INVEON.spacing_mm):
        along = np.moveaxis(noise, axis, 0)
        for voxels in (1, 2, 3):
            found = np.mean(along[voxels:] * along[:-voxels])
            # Blurred white noise: a Gaussian wider than the point spread by root 2.
            expected = math.exp(-((voxels * spacing) ** 2) / (4 * sigma**2))
            assert found == pytest.approx(expected, abs=0.03)
            assert INVEON.correlation(axis, voxels) == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("resolution_mm", [0.01, 1.65])
def test_in_voxels_far_above_the_resolution_noise_is_white(
    resolution_mm: float,
) -> None:
    human = PointSpread(resolution_mm, (5.0, 5.5, 5.5))
    white = correlated_noise((20, 20, 20), human, generator(9))

    assert np.mean(white[:, :, 1:] * white[:, :, :-1]) == pytest.approx(0.0, abs=0.05)
    found = noise_level(white + 9, np.ones(white.shape, np.bool_), human)
    assert found == pytest.approx(1.0, rel=0.05)


def test_the_same_seed_makes_the_same_noise() -> None:
    first, again, other = (
        correlated_noise((4, 5, 6), INVEON, generator(seed)) for seed in (1, 1, 2)
    )

    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_lesions_far_apart_have_noise_of_their_own() -> None:
    inside = np.zeros((12, 12, 80), np.bool_)
    inside[4:8, 4:8, 2:8] = inside[5:9, 5:9, 60:70] = True

    boxes = noise_boxes(inside, INVEON, (1, 1, 1))
    [found] = repeated_noise(boxes, INVEON, generator(1), 1)

    assert [noise.shape for _, noise in found] == [(6, 6, 12), (6, 6, 8)]
    held = np.zeros(inside.shape, np.int64)
    for box, noise in found:
        held[box] += 1
        assert noise.std() == pytest.approx(1.0, abs=0.4)
    assert (held[inside] == 1).all()


def test_noise_made_at_once_is_the_noise_made_one_after_another() -> None:
    inside = np.zeros((12, 12, 80), np.bool_)
    inside[4:8, 4:8, 2:8] = inside[5:9, 5:9, 60:70] = True
    boxes = noise_boxes(inside, INVEON, (1, 1, 1))
    drawn = generator(1)

    at_once = list(repeated_noise(boxes, INVEON, generator(1), 20))

    for each in at_once:
        [alone] = repeated_noise(boxes, INVEON, drawn, 1)
        for (box, noise), (same, expected) in zip(each, alone, strict=True):
            assert box == same
            assert np.array_equal(noise, expected)


def test_the_level_near_lesions_far_apart_is_that_of_both() -> None:
    image = 5 + 0.3 * correlated_noise((20, 20, 90), INVEON, generator(2))
    image[:, :, 20:65] += 50 * generator(3).random((20, 20, 45))
    inside = np.zeros(image.shape, np.bool_)
    inside[8:12, 8:12, 4:8] = inside[8:12, 8:12, 80:84] = True

    assert level(image, inside) == pytest.approx(0.3, rel=0.15)
