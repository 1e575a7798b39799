"""From a joined table to what is learnt from, or why nothing can be."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.features.preparation import Preparation
from model.learning.readout import Readout
from model.learning.training.training_set import TrainingSet
from node.learning.tables.joined import Finding, FindingKind, JoinedTable
from node.learning.tables.mistake import TableError
from node.learning.training.baseline import Baseline, baseline_of
from node.learning.training.candidates import (
    Candidate,
    complete_rows,
    measured_candidates,
    stated_candidates,
)
from node.learning.training.options import TrainOptions
from node.learning.validation.groupings import ANIMAL

MINIMUM_ANIMALS = 12
"""With a readout and all features. Five folds then fit on at least nine animals, whose
median leaves four of each label: the fewest for which two features may be fitted."""

MINIMUM_GROUPS = 4
"""Cages or batches: one to test on, and three whose readouts choose a penalty."""


@dataclass(frozen=True, eq=False)
class TrainingRows:
    """What is learnt from.

    Attributes
    ----------
    table : JoinedTable
    positions : ndarray of int
        Of the rows in the table's frame.
    data : TrainingSet
    names : tuple of str
        Of the features in `data`.
    candidates : tuple of Candidate
        Every feature of the tables.
    baseline : Baseline
    unused_readouts : tuple of str
        Readouts that too few rows have, and how many have them.
    left_out : tuple of Finding
    """

    table: JoinedTable
    positions: NDArray[np.intp]
    data: TrainingSet
    names: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    baseline: Baseline
    unused_readouts: tuple[str, ...]
    left_out: tuple[Finding, ...]

    @property
    def frame(self) -> pd.DataFrame:
        """Return the rows."""
        return self.table.frame.iloc[self.positions]

    @property
    def animals(self) -> int:
        """Return how many animals there are."""
        return int(self.frame[ANIMAL].nunique())


def training_rows_of(
    table: JoinedTable,
    options: TrainOptions,
    preparation: Preparation,
    kept: Collection[str] | None,
) -> TrainingRows:
    """Return what is learnt from.

    Parameters
    ----------
    table : JoinedTable
    options : TrainOptions
    preparation : Preparation
        Of the PET features.
    kept : collection of str, optional

    Raises
    ------
    TableError
        When there is no readout, one class, no feature, or too few animals or groups.
    """
    labelled = _labelled(table, options.label)
    frame = table.frame.iloc[labelled]
    columns = {name: frame[name].to_numpy(np.float64) for name in table.features}
    stated = stated_candidates(
        table.features, preparation, kept, with_ct=options.with_ct
    )
    candidates = measured_candidates(stated, columns)
    names = tuple(each.name for each in candidates if not each.why_not)
    _require_features(table, candidates, names)
    whole = complete_rows(columns, names)
    rows = frame[whole]
    _require_animals(table, rows, options)
    groups = _groups(table, rows, options.grouping)
    readouts, unused = _readouts(rows, options)
    _require_readouts(table, readouts, options)
    baseline = baseline_of(rows)
    data = TrainingSet(
        features=np.column_stack([columns[name][whole] for name in names]),
        readouts=readouts,
        label=options.label,
        groups=groups,
        baseline=baseline.columns,
        parts=baseline.parts,
    )
    return TrainingRows(
        table=table,
        positions=labelled[whole],
        data=data,
        names=names,
        candidates=candidates,
        baseline=baseline,
        unused_readouts=unused,
        left_out=tuple(_left_out(table, frame[~whole], names)),
    )


def _labelled(table: JoinedTable, label: Readout) -> NDArray[np.intp]:
    """Return the rows that have the readout of the label."""
    values = table.frame[str(label)].to_numpy(np.float64)
    rows = np.flatnonzero(np.isfinite(values))
    if not len(rows):
        fact = f"none of {len(values)} rows of the join has a value of {label}"
        remedy = "Add the flow cytometry of these animals and days (--flow), or cut "
        raise _error(table, "flow", str(label), fact, f"{remedy}another (--label)")
    return rows


def _require_features(
    table: JoinedTable, candidates: tuple[Candidate, ...], names: tuple[str, ...]
) -> None:
    if names:
        return
    if not candidates:
        fact = "no column is a feature"
        remedy = "Give a table of `features --table` (--features)"
        raise _error(table, "features", "", fact, remedy)
    reasons = sorted({each.why_not for each in candidates})
    columns = ", ".join(each.name for each in candidates[:5])
    if len(candidates) > 5:  # noqa: PLR2004 (as many as were named)
        columns += ", ..."
    fact = f"none of {len(candidates)} features can be used: {'; '.join(reasons[:4])}"
    remedy = "Compute the features again, or leave out what excludes them"
    raise _error(table, "features", columns, fact, remedy)


def _require_animals(
    table: JoinedTable, rows: pd.DataFrame, options: TrainOptions
) -> None:
    animals = rows[ANIMAL].nunique()
    if animals >= MINIMUM_ANIMALS:
        return
    fact = (
        f"{animals} animals have a value of {options.label} and all features, and "
        f"{MINIMUM_ANIMALS} are the minimum"
    )
    remedy = "Add animals; with fewer nothing that is learnt could be checked"
    raise _error(table, "flow", str(options.label), fact, remedy)


def _groups(table: JoinedTable, rows: pd.DataFrame, grouping: str) -> NDArray[np.int_]:
    names = rows[grouping].fillna("").astype(str).str.strip()
    if (names == "").any():
        animals = sorted(set(rows.loc[names == "", ANIMAL].astype(str)))
        fact = f"it is empty for {', '.join(animals[:5])}"
        remedy = "Fill it in, or group by animal (--group-by animal)"
        raise _error(table, "design", grouping, fact, remedy)
    codes, found = pd.factorize(names, sort=True)
    if len(found) < MINIMUM_GROUPS:
        fact = f"there are {len(found)} groups, and {MINIMUM_GROUPS} are the minimum"
        remedy = "Group by animal (--group-by animal)"
        raise _error(table, "design", grouping, fact, remedy)
    return np.asarray(codes, np.int_)


def _readouts(
    rows: pd.DataFrame, options: TrainOptions
) -> tuple[dict[Readout, NDArray[np.float64]], tuple[str, ...]]:
    """Return the readouts that enough animals have, and what of the others is so."""
    found: dict[Readout, NDArray[np.float64]] = {}
    unused: list[str] = []
    for readout in Readout:
        values = rows[str(readout)].to_numpy(np.float64)
        known = np.isfinite(values)
        animals = rows[ANIMAL][known].nunique()
        enough = animals >= MINIMUM_ANIMALS and np.ptp(values[known]) > 0
        if enough or readout is options.label:
            found[readout] = values
        else:
            why = "constant" if animals >= MINIMUM_ANIMALS else f"{animals} animals"
            unused.append(f"{readout}: {why}")
    return found, tuple(unused)


def _require_readouts(
    table: JoinedTable,
    readouts: dict[Readout, NDArray[np.float64]],
    options: TrainOptions,
) -> None:
    values = readouts[options.label]
    above = values > np.median(values)
    if not above.any():
        fact = "no value lies above the median, so that all labels are of one class"
        remedy = "Check the column, or cut another readout (--label)"
        raise _error(table, "flow", str(options.label), fact, remedy)
    if options.at_least > len(readouts):
        listed = ", ".join(str(each) for each in readouts)
        fact = (
            f"a feature must be selected for {options.at_least} readouts, and the rows "
            f"have {len(readouts)} ({listed})"
        )
        remedy = f"Add readouts, or ask for fewer (--at-least {len(readouts)})"
        raise _error(table, "flow", "", fact, remedy)


def _left_out(
    table: JoinedTable, rows: pd.DataFrame, names: tuple[str, ...]
) -> Iterator[Finding]:
    files = _files(table, "features")
    for _, row in rows.iterrows():
        lacking = [name for name in names if not np.isfinite(row[name])]
        fact = (
            f"animal {row[ANIMAL]}, day {row['day']:g}: undefined, and a score needs "
            f"all of its terms"
        )
        column = ", ".join(lacking)
        yield Finding(FindingKind.EXCLUDED, files, None, column, fact)


def _files(table: JoinedTable, role: str) -> str:
    """Return the files of a role; those of all where there is none."""
    roles = {role, "ledger"} if role == "features" else {role}
    named = [each.name for each in table.sources if each.role in roles]
    return ", ".join(named or [each.name for each in table.sources])


def _error(
    table: JoinedTable, role: str, column: str, fact: str, remedy: str
) -> TableError:
    return TableError.of(_files(table, role), fact, remedy, column=column)
