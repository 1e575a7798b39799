"""The C-index: its value, its interval, and how often that covers the truth."""

import numpy as np
import pytest

from model.learning.estimate import Estimate, NotAssessable
from model.learning.performance.concordance import (
    c_index,
    concordance,
    delong_variance,
    interval,
    placements,
)
from tests.model.learning.performance.drawn import logistic, two_normals


def of_pairs(scores: np.ndarray, labels: np.ndarray) -> float:
    """Return the C-index by its definition."""
    above, below = scores[labels == 1], scores[labels == 0]
    wins = (above[:, None] > below).astype(float) + 0.5 * (above[:, None] == below)
    return float(wins.mean())


def estimated(found: object) -> Estimate:
    assert isinstance(found, Estimate)
    return found


def test_it_counts_pairs_and_ties_half() -> None:
    scores, labels = logistic(40, 1)
    scores = scores.round(0)

    assert concordance(scores, labels) == pytest.approx(of_pairs(scores, labels))
    assert concordance([1, 1], [0, 1]) == 0.5


def test_it_is_no_number_with_one_class() -> None:
    assert np.isnan(concordance([1.0, 2.0], [1, 1]))


@pytest.mark.parametrize("theta", [0.6, 0.8, 0.9])
def test_the_interval_of_an_external_set_of_100_covers_as_it_says(theta: float) -> None:
    of_cases, of_controls = placements(*two_normals(theta, 40, 60, 4000, 7))

    low, high = interval(
        of_cases.mean(axis=-1), delong_variance(of_cases, of_controls), 40, 60
    )

    covered = ((low <= theta) & (theta <= high)).mean()
    assert 0.935 <= covered <= 0.965


def test_a_perfect_ranking_is_not_certain() -> None:
    labels = np.repeat([0, 1], 9)

    best = estimated(c_index(labels, labels))
    worst = estimated(c_index(-labels, labels))

    assert best.value == best.high == 1
    assert best.low == pytest.approx(0.780, abs=1e-3)
    assert (worst.low, worst.high) == pytest.approx((0, 1 - best.low))


def test_the_interval_is_wider_at_a_higher_level() -> None:
    scores, labels = logistic(30, 4)
    usual, strict = (
        estimated(c_index(scores, labels, level=level)) for level in (0.95, 0.99)
    )

    assert strict.low < usual.low < usual.value < usual.high < strict.high


def test_scanning_everybody_twice_says_nothing_new() -> None:
    scores, labels = logistic(30, 5)
    twice, again = np.tile(scores, 2), np.tile(labels, 2)

    once = estimated(c_index(scores, labels))
    clustered = estimated(c_index(twice, again, np.tile(np.arange(30), 2)))
    naive = estimated(c_index(twice, again))

    assert (clustered.low, clustered.high) == pytest.approx((once.low, once.high))
    assert naive.high - naive.low < once.high - once.low
    assert "Obuchowski" in clustered.method
    assert "DeLong" in once.method


def test_names_of_groups_may_be_anything_and_change_nothing_alone() -> None:
    scores, labels = logistic(30, 6)
    names = np.array([f"mouse {number}" for number in range(30)])

    assert c_index(scores, labels, names) == c_index(scores, labels)


def test_scans_that_are_unlike_within_animals_are_told_better_apart() -> None:
    # Each animal before and after: its own level cancels.
    generator = np.random.default_rng(8)
    levels = generator.standard_normal(40)
    scores = np.concatenate([levels, levels + 0.8])
    labels, animals = np.repeat([0, 1], 40), np.tile(np.arange(40), 2)

    paired = estimated(c_index(scores, labels, animals))
    apart = estimated(c_index(scores, labels))

    assert paired.high - paired.low < apart.high - apart.low


@pytest.mark.parametrize("above", [0, 2])
def test_too_few_of_a_label_are_not_assessed(above: int) -> None:
    labels = np.repeat([1, 0], [above, 10])

    found = c_index(np.arange(10 + above), labels)

    assert isinstance(found, NotAssessable)
    assert f"not assessable at n = {10 + above}: {above} observations" in found.why


def test_many_scans_of_two_animals_are_two_animals() -> None:
    labels = np.repeat([1, 0], 10)

    found = c_index(labels, labels, np.repeat([0, 1, 2, 3], 5))

    assert isinstance(found, NotAssessable)
    assert "2 independent groups above the cut-off and 2 below" in found.why


@pytest.mark.parametrize(
    ("scores", "labels"),
    [([1.0, np.nan], [0, 1]), ([1.0, 2.0], [0, 2]), ([1.0], [0, 1])],
)
def test_what_is_no_score_or_label_is_a_defect(scores: list, labels: list) -> None:
    with pytest.raises(ValueError, match="scores"):
        concordance(scores, labels)
