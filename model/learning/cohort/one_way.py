"""Terminal groups: every animal once, one-way analysis of variance and all pairs.

Methods: Fisher's F test (R: `aov`); Student's t with the standard deviation pooled over
*all* groups, or Welch's t with each pair's own (R: `pairwise.t.test` with and without
`pool.sd`), two-sided, corrected by Bonferroni; Brown and Forsythe's (1974) test of
equal variances, which is Levene's around medians. Zhang et al. 2023 used the first and
the pooled pairs.

Design choice: a group of one animal has a mean and no spread. R lets it into the
analysis, where its own scatter counts as a difference between groups; here it is left
out of the test and each of its pairs is not assessable.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import f as fisher
from scipy.stats import levene

from model.learning.cohort.pair import NoPair, Pair, corrected, pair_of
from model.learning.cohort.variance import Variance
from model.learning.estimate import NotAssessable

Floats = NDArray[np.float64]

LEAST_IN_GROUP = 2
"""Animals without which a group has no standard deviation."""
ENOUGH_FOR_NORMAL = 5
"""Animals below which nothing in a group could show that its values are not normal; the
test then rests on the assumption alone, and says so."""
UNEQUAL = 0.05
"""P of Brown and Forsythe's test below which the variances are called unequal."""


@dataclass(frozen=True)
class FTest:
    """Whether any of several means differs.

    Attributes
    ----------
    statistic : float
    between, within : float
        Degrees of freedom of numerator and denominator.
    p : float
    """

    statistic: float
    between: float
    within: float
    p: float


