"""Cohorts with a truth that was put in."""

from dataclasses import replace

import numpy as np

from model.learning.readout import Readout
from model.learning.selection.lasso import LassoOptions
from model.learning.selection.penalty_rule import PenaltyRule
from model.learning.training.recipe import Recipe
from model.learning.training.training_set import TrainingSet

PLANTED = (0, 4)
"""Features that the readouts follow, the second one falling."""

QUICK = Recipe(LassoOptions(folds=4, penalties=20, smallest_ratio=0.02))
"""A coarse grid of penalties, fast enough for hundreds of fits."""

SPARSE = Recipe(
    LassoOptions(folds=4, penalties=40, rule=PenaltyRule.ONE_STANDARD_ERROR)
)


def cohort(
    animals: int = 24,
    *,
    scans: int = 1,
    features: int = 8,
    signal: float = 2.0,
    seed: int = 1,
) -> TrainingSet:
    """Return a cohort whose readouts follow two of the features, and the volume."""
    generator = np.random.default_rng(seed)
    groups = np.repeat(np.arange(animals), scans)
    count = len(groups)
    texture = generator.normal(size=(count, features))
    volume = generator.normal(size=count)
    day = generator.integers(0, 3, count).astype(float)
    truth = signal * (texture[:, PLANTED[0]] - texture[:, PLANTED[1]])
    readouts = {
        Readout.EARLY: -truth,
        Readout.TERMINAL: truth,
        Readout.RATIO: -truth,
        Readout.MFI: truth,
    }
    return TrainingSet(
        features=texture,
        readouts={
            name: values + generator.normal(size=count)
            for name, values in readouts.items()
        },
        label=Readout.TERMINAL,
        groups=groups,
        baseline=np.column_stack([volume, day]),
        parts={"volume": (0,), "day": (1,)},
    )


def following_volume(seed: int = 1, animals: int = 40) -> TrainingSet:
    """Return a cohort whose readouts follow the volume, and a feature that is it."""
    data = cohort(animals, signal=0.0, seed=seed)
    generator = np.random.default_rng(seed + 1000)
    volume = data.baseline[:, 0]
    features = data.features.copy()
    features[:, 0] = volume + 0.05 * generator.normal(size=data.count)
    readouts = {
        name: 2 * volume + generator.normal(size=data.count) for name in data.readouts
    }
    return replace(data, features=features, readouts=readouts)
