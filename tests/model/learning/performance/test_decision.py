"""Decision curves."""

import numpy as np
import pytest

from model.learning.estimate import NotAssessable
from model.learning.performance.decision import DecisionCurve, decision_curve
from model.learning.performance.grouped_error import expit
from tests.model.learning.performance.drawn import logistic


def curve(*data: np.ndarray, **options: object) -> DecisionCurve:
    found = decision_curve(*data, seed=1, resamples=400, **options)
    assert isinstance(found, DecisionCurve)
    return found


def test_net_benefit_is_what_its_formula_says() -> None:
    probabilities = np.array([0.9, 0.8, 0.7, 0.3, 0.2, 0.6, 0.55, 0.1, 0.05, 0.15])
    labels = np.array([1, 1, 1, 1, 1, 0, 0, 0, 0, 0])

    found = curve(probabilities, labels, thresholds=[0.5, 0.75])

    assert found.model.value == pytest.approx([0.3 - 0.2, 0.2])
    assert found.treat_all.value == pytest.approx([0, 0.5 - 0.5 * 3])
    assert found.gain.value == pytest.approx([0.1, 0.2])


def test_a_good_score_gains_and_a_useless_one_does_not() -> None:
    scores, labels = logistic(400, 2, intercept=0, slope=2)
    noise = np.random.default_rng(5).standard_normal(400)
    half = {"thresholds": [0.5]}

    good = curve(expit(2 * scores), labels, **half)
    useless = curve(expit(noise), labels, **half)

    assert good.gain.low[0] > 0
    assert useless.gain.low[0] < 0


def test_limits_surround_the_value_and_the_same_seed_gives_the_same() -> None:
    scores, labels = logistic(30, 3)
    first, second = curve(expit(scores), labels), curve(expit(scores), labels)

    assert (first.model.low <= first.model.value).all()
    assert (first.model.value <= first.model.high).all()
    assert np.array_equal(first.gain.low, second.gain.low)


def test_animals_are_drawn_whole() -> None:
    scores, labels = logistic(40, 4)
    p, at = expit(scores), {"thresholds": [0.4]}

    once = curve(p, labels, **at)
    many = curve(*(np.tile(each, 4) for each in (p, labels, np.arange(40))), **at)

    assert many.model.low == pytest.approx(once.model.low)
    assert many.model.high == pytest.approx(once.model.high)


def test_four_of_a_label_are_too_few() -> None:
    found = decision_curve(np.full(12, 0.5), np.arange(12) < 4, seed=1)

    assert isinstance(found, NotAssessable)
    assert "5 of each are the minimum" in found.why
