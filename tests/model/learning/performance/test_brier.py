"""The Brier score, plain and scaled."""

import numpy as np
import pytest

from model.learning.estimate import Estimate, NotAssessable
from model.learning.performance.brier import brier_score, scaled_brier_score
from model.learning.performance.grouped_error import expit
from tests.model.learning.performance.drawn import logistic


def estimated(found: object) -> Estimate:
    assert isinstance(found, Estimate)
    return found


def test_a_coin_scores_a_quarter_and_the_prevalence_scales_to_nothing() -> None:
    labels = np.repeat([1, 0], [4, 12])

    assert estimated(brier_score(np.full(16, 0.5), labels)).value == 0.25
    assert estimated(scaled_brier_score(np.full(16, 0.25), labels)).value == 0


def test_interval_covers_the_truth_as_often_as_it_says() -> None:
    generator = np.random.default_rng(3)
    probabilities = expit(2 * generator.standard_normal((800, 45)))
    labels = (generator.random((800, 45)) < probabilities).astype(int)
    grid = np.linspace(-8, 8, 4001)
    density = np.exp(-((grid / 2) ** 2) / 2)
    truth = (expit(grid) * (1 - expit(grid)) * density).sum() / density.sum()

    found = [
        estimated(brier_score(p, y)) for p, y in zip(probabilities, labels, strict=True)
    ]

    covered = np.mean([each.low <= truth <= each.high for each in found])
    assert 0.92 <= covered <= 0.97


def test_scanning_everybody_twice_says_nothing_new() -> None:
    scores, labels = logistic(30, 5)
    twice = expit(np.tile(scores, 2)), np.tile(labels, 2), np.tile(np.arange(30), 2)

    for score in (brier_score, scaled_brier_score):
        once, clustered = (
            estimated(score(expit(scores), labels)),
            estimated(score(*twice)),
        )
        assert clustered.value == pytest.approx(once.value)
        assert clustered.low == pytest.approx(once.low)
        assert clustered.high == pytest.approx(once.high)


def test_a_score_without_errors_has_no_interval_to_pretend() -> None:
    labels = np.repeat([1, 0], 5)

    for score in (brier_score, scaled_brier_score):
        found = score(labels, labels)
        assert isinstance(found, NotAssessable)
        assert "n = 10" in found.why
    # A half for everybody errs by a quarter, whatever the labels are.
    coin = estimated(brier_score(np.full(10, 0.5), labels))
    assert (coin.value, coin.low, coin.high) == pytest.approx((0.25, 0.25, 0.25))


def test_scaled_score_is_at_most_perfect_and_its_interval_surrounds_it() -> None:
    scores, labels = logistic(40, 9, slope=2.0)

    found = estimated(scaled_brier_score(expit(scores), labels))

    assert found.low < found.value < found.high <= 1


def test_one_class_is_not_assessed() -> None:
    found = brier_score(np.full(12, 0.4), np.ones(12, int))

    assert isinstance(found, NotAssessable)
    assert "n = 12" in found.why


def test_what_is_no_probability_is_a_defect() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        brier_score([1.5, 0.2], [1, 0])
