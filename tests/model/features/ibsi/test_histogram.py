"""The intensity histogram by IBSI: ties, gradients, a single level."""

import numpy as np
import pytest

from model.features.ibsi.histogram import intensity_histogram
from model.features.ibsi.outcome import Undefined
from model.features.levels import GreyLevels


def levels(*values: int, count: int | None = None) -> GreyLevels:
    return GreyLevels(np.array(values, np.int32), count or max(values))


@pytest.mark.parametrize(
    ("values", "mode"),
    [
        ((1, 2, 2, 5), 2),
        ((1, 1, 4, 4, 5, 7), 4),  # the mean is 3.67
        ((2, 2, 3, 4, 4), 2),  # as far on either side of the mean: the lower
        ((1, 1, 9, 9, 9, 1, 2), 1),
    ],
)
def test_the_mode_is_the_level_nearest_to_the_mean(
    values: tuple[int, ...], mode: int
) -> None:
    assert intensity_histogram(levels(*values))["mode"] == mode


def test_the_lowest_of_several_steepest_levels_is_named() -> None:
    found = intensity_histogram(levels(1, 1, 1, 2, 3, 3, 3, 4, 5, 5, 5))

    assert (found["max_grad"], found["max_grad_g"]) == (2, 5)
    assert (found["min_grad"], found["min_grad_g"]) == (-2, 1)


def test_empty_levels_above_the_greatest_belong_to_the_histogram() -> None:
    values = [1] * 5 + [2] * 9

    short = intensity_histogram(levels(*values))
    long = intensity_histogram(levels(*values, count=4))

    assert short["min_grad"] == 4
    assert (long["min_grad"], long["min_grad_g"]) == (-4.5, 3)


def test_a_single_level_has_no_gradient_and_no_disorder() -> None:
    found = intensity_histogram(levels(1, 1, 1))

    assert isinstance(found["max_grad"], Undefined)
    assert isinstance(found["min_grad_g"], Undefined)
    assert found["entropy"] == 0
    assert found["uniformity"] == 1
