"""The whole recipe on bootstrap samples of groups: optimism, and what is chosen.

Optimism is Harrell's: what the recipe shows on the sample that it was fitted to, less
what the same fit shows on all rows. The median is that of the sample, and cuts the rows
on which the fit is judged as well.

References
----------
Harrell FE, Lee KL, Mark DB. Statistics in Medicine 1996; 15: 361-387.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.learning.estimate import Assessed, Estimate, NotAssessable
from model.learning.performance.optimism import numbers_of
from model.learning.resampling import grouped_bootstrap
from model.learning.training.recipe import (
    OneClassLabelError,
    Recipe,
    Trained,
    follow,
)
from model.learning.training.seeds import Purpose, seed_of
from model.learning.training.training_set import TrainingSet

LEAST_SHARE = 0.8
"""Of the samples, that must give a number; else it is of those that were easy."""
LEAST_SAMPLES = 20
"""That give a number; the mean optimism of fewer is mostly chance."""

QUANTITIES = ("c_index", "brier_score", "calibration_slope")


@dataclass(frozen=True)
class BootstrapSample:
    """What came of one sample.

    Attributes
    ----------
    chosen : tuple of int
        Features of the fit.
    optimism : mapping of str to float
        By `QUANTITIES`; NaN where there is none.
    fitted : bool
        False where the sample has one class.
    """

    chosen: tuple[int, ...]
    optimism: Mapping[str, float]
    fitted: bool = True


def bootstrap_sample(
    data: TrainingSet, recipe: Recipe, seed: int, number: int
) -> BootstrapSample:
    """Return what the recipe makes of a bootstrap sample of groups.

    Parameters
    ----------
    data : TrainingSet
    recipe : Recipe
    seed : int
        Of all samples.
    number : int
        Which of them.
    """
    part = seed_of(seed, Purpose.BOOTSTRAP, number)
    generator = np.random.default_rng(part)
    sample = data.rows(grouped_bootstrap(data.groups, generator))
    try:
        trained = follow(recipe, sample, part)
    except OneClassLabelError:
        nothing = dict.fromkeys(QUANTITIES, math.nan)
        return BootstrapSample((), nothing, fitted=False)
    there, here = shown(trained, sample), shown(trained, data)
    gaps = {name: there[name] - here[name] for name in QUANTITIES}
    return BootstrapSample(trained.chosen, gaps)


def shown(trained: Trained, data: TrainingSet) -> Mapping[str, float]:
    """Return what a trained model shows on rows, by `QUANTITIES`."""
    labels = data.labels(trained.cut_off).astype(np.bool_)
    if labels.all() or not labels.any():
        return dict.fromkeys(QUANTITIES, math.nan)
    numbers = numbers_of(trained.scores(data.features), labels)
    return {name: numbers[name] for name in QUANTITIES}


def optimism_corrected(
    apparent: float,
    samples: Sequence[BootstrapSample],
    quantity: str,
    span: tuple[float, float] = (-math.inf, math.inf),
) -> Assessed:
    """Return what a model shows, less the optimism.

    Parameters
    ----------
    apparent : float
        What the final model shows on all rows.
    samples : sequence of BootstrapSample
    quantity : str
    span : tuple of float

    Notes
    -----
    The interval is the apparent number less the 2.5th and 97.5th percentile of the
    optimisms: how uncertain the correction is, and not how another sample of animals
    would differ.
    """
    gaps = np.array([each.optimism[quantity] for each in samples])
    used = gaps[np.isfinite(gaps)]
    enough = len(used) >= max(LEAST_SAMPLES, LEAST_SHARE * len(gaps))
    if not math.isfinite(apparent):
        return NotAssessable("not assessable: the model shows none on its own rows")
    if not enough:
        return NotAssessable(
            f"not assessable: {len(used)} of {len(gaps)} bootstrap samples gave a "
            f"number"
        )
    ends = np.quantile(used, [0.975, 0.025])
    low, high = (float(np.clip(apparent - end, *span)) for end in ends)
    value = float(np.clip(apparent - used.mean(), *span))
    method = f"percentiles of the optimism of {len(used)} bootstrap samples"
    return Estimate(value, low, high, method)


def chosen_frequency(
    samples: Sequence[BootstrapSample], features: int
) -> NDArray[np.float64]:
    """Return how often each feature is in the fit, of the samples that have one."""
    counts = np.zeros(features)
    fitted = [each for each in samples if each.fitted]
    for each in fitted:
        counts[list(each.chosen)] += 1
    return counts / max(len(fitted), 1)