@dataclass(frozen=True)
class OneWay:
    """Terminal groups compared.

    Attributes
    ----------
    counts : mapping of str to int
        Animals by group, those of one animal too.
    test : FTest or NotAssessable
    equal_variance_p : float or None
        Brown and Forsythe's; None where it is not to be had.
    pairs : tuple of Pair
        Corrected for each other.
    not_compared : tuple of NoPair
    variance : Variance
        Of the pairs.
    """

    counts: Mapping[str, int]
    test: FTest | NotAssessable
    equal_variance_p: float | None
    pairs: tuple[Pair, ...]
    not_compared: tuple[NoPair, ...]
    variance: Variance

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return what is to be known of the assumptions, as sentences."""
        said = []
        single = [name for name, count in self.counts.items() if count == 1]
        if single:
            said.append(f"One animal only, left out of the test: {', '.join(single)}.")
        few = [
            f"{name} ({count})"
            for name, count in self.counts.items()
            if LEAST_IN_GROUP <= count < ENOUGH_FOR_NORMAL
        ]
        if few and self.pairs:
            said.append(
                f"Fewer than {ENOUGH_FOR_NORMAL} animals, so that nothing shows "
                f"whether the values are normal: {', '.join(few)}."
            )
        if self.equal_variance_p is not None and self.equal_variance_p < UNEQUAL:
            said.append(_unequal(self.equal_variance_p, self.variance))
        return tuple(said)


def compare(
    cells: Mapping[str, Floats], variance: Variance = Variance.POOLED
) -> OneWay:
    """Return the comparison of groups in each of which an animal stands once.

    Parameters
    ----------
    cells : mapping of str to ndarray of float
        Finite values by group, in the order in which pairs are to name them.
    variance : Variance
    """
    counts = {name: len(values) for name, values in cells.items()}
    able = {
        name: np.asarray(values, np.float64)
        for name, values in cells.items()
        if len(values) >= LEAST_IN_GROUP
    }
    why = _unable(able, counts)
    if why is not None:
        gaps = [NoPair(*two, _counts(counts, two), why) for two in _twos(counts)]
        return OneWay(counts, why, None, (), tuple(gaps), variance)
    pairs, gaps = _pairs(able, variance)
    left_out = [
        NoPair(*two, _counts(counts, two), _of_one(counts, two))
        for two in _twos(counts)
        if not set(two) <= set(able)
    ]
    return OneWay(
        counts,
        _f_test(list(able.values())),
        _equal_variance(list(able.values())),
        corrected(pairs),
        (*gaps, *left_out),
        variance,
    )


def _unable(
    able: Mapping[str, Floats], counts: Mapping[str, int]
) -> NotAssessable | None:
    many = sum(counts.values())
    if len(able) < 2:  # noqa: PLR2004 - a comparison is of two
        return NotAssessable(
            f"not assessable at n = {many}: fewer than two groups of "
            f"{LEAST_IN_GROUP} or more animals"
        )
    if _is_flat(list(able.values())):
        return NotAssessable(
            f"not assessable at n = {many}: the values do not vary within groups"
        )
    return None


def _is_flat(cells: Sequence[Floats]) -> bool:
    """Return whether what varies within cells is rounding and nothing else."""
    within = sum(float(((cell - cell.mean()) ** 2).sum()) for cell in cells)
    size = max(float(np.abs(cell).max()) for cell in cells)
    return bool(within <= (64 * np.finfo(float).eps * size) ** 2)


def _f_test(cells: Sequence[Floats]) -> FTest:
    every = np.concatenate(cells)
    between = sum(len(cell) * (cell.mean() - every.mean()) ** 2 for cell in cells)
    within = sum(float(((cell - cell.mean()) ** 2).sum()) for cell in cells)
    above, below = len(cells) - 1, len(every) - len(cells)
    statistic = float((between / above) / (within / below))
    return FTest(statistic, above, below, float(fisher.sf(statistic, above, below)))


def _equal_variance(cells: Sequence[Floats]) -> float | None:
    deviations = [np.abs(cell - np.median(cell)) for cell in cells]
    if _is_flat(deviations):
        # Two animals a group lie equally far from their median, whatever they are.
        return None
    return float(levene(*cells, center="median").pvalue)


def _pairs(
    able: Mapping[str, Floats], variance: Variance
) -> tuple[list[Pair], list[NoPair]]:
    pairs: list[Pair] = []
    gaps: list[NoPair] = []
    counts = {name: len(values) for name, values in able.items()}
    for two in _twos(able):
        first, second = able[two[0]], able[two[1]]
        if variance is Variance.WELCH and _is_flat([first, second]):
            why = NotAssessable(
                f"not assessable at n = {len(first) + len(second)}: neither varies"
            )
            gaps.append(NoPair(*two, _counts(counts, two), why))
            continue
        error, freedom = (
            _welch(first, second)
            if variance is Variance.WELCH
            else _pooled(list(able.values()), first, second)
        )
        difference = float(second.mean() - first.mean())
        pairs.append(pair_of(two, _counts(counts, two), difference, error, freedom))
    return pairs, gaps


def _pooled(
    cells: Sequence[Floats], first: Floats, second: Floats
) -> tuple[float, float]:
    """Return standard error and degrees of freedom, the variance being of all cells."""
    freedom = sum(len(cell) - 1 for cell in cells)
    within = sum(float(((cell - cell.mean()) ** 2).sum()) for cell in cells)
    scaled = within / freedom * (1 / len(first) + 1 / len(second))
    return float(np.sqrt(scaled)), freedom


def _welch(first: Floats, second: Floats) -> tuple[float, float]:
    parts = [cell.var(ddof=1) / len(cell) for cell in (first, second)]
    spread = sum(
        part**2 / (len(cell) - 1)
        for part, cell in zip(parts, (first, second), strict=True)
    )
    return float(np.sqrt(sum(parts))), float(sum(parts) ** 2 / spread)


def _twos(names: Mapping[str, object]) -> list[tuple[str, str]]:
    return list(combinations(names, 2))


def _counts(counts: Mapping[str, int], two: tuple[str, str]) -> tuple[int, int]:
    return counts[two[0]], counts[two[1]]


def _of_one(counts: Mapping[str, int], two: tuple[str, str]) -> NotAssessable:
    single = [name for name in two if counts[name] < LEAST_IN_GROUP]
    return NotAssessable(
        f"not assessable at n = {min(_counts(counts, two))}: "
        f"{' and '.join(single)} has no spread of its own"
    )


def _unequal(p: float, variance: Variance) -> str:
    advice = (
        "the pairs use each pair's own variance, the analysis of variance does not."
        if variance is Variance.WELCH
        else "consider pairs with their own variances (Welch)."
    )
    return f"Variances differ between groups (Brown-Forsythe P = {p:.3g}); {advice}"
