"""Two cells compared, with the P value that many comparisons leave.

Design choice: a difference stands beside every P value with an interval of the same
correction, so that an interval without 0 and a corrected P below 0.05 say the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import t as student

from model.learning.estimate import NotAssessable

SYMBOLS = ((0.001, "***"), (0.01, "**"), (0.05, "*"), (0.1, "#"))
"""Zhang et al. 2023: # P < 0.1, * P < 0.05, ** P < 0.01, *** P < 0.001."""
LEVEL = 0.95


@dataclass(frozen=True)
class Pair:
    """Two cells (groups, or days of a group) that were compared.

    Attributes
    ----------
    first, second : str
    counts : tuple of int
        Animals of either.
    difference : float
        Mean of the second minus mean of the first.
    standard_error, degrees_of_freedom : float
    p : float
        Two-sided, of Student's t.
    p_corrected : float
        Bonferroni's: P times the number of pairs that were compared, at most 1.
    low, high : float
        Limits of the difference that hold for all pairs together with 95 %.
    """

    first: str
    second: str
    counts: tuple[int, int]
    difference: float
    standard_error: float
    degrees_of_freedom: float
    p: float
    p_corrected: float
    low: float
    high: float

    @property
    def symbol(self) -> str:
        """Return the paper's symbol of the corrected P value; empty from 0.1 on."""
        return symbol(self.p_corrected)


@dataclass(frozen=True)
class NoPair:
    """Two cells that could not be compared, and why."""

    first: str
    second: str
    counts: tuple[int, int]
    why: NotAssessable


def symbol(p: float) -> str:
    """Return the paper's symbol of a P value; empty from 0.1 on."""
    return next((mark for below, mark in SYMBOLS if p < below), "")


def pair_of(
    names: tuple[str, str],
    counts: tuple[int, int],
    difference: float,
    standard_error: float,
    degrees_of_freedom: float,
) -> Pair:
    """Return a pair that is compared alone; `corrected` makes it one of several."""
    statistic = abs(difference) / standard_error
    p = float(2 * student.sf(statistic, degrees_of_freedom))
    lone = Pair(
        *names,
        counts,
        difference,
        standard_error,
        degrees_of_freedom,
        p,
        p,
        np.nan,
        np.nan,
    )
    return corrected([lone])[0]


def corrected(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """Return pairs with Bonferroni's correction for as many as they are.

    Parameters
    ----------
    pairs : sequence of Pair
        One family: all that answer one question.
    """
    many = len(pairs)
    return tuple(_corrected(pair, many) for pair in pairs)


def _corrected(pair: Pair, many: int) -> Pair:
    quantile = float(student.isf((1 - LEVEL) / (2 * many), pair.degrees_of_freedom))
    width = quantile * pair.standard_error
    return replace(
        pair,
        p_corrected=min(1.0, pair.p * many),
        low=pair.difference - width,
        high=pair.difference + width,
    )
