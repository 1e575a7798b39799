"""Labelled tables on which logistic regressions are tried."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def mixed(rows: int, seed: int) -> tuple[Floats, NDArray[np.int_]]:
    """Return features of a tumour on their own scales, and labels that overlap.

    Like InverseVariance (near 0.01), a kurtosis, and a volume (near 1000), which is
    correlated with the kurtosis.
    """
    generator = np.random.default_rng(seed)
    raw = generator.normal(size=(rows, 3))
    raw[:, 2] += 2 * raw[:, 1]
    features = raw * [0.002, 0.8, 300.0] + [0.01, 3.0, 1000.0]
    chance = 1 / (1 + np.exp(-(0.3 + raw[:, 0] - 0.5 * raw[:, 1])))
    return features, (generator.random(rows) < chance).astype(int)


def nearly_collinear() -> tuple[Floats, NDArray[np.int_]]:
    """Return two features that are correlated by 0.9999, one more, and labels."""
    features, labels = mixed(40, seed=5)
    twin = features[:, 1] + 0.01 * np.random.default_rng(1).normal(size=40)
    return np.column_stack([features, twin]), labels


def separated() -> tuple[Floats, NDArray[np.int_]]:
    """Return 18 rows of which the first feature parts the labels, with a gap."""
    features, _ = mixed(18, seed=7)
    labels = (features[:, 0] > np.median(features[:, 0])).astype(int)
    return features, labels


def quasi_separated() -> tuple[Floats, NDArray[np.int_]]:
    """Return a feature of 0 and 1 that is 1 in no row of the first class, and noise."""
    marks = np.array([0] * 10 + [1] * 5 + [0] * 5, float)
    labels = np.array([0] * 10 + [1] * 10)
    # The noise of rows without a mark overlaps, so it parts nothing by itself.
    noise = np.tile([0.3, -1.0, 2.0, 0.1, -0.4], 4) + 0.01 * np.arange(20)
    noise[-5:] = [0.0, 1.1, -0.7, 0.5, -0.2]
    return np.column_stack([noise, marks]), labels
