"""Whole groups dealt out to folds, fast.

Design choice: our own dealing, since selection happens thousands of times and
scikit-learn's grouped splitters take longer than all the paths together. Groups come in
a random order, larger ones first, each to the fold with the fewest observations.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from model.learning.selection.problem import UnfitForSelectionError

MINIMUM_GROUPS = 3
"""With two groups each fold would learn from one animal alone."""


class TooFewGroupsError(UnfitForSelectionError):
    """There are too few groups to cross-validate a penalty."""

    remedy = "Add animals (or cages, or batches): selection compares whole ones."

    def __init__(self, groups: int) -> None:
        super().__init__(
            f"{groups} groups are too few to choose a penalty by cross-validation; "
            f"{MINIMUM_GROUPS} are the minimum"
        )


def deal(groups: ArrayLike, folds: int, seed: int) -> NDArray[np.intp]:
    """Return the fold of each observation, from 0.

    Parameters
    ----------
    groups : array_like, shape (observations,)
        Observations of one group fall into one fold.
    folds : int
        At least 2; as many as there are groups where those are fewer.
    seed : int

    Raises
    ------
    TooFewGroupsError
    """
    _, numbered, sizes = np.unique(
        np.asarray(groups), return_inverse=True, return_counts=True
    )
    if len(sizes) < MINIMUM_GROUPS:
        raise TooFewGroupsError(len(sizes))
    order = np.random.default_rng(seed).permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    filled = [0] * min(folds, len(sizes))
    fold_of = np.zeros(len(sizes), np.intp)
    for group in order.tolist():
        emptiest = filled.index(min(filled))
        fold_of[group] = emptiest
        filled[emptiest] += int(sizes[group])
    return np.asarray(fold_of[numbered])
