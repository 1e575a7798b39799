"""Texture, plain knowledge and both: models that compete on the same rows.

============ =========================================================================
contender    what it is
============ =========================================================================
texture      the recipe
baseline     logistic regression on all of the plain knowledge, nothing selected
both         the baseline's columns and those that the recipe chose
volume, ...  each part of the baseline alone
============ =========================================================================

Design choice: the baseline is Firth's, whatever the recipe's method; it should be as
good as it can be, since the recipe is measured against it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.learning.fitting.logistic import LogisticFit, Method
from model.learning.training.independent_columns import independent
from model.learning.training.recipe import Trained, fitted
from model.learning.training.training_set import TrainingSet

Floats = NDArray[np.float64]

TEXTURE, BASELINE, BOTH = "texture", "baseline", "both"

_ROWS_PER_COLUMN = 3
"""Of a contender's fit: baseline and texture together may be many columns."""


@dataclass(frozen=True, eq=False)
class Plain:
    """A model without selection.

    Attributes
    ----------
    columns : tuple of int
        Of baseline and features side by side.
    fit : LogisticFit or None
        None where no column says anything.
    prevalence : float
    """

    columns: tuple[int, ...]
    fit: LogisticFit | None
    prevalence: float

    def scores(self, matrix: Floats) -> Floats:
        """Return scores on the logit scale."""
        if self.fit is None:
            share = np.log(self.prevalence / (1 - self.prevalence))
            return np.full(len(matrix), share)
        return self.fit.scores(matrix[:, list(self.columns)])


def contenders_of(data: TrainingSet, trained: Trained) -> Mapping[str, Plain]:
    """Return the models that compete with a trained one, fitted on the same rows.

    Parameters
    ----------
    data : TrainingSet
        What the recipe was trained on.
    trained : Trained
    """
    labels = data.labels(trained.cut_off)
    matrix = side_by_side(data)
    width = data.baseline.shape[1]
    plain = tuple(range(width))
    chosen = tuple(width + column for column in trained.chosen)
    wanted = {BASELINE: plain, BOTH: (*plain, *chosen), **data.parts}
    return {name: _plain(matrix, labels, order) for name, order in wanted.items()}


def side_by_side(data: TrainingSet) -> Floats:
    """Return the baseline's columns, then the features."""
    return np.hstack([data.baseline, data.features])


def _plain(matrix: Floats, labels: NDArray[np.int_], order: tuple[int, ...]) -> Plain:
    columns = independent(matrix, order, len(labels) // _ROWS_PER_COLUMN)
    fit, columns, _ = fitted(Method.FIRTH, matrix, labels, columns)
    return Plain(columns, fit, float(labels.mean()))
