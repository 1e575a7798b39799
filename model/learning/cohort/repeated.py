"""Groups whose animals come back: effects, terms and pairs of one mixed model.

Effects are those of ``measure ~ group * day`` in treatment coding: the first group on
its first day, what other groups and days differ from it by, and their interaction.
Terms are tested of type III, with every cell weighing the same (R: `anova` of
`lmerTest`). Pairs are the days of each group, corrected by Bonferroni within the group.

Design choice: an effect that needs a cell which nobody scanned is left out and named;
a term is tested when all cells are there, the interaction also without some.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from model.learning.cohort.mixed_model import MixedModel, fit_mixed_model
from model.learning.cohort.one_way import LEAST_IN_GROUP, FTest
from model.learning.cohort.pair import NoPair, Pair, corrected, pair_of
from model.learning.estimate import NotAssessable

Floats = NDArray[np.float64]
Cell = tuple[str, float]
"""Group and day."""


@dataclass(frozen=True, eq=False)
class Scans:
    """Values of animals, some of which have several.

    Attributes
    ----------
    values, days : ndarray of float, shape (scans,)
        Finite.
    groups, animals : ndarray of str, shape (scans,)
    """

    values: Floats
    days: Floats
    groups: NDArray[np.str_]
    animals: NDArray[np.str_]


@dataclass(frozen=True)
class Repeated:
    """What the mixed model says.

    Attributes
    ----------
    model : MixedModel or NotAssessable
    cells : tuple of (str, float)
        Those of the model, in the order of its means.
    effects : mapping of str to Pair
        Fixed effects; `p_corrected` is not corrected. The first is a mean.
    left_out : tuple of str
        Effects and cells that could not be estimated.
    terms : mapping of str to FTest or NotAssessable
    pairs : mapping of str to tuple of Pair
        Days of each group.
    not_compared : mapping of str to tuple of NoPair
    """

    model: MixedModel | NotAssessable
    cells: tuple[Cell, ...]
    effects: dict[str, Pair]
    left_out: tuple[str, ...]
    terms: dict[str, FTest | NotAssessable]
    pairs: dict[str, tuple[Pair, ...]]
    not_compared: dict[str, tuple[NoPair, ...]]

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return what is to be known of the fit, as sentences."""
        said = []
        if isinstance(self.model, MixedModel) and self.model.at_boundary:
            said.append(
                "The variance between animals was estimated as zero, at its boundary: "
                "animals differ no more than their scans. Tests have the degrees of "
                "freedom of animals, not those of independent scans."
            )
        if self.left_out:
            said.append(f"Not estimated: {'; '.join(self.left_out)}.")
        return tuple(said)


def day_name(day: float) -> str:
    """Return a day as it is written, for example ``D7``."""
    # Twelve digits: a date such as 20231101 stays apart from the next.
    return f"D{day:.12g}"


def analyse_repeated(scans: Scans) -> Repeated:
    """Return effects, terms and pairs.

    Parameters
    ----------
    scans : Scans
        An animal has one value a day.
    """
    counts = _counts(scans)
    single = [cell for cell, count in counts.items() if count < LEAST_IN_GROUP]
    cells = tuple(cell for cell in counts if cell not in single)
    left_out = [f"{group} {day_name(day)} (one animal)" for group, day in single]
    model = _fit(scans, cells)
    if isinstance(model, NotAssessable):
        gaps = _all_gaps(counts, model)
        return Repeated(model, cells, {}, tuple(left_out), {}, {}, gaps)
    effects, missing = _effects(model, cells, counts)
    return Repeated(
        model,
        cells,
        effects,
        (*left_out, *missing),
        _terms(model, cells),
        {
            group: corrected(_group_pairs(model, cells, counts, group))
            for group in _groups(cells)
        },
        _single_gaps(counts, single),
    )


def _counts(scans: Scans) -> dict[Cell, int]:
    """Return animals by cell, in the order of group and day."""
    keys = sorted(zip(scans.groups.tolist(), scans.days.tolist(), strict=True))
    return {cell: keys.count(cell) for cell in dict.fromkeys(keys)}


def _fit(scans: Scans, cells: Sequence[Cell]) -> MixedModel | NotAssessable:
    number = {cell: place for place, cell in enumerate(cells)}
    of_scans = [
        number.get(cell, -1)
        for cell in zip(scans.groups.tolist(), scans.days.tolist(), strict=True)
    ]
    places = np.array(of_scans, np.intp)
    kept = places >= 0
    if not kept.any():
        return NotAssessable("not assessable: no group has two animals on a day")
    _, animals = np.unique(scans.animals[kept], return_inverse=True)
    return fit_mixed_model(scans.values[kept], places[kept], animals.astype(np.intp))


def _groups(cells: Sequence[Cell]) -> list[str]:
    return list(dict.fromkeys(group for group, _ in cells))


def _weights(cells: Sequence[Cell], wanted: dict[Cell, float]) -> Floats | None:
    """Return weights of the model's cells; None when one is missing."""
    if not set(wanted) <= set(cells):
        return None
    return np.array([wanted.get(cell, 0.0) for cell in cells])


