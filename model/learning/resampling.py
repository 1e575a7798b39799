"""Folds and resamples that never part a group.

Design choice: every draw takes whole groups. An animal that a bootstrap drew twice
keeps its group's name, so that both copies fall into one inner fold; a copy on either
side would let the fit see what it is tested on.
"""

import warnings
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

Indices = NDArray[np.intp]


def grouped_folds(
    groups: NDArray[np.int_],
    strata: NDArray[np.int_],
    folds: int,
    seed: int,
) -> Iterator[tuple[Indices, Indices]]:
    """Give the observations to fit on and to test on, fold by fold.

    Parameters
    ----------
    groups : ndarray of int, shape (observations,)
        Which observations belong together.
    strata : ndarray of int, shape (observations,)
        Classes that the folds share out as evenly as the groups allow.
    folds : int
        At least 2; no more than there are groups.
    seed : int
        Of the order in which groups are dealt out; 0 to 2**32 - 1.

    Notes
    -----
    A class of fewer observations than folds is missing from some, which is no news to
    who scores them; scikit-learn's warning of it is not passed on.
    """
    dealt = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        parts = list(dealt.split(np.zeros((len(groups), 1)), strata, groups))
    for fitted, tested in parts:
        if len(tested):
            yield fitted, tested


def grouped_bootstrap(
    groups: NDArray[np.int_], generator: np.random.Generator
) -> Indices:
    """Return the observations of as many groups as there are, drawn with replacement.

    Parameters
    ----------
    groups : ndarray of int, shape (observations,)
    generator : numpy.random.Generator

    Returns
    -------
    ndarray of intp
        Positions of observations, group after group. A group that was drawn twice comes
        twice, under its own name: ``groups[indices]``.
    """
    names = np.unique(groups)
    drawn = generator.choice(names, size=len(names), replace=True)
    return np.concatenate([np.flatnonzero(groups == name) for name in drawn])
