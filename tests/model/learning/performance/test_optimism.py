"""Optimism: what a refitted model loses outside its data."""

import numpy as np
from sklearn.linear_model import LogisticRegression

from model.learning.estimate import Estimate, NotAssessable
from model.learning.performance.concordance import c_index, concordance
from model.learning.performance.observed import observed
from model.learning.performance.optimism import corrected, optimism


def test_features_of_noise_are_corrected_to_no_better_than_chance() -> None:
    generator = np.random.default_rng(1)
    features = generator.standard_normal((60, 6))
    labels = (np.arange(60) % 2).astype(int)
    fit = LogisticRegression(C=np.inf)

    def refit(rows: np.ndarray) -> np.ndarray:
        return fit.fit(features[rows], labels[rows]).decision_function(features)

    scores = refit(np.arange(60))
    found = optimism(observed(scores, labels), refit, seed=1, resamples=60)
    after = corrected(c_index(scores, labels), found["c_index"], (0, 1))

    assert concordance(scores, labels) > 0.6
    assert isinstance(after, Estimate)
    assert after.value < 0.58
    assert after.low < 0.5
    assert found["calibration_slope"].mean > 0.2
    assert found["brier_score"].mean < 0
    assert "60 bootstrap samples" in after.method


def test_samples_without_a_fit_are_left_out_and_counted() -> None:
    labels = np.arange(20) % 2
    found = optimism(
        observed(labels * 1.0, labels), lambda _: None, seed=1, resamples=5
    )

    assert (found["c_index"].used, found["c_index"].resamples) == (0, 5)
    assert np.isnan(found["c_index"].mean)
    assessed = corrected(c_index(labels, labels), found["c_index"])
    assert isinstance(assessed, NotAssessable)
    assert "only 0 of 5" in assessed.why


def test_each_resample_ticks() -> None:
    ticks: list[int] = []
    labels = np.arange(20) % 2

    optimism(
        observed(labels * 1.0, labels),
        lambda _: labels * 1.0,
        seed=1,
        resamples=7,
        tick=lambda: ticks.append(1),
    )

    assert len(ticks) == 7
