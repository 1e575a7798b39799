"""Promises of `model.features.discretisation`."""

from dataclasses import replace

import numpy as np
import pytest

from model.features.discretisation import (
    NonFiniteValuesError,
    UnsupportedPreparationError,
    grey_levels,
)
from model.features.preparation import Limits
from tests.model.features.plain_texture import level_of
from tests.model.features.regions import FINE, IBEX_EXAMPLE


def test_levels_are_rounded_so_that_the_end_levels_are_half_as_wide() -> None:
    four = replace(FINE, levels=4)
    values = np.array([1.0, 1.49, 1.51, 2.49, 2.51, 3.49, 3.51, 4.0])

    levels = grey_levels(values, four)

    assert levels.values.tolist() == [1, 1, 2, 2, 3, 3, 4, 4]
    assert levels.count == 4


def test_halves_go_up_as_in_matlab_and_not_to_the_even_level() -> None:
    values = np.array([1.0, 1.5, 2.5, 3.5, 4.0])

    assert grey_levels(values, replace(FINE, levels=4)).values.tolist() == [
        1,
        2,
        3,
        4,
        4,
    ]


def test_every_value_gets_the_level_of_the_plain_formula() -> None:
    values = np.random.default_rng(7).gamma(2.0, 2.0, 5000)
    low, high = float(values.min()), float(values.max())

    levels = grey_levels(values, FINE)

    assert levels.values.tolist() == [level_of(v, low, high, 256) for v in values]


@pytest.mark.parametrize("factor", [0.1, 1 / 3, 1.3, 7e-6, 1e9])
def test_a_fixed_count_of_levels_does_not_change_with_the_scale(factor: float) -> None:
    # Whole numbers put many values exactly on halves, where rounding errors tell.
    stored = np.arange(1.0, 1022.0)

    scaled = grey_levels(stored * factor, FINE)

    assert np.array_equal(scaled.values, grey_levels(stored, FINE).values)


def test_limits_leave_zeros_out_and_clip_them_to_the_first_level() -> None:
    levels = grey_levels(np.array([0.0, 2.0, 3.0, 4.0]), replace(FINE, levels=3))

    assert levels.values.tolist() == [1, 1, 2, 3]


def test_unit_steps_make_one_level_more_than_whole_units_in_the_range() -> None:
    levels = grey_levels(np.array([0.5, 1.5, 3.0, 4.2]), IBEX_EXAMPLE)

    assert levels.count == 4
    assert levels.values.tolist() == [1, 2, 3, 4]


def test_a_range_below_one_unit_is_one_level_of_unit_steps() -> None:
    levels = grey_levels(np.array([0.1, 0.5, 0.9]), IBEX_EXAMPLE)

    assert (levels.count, levels.values.tolist()) == (1, [1, 1, 1])


def test_negative_values_take_part_in_the_limits() -> None:
    levels = grey_levels(np.array([-1.0, 0.0, 1.0]), replace(FINE, levels=3))

    assert levels.values.tolist() == [1, 2, 3]


@pytest.mark.parametrize("values", [[2.5, 2.5, 2.5], [0.0, 0.0], [0.0, 3.0, 3.0], [4]])
def test_values_without_a_range_are_one_level(values: list[float]) -> None:
    levels = grey_levels(np.array(values), FINE)

    assert levels.count == 1
    assert set(levels.values.tolist()) == {1}


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused_and_counted(odd: float) -> None:
    with pytest.raises(NonFiniteValuesError) as refusal:
        grey_levels(np.array([1.0, odd, 2.0, odd]), FINE)

    assert (refusal.value.affected, refusal.value.voxels) == (2, 4)


def test_unit_steps_over_a_huge_range_are_refused_before_memory_is_taken() -> None:
    with pytest.raises(UnsupportedPreparationError, match="levels"):
        grey_levels(np.array([1.0, 1e6]), IBEX_EXAMPLE)


def test_fixed_limits_without_numbers_are_refused() -> None:
    with pytest.raises(UnsupportedPreparationError, match="limits"):
        grey_levels(np.array([1.0, 2.0]), replace(FINE, limits=Limits.FIXED))
