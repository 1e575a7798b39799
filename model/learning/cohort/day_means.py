"""Differences between days of one group, when some animals are seen on several days.

The standard error is of animals: an animal's share in a weighted sum of day means is
what its own values add to it, and the squares of these shares are summed. Where every
animal is seen once it is Welch's (unequal variances by day), where all are seen on all
days that of paired differences; anything between is treated alike.

Probabilities come from Rubin's Bayesian bootstrap, in which each animal gets a random
weight with all its days; unlike a bootstrap by drawing, no day ever loses its animals.

References
----------
Welch BL. Biometrika 1947; 34: 28-35.
Liang KY, Zeger SL. Biometrika 1986; 73: 13-22 (variance by clusters).
Rubin DB. The Bayesian bootstrap. Annals of Statistics 1981; 9: 130-134.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_ROUNDING = 64 * float(np.finfo(float).eps)
"""Share of the greatest value below which scatter is of rounding: the mean of three
values of 0.1 is not 0.1."""


@dataclass(frozen=True)
class Difference:
    """A weighted sum of day means, with limits.

    Attributes
    ----------
    value : float
    low, high : float
        NaN where the values do not vary within days, so that nothing tells how sure
        the sum is.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class DayMeans:
    """Values of one group by day and animal.

    Attributes
    ----------
    values : ndarray of float, shape (observations,)
        Finite.
    days : ndarray of int, shape (observations,)
        Numbered from 0.
    animals : ndarray of int, shape (observations,)
        Numbered from 0; an animal has one value a day.
    day_count : int
    """

    values: Floats
    days: Ints
    animals: Ints
    day_count: int

    def drawn_means(self, weights: Floats) -> Floats:
        """Return means of draws that scatter as means do, shape (draws, days).

        Weights of the Bayesian bootstrap let the mean of n values vary by the
        (n - 1) / (n + 1)th part of its squared standard error, half of it at three
        animals. What is drawn lies farther from the mean by the root of the inverse.

        Parameters
        ----------
        weights : ndarray of float, shape (draws, animals)
        """
        means, counts = self.means, np.maximum(self.counts, 2)
        wider = np.sqrt((counts + 1) / (counts - 1))
        drawn = means + wider * (self.weighted_means(weights) - means)
        return np.asarray(drawn, np.float64)

    @property
    def counts(self) -> NDArray[np.intp]:
        """Return how many animals each day has, shape (days,)."""
        return np.bincount(self.days, minlength=self.day_count).astype(np.intp)

    @property
    def means(self) -> Floats:
        """Return the mean of each day, NaN where there is none, shape (days,)."""
        every = np.ones((1, int(self.animals.max()) + 1))
        return np.asarray(self.weighted_means(every)[0], np.float64)

    def weighted_means(self, weights: Floats) -> Floats:
        """Return means with weights of animals, shape (draws, days).

        Parameters
        ----------
        weights : ndarray of float, shape (draws, animals)
        """
        member = (self.days[:, None] == np.arange(self.day_count)).astype(np.float64)
        of_values = weights[:, self.animals]
        with np.errstate(invalid="ignore"):
            means = (of_values * self.values) @ member / (of_values @ member)
        return np.asarray(means, np.float64)

    def difference(self, weights: Floats, level: float) -> Difference:
        """Return a weighted sum of the day means with its limits.

        Parameters
        ----------
        weights : ndarray of float, shape (days,)
            Days of weight 0 do not matter; the others have two animals or more.
        level : float
            Coverage of the limits, which are of Student's t.
        """
        used = weights[self.days] != 0
        days, animals = self.days[used], self.animals[used]
        counts = self.counts[days]
        off = self.values[used] - self.means[days]
        parts = weights[days] * off * np.sqrt(1 / (counts * (counts - 1)))
        shares = np.bincount(animals, weights=parts)
        seen = np.bincount(animals) > 0
        variance = float((shares**2).sum())
        value = float(weights[weights != 0] @ self.means[weights != 0])
        if variance <= (_ROUNDING * float(np.abs(self.values[used]).max())) ** 2:
            return Difference(value, math.nan, math.nan)
        squares = (shares[seen] ** 2).astype(np.float64)
        freedom = _freedom(squares, self._patterns(days, animals)[seen])
        width = float(student.isf((1 - level) / 2, freedom)) * np.sqrt(variance)
        return Difference(value, value - width, value + width)

    def _patterns(self, days: Ints, animals: Ints) -> NDArray[np.intp]:
        """Return a number for the set of days that each animal is seen on."""
        table = np.zeros((int(animals.max()) + 1, self.day_count), np.intp)
        table[animals, days] = 1
        _, numbered = np.unique(table, axis=0, return_inverse=True)
        return numbered.reshape(-1)


def animal_weights(animals: int, draws: int, generator: np.random.Generator) -> Floats:
    """Return weights of the Bayesian bootstrap, shape (draws, animals).

    Exponential numbers; divided by their sum within any set of animals they are
    uniform on the simplex.
    """
    return np.asarray(generator.exponential(size=(draws, animals)), np.float64)


def _freedom(squares: Floats, patterns: NDArray[np.intp]) -> float:
    """Return Welch's degrees of freedom; animals of one pattern are a sample."""
    variances = np.bincount(patterns, weights=squares)
    below = np.maximum(np.bincount(patterns) - 1, 1)
    return float(variances.sum() ** 2 / (variances**2 / below).sum())
