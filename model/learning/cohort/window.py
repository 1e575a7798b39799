"""The window: days after irradiation with infiltration up and exhaustion not yet.

A day is in the window when both hold, against the baseline of the same group:

1. the lower limit of infiltration's difference is above 0;
2. the upper limit of exhaustion lies below a margin. That it did not rise is shown, as
   in a trial of non-inferiority; that no rise was seen is no evidence and opens none.

The margin is a stated rise, or, without one, half-way between baseline and the day on
which the group's own exhaustion is highest. Half-way needs a rise that is established
(its lower limit is above 0): without any, there is nothing to be half-way to.

Design choice: limits are 95 % limits of Student's t for all later days together
(Bonferroni over the days). That both conditions must hold costs nothing further
(intersection-union; Berger 1982). Intervals by drawing animals were tried: studentised
they are too wide to use at five animals a day (critical value 37 at three, 6.7 at four,
where Student's t with Bonferroni's correction has 5.4 and 4.2), not studentised they
are too narrow. Drawing animals gives the probability of each day instead.

Design choice: days on which nobody was scanned are neither in nor out. So the window
opens between two days and closes between two days, and both pairs are given.

References
----------
Berger RL. Multiparameter hypothesis testing and acceptance sampling. Technometrics
1982; 24: 295-300.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.learning.cohort.day_means import DayMeans, Difference, animal_weights
from model.learning.estimate import NotAssessable

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

LEAST_PER_DAY = 3
"""Animals without which a day is not assessable: of two, the limits reach over more
than ten standard deviations."""
LEVEL = 0.95
_HALF = 0.5


@dataclass(frozen=True)
class WindowOptions:
    """How the window is looked for.

    Attributes
    ----------
    margin : float or None
        Rise of exhaustion, in its unit, that would matter; without it, half-way to the
        peak.
    draws : int
    seed : int
    """

    margin: float | None = None
    draws: int = 2000
    seed: int = 20231101


@dataclass(frozen=True)
class WindowDay:
    """One later day.

    Attributes
    ----------
    day : float
        After irradiation.
    counts : tuple of int
        Animals with infiltration and with exhaustion.
    infiltration, exhaustion : Difference or NotAssessable
        From baseline.
    over_margin : Difference or NotAssessable
        Exhaustion minus baseline minus margin; below 0 is in the window.
    is_in : bool or None
        None where something of it is not assessable.
    probability : float or None
        That the group's true means lie in the window on this day.
    """

    day: float
    counts: tuple[int, int]
    infiltration: Difference | NotAssessable
    exhaustion: Difference | NotAssessable
    over_margin: Difference | NotAssessable
    is_in: bool | None
    probability: float | None


@dataclass(frozen=True)
class Span:
    """Days in the window that follow each other.

    Attributes
    ----------
    after : float
        Last assessed day before it.
    first, last : float
        First and last day in the window.
    until : float or None
        First assessed day after it; None where there is none.
    """

    after: float
    first: float
    last: float
    until: float | None


@dataclass(frozen=True)
class Window:
    """What a group says of the window.

    Attributes
    ----------
    baseline_counts : tuple of int
        Animals with infiltration and with exhaustion at baseline.
    peak_day : float or None
        Day on which exhaustion is highest.
    rise : Difference or NotAssessable
        Of exhaustion, from baseline to that day.
    days : tuple of WindowDay
    spans : tuple of Span
        Empty where no day is in the window.
    margin : float or None
        As stated; None where it is half-way to the peak.
    """

    baseline_counts: tuple[int, int]
    peak_day: float | None
    rise: Difference | NotAssessable
    days: tuple[WindowDay, ...]
    spans: tuple[Span, ...]
    margin: float | None


@dataclass(frozen=True, eq=False)
class Followed:
    """A group after irradiation; an animal has one row a day.

    Attributes
    ----------
    days : ndarray of float, shape (observations,)
        After irradiation; all up to 0 are the baseline.
    animals : ndarray of int, shape (observations,)
    infiltration, exhaustion : ndarray of float, shape (observations,)
        NaN where not measured.
    """

    days: Floats
    animals: Ints
    infiltration: Floats
    exhaustion: Floats


def find_window(group: Followed, options: WindowOptions) -> Window | NotAssessable:
    """Return the window of a group.

    Parameters
    ----------
    group : Followed
    options : WindowOptions
    """
    if not len(group.days):
        return NotAssessable("not assessable at n = 0: no animal was followed")
    seen = _Seen.of(group)
    counts = seen.counts
    if min(counts[0]) < LEAST_PER_DAY:
        return NotAssessable(
            f"not assessable at n = {min(counts[0])}: {counts[0][0]} animals have "
            f"infiltration and {counts[0][1]} have exhaustion at baseline, and "
            f"{LEAST_PER_DAY} of each are the minimum"
        )
    able = [day for day in range(1, seen.many) if min(counts[day]) >= LEAST_PER_DAY]
    if not able:
        return NotAssessable(
            f"not assessable: no later day has {LEAST_PER_DAY} animals with both "
            f"measures"
        )
    rule = _Rule.of(seen, able, options)
    shares = rule.shares(seen, able, options)
    days = tuple(_day(seen, rule, day, shares.get(day)) for day in range(1, seen.many))
    return Window(
        baseline_counts=counts[0],
        peak_day=float(seen.names[rule.peak]),
        rise=rule.rise,
        days=days,
        spans=_spans(days),
        margin=options.margin,
    )


@dataclass(frozen=True, eq=False)
class _Seen:
    """Both measures by day, day 0 being the baseline."""

    names: Floats
    animals: int
    infiltration: DayMeans
    exhaustion: DayMeans

    @classmethod
    def of(cls, group: Followed) -> "_Seen":
        later = np.unique(group.days[group.days > 0])
        names = np.concatenate([[0.0], later])
        days = np.searchsorted(names, np.maximum(group.days, 0))
        _, animals = np.unique(group.animals, return_inverse=True)
        measured = [
            _by_day(values, days, animals, len(names))
            for values in (group.infiltration, group.exhaustion)
        ]
        return cls(names, int(animals.max()) + 1, *measured)

    @property
    def many(self) -> int:
        return len(self.names)

    @property
    def counts(self) -> list[tuple[int, int]]:
        both = (self.infiltration.counts, self.exhaustion.counts)
        return [(int(one), int(other)) for one, other in zip(*both, strict=True)]


@dataclass(frozen=True, eq=False)
class _Rule:
    """The contrasts of days that decide."""

    peak: int
    rise: Difference
    level: float
    margin: float | None
    why_not: NotAssessable | None

    @classmethod
    def of(cls, seen: _Seen, able: Sequence[int], options: WindowOptions) -> "_Rule":
        level = 1 - (1 - LEVEL) / len(able)
        means = seen.exhaustion.means
        peak = max(able, key=lambda day: float(means[day]))
        rise = seen.exhaustion.difference(_from_baseline(peak, seen.many), level)
        why = None
        if options.margin is None and not rise.low > 0:
            why = NotAssessable(
                "not assessable: no rise of exhaustion is established in this group, "
                "so that there is no half-way; a margin must be stated"
            )
        return cls(peak, rise, level, options.margin, why)

    def over(self, day: int, many: int) -> tuple[Floats, float]:
        """Return weights of exhaustion's days, and what is taken off their sum."""
        weights = _from_baseline(day, many)
        if self.margin is not None:
            return weights, self.margin
        return weights - _HALF * _from_baseline(self.peak, many), 0.0

    def shares(
        self, seen: _Seen, able: Sequence[int], options: WindowOptions
    ) -> dict[int, float]:
        """Return the share of the draws in which each day lies in the window."""
        if self.why_not is not None:
            return {}
        generator = np.random.default_rng(options.seed)
        weights = animal_weights(seen.animals, options.draws, generator)
        up = seen.infiltration.drawn_means(weights)
        tired = np.nan_to_num(seen.exhaustion.drawn_means(weights))
        found = {}
        for day in able:
            over, taken = self.over(day, seen.many)
            both = (up[:, day] > up[:, 0]) & (tired @ over < taken)
            found[day] = float(both.mean())
        return found


