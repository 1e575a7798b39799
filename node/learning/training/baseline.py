"""What is known of a tumour without texture: volume, uptake, day and tumour model.

Design choice: the volume enters as its logarithm, since tumours grow by factors, and a
baseline should be as good as plain knowledge can be.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.learning.training.independent_columns import varying

Floats = NDArray[np.float64]

VOLUME, SUV_MEAN, DAY, TUMOUR_MODEL = "volume", "suv_mean", "day", "tumour_model"


@dataclass(frozen=True, eq=False)
class Baseline:
    """Plain knowledge of rows.

    Attributes
    ----------
    columns : ndarray, shape (rows, columns)
    parts : mapping of str to tuple of int
        Columns by what they say.
    missing : mapping of str to str
        What is not there, and why.
    """

    columns: Floats
    parts: Mapping[str, tuple[int, ...]]
    missing: Mapping[str, str]


def baseline_of(rows: pd.DataFrame) -> Baseline:
    """Return the plain knowledge of rows.

    Parameters
    ----------
    rows : pandas.DataFrame
        Of the joined table. A part that a row lacks is left out for all.
    """
    columns: list[Floats] = []
    parts: dict[str, tuple[int, ...]] = {}
    missing: dict[str, str] = {}
    for name, source in _SOURCES.items():
        found = source(rows)
        if isinstance(found, str):
            missing[name] = found
            continue
        first = sum(each.shape[1] for each in columns)
        columns.append(found)
        parts[name] = tuple(range(first, first + found.shape[1]))
    empty = np.empty((len(rows), 0))
    return Baseline(np.hstack([empty, *columns]), parts, missing)


def _volume(rows: pd.DataFrame) -> Floats | str:
    found = _first(rows, ("volume_ml", "shape_Volume"))
    if isinstance(found, str):
        return found
    if (found <= 0).any():
        return "a volume is not above 0"
    return np.asarray(np.log(found))


def _suv_mean(rows: pd.DataFrame) -> Floats | str:
    return _first(rows, ("suv_mean", "direct_GlobalMean"))


def _day(rows: pd.DataFrame) -> Floats | str:
    return _first(rows, ("day",))


def _tumour_model(rows: pd.DataFrame) -> Floats | str:
    """Return a column of 0 and 1 for each tumour model but the first."""
    names = rows["tumour_model"].fillna("").astype(str).str.strip()
    if (names == "").any():
        return f"{int((names == '').sum())} of {len(names)} rows state none"
    models = sorted(set(names))
    if len(models) == 1:
        return f"all rows are {models[0]}"
    return np.column_stack([(names == model).to_numpy(float) for model in models[1:]])


def _first(rows: pd.DataFrame, names: tuple[str, ...]) -> Floats | str:
    """Return the first column that every row states, if it varies."""
    why = "no table states it"
    for name in names:
        if name not in rows:
            continue
        values = rows[name].to_numpy(np.float64)[:, None]
        lacking = int((~np.isfinite(values)).sum())
        if lacking == len(values):
            continue
        if lacking:
            why = f"{lacking} of {len(values)} rows state none"
        elif varying(values)[0]:
            return values
        else:
            why = "it is the same in all rows"
    return why


_SOURCES: Mapping[str, Callable[[pd.DataFrame], Floats | str]] = {
    VOLUME: _volume,
    SUV_MEAN: _suv_mean,
    DAY: _day,
    TUMOUR_MODEL: _tumour_model,
}
