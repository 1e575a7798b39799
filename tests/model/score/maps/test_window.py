"""Promises of `model.score.maps.window` and of the compiled loops under it.

The oracles are the definitions, written out for one window at a time.
"""

import tracemalloc
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from model.features.glcm import unit_directions
from model.features.preparation import Dimension
from model.score.maps.window import (
    Pairs,
    Radius,
    lines_of,
    means_over_pairs,
    window_kurtosis,
    window_kurtosis_of_counts,
)

ALL = unit_directions(Dimension.VOLUME)
IN_PLANE = unit_directions(Dimension.IN_PLANE)


def ragged(
    seed: int, shape: tuple[int, int, int], share: float = 0.7
) -> NDArray[np.bool_]:
    return np.random.default_rng(seed).random(shape) < share


def functions_of(differences: int, count: int) -> NDArray[np.float64]:
    difference = np.arange(differences)
    return np.stack([1 / (1 + difference**power) for power in range(1, count + 1)])


def window_of(voxel: NDArray[np.intp], radius: Radius) -> tuple[slice, slice, slice]:
    first, second, third = (
        slice(max(0, int(c) - r), int(c) + r + 1)
        for c, r in zip(voxel, radius, strict=True)
    )
    return first, second, third


def plain_means(
    levels: NDArray[np.int32], pairs: Pairs, radius: Radius
) -> NDArray[np.float64]:
    """Return the means of functions over pairs, window by window."""
    means = []
    for voxel in np.argwhere(levels > 0):
        window = levels[window_of(voxel, radius)]
        found = [differences(window, step) for step in pairs.steps]
        if pairs.pooled:
            found = [np.concatenate(found)]
        of_directions = [pairs.functions[:, d].mean(axis=1) for d in found if d.size]
        nothing = [np.full(len(pairs.functions), np.nan)]
        means.append(np.mean(of_directions or nothing, axis=0))
    return np.array(means).T


def differences(
    window: NDArray[np.int32], step: tuple[int, int, int]
) -> NDArray[np.int64]:
    level_at = {
        tuple(map(int, at)): int(window[tuple(at)]) for at in np.argwhere(window)
    }
    ends = [(at, tuple(np.add(at, step).tolist())) for at in level_at]
    return np.array(
        [abs(level_at[a] - level_at[b]) for a, b in ends if b in level_at], np.int64
    )


