"""How often each feature is chosen on part of the groups.

Design choice: subsamples of 63.2 % of the groups without replacement, rather than the
bootstrap or half-samples. That is as many different groups as a bootstrap has on
average, without its duplicates, on which too much is chosen (De Bin et al.), so that
only subsamples estimate inclusion consistently (Wallisch et al.). Halves, as in
stability selection, would leave 9 animals of 18 to choose a penalty on.

References
----------
De Bin R, Janitza S, Sauerbrei W, Boulesteix AL. Subsampling versus bootstrapping in
resampling-based model selection for multivariable regression. Biometrics 2016; 72:
272-280.
Wallisch C, Dunkler D, Rauch G, de Bin R, Heinze G. Selection of variables for
multivariable models: opportunities and limitations in quantifying model stability by
resampling. Statistics in Medicine 2021; 40: 369-381.
Meinshausen N, Buehlmann P. Stability selection. Journal of the Royal Statistical
Society B 2010; 72: 417-473.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from model.learning.selection.folds import MINIMUM_GROUPS, TooFewGroupsError
from model.learning.selection.lasso import LassoOptions, select
from model.learning.selection.problem import (
    AllConstantError,
    ConstantReadoutError,
    checked,
)

Floats = NDArray[np.float64]

SHARE = 1 - math.exp(-1)
"""Of the groups that each subsample takes."""


def selection_frequency(  # noqa: PLR0913, PLR0917 - what is drawn, and how it is chosen
    features: ArrayLike,
    readout: ArrayLike,
    groups: ArrayLike,
    options: LassoOptions,
    resamples: int,
    seed: int,
    tick: Callable[[], None] | None = None,
) -> Floats:
    """Return the share of subsamples in which each feature is chosen.

    Parameters
    ----------
    features : array_like, shape (observations, features)
    readout : array_like, shape (observations,)
    groups : array_like, shape (observations,)
        Drawn whole.
    options : LassoOptions
        The penalty is chosen anew in every subsample.
    resamples : int
        At least 1.
    seed : int
    tick : callable, optional
        Called after each subsample.

    Returns
    -------
    ndarray, shape (features,)
        From 0 to 1. A subsample in which nothing varies chooses nothing.

    Raises
    ------
    UnfitForSelectionError
        As `select`; too few groups where a subsample would have fewer than `select`
        needs.
    """
    values, measured = checked(features, readout)
    names, numbered = np.unique(np.asarray(groups), return_inverse=True)
    taken = round(SHARE * len(names))
    if taken < MINIMUM_GROUPS:
        raise TooFewGroupsError(taken)
    counts = np.zeros(values.shape[1])
    for stream in np.random.SeedSequence(seed).spawn(resamples):
        generator = np.random.default_rng(stream)
        drawn = generator.choice(len(names), size=taken, replace=False)
        rows = np.isin(numbered, drawn)
        dealt = int(generator.integers(2**32))
        counts[
            _chosen(values[rows], measured[rows], numbered[rows], options, dealt)
        ] += 1
        if tick is not None:
            tick()
    return counts / resamples


def _chosen(
    values: Floats,
    measured: Floats,
    groups: NDArray[np.intp],
    options: LassoOptions,
    seed: int,
) -> list[int]:
    try:
        return list(select(values, measured, groups, options, seed).selected)
    except (AllConstantError, ConstantReadoutError):
        return []
