"""Recalibration: what a line over a score repairs, and when there is none."""

import numpy as np
import pytest

from model.learning.estimate import Estimate, NotAssessable
from model.learning.performance.observed import observed
from model.learning.recalibrated import Recalibrated
from model.learning.recalibration import (
    RecalibrationFit,
    fit_recalibration,
    recalibrated_scores,
)
from tests.model.learning.performance.drawn import logistic


def fitted(
    scores: np.ndarray, labels: np.ndarray, what: Recalibrated
) -> RecalibrationFit:
    found = fit_recalibration(observed(scores, labels), what)
    assert isinstance(found, RecalibrationFit)
    return found


def test_both_finds_the_planted_line() -> None:
    found = fitted(*logistic(3000, 1, intercept=-1, slope=0.5), Recalibrated.BOTH)

    assert found.intercept.value == pytest.approx(-1, abs=0.1)
    assert found.slope.value == pytest.approx(0.5, abs=0.06)
    assert found.shown_slope == found.slope


def test_labels_separated_but_for_rounding_are_fitted_with_the_penalty() -> None:
    scores = np.arange(20.0)
    labels = (scores > 9).astype(int)
    apart = fitted(scores, labels, Recalibrated.BOTH)
    scores[[9, 10]] = 9.5 + 1e-9, 9.5

    found = fitted(scores, labels, Recalibrated.BOTH)

    assert found.penalised
    assert 0 < found.slope.value < 2 * apart.slope.value


def test_an_intercept_alone_leaves_the_slope_and_meets_the_prevalence() -> None:
    scores, labels = logistic(60, 2)

    found = fitted(scores, labels, Recalibrated.INTERCEPT)

    foretold = 1 / (1 + np.exp(-(scores + found.intercept.value)))
    assert found.slope == Estimate(1.0, None, None, "held at 1")
    assert foretold.mean() == pytest.approx(labels.mean())
    assert found.shown_slope.value < 1


@pytest.mark.parametrize("what", list(Recalibrated))
def test_a_ranking_the_wrong_way_round_is_refused(what: Recalibrated) -> None:
    scores, labels = logistic(60, 3)

    found = fit_recalibration(observed(-scores, labels), what)

    assert isinstance(found, NotAssessable)
    assert "higher scores go with fewer labels" in found.why


@pytest.mark.parametrize("what", list(Recalibrated))
def test_a_ranking_that_is_not_shown_is_refused(what: Recalibrated) -> None:
    scores, labels = logistic(40, 4, slope=0.02)

    found = fit_recalibration(observed(scores, labels), what)

    assert isinstance(found, NotAssessable)
    assert "No intercept and no slope repair a ranking" in found.why


def test_separated_labels_are_shrunk_and_say_so() -> None:
    scores = np.linspace(-2, 2, 20)

    found = fitted(scores, scores > 0.1, Recalibrated.BOTH)

    assert found.penalised
    assert 0 < found.slope.low < found.slope.value < 30
    assert "Firth" in found.slope.method


def test_more_labels_are_wanted_where_the_interval_is_wide() -> None:
    few = fitted(*logistic(60, 5, slope=1), Recalibrated.BOTH)
    many = fitted(*logistic(2000, 5, slope=1), Recalibrated.BOTH)

    assert few.wanted_labels is not None
    assert few.wanted_labels > 150
    assert many.wanted_labels is not None
    assert many.wanted_labels < 2000


def test_few_labels_and_equal_scores_are_refused() -> None:
    few = fit_recalibration(observed(np.arange(8.0), np.arange(8) > 3), "both")
    equal = fit_recalibration(observed(np.ones(20), np.arange(20) % 2), "both")

    assert isinstance(few, NotAssessable)
    assert "5 of each are the minimum" in few.why
    assert isinstance(equal, NotAssessable)
    assert "equal" in equal.why


@pytest.mark.parametrize("what", list(Recalibrated))
def test_scores_of_others_are_recalibrated_by_the_same_line(what: Recalibrated) -> None:
    scores, labels = logistic(60, 6)
    found = fitted(scores, labels, what)

    after = recalibrated_scores(observed(scores, labels), what, np.array([0.0, 2.0]))

    line = found.intercept.value + found.slope.value * np.array([0.0, 2.0])
    assert after == pytest.approx(line)
