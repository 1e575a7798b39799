"""The rows that a model was made from: in words, and as what it was made for.

Design choice: a model's domain is what its training rows were. Ranges of features are
theirs, to the digit. Three limits have room, for what a scan is meant to be varies
around what it is:

- uptake: the observed span, and at least a quarter of an hour either side of its
  median, what a series of animals on one scanner needs;
- voxels: an eighth beyond the observed span of pixels and slices, which has room for
  every zoom near 1, and none for halves and doubles;
- least diameter: 5 mm, below which partial volume shapes the texture, or that of the
  smallest training region where one was smaller.

Design choice: what a table does not say is not in the domain, and so is not checked.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from model.score.domain import Domain, Span
from model.score.domain_check import SUV_UNITS, sphere_diameter_mm
from node.learning.tables.joined import JoinedTable

PARTIAL_VOLUME_MM = 5.0
"""About three times the resolution of a small-animal scanner (1.5 to 1.8 mm FWHM)."""

UPTAKE_ROOM_MIN = 15.0
VOXEL_ROOM = 0.125


def cohort_of(table: JoinedTable, rows: ArrayLike | None = None) -> str:
    """Return in words which cohort rows are.

    For example ``24 animals in 60 scans; LLC and B16; groups control and ICI; days 0 to
    22``.

    Parameters
    ----------
    table : JoinedTable
    rows : array_like of int or bool, optional
        Positions in the frame, or a truth value for each; all if not given.
    """
    frame = _rows_of(table, rows)
    animals = frame["animal"].nunique()
    parts = [f"{_counted(animals, 'animal')} in {_counted(len(frame), 'scan')}"]
    models, groups = _names(frame, "tumour_model"), _names(frame, "group")
    if models:
        parts.append(_listed(models))
    if groups:
        parts.append(f"group{'s' if len(groups) > 1 else ''} {_listed(groups)}")
    days = _span_of(frame, "day")
    if days is not None:
        first, last = days
        told = f"day {first:g}" if first == last else f"days {first:g} to {last:g}"
        parts.append(told)
    return "; ".join(parts)


def domain_of(
    table: JoinedTable,
    names: Sequence[str],
    rows: ArrayLike | None = None,
) -> Domain:
    """Return what a model was made for: what its training rows were.

    Parameters
    ----------
    table : JoinedTable
    names : sequence of str
        Features of the model, columns of the table.
    rows : array_like of int or bool, optional
        Positions of the training rows, or a truth value for each row; all if not given.
    """
    frame = _rows_of(table, rows)
    ranges = {name: _span_of(frame, name) for name in names}
    return Domain(
        tracers=_names(frame, "tracer"),
        species=_names(frame, "species"),
        routes=_names(frame, "route"),
        uptake_min=_uptake(frame),
        units=SUV_UNITS,
        voxel_mm=_voxels(frame),
        minimum_diameter_mm=_least_diameter_mm(frame),
        features={name: span for name, span in ranges.items() if span is not None},
    )


def _rows_of(table: JoinedTable, rows: ArrayLike | None) -> pd.DataFrame:
    return table.frame if rows is None else table.frame.iloc[np.asarray(rows)]


def _names(frame: pd.DataFrame, column: str) -> tuple[str, ...]:
    """Return the different names of a column, in order; those that are stated."""
    if column not in frame:
        return ()
    stated = (str(name).strip() for name in frame[column].dropna())
    return tuple(sorted({name for name in stated if name}))


def _numbers(frame: pd.DataFrame, column: str) -> NDArray[np.float64]:
    """Return the finite numbers of a column."""
    if column not in frame:
        return np.empty(0)
    values = frame[column].to_numpy(np.float64)
    return np.asarray(values[np.isfinite(values)])


def _span_of(frame: pd.DataFrame, column: str) -> Span | None:
    values = _numbers(frame, column)
    return (float(values.min()), float(values.max())) if len(values) else None


def _uptake(frame: pd.DataFrame) -> Span | None:
    values = _numbers(frame, "uptake_min")
    if not len(values):
        return None
    middle = float(np.median(values))
    low = min(float(values.min()), middle - UPTAKE_ROOM_MIN)
    high = max(float(values.max()), middle + UPTAKE_ROOM_MIN)
    # Dynamic scans begin before the injection, and uptake is none then.
    return (max(low, 0.0), max(high, 0.0))


def _voxels(frame: pd.DataFrame) -> Span | None:
    # A domain's span is of the spacing along every axis.
    axes = [_numbers(frame, column) for column in ("voxel_mm", "slice_mm")]
    seen = np.concatenate(axes)
    if not len(seen) or seen.min() <= 0:
        return None
    low, high = float(seen.min()), float(seen.max())
    return ((1.0 - VOXEL_ROOM) * low, (1.0 + VOXEL_ROOM) * high)


def _least_diameter_mm(frame: pd.DataFrame) -> float:
    volumes = _numbers(frame, "volume_ml")
    smallest = float(volumes.min()) if len(volumes) else math.inf
    # Where a region has no volume there is nothing to learn from it.
    if not 0 < smallest < math.inf:
        return PARTIAL_VOLUME_MM
    return min(PARTIAL_VOLUME_MM, sphere_diameter_mm(smallest))


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"


def _listed(names: Iterable[str]) -> str:
    *before, last = names
    return f"{', '.join(before)} and {last}" if before else last
