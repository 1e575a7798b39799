"""The intensity-volume histogram by IBSI, under each of its discretisations."""

from dataclasses import replace

import numpy as np
import pytest

from model.features.ibsi.outcome import Undefined
from model.features.ibsi.volume_histogram import NAMES, intensity_volume_histogram
from model.features.preparation import Discretisation, Resegmentation
from tests.model.features.ibsi import plain_ibsi as plain
from tests.model.features.ibsi.regions import PLAIN

WHOLE = replace(PLAIN, ivh_discretisation=Discretisation.NONE, ivh_bins=None)
BY_NUMBER = replace(PLAIN, ivh_bins=1000)
BY_SIZE = replace(
    PLAIN,
    ivh_discretisation=Discretisation.IBSI_FIXED_BIN_SIZE,
    ivh_bins=None,
    ivh_bin_size=2.5,
)


@pytest.mark.parametrize("voxels", [10, 30, 37, 200])
@pytest.mark.parametrize("limits", [None, Resegmentation(low=-500.0, high=400.0)])
def test_whole_numbers_are_taken_one_by_one_over_the_limits(
    limits: Resegmentation | None, voxels: int
) -> None:
    values = np.rint(np.random.default_rng(voxels).normal(0, 90, voxels))
    low = int(values.min() if limits is None else -500)
    high = int(values.max() if limits is None else 400)
    wanted = plain.volume_histogram(
        [float(x) for x in range(low, high + 1)], [int(x) - low for x in values]
    )

    found = intensity_volume_histogram(values, replace(WHOLE, resegmentation=limits))

    assert found == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("voxels", [10, 30, 37, 200])
def test_a_bin_of_a_fixed_size_stands_for_its_centre(voxels: int) -> None:
    values = np.random.default_rng(voxels).normal(0, 90, voxels)
    limits = Resegmentation(low=-1000.0, high=400.0)
    centres = [-1000.0 + 2.5 * (k + 0.5) for k in range(560)]
    wanted = plain.volume_histogram(centres, [int((x + 1000) // 2.5) for x in values])

    found = intensity_volume_histogram(values, replace(BY_SIZE, resegmentation=limits))

    assert found == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("voxels", [10, 30, 37, 200])
def test_levels_of_a_fixed_bin_number_stand_for_themselves(voxels: int) -> None:
    values = np.random.default_rng(voxels).normal(0, 90, voxels)
    levels = plain.by_number({(0, 0, k): x for k, x in enumerate(values)}, 1000)
    wanted = plain.volume_histogram(
        [float(k + 1) for k in range(1000)], [level - 1 for level in levels.values()]
    )

    found = intensity_volume_histogram(values, BY_NUMBER)

    assert found == pytest.approx(wanted, rel=1e-12)


def test_real_values_need_bins_and_say_so() -> None:
    found = intensity_volume_histogram(np.array([1.5, 2.0, 3.0]), WHOLE)

    assert set(found) == set(NAMES)
    assert all(isinstance(outcome, Undefined) for outcome in found.values())


def test_equal_values_have_no_range_to_divide() -> None:
    found = intensity_volume_histogram(np.full(9, 4.0), WHOLE)

    assert all(isinstance(outcome, Undefined) for outcome in found.values())


def test_no_intensity_of_the_range_is_rare_enough_where_many_have_the_greatest() -> (
    None
):
    values = np.array([1.0] * 5 + [2.0] * 5)

    found = intensity_volume_histogram(values, WHOLE)

    assert isinstance(found["i10"], Undefined)
    assert isinstance(found["diff_i10_i90"], Undefined)
    assert found["i90"] == 2.0
    assert found["v90"] == 0.5
