"""Promises of `model.features.discretisation`."""

from dataclasses import replace

import numpy as np
import pytest

from model.features.bins import fixed_bin_number, fixed_bin_size, given_levels
from model.features.discretisation import grey_levels
from model.features.levels import (
    MAXIMUM_LEVELS,
    NonFiniteValuesError,
    NotLevelsError,
    TooManyLevelsError,
    UnsupportedPreparationError,
)
from model.features.preparation import (
    Discretisation,
    Limits,
    Preparation,
    Resegmentation,
)
from tests.model.features import plain_levels
from tests.model.features.plain_texture import level_of
from tests.model.features.regions import FINE, IBEX_EXAMPLE

SIZED = replace(
    FINE,
    discretisation=Discretisation.IBSI_FIXED_BIN_SIZE,
    levels=None,
    limits=Limits.RANGE,
    bin_size=25.0,
)
NUMBERED = replace(
    FINE,
    discretisation=Discretisation.IBSI_FIXED_BIN_NUMBER,
    levels=8,
    limits=Limits.RANGE,
)
GIVEN = replace(FINE, discretisation=Discretisation.NONE, levels=None)
IBEX_CT = replace(FINE, limits=Limits.FIXED, low=0.0, high=4096.0)


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


def test_fixed_limits_are_those_of_ibex_whatever_the_values_are() -> None:
    values = [-50.0, 0.0, 8.0, 8.1, 1000.0, 1040.0, 4095.0, 4096.0, 5000.0]

    levels = grey_levels(np.array(values), IBEX_CT)

    assert levels.count == 256
    assert levels.values.tolist() == plain_levels.ibex_fixed_limits(
        values, 256, 0.0, 4096.0
    )
    assert levels.values.tolist()[:3] == [1, 1, 1]
    assert levels.values.tolist()[-2:] == [256, 256]


def test_fixed_limits_level_a_constant_region_like_any_other() -> None:
    levels = grey_levels(np.array([1040.0, 1040.0]), IBEX_CT)

    assert (levels.count, levels.values.tolist()) == (256, [66, 66])


def test_fixed_limits_with_unit_steps_count_the_limits() -> None:
    unit = replace(IBEX_EXAMPLE, limits=Limits.FIXED, low=0.0, high=3.0)

    levels = grey_levels(np.array([-1.0, 0.4, 0.5, 2.0, 9.0]), unit)

    assert (levels.count, levels.values.tolist()) == (4, [1, 1, 2, 3, 4])


def test_a_fixed_bin_number_divides_the_range_into_bins_of_one_width() -> None:
    values = np.array([0.0, 0.99, 1.0, 2.0, 3.99, 4.0])

    levels = fixed_bin_number(values, 4)

    assert (levels.count, levels.values.tolist()) == (4, [1, 1, 2, 3, 4, 4])


def test_a_fixed_bin_size_begins_at_the_lower_end() -> None:
    values = np.array([-500.0, -476.0, -475.0, 0.0, 399.0, 400.0])

    levels = fixed_bin_size(values, 25.0, -500.0)

    assert (levels.count, levels.values.tolist()) == (37, [1, 1, 2, 21, 36, 37])


def test_a_fixed_bin_size_without_a_lower_end_begins_at_the_least_value() -> None:
    levels = fixed_bin_size(np.array([3.0, 3.4, 3.5, 4.6]), 0.5, None)

    assert (levels.count, levels.values.tolist()) == (4, [1, 1, 2, 4])


def test_values_below_the_lower_end_count_as_that() -> None:
    levels = fixed_bin_size(np.array([-3.0, 0.0, 1.0]), 1.0, 0.0)

    assert (levels.count, levels.values.tolist()) == (2, [1, 1, 2])
    assert fixed_bin_size(np.array([-3.0]), 1.0, 0.0).values.tolist() == [1]


@pytest.mark.parametrize(
    ("preparation", "first"),
    [
        (SIZED, 1),
        (replace(SIZED, resegmentation=Resegmentation(low=-100.0)), 6),
        (replace(SIZED, resegmentation=Resegmentation(low=-100.0), low=-50.0), 4),
        (replace(SIZED, resegmentation=Resegmentation(outlier_sigmas=3.0)), 1),
        (replace(SIZED, limits=Limits.FIXED, low=0.0, high=60.0), 2),
    ],
)
def test_the_first_bin_is_the_preparation_s_the_resegmentation_s_or_the_data_s(
    preparation: Preparation, first: int
) -> None:
    levels = grey_levels(np.array([35.0, 60.0]), preparation)

    assert levels.values.tolist() == [first, first + 1]


def test_whole_numbers_have_the_levels_of_exact_arithmetic() -> None:
    values = np.random.default_rng(3).integers(-1000, 3000, 3000).astype(np.float64)

    numbered = [fixed_bin_number(values, bins).values.tolist() for bins in (6, 32, 999)]
    sized = fixed_bin_size(values, 2.5, -1000.0)

    assert numbered == [plain_levels.fixed_bin_number(values, n) for n in (6, 32, 999)]
    assert sized.values.tolist() == plain_levels.fixed_bin_size(values, 2.5, -1000.0)
    assert sized.count == max(sized.values)


