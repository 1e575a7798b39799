"""Statistics by IBSI: the definitions, and what is undefined."""

import numpy as np
import pytest

from model.features.ibsi.outcome import Undefined
from model.features.ibsi.statistics import statistics
from tests.model.features.ibsi import plain_ibsi as plain


@pytest.mark.parametrize("voxels", [2, 3, 10, 11, 31, 200])
def test_statistics_are_the_manuals(voxels: int) -> None:
    values = np.random.default_rng(voxels).normal(3.0, 2.0, voxels)

    found = statistics(values)

    wanted = plain.statistics([*values.tolist()]) if voxels > 2 else {}
    assert {k: found[k] for k in wanted} == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("voxels", [11, 21, 101, 1001])
def test_a_percentile_that_is_a_value_counts_among_the_robust_ones(
    voxels: int,
) -> None:
    values = np.random.default_rng(voxels).permutation(np.arange(voxels) * 0.1)

    found = statistics(values)

    assert found["rmad"] == pytest.approx(plain.statistics([*values.tolist()])["rmad"])
    assert found["p10"] in values
    assert found["p90"] in values


def test_many_equal_values_keep_their_percentiles() -> None:
    values = np.array([0.3] * 50 + [0.7] * 20)

    found = statistics(values)

    assert (found["p10"], found["median"], found["p90"]) == (0.3, 0.3, 0.7)
    assert found["rmad"] == pytest.approx(0.4 * 2 * 50 * 20 / 70**2)


@pytest.mark.parametrize("value", [0.1, -7.3, 1e9 + 0.1])
def test_equal_values_have_no_spread_and_zero_skewness_by_the_standard(
    value: float,
) -> None:
    found = statistics(np.full(13, value))

    assert found["var"] == 0
    assert found["mean"] == value
    assert found["skew"] == 0
    assert found["kurt"] == 0
    assert found["cov"] == found["mad"] == found["rmad"] == found["medad"] == 0


def test_relations_to_a_mean_of_zero_are_undefined() -> None:
    found = statistics(np.array([-2.0, -1.0, 1.0, 2.0]))

    assert isinstance(found["cov"], Undefined)
    assert isinstance(found["qcod"], Undefined)


def test_moments_of_tiny_and_of_huge_values_neither_vanish_nor_overflow() -> None:
    values = np.random.default_rng(0).gamma(2.0, size=40)
    wanted = statistics(values)

    for factor in (1e-140, 1e120):
        found = statistics(values * factor)
        assert found["skew"] == pytest.approx(wanted["skew"], rel=1e-9)
        assert found["kurt"] == pytest.approx(wanted["kurt"], rel=1e-9)
