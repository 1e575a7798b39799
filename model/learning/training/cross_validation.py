"""Cross-validation of the whole recipe: repeated, stratified, grouped, fold by fold.

In every fold the median, the standardisation, the penalties, the selection and the fit
are made of the other folds alone. A label of the fold is whether its readout lies above
*their* median. The C-index compares observations of one fold only: scores of different
fits are not pooled, which would let the share of labels in a fold leak into the ranking
(Airola 2011; under no association pooled leave-one-out is far below 0.5).

References
----------
Airola A et al. Computational Statistics and Data Analysis 2011; 55: 1828-1844.
Varma S, Simon R. Bias in error estimation when using cross-validation for model
selection. BMC Bioinformatics 2006; 7: 91.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from model.learning.performance.concordance import concordance
from model.learning.performance.grouped_error import expit
from model.learning.resampling import Indices, grouped_folds
from model.learning.training.contenders import TEXTURE, contenders_of, side_by_side
from model.learning.training.recipe import (
    OneClassLabelError,
    Recipe,
    Trained,
    follow,
)
from model.learning.training.seeds import Purpose, seed_of
from model.learning.training.training_set import TrainingSet

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FoldResult:
    """What was foretold of a fold.

    Attributes
    ----------
    repeat, fold : int
    tested : ndarray of int
        Observations of the fold.
    fitted_groups, tested_groups : int
    events : int
        Observations of the fold above the others' median.
    chosen : tuple of int
        Features of the fit.
    cut_off : float
        The others' median.
    scores : ndarray, shape (tested,)
        Of the texture, on the logit scale.
    c_index, brier : mapping of str to float
        By contender; the C-index is NaN where the fold has one class.
    fell_back : bool
    """

    repeat: int
    fold: int
    tested: Indices
    fitted_groups: int
    tested_groups: int
    events: int
    chosen: tuple[int, ...]
    cut_off: float
    scores: Floats
    c_index: Mapping[str, float]
    brier: Mapping[str, float]
    fell_back: bool

    @property
    def has_both_classes(self) -> bool:
        """Return whether a C-index could be computed."""
        return math.isfinite(self.c_index[TEXTURE])


@dataclass(frozen=True)
class FoldPlan:
    """How rows are dealt out.

    Attributes
    ----------
    folds : int
        No more are made than there are groups, or observations of the rarer label.
    compared : bool
        Whether the contenders are fitted as well.
    """

    folds: int = 5
    compared: bool = True


@dataclass(frozen=True)
class Repeat:
    """One round of cross-validation.

    Attributes
    ----------
    results : tuple of FoldResult
    unfitted : int
        Folds whose others have one class only.
    """

    results: tuple[FoldResult, ...] = field(default_factory=tuple)
    unfitted: int = 0


def cross_validate(
    data: TrainingSet, recipe: Recipe, plan: FoldPlan, seed: int, repeat: int
) -> Repeat:
    """Return one round of cross-validation.

    Parameters
    ----------
    data : TrainingSet
    recipe : Recipe
    plan : FoldPlan
    seed : int
        Of all rounds.
    repeat : int
        Which of them.
    """
    strata = data.labels(data.cut_off)
    folds = fold_count(data, plan.folds)
    dealt = seed_of(seed, Purpose.FOLDS, repeat)
    results: list[FoldResult] = []
    unfitted = 0
    parts = grouped_folds(data.groups, strata, folds, dealt)
    for fold, (others, tested) in enumerate(parts):
        inner = seed_of(seed, Purpose.FOLDS, repeat, fold)
        try:
            trained = follow(recipe, data.rows(others), inner)
        except OneClassLabelError:
            unfitted += 1
            continue
        results.append(
            _scored(data, (others, tested), trained, (repeat, fold), plan.compared)
        )
    return Repeat(tuple(results), unfitted)


def fold_count(data: TrainingSet, wanted: int) -> int:
    """Return how many folds there can be."""
    labels = data.labels(data.cut_off)
    rarer = int(min(labels.sum(), len(labels) - labels.sum()))
    return max(2, min(wanted, data.group_count, rarer))


def mean_c_index(results: tuple[FoldResult, ...], contender: str = TEXTURE) -> float:
    """Return the mean C-index over folds that have both classes; NaN without any."""
    values = [each.c_index[contender] for each in results if each.has_both_classes]
    return float(np.mean(values)) if values else math.nan


def _scored(
    data: TrainingSet,
    parts: tuple[Indices, Indices],
    trained: Trained,
    which: tuple[int, int],
    compared: bool,  # noqa: FBT001 (a field of the plan)
) -> FoldResult:
    others, tested = parts
    held_out = data.rows(tested)
    labels = held_out.labels(trained.cut_off)
    scores = {TEXTURE: trained.scores(held_out.features)}
    if compared:
        matrix = side_by_side(held_out)
        models = contenders_of(data.rows(others), trained)
        scores |= {name: model.scores(matrix) for name, model in models.items()}
    return FoldResult(
        repeat=which[0],
        fold=which[1],
        tested=tested,
        fitted_groups=len(np.unique(data.groups[others])),
        tested_groups=held_out.group_count,
        events=int(labels.sum()),
        chosen=trained.chosen,
        cut_off=trained.cut_off,
        scores=scores[TEXTURE],
        c_index={name: concordance(each, labels) for name, each in scores.items()},
        brier={name: _brier(each, labels) for name, each in scores.items()},
        fell_back=trained.fell_back,
    )


def _brier(scores: Floats, labels: NDArray[np.int_]) -> float:
    return float(((expit(scores) - labels) ** 2).mean())
