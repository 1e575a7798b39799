"""Promises of permutation and bootstrap: whole groups, whole recipe."""

import math

import numpy as np
import pytest

from model.learning.estimate import Estimate, NotAssessable
from model.learning.readout import Readout
from model.learning.training.bootstrap import (
    BootstrapSample,
    bootstrap_sample,
    chosen_frequency,
    optimism_corrected,
    shown,
)
from model.learning.training.cross_validation import FoldPlan
from model.learning.training.permutation import (
    Statistic,
    arrangements,
    p_value,
    permuted,
    statistic_of,
)
from model.learning.training.recipe import follow
from tests.model.learning.training.planted import PLANTED, QUICK, cohort


def test_readouts_change_places_by_whole_animals() -> None:
    data = cohort(10, scans=3)
    other = permuted(data, 1, 0)
    terminal = data.readouts[Readout.TERMINAL].reshape(10, 3)
    moved = other.readouts[Readout.TERMINAL].reshape(10, 3)

    assert not np.array_equal(terminal, moved)
    assert {tuple(row) for row in terminal} == {tuple(row) for row in moved}
    assert np.array_equal(data.features, other.features)


def test_all_readouts_of_a_scan_move_together() -> None:
    data = cohort(12)
    other = permuted(data, 1, 0)
    pairs = [
        set(zip(each.readouts[Readout.EARLY], each.readouts[Readout.MFI], strict=True))
        for each in (data, other)
    ]

    assert pairs[0] == pairs[1]


def test_animals_change_places_with_those_of_as_many_scans() -> None:
    data = cohort(12)
    groups = np.array([0, 0, 1, 1, 2, 2, 3, 4, 5, 6, 6, 6])
    rows = data.rows(np.arange(12))
    data = type(data)(
        rows.features, rows.readouts, rows.label, groups, rows.baseline, rows.parts
    )
    before = data.readouts[Readout.TERMINAL]
    for number in range(5):
        after = permuted(data, 1, number).readouts[Readout.TERMINAL]
        assert set(before[:6]) == set(after[:6])
        assert set(before[6:9]) == set(after[6:9])
        assert np.array_equal(before[9:], after[9:])


def test_arrangements_are_counted() -> None:
    assert arrangements(np.array([0, 0, 1, 1, 2, 2, 3])) == pytest.approx(6)
    assert arrangements(np.arange(5)) == pytest.approx(120)
    assert arrangements(np.arange(40)) == math.inf


def test_p_counts_the_observed_arrangement() -> None:
    drawn = [Statistic(value, 0.3) for value in (0.4, 0.5, 0.6, 0.7)]

    assert p_value(Statistic(0.9, 0.3), drawn) == 1 / 5
    assert p_value(Statistic(0.6, 0.3), drawn) == 3 / 5
    assert p_value(Statistic(-math.inf, 0.0), drawn) == 1


def test_a_tie_goes_to_the_larger_correlation() -> None:
    drawn = [Statistic(0.5, 0.2), Statistic(0.5, 0.6)]

    assert p_value(Statistic(0.5, 0.4), drawn) == 2 / 3


def test_a_planted_truth_beats_its_arrangements() -> None:
    data = cohort(30)
    plan = FoldPlan(4)
    observed = statistic_of(data, QUICK, plan, 1, 1)
    drawn = [
        statistic_of(permuted(data, 1, number), QUICK, plan, 1, 1)
        for number in range(9)
    ]

    assert observed.c_index > 0.85
    assert p_value(observed, drawn) == 1 / 10


def test_optimism_is_seen_where_nothing_is_to_be_found() -> None:
    data = cohort(24, signal=0.0, features=12, seed=2)
    samples = [bootstrap_sample(data, QUICK, 1, number) for number in range(25)]
    apparent = shown(follow(QUICK, data, 1), data)["c_index"]
    found = optimism_corrected(apparent, samples, "c_index", (0.0, 1.0))

    assert isinstance(found, Estimate)
    assert np.nanmean([each.optimism["c_index"] for each in samples]) > 0.04
    assert found.value < apparent
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.value <= found.high


def test_a_sample_repeats_by_its_seed() -> None:
    first, again = (bootstrap_sample(cohort(16), QUICK, 1, 3) for _ in range(2))

    assert first.chosen == again.chosen
    assert str(first.optimism) == str(again.optimism)


def test_planted_features_are_in_most_models() -> None:
    data = cohort(40)
    samples = [bootstrap_sample(data, QUICK, 1, number) for number in range(10)]
    frequency = chosen_frequency(samples, data.features.shape[1])

    assert min(frequency[list(PLANTED)]) >= 0.9
    assert frequency.max() <= 1


def test_numbers_that_few_samples_gave_are_not_told() -> None:
    nothing = BootstrapSample((), {"calibration_slope": math.nan}, fitted=False)
    some = BootstrapSample((), {"calibration_slope": 0.1})
    found = optimism_corrected(1.0, [nothing] * 10 + [some] * 30, "calibration_slope")

    assert isinstance(found, NotAssessable)
    assert "30 of 40" in found.why