def test_real_numbers_have_the_levels_of_exact_arithmetic() -> None:
    values = np.random.default_rng(4).gamma(2.0, 3.0, 2000)

    assert fixed_bin_number(
        values, 64
    ).values.tolist() == plain_levels.fixed_bin_number(values, 64)
    assert fixed_bin_size(
        values, 0.1, 0.0
    ).values.tolist() == plain_levels.fixed_bin_size(values, 0.1, 0.0)


@pytest.mark.parametrize("step", [0.1, 0.3, 1 / 3, 0.7, 1e-6])
def test_a_value_on_an_edge_lies_in_the_bin_above_whatever_its_last_bit(
    step: float,
) -> None:
    # 3 * 0.1 / 0.1 is more than 3 and 0.3 / 0.1 is less.
    edges = np.array([k * step for k in range(200)])
    nudged = np.nextafter(edges, -1.0)

    assert fixed_bin_size(edges, step, 0.0).values.tolist() == list(range(1, 201))
    assert fixed_bin_size(nudged, step, 0.0).values.tolist() == list(range(1, 201))


@pytest.mark.parametrize("factor", [0.1, 1 / 3, 1.3, 7e-6, 1e9])
def test_bins_do_not_change_with_the_unit_of_the_image(factor: float) -> None:
    stored = np.arange(0.0, 1024.0)

    numbered = fixed_bin_number(stored * factor, 32)
    sized = fixed_bin_size(stored * factor, 3 * factor, 0.0)

    assert np.array_equal(numbered.values, fixed_bin_number(stored, 32).values)
    assert np.array_equal(sized.values, fixed_bin_size(stored, 3.0, 0.0).values)


def test_levels_that_are_given_are_kept_gaps_and_all() -> None:
    levels = grey_levels(np.array([1.0, 4.0, 6.0, 3.0]), GIVEN)

    assert (levels.count, levels.values.tolist()) == (6, [1, 4, 6, 3])


@pytest.mark.parametrize("value", [0.0, -1.0, 1.5, 0.9999])
def test_an_image_of_other_values_is_no_image_of_levels(value: float) -> None:
    with pytest.raises(NotLevelsError, match=f"{value:g}") as refusal:
        given_levels(np.array([1.0, value, 2.0]))

    assert refusal.value.affected == 1
    assert "ibsi-a" in refusal.value.remedy
    assert refusal.value.reason == "unsupported_preparation"


@pytest.mark.parametrize("preparation", [NUMBERED, replace(NUMBERED, levels=2)])
def test_a_constant_region_is_one_bin(preparation: Preparation) -> None:
    levels = grey_levels(np.array([2.5, 2.5]), preparation)

    assert (levels.count, levels.values.tolist()) == (1, [1, 1])


@pytest.mark.parametrize("preparation", [SIZED, NUMBERED, GIVEN, FINE, IBEX_CT])
def test_no_values_have_no_levels(preparation: Preparation) -> None:
    assert grey_levels(np.array([]), preparation).values.size == 0


@pytest.mark.parametrize("preparation", [SIZED, NUMBERED, GIVEN, FINE, IBEX_CT])
def test_no_discretisation_takes_what_is_no_number(preparation: Preparation) -> None:
    with pytest.raises(NonFiniteValuesError):
        grey_levels(np.array([1.0, np.nan]), preparation)


@pytest.mark.parametrize("bin_size", [1e-3, 1e-300, 5e-324])
def test_too_many_levels_are_refused_with_the_way_out(bin_size: float) -> None:
    with pytest.raises(TooManyLevelsError) as refusal:
        fixed_bin_size(np.array([0.0, 4096.0]), bin_size, 0.0)

    assert "bin_size" in refusal.value.remedy
    assert refusal.value.levels > MAXIMUM_LEVELS
    assert str(MAXIMUM_LEVELS) in str(refusal.value)


def test_as_many_levels_as_there_may_be_are_made() -> None:
    levels = fixed_bin_size(np.array([0.0, 4095.5]), 1.0, 0.0)

    assert levels.count == MAXIMUM_LEVELS


@pytest.mark.parametrize("values", [[1.0, 5000.0], [5000.0]])
def test_too_many_given_levels_are_refused(values: list[float]) -> None:
    with pytest.raises(TooManyLevelsError):
        given_levels(np.array(values))


@pytest.mark.parametrize(
    ("preparation", "field"),
    [
        (replace(SIZED, bin_size=None), "bin_size"),
        (replace(SIZED, bin_size=0.0), "bin_size"),
        (replace(SIZED, bin_size=float("nan")), "bin_size"),
        (replace(NUMBERED, levels=None), "levels"),
        (replace(NUMBERED, levels=0), "levels"),
        (replace(IBEX_CT, high=None), "limits"),
        (replace(IBEX_CT, high=0.0), "limits"),
    ],
)
def test_a_preparation_without_its_numbers_is_refused(
    preparation: Preparation, field: str
) -> None:
    with pytest.raises(UnsupportedPreparationError, match=field):
        grey_levels(np.array([1.0, 2.0]), preparation)