def _effects(
    model: MixedModel, cells: Sequence[Cell], counts: dict[Cell, int]
) -> tuple[dict[str, Pair], list[str]]:
    groups = _groups(cells)
    first_group, first_day = cells[0]
    days = sorted({day for _, day in cells} - {first_day})
    start = (first_group, first_day)
    wanted: dict[str, dict[Cell, float]] = {
        f"mean of {first_group} {day_name(first_day)}": {start: 1}
    }
    for group in groups[1:]:
        wanted[group] = {(group, first_day): 1, start: -1}
    for day in days:
        wanted[day_name(day)] = {(first_group, day): 1, start: -1}
    for group, day in product(groups[1:], days):
        wanted[f"{group} : {day_name(day)}"] = {
            (group, day): 1,
            (group, first_day): -1,
            (first_group, day): -1,
            start: 1,
        }
    found, missing = {}, []
    for name, parts in wanted.items():
        weights = _weights(cells, parts)
        if weights is None:
            missing.append(f"{name} (no such scans)")
        else:
            count = min(counts[cell] for cell in parts)
            found[name] = _tested(model, weights, ("", name), (count, count))
    return found, missing


def _terms(
    model: MixedModel, cells: Sequence[Cell]
) -> dict[str, FTest | NotAssessable]:
    groups, days = _groups(cells), sorted({day for _, day in cells})
    every = list(product(groups, days))
    if len(every) > len(cells):
        missing = [
            f"{group} {day_name(day)}"
            for group, day in every
            if (group, day) not in cells
        ]
        why = NotAssessable(f"not assessable: no scans of {', '.join(missing)}")
        return {"group": why, "day": why, "group : day": _interaction(model, cells)}
    of_groups, of_days = np.diff(np.eye(len(groups)), axis=0), _steps(len(days))
    even_groups = np.ones((1, len(groups))) / len(groups)
    even_days = np.ones((1, len(days))) / len(days)
    contrasts = {
        "group": np.kron(of_groups, even_days),
        "day": np.kron(even_groups, of_days),
        "group : day": np.kron(of_groups, of_days),
    }
    return {
        name: model.joint_test(np.asarray(weights, np.float64))
        for name, weights in contrasts.items()
        if len(weights)
    }


def _interaction(model: MixedModel, cells: Sequence[Cell]) -> FTest | NotAssessable:
    """Return the test that courses are parallel, in the cells that there are.

    Contrasts of cell means that vanish for every sum of a group's and a day's part:
    those at right angles to both parts.
    """
    groups, days = _groups(cells), sorted({day for _, day in cells})
    parts = np.array(
        [
            [float(group == name) for name in groups]
            + [float(day == name) for name in days]
            for group, day in cells
        ]
    )
    left, sizes, _ = np.linalg.svd(parts)
    rank = int((sizes > sizes.max() * 1e-10).sum())
    if rank == len(cells):
        return NotAssessable("not assessable: no two groups share two days")
    return model.joint_test(np.asarray(left[:, rank:].T, np.float64))


def _steps(many: int) -> Floats:
    return np.diff(np.eye(many), axis=0)


def _group_pairs(
    model: MixedModel, cells: Sequence[Cell], counts: dict[Cell, int], group: str
) -> list[Pair]:
    own = [cell for cell in cells if cell[0] == group]
    pairs = []
    for first, second in combinations(own, 2):
        weights = _weights(cells, {first: -1, second: 1})
        if weights is not None:
            names = (day_name(first[1]), day_name(second[1]))
            sizes = (counts[first], counts[second])
            pairs.append(_tested(model, weights, names, sizes))
    return pairs


def _tested(
    model: MixedModel, weights: Floats, names: tuple[str, str], counts: tuple[int, int]
) -> Pair:
    found = model.contrast(weights)
    return pair_of(
        names, counts, found.value, found.standard_error, found.degrees_of_freedom
    )


def _single_gaps(
    counts: dict[Cell, int], single: Sequence[Cell]
) -> dict[str, tuple[NoPair, ...]]:
    why = NotAssessable("not assessable at n = 1: a day of one animal")
    return {
        group: tuple(
            NoPair(
                day_name(first),
                day_name(second),
                _sizes(counts, group, first, second),
                why,
            )
            for first, second in combinations(_days(counts, group), 2)
            if {(group, first), (group, second)} & set(single)
        )
        for group in _groups(list(counts))
    }


def _all_gaps(
    counts: dict[Cell, int], why: NotAssessable
) -> dict[str, tuple[NoPair, ...]]:
    return {
        group: tuple(
            NoPair(
                day_name(first),
                day_name(second),
                _sizes(counts, group, first, second),
                why,
            )
            for first, second in combinations(_days(counts, group), 2)
        )
        for group in _groups(list(counts))
    }


def _days(counts: dict[Cell, int], group: str) -> list[float]:
    return [day for name, day in counts if name == group]


def _sizes(
    counts: dict[Cell, int], group: str, first: float, second: float
) -> tuple[int, int]:
    return counts[group, first], counts[group, second]