@pytest.mark.parametrize("pooled", [False, True])
@pytest.mark.parametrize(
    ("seed", "shape", "radius", "steps", "features"),
    [
        (1, (4, 5, 6), (1, 1, 1), ALL, 2),
        (2, (5, 5, 5), (2, 2, 2), ALL, 1),
        (3, (4, 6, 5), (3, 1, 2), ALL, 3),
        (4, (3, 7, 6), (0, 2, 3), IN_PLANE, 2),
        (5, (6, 4, 5), (2, 1, 0), ALL, 2),
        (6, (1, 9, 9), (0, 1, 1), ALL, 4),
        (7, (1, 1, 12), (0, 0, 2), ALL, 2),
        (8, (7, 1, 3), (3, 0, 1), ALL, 5),
        (9, (5, 6, 6), (1, 2, 1), [(2, 0, 0), (0, 2, -2), (2, 2, 2), (0, 3, 1)], 2),
        (10, (5, 4, 4), (8, 8, 8), ALL, 2),
    ],
)
def test_means_over_pairs_are_those_of_each_window(
    seed: int,
    shape: tuple[int, int, int],
    radius: Radius,
    steps: list[tuple[int, int, int]],
    features: int,
    *,
    pooled: bool,
) -> None:
    inside = ragged(seed, shape)
    drawn = np.random.default_rng(seed).integers(1, 21, shape)
    levels = np.where(inside, drawn, 0).astype(np.int32)
    pairs = Pairs(steps, functions_of(20, features), pooled)

    means = means_over_pairs(levels, lines_of(levels > 0), pairs, radius)

    assert means.shape == (features, np.count_nonzero(levels))
    expected = plain_means(levels, pairs, radius)
    np.testing.assert_allclose(means, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("pooled", [False, True])
def test_functions_of_any_size_keep_their_digits(*, pooled: bool) -> None:
    drawn = np.random.default_rng(3).integers(1, 4096, (3, 4, 4))
    difference = np.arange(4096.0)
    pairs = Pairs(ALL, np.stack([difference**2, 1 / (1 + difference)]), pooled)
    levels = drawn.astype(np.int32)

    means = means_over_pairs(levels, lines_of(levels > 0), pairs, (3, 3, 3))

    expected = plain_means(levels, pairs, (3, 3, 3))
    np.testing.assert_allclose(means[0], expected[0], rtol=1e-12)
    np.testing.assert_allclose(means[1], expected[1], rtol=0, atol=1e-12)


def test_a_window_without_pairs_has_no_mean() -> None:
    levels = np.zeros((3, 5, 5), np.int32)
    levels[1, 2, 2] = levels[1, 0, 0] = levels[1, 0, 1] = 1
    pairs = Pairs(ALL, functions_of(1, 2), pooled=False)

    means = means_over_pairs(levels, lines_of(levels > 0), pairs, (1, 1, 1))

    assert np.array_equal(np.isnan(means), [[False, False, True]] * 2)


@pytest.mark.parametrize("pooled", [False, True])
def test_what_the_sums_take_does_not_grow_with_the_window(*, pooled: bool) -> None:
    levels = np.ones((40, 40, 40), np.int32)
    region = lines_of(levels > 0)
    pairs = Pairs(ALL, functions_of(1, 2), pooled)

    def peak(radius: int) -> int:
        tracemalloc.start()
        means_over_pairs(levels, region, pairs, (radius,) * 3)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(12) < 1.5 * peak(1)  # a count that has a word of its own
    assert peak(12) < 100 * levels.size


def exact_kurtosis(values: NDArray[np.float64]) -> float:
    exact = [Fraction(float(value)) for value in values]
    mean = sum(exact) / len(exact)
    second = sum((value - mean) ** 2 for value in exact)
    fourth = sum((value - mean) ** 4 for value in exact)
    return float(len(exact) * fourth / second**2) if second else 0.0


def image_of(kind: str, shape: tuple[int, int, int]) -> NDArray[np.float64]:
    random = np.random.default_rng(len(kind))
    noise = random.normal(size=shape)
    column = np.arange(shape[2], dtype=np.float64)
    images = {
        "noise": noise,
        "far from zero": noise + 1e6,
        "whole numbers": np.rint(noise * 2),
        "steep": column**3 + 1e-3 * noise,
        "hot voxel": np.where(random.random(shape) < 0.03, 1e4, 1e-2 * noise),
        "one last bit": np.where(noise > 1, np.nextafter(0.3, 1), 0.3),
        "flat in parts": np.where(column < 5, 0.3, noise),
        "tiny": 1e-160 * noise,
        "subnormal": 1e-310 * np.rint(1e3 * noise),
        "huge": np.clip(noise, -1, 1) * 1.7e308,
        "both": np.where(column < 5, 1e-200, 1) * noise,
    }
    return images[kind]


@pytest.mark.parametrize(
    ("shape", "radius"), [((4, 4, 11), (1, 1, 1)), ((3, 4, 9), (3, 2, 2))]
)
@pytest.mark.parametrize(
    "kind",
    [
        "noise",
        "far from zero",
        "whole numbers",
        "steep",
        "hot voxel",
        "one last bit",
        "flat in parts",
        "tiny",
        "subnormal",
        "huge",
        "both",
    ],
)
def test_kurtosis_is_exact_to_nine_digits_whatever_the_values(
    kind: str, shape: tuple[int, int, int], radius: Radius
) -> None:
    inside = ragged(7, shape, 0.8)
    values = np.where(inside, image_of(kind, shape), 0)

    found = window_kurtosis(values, inside, lines_of(inside), radius)

    windows = [window_of(voxel, radius) for voxel in np.argwhere(inside)]
    expected = [exact_kurtosis(values[w][inside[w]]) for w in windows]
    assert found == pytest.approx(expected, rel=1e-9)


def test_kurtosis_of_long_lines_with_gaps_is_that_of_each_window() -> None:
    inside = ragged(8, (1, 2, 130), 0.6)
    inside[0, :, 20:75] = False
    values = np.where(inside, np.cumsum(ragged(9, inside.shape), axis=2) * 0.1, 0)
    radius = (0, 1, 30)

    found = window_kurtosis(values, inside, lines_of(inside), radius)

    windows = [window_of(voxel, radius) for voxel in np.argwhere(inside)]
    expected = [exact_kurtosis(values[w][inside[w]]) for w in windows]
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("radius", [(1, 1, 1), (0, 2, 3), (3, 3, 3)])
def test_kurtosis_of_counts_is_that_of_each_windows_histogram(radius: Radius) -> None:
    inside = ragged(11, (4, 5, 9), 0.6)
    bins = np.random.default_rng(12).integers(-1, 6, inside.shape).astype(np.int32)
    bins[~inside] = -1

    found = window_kurtosis_of_counts(bins, lines_of(inside), radius, 6)

    for voxel, kurtosis in zip(np.argwhere(inside), found, strict=True):
        counted = bins[window_of(voxel, radius)]
        counts = np.bincount(counted[counted >= 0], minlength=6).astype(np.float64)
        expected = exact_kurtosis(counts) or np.nan  # as many in each bin
        assert kurtosis == pytest.approx(expected, rel=1e-12, nan_ok=True)


def test_an_empty_region_has_no_lines_to_walk() -> None:
    for shape in product((0, 2), repeat=3):
        inside = np.zeros(shape, np.bool_)
        region = lines_of(inside)
        pairs = Pairs(ALL, functions_of(3, 2), pooled=True)
        levels = inside.astype(np.int32)

        assert means_over_pairs(levels, region, pairs, (1, 1, 1)).shape == (2, 0)
        values = inside.astype(np.float64)
        assert window_kurtosis(values, inside, region, (1, 1, 1)).size == 0
