"""Whether the recipe foretells more than chance: permutation of readouts.

The readouts of whole groups change places, and the whole recipe is cross-validated
again. Under the hypothesis that texture and readouts of a group have nothing to do with
each other, each arrangement is as likely as the one that was observed, so that ``(1 +
b) / (1 + B)`` is a P value whatever the recipe does (Phipson and Smyth 2010).

Design choice: groups change places with groups of as many observations, whose order
stays. The readouts of an animal that was scanned three times are not independent, and
are not torn apart. A group that is alone with its number stays where it is.

Design choice: ties are broken. Where all LASSOs are empty the C-index is 0.5 exactly,
and many arrangements would share one value. Of two of the same C-index the greater is
the one whose readouts correlate more with a feature, since its LASSO is closer to
selecting one. Any statistic that is fixed beforehand makes a valid test.

References
----------
Phipson B, Smyth GK. Permutation P-values should never be zero. Statistical Applications
in Genetics and Molecular Biology 2010; 9: 39.
Winkler AM et al. Multi-level block permutation. NeuroImage 2015; 123: 253-268.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.learning.resampling import Indices
from model.learning.training.cross_validation import (
    FoldPlan,
    cross_validate,
    mean_c_index,
)
from model.learning.training.independent_columns import varying
from model.learning.training.recipe import Recipe, measured
from model.learning.training.seeds import Purpose, seed_of
from model.learning.training.training_set import TrainingSet

LEAST_ARRANGEMENTS = 100
"""Of groups; with fewer no P value below 0.01 exists."""


@dataclass(frozen=True, order=True)
class Statistic:
    """What is compared between arrangements, the first part first.

    Attributes
    ----------
    c_index : float
        Mean over folds; minus infinity where no fold could be scored.
    correlation : float
        The largest of a feature with a readout, mean over readouts.
    """

    c_index: float
    correlation: float


def statistic_of(
    data: TrainingSet, recipe: Recipe, plan: FoldPlan, seed: int, repeats: int
) -> Statistic:
    """Return the statistic of readouts as they stand.

    Parameters
    ----------
    data : TrainingSet
    recipe : Recipe
    plan : FoldPlan
    seed : int
    repeats : int
        Rounds of cross-validation.
    """
    plain = FoldPlan(plan.folds, compared=False)
    results = tuple(
        result
        for repeat in range(repeats)
        for result in cross_validate(data, recipe, plain, seed, repeat).results
    )
    c_index = mean_c_index(results)
    if not math.isfinite(c_index):
        c_index = -math.inf
    return Statistic(c_index, _largest_correlation(data))


def permuted(data: TrainingSet, seed: int, number: int) -> TrainingSet:
    """Return the rows with the readouts of an arrangement of groups.

    Parameters
    ----------
    data : TrainingSet
    seed : int
    number : int
        Which arrangement.
    """
    generator = np.random.default_rng(seed_of(seed, Purpose.PERMUTATION, number))
    return data.with_readouts_of(_exchanged(data.groups, generator))


def p_value(observed: Statistic, drawn: Sequence[Statistic]) -> float:
    """Return the share of arrangements that do as well, the observed one included."""
    as_good = sum(each >= observed for each in drawn)
    return (1 + as_good) / (1 + len(drawn))


def arrangements(groups: NDArray[np.int_]) -> float:
    """Return how many arrangements of groups there are; infinity for very many."""
    _, sizes = np.unique(groups, return_counts=True)
    _, alike = np.unique(sizes, return_counts=True)
    logarithm = sum(math.lgamma(count + 1) for count in alike)
    return math.exp(logarithm) if logarithm < math.log(1e15) else math.inf


def _exchanged(groups: NDArray[np.int_], generator: np.random.Generator) -> Indices:
    """Return for each observation the one whose readouts it gets."""
    members = [np.flatnonzero(groups == name) for name in np.unique(groups)]
    taken = np.arange(len(groups))
    for size in sorted({len(each) for each in members}):
        alike = [each for each in members if len(each) == size]
        order = generator.permutation(len(alike))
        for here, there in zip(alike, order, strict=True):
            taken[here] = alike[there]
    return taken


def _largest_correlation(data: TrainingSet) -> float:
    found = [
        _largest_of(data.features[rows], data.readouts[readout][rows])
        for readout in data.readouts
        for rows in [measured(data, readout)]
    ]
    return float(np.mean(found)) if found else 0.0


def _largest_of(features: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    vary = varying(features)
    off = values - values.mean()
    size = float(np.linalg.norm(off))
    if not vary.any() or size == 0:
        return 0.0
    centred = features[:, vary] - features[:, vary].mean(axis=0)
    correlations = off @ centred / (size * np.linalg.norm(centred, axis=0))
    return float(abs(correlations).max())
