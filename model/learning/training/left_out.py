"""One batch, or one tumour model, foretold by the others."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.learning.estimate import Assessed, NotAssessable
from model.learning.performance.concordance import c_index
from model.learning.training.contenders import BASELINE, contenders_of, side_by_side
from model.learning.training.recipe import OneClassLabelError, Recipe, follow
from model.learning.training.seeds import Purpose, seed_of
from model.learning.training.training_set import TrainingSet

LEAST_FITTED_GROUPS = 8
"""Among the others. A median split of fewer leaves less than four of each label, for
which no more than one feature may be fitted."""


@dataclass(frozen=True)
class LeftOut:
    """How well others foretell what was left out.

    Attributes
    ----------
    name : str
        Of the batch or tumour model.
    tested : int
        Observations in it.
    fitted : int
        Observations of the others.
    chosen : tuple of int
        Features that the others chose.
    texture, baseline : Assessed
        C-index.
    """

    name: str
    tested: int
    fitted: int
    chosen: tuple[int, ...]
    texture: Assessed
    baseline: Assessed


def leave_one_out(
    data: TrainingSet, recipe: Recipe, names: NDArray[np.str_], seed: int
) -> tuple[LeftOut, ...]:
    """Return, for each name, how well the rows of other names foretell its rows.

    Parameters
    ----------
    data : TrainingSet
    recipe : Recipe
    names : ndarray of str, shape (observations,)
    seed : int
    """
    return tuple(
        _left_out(data, recipe, (str(name), names == name), number, seed)
        for number, name in enumerate(np.unique(names))
    )


def _left_out(
    data: TrainingSet,
    recipe: Recipe,
    which: tuple[str, NDArray[np.bool_]],
    number: int,
    seed: int,
) -> LeftOut:
    name, inside = which
    # A group that has rows on both sides would foretell itself.
    shared = np.isin(data.groups, data.groups[inside])
    others = data.rows(np.flatnonzero(~shared))
    held_out = data.rows(np.flatnonzero(inside))
    if others.group_count < LEAST_FITTED_GROUPS:
        why = NotAssessable(
            f"not assessable: the others are {others.group_count} groups, and "
            f"{LEAST_FITTED_GROUPS} are the minimum"
        )
        return LeftOut(name, held_out.count, others.count, (), why, why)
    try:
        trained = follow(recipe, others, seed_of(seed, Purpose.LEFT_OUT, number))
    except OneClassLabelError:
        why = NotAssessable("not assessable: the others are of one class")
        return LeftOut(name, held_out.count, others.count, (), why, why)
    labels = held_out.labels(trained.cut_off)
    plain = contenders_of(others, trained)[BASELINE]
    return LeftOut(
        name=name,
        tested=held_out.count,
        fitted=others.count,
        chosen=trained.chosen,
        texture=c_index(trained.scores(held_out.features), labels, held_out.groups),
        baseline=c_index(plain.scores(side_by_side(held_out)), labels, held_out.groups),
    )
