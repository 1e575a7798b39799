"""Calibration: the three numbers, the groups and the curves."""

import numpy as np
import pytest

from model.learning.estimate import Estimate, NotAssessable
from model.learning.performance.calibration import calibration
from model.learning.performance.calibration_curve import (
    calibration_groups,
    calibration_line,
    flexible_calibration,
)
from model.learning.performance.grouped_error import expit
from tests.model.learning.performance.drawn import logistic


def estimated(found: object) -> Estimate:
    assert isinstance(found, Estimate)
    return found


def test_planted_intercept_and_slope_are_found() -> None:
    scores, labels = logistic(4000, 1, intercept=-0.5, slope=0.4)

    found = calibration(scores, labels)

    assert estimated(found.intercept).value == pytest.approx(-0.5, abs=0.1)
    assert estimated(found.slope).value == pytest.approx(0.4, abs=0.06)
    assert estimated(found.slope).high < 1


def test_a_perfect_model_has_intercept_0_and_slope_1() -> None:
    scores, labels = logistic(4000, 2, intercept=0, slope=1)

    found = calibration(scores, labels)

    for assessed, truth in (
        (found.in_the_large, 0),
        (found.intercept, 0),
        (found.slope, 1),
        (found.difference, 0),
    ):
        assert estimated(assessed).low < truth < estimated(assessed).high


def test_slope_interval_covers_the_truth_at_45() -> None:
    found = [calibration(*logistic(45, seed)).slope for seed in range(80)]
    slopes = [each for each in found if isinstance(each, Estimate)]

    covered = [each.low <= 0.6 <= each.high for each in slopes]
    assert len(slopes) > 75
    assert 0.91 <= np.mean(covered) <= 0.99


@pytest.mark.parametrize(
    ("shift", "scale"),
    [(178, 1), (5, 1e-4), (0, 1e4), (1e6, 1), (-1e6, 0.1), (-3e4, 300)],
)
def test_scores_may_lie_anywhere(shift: float, scale: float) -> None:
    scores, labels = logistic(40, 3)

    plain = estimated(calibration(scores, labels).slope)
    moved = estimated(calibration(shift + scale * scores, labels).slope)

    for name in ("value", "low", "high"):
        assert scale * getattr(moved, name) == pytest.approx(
            getattr(plain, name), rel=1e-4
        )


def test_scores_beyond_any_probability_still_have_their_intercept() -> None:
    scores, labels = logistic(40, 3)

    found = estimated(calibration(scores + 178, labels).in_the_large)
    plain = estimated(calibration(scores, labels).in_the_large)

    assert found.value == pytest.approx(plain.value - 178)
    assert found.low == pytest.approx(plain.low - 178)


@pytest.mark.parametrize("scale", [1, 30, 1000, 1e5])
def test_the_intercept_of_any_scale_meets_the_prevalence(scale: float) -> None:
    scores, labels = logistic(40, 3)
    groups = np.arange(40) // 2

    found = estimated(calibration(scale * scores, labels).in_the_large)
    clustered = calibration(scale * scores, labels, groups).in_the_large

    foretold = expit(scale * scores + found.value)
    assert foretold.mean() == pytest.approx(labels.mean(), abs=1e-9)
    assert found.low < found.value < found.high
    if isinstance(clustered, Estimate):
        assert None not in {clustered.low, clustered.high}
    else:
        assert "not assessable at n = 40" in clustered.why


def test_labels_separated_but_for_rounding_have_no_slope() -> None:
    scores = np.arange(20.0)
    labels = scores > 9
    for overlap in (1e-2, 1e-4, 1e-6, 1e-9, 1e-13):
        scores[[9, 10]] = 9.5 + overlap, 9.5
        slope = calibration(scores, labels).slope
        if isinstance(slope, Estimate):
            assert slope.low < slope.value < slope.high
        else:
            assert "separates" in slope.why


def test_probabilities_of_0_and_1_that_are_all_right_leave_no_difference() -> None:
    scores = np.repeat([-800.0, 800.0], 6)

    found = calibration(scores, scores > 0).difference

    assert isinstance(found, NotAssessable)
    assert "n = 12" in found.why