def _by_day(values: Floats, days: Ints, animals: Ints, many: int) -> DayMeans:
    """Return the known values; an animal with several baseline scans has their mean."""
    known = np.isfinite(values)
    keys = animals[known] * many + days[known]
    each, places = np.unique(keys, return_inverse=True)
    sums = np.bincount(places, weights=values[known], minlength=len(each))
    means = sums / np.bincount(places, minlength=len(each))
    return DayMeans(
        means.astype(np.float64),
        (each % many).astype(np.intp),
        (each // many).astype(np.intp),
        many,
    )


def _from_baseline(day: int, many: int) -> Floats:
    weights = np.zeros(many)
    weights[0], weights[day] = -1.0, 1.0
    return weights


def _day(seen: _Seen, rule: _Rule, day: int, share: float | None) -> WindowDay:
    counts, name = seen.counts[day], float(seen.names[day])
    if min(counts) < LEAST_PER_DAY:
        few = NotAssessable(
            f"not assessable at n = {min(counts)}: {LEAST_PER_DAY} animals with each "
            f"measure are the minimum"
        )
        return WindowDay(name, counts, few, few, few, None, None)
    weights = _from_baseline(day, seen.many)
    up = seen.infiltration.difference(weights, rule.level)
    tired = seen.exhaustion.difference(weights, rule.level)
    if rule.why_not is not None:
        return WindowDay(name, counts, up, tired, rule.why_not, None, None)
    over_weights, taken = rule.over(day, seen.many)
    off = seen.exhaustion.difference(over_weights, rule.level)
    over = Difference(off.value - taken, off.low - taken, off.high - taken)
    known = math.isfinite(up.low) and math.isfinite(over.high)
    is_in = (up.low > 0 and over.high < 0) if known else None
    return WindowDay(
        name, counts, up, tired, over, is_in, None if is_in is None else share
    )


def _spans(days: Sequence[WindowDay]) -> tuple[Span, ...]:
    assessed = [day for day in days if day.is_in is not None]
    spans: list[Span] = []
    before = 0.0
    for place, day in enumerate(assessed):
        if day.is_in and (not spans or spans[-1].last != before):
            spans.append(Span(before, day.day, day.day, None))
        elif day.is_in:
            spans[-1] = Span(spans[-1].after, spans[-1].first, day.day, None)
        elif spans and spans[-1].last == before and place:
            spans[-1] = Span(spans[-1].after, spans[-1].first, before, day.day)
        before = day.day
    return tuple(spans)
