"""Promises of `model.features.resegmentation`."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model.features.preparation import Resegmentation
from model.features.resegmentation import resegmented
from model.grid import GridMismatchError, Mask
from tests.model.features.regions import grid_of, region_of

NAN, INF = float("nan"), float("inf")


def kept(values: list[float], **choices: float) -> list[float]:
    """Return which of a row of values take part."""
    volume, mask = region_of(np.array(values).reshape(1, 1, -1))
    left = resegmented(volume, mask, Resegmentation(**choices))
    return [float(value) for value in volume.inside(left)]


def test_a_range_keeps_its_own_ends() -> None:
    values = [-501.0, -500.0, 0.0, 400.0, 400.5]

    assert kept(values, low=-500.0, high=400.0) == [-500.0, 0.0, 400.0]
    assert kept(values, low=0.0) == [0.0, 400.0, 400.5]
    assert kept(values, high=0.0) == [-501.0, -500.0, 0.0]


def test_outliers_are_further_than_so_many_population_deviations() -> None:
    # Mean 1, population standard deviation 3, sample standard deviation 3.16.
    values = [0.0] * 9 + [10.0]

    assert kept(values, outlier_sigmas=2.9) == [0.0] * 9
    assert kept(values, outlier_sigmas=3.1) == values


def test_a_value_on_the_bound_is_no_outlier() -> None:
    assert kept([0.0] * 9 + [10.0], outlier_sigmas=3.0) == [0.0] * 9 + [10.0]
    # The deviation of these is irrational, their distance from the mean not.
    assert len(kept([0.1, 0.3], outlier_sigmas=1.0)) == 2


def test_outliers_are_those_of_the_values_within_the_range() -> None:
    values = [0.0] * 9 + [10.0, 1e6]

    assert kept(values, outlier_sigmas=2.9) == [0.0] * 9 + [10.0]
    assert kept(values, high=100.0, outlier_sigmas=2.9) == [0.0] * 9


@pytest.mark.parametrize("value", [0.0, 0.1, -7.3, 1e300])
def test_equal_values_are_no_outliers(value: float) -> None:
    assert kept([value] * 7, outlier_sigmas=3.0) == [value] * 7


def test_voxels_outside_the_region_neither_count_nor_come_in() -> None:
    values = np.array([0.0] * 9 + [10.0, -1e9, 5.0]).reshape(1, 2, 6)
    inside = np.ones((1, 2, 6), np.bool_)
    inside[0, 1, 4:] = False
    volume, mask = region_of(values, inside)

    left = resegmented(volume, mask, Resegmentation(outlier_sigmas=2.9))

    assert left.voxels == 9
    assert not (left.inside & ~inside).any()
    assert left.grid == mask.grid


def test_what_is_no_number_stays_so_that_the_features_say_so() -> None:
    assert np.isnan(kept([1.0, NAN, 9.0], low=0.0, high=5.0)).tolist() == [False, True]
    assert len(kept([1.0, NAN, 1.0], outlier_sigmas=3.0)) == 3
    assert len(kept([NAN, NAN], outlier_sigmas=3.0)) == 2


def test_infinite_values_are_beyond_any_range() -> None:
    assert kept([-INF, 1.0, INF], low=0.0, high=5.0) == [1.0]
    assert kept([1.0, INF], low=0.0) == [1.0, INF]


def test_a_region_may_lose_all_its_voxels() -> None:
    assert kept([1.0, 2.0], low=3.0, outlier_sigmas=3.0) == []


def test_a_mask_of_another_grid_is_refused() -> None:
    volume, _ = region_of(np.zeros((1, 2, 2)))
    other = Mask(grid_of((1, 2, 2), 0.7), np.ones((1, 2, 2), np.bool_))

    with pytest.raises(GridMismatchError):
        resegmented(volume, other, Resegmentation(low=0.0))


@given(
    arrays(np.float64, st.tuples(st.integers(1, 40)), elements=st.integers(-50, 50)),
    st.sampled_from([0.5, 1.0, 2.0, 3.0]),
    st.sampled_from([0.25, 1.0, 8.0]),
    st.integers(-100, 100),
)
def test_the_unit_of_the_image_makes_no_outliers(
    values: np.ndarray, sigmas: float, scale: float, shift: int
) -> None:
    def left(row: np.ndarray) -> list[bool]:
        volume, mask = region_of(row.reshape(1, 1, -1))
        chosen = resegmented(volume, mask, Resegmentation(outlier_sigmas=sigmas))
        return [bool(each) for each in chosen.inside.ravel()]

    assert left(values) == left(values * scale + shift)


@pytest.mark.parametrize("unit", [1e-310, 1e-200, 1e200, 1.7e307])
def test_values_of_any_size_have_outliers(unit: float) -> None:
    values = [0.0] * 9 + [10.0]

    left = kept([value * unit for value in values], outlier_sigmas=2.9)

    assert left == [0.0] * 9
