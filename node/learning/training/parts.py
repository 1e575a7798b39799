"""The parts of a training that are done by number, in any process."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.learning.readout import Readout
from model.learning.selection.problem import UnfitForSelectionError
from model.learning.selection.stability import selection_frequency
from model.learning.training.bootstrap import BootstrapSample, bootstrap_sample
from model.learning.training.cross_validation import FoldPlan, Repeat, cross_validate
from model.learning.training.independent_columns import varying
from model.learning.training.permutation import Statistic, permuted, statistic_of
from model.learning.training.recipe import Recipe, measured
from model.learning.training.seeds import Purpose, seed_of
from model.learning.training.training_set import TrainingSet
from node.learning.training.options import Judgement

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Study:
    """What every part needs.

    Attributes
    ----------
    data : TrainingSet
    recipe : Recipe
    judgement : Judgement
    seed : int
    """

    data: TrainingSet
    recipe: Recipe
    judgement: Judgement
    seed: int


def round_of(study: Study, number: int) -> Repeat:
    """Return a round of cross-validation."""
    plan = FoldPlan(study.judgement.folds)
    return cross_validate(study.data, study.recipe, plan, study.seed, number)


def observed_statistic(study: Study) -> Statistic:
    """Return the statistic of the readouts as they stand."""
    return _statistic(study, study.data)


def permutation_of(study: Study, number: int) -> Statistic:
    """Return the statistic of an arrangement of the readouts."""
    return _statistic(study, permuted(study.data, study.seed, number))


def sample_of(study: Study, number: int) -> BootstrapSample:
    """Return what the recipe makes of a bootstrap sample."""
    return bootstrap_sample(study.data, study.recipe, study.seed, number)


def frequency_of(study: Study, number: int) -> Floats:
    """Return how often a readout selects each feature; the number is the readout's.

    NaN where subsamples have too few groups for it.
    """
    readout = list(Readout)[number]
    data = study.data
    found = np.full(data.features.shape[1], np.nan)
    if readout not in data.readouts:
        return found
    rows = measured(data, readout)
    vary = varying(data.features[rows])
    try:
        found[vary] = selection_frequency(
            data.features[np.ix_(rows, np.flatnonzero(vary))],
            data.readouts[readout][rows],
            data.groups[rows],
            study.recipe.lasso,
            study.judgement.resamples,
            seed_of(study.seed, Purpose.FREQUENCY, number),
        )
    except UnfitForSelectionError:
        return found
    return found


def _statistic(study: Study, data: TrainingSet) -> Statistic:
    judgement = study.judgement
    plan = FoldPlan(judgement.folds, compared=False)
    repeats = judgement.permutation_repeats
    return statistic_of(data, study.recipe, plan, study.seed, repeats)
