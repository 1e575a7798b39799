"""Scores and labels that are drawn from known truths."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

Floats = NDArray[np.float64]


def two_normals(
    theta: float, cases: int, controls: int, draws: int, seed: int
) -> tuple[Floats, Floats]:
    """Return scores of cases and controls, (draws, n) each, whose C-index is theta."""
    generator = np.random.default_rng(seed)
    shift = norm.ppf(theta) * np.sqrt(2)
    above = shift + generator.standard_normal((draws, cases))
    return above, generator.standard_normal((draws, controls))


def logistic(
    observations: int, seed: int, *, intercept: float = 0.3, slope: float = 0.6
) -> tuple[Floats, NDArray[np.int_]]:
    """Return scores, and labels that follow ``intercept + slope x score``."""
    generator = np.random.default_rng(seed)
    scores = 2 * generator.standard_normal(observations)
    chance = 1 / (1 + np.exp(-intercept - slope * scores))
    return scores, (generator.random(observations) < chance).astype(int)