def test_scanning_everybody_twice_says_nothing_new() -> None:
    scores, labels = logistic(60, 5)

    once = estimated(calibration(scores, labels).slope)
    twice = np.tile(scores, 2), np.tile(labels, 2)
    clustered = estimated(calibration(*twice, np.tile(np.arange(60), 2)).slope)
    naive = estimated(calibration(*twice).slope)

    assert clustered.value == pytest.approx(once.value)
    assert clustered.high - clustered.low > 1.3 * (naive.high - naive.low)
    assert clustered.high - clustered.low > 0.85 * (once.high - once.low)


def test_separated_labels_have_no_slope_but_an_intercept() -> None:
    scores = np.arange(20.0) - 9

    found = calibration(scores, scores > 0)

    assert isinstance(found.slope, NotAssessable)
    assert "separates" in found.slope.why
    assert isinstance(found.intercept, NotAssessable)
    assert isinstance(found.in_the_large, Estimate)


def test_equal_scores_have_no_slope() -> None:
    found = calibration(np.full(20, 0.3), np.arange(20) % 2)

    assert isinstance(found.slope, NotAssessable)
    assert "all scores are equal" in found.slope.why


def test_four_of_a_label_are_too_few() -> None:
    found = calibration(np.arange(14.0), np.arange(14) < 4)

    assert isinstance(found.in_the_large, NotAssessable)
    assert "n = 14" in found.in_the_large.why


def test_groups_of_like_probability_share_out_everybody() -> None:
    scores, labels = logistic(47, 6)

    found = calibration_groups(scores, labels)

    assert not isinstance(found, NotAssessable)
    assert len(found.foretold) == 4
    assert found.observations.sum() == 47
    assert (np.diff(found.foretold) > 0).all()
    assert (found.low < found.observed + 1e-12).all()
    assert (found.observed < found.high + 1e-12).all()
    total = (found.observed * found.observations).sum()
    assert total == pytest.approx(labels.sum())


def test_equal_scores_fall_into_one_group_however_rows_are_ordered() -> None:
    scores, labels = logistic(100, 12)
    rounded = scores.round()
    order = np.random.default_rng(1).permutation(100)

    found = calibration_groups(rounded, labels)
    again = calibration_groups(rounded[order], labels[order])

    assert not isinstance(found, NotAssessable)
    assert not isinstance(again, NotAssessable)
    assert found.observed == pytest.approx(again.observed)
    assert found.observations.min() >= 10
    assert (np.diff(found.foretold) > 0).all()
    nothing = calibration_groups(np.full(100, 0.3), labels)
    assert isinstance(nothing, NotAssessable)
    assert "equal" in nothing.why


def test_animals_count_in_a_group_not_scans() -> None:
    scores, labels = logistic(30, 7)
    many = np.repeat(scores, 3), np.repeat(labels, 3), np.repeat(np.arange(30), 3)

    once, clustered = calibration_groups(scores, labels), calibration_groups(*many)

    assert not isinstance(once, NotAssessable)
    assert not isinstance(clustered, NotAssessable)
    assert clustered.animals.max() <= 6
    assert (clustered.high - clustered.low).min() > 0.4


def test_eighteen_make_no_groups() -> None:
    found = calibration_groups(*logistic(18, 8))

    assert isinstance(found, NotAssessable)
    assert "n = 18" in found.why


def test_curves_surround_the_truth() -> None:
    scores, labels = logistic(1500, 9)

    for make in (calibration_line, flexible_calibration):
        curve = make(scores, labels)
        assert not isinstance(curve, NotAssessable)
        truth = expit(0.3 + 0.6 * np.log(curve.foretold / (1 - curve.foretold)))
        assert ((curve.low < truth) & (truth < curve.high)).mean() > 0.9


def test_a_flexible_curve_needs_two_hundred_of_each() -> None:
    found = flexible_calibration(*logistic(300, 10))

    assert isinstance(found, NotAssessable)
    assert "200 of each" in found.why
