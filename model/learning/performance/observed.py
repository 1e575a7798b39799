"""Labels with what was foretold of them, checked once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from model.learning.estimate import NotAssessable

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Observed:
    """Scores or probabilities with their labels.

    Attributes
    ----------
    foretold : ndarray of float, shape (observations,)
    labels : ndarray of bool, shape (observations,)
    groups : ndarray of int, shape (observations,)
        Numbered from 0.
    """

    foretold: Floats
    labels: NDArray[np.bool_]
    groups: NDArray[np.intp]

    @property
    def count(self) -> int:
        """Return how many observations there are."""
        return len(self.labels)

    @property
    def group_count(self) -> int:
        """Return how many groups there are."""
        return int(self.groups.max()) + 1 if self.count else 0

    @property
    def repeats(self) -> bool:
        """Return whether a group has more than one observation."""
        return self.group_count < self.count

    @property
    def cases(self) -> int:
        """Return how many groups have an observation with the label 1."""
        return len(np.unique(self.groups[self.labels]))

    @property
    def controls(self) -> int:
        """Return how many groups have an observation with the label 0."""
        return len(np.unique(self.groups[~self.labels]))

    def per_group(self, values: Floats) -> Floats:
        """Return sums over the observations of each group, shape (groups,)."""
        sums = np.bincount(self.groups, weights=values, minlength=self.group_count)
        return sums.astype(np.float64)

    def lacks(self, each: int) -> NotAssessable | None:
        """Return why a number that needs `each` of either label cannot be given."""
        if self.cases >= each and self.controls >= each:
            return None
        things = "independent groups" if self.repeats else "observations"
        return NotAssessable(
            f"not assessable at n = {self.count}: {self.cases} {things} above the "
            f"cut-off and {self.controls} below, and {each} of each are the minimum"
        )


def observed(
    foretold: ArrayLike, labels: ArrayLike, groups: ArrayLike | None = None
) -> Observed:
    """Return scores or probabilities with their labels.

    Parameters
    ----------
    foretold : array_like of float, shape (observations,)
    labels : array_like of int or bool, shape (observations,)
    groups : array_like, shape (observations,), optional
        Names of any kind; every observation is its own group if not given.

    Raises
    ------
    ValueError
        When lengths differ, a label is neither 0 nor 1, or a number is not finite: a
        defect of the caller, who has dropped what is missing.
    """
    numbers = np.asarray(foretold, np.float64)
    marks = np.asarray(labels)
    names = np.arange(len(numbers)) if groups is None else np.asarray(groups)
    if not numbers.shape == marks.shape == names.shape or numbers.ndim != 1:
        message = "scores, labels and groups must be vectors of one length"
        raise ValueError(message)
    if not np.isfinite(numbers).all() or not np.isin(marks, (0, 1)).all():
        message = "scores must be finite, and labels 0 or 1"
        raise ValueError(message)
    _, numbered = np.unique(names, return_inverse=True)
    return Observed(numbers, marks.astype(bool), numbered.astype(np.intp))
