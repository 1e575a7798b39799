"""Rows that say of one thing what another row says.

Design choice: two rows of one key that agree in all that both say are one that was
written twice, and are put together. Two that disagree are refused with both named:
which one holds nobody sees.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from node.learning.tables.joined import Finding, FindingKind
from node.learning.tables.mistake import TableError, TableMistake
from node.learning.tables.read_table import records_of

_SAME_NUMBER = 1e-9
"""Relative; what is left of a number that went through text."""
_PLACE = frozenset({"file", "row"})

Row = Mapping[str, Any]


def rows_once(
    rows: pd.DataFrame, key: Sequence[str], not_compared: Collection[str] = ()
) -> tuple[pd.DataFrame, list[Finding]]:
    """Return rows of one key put together, and a finding for each that said it again.

    Parameters
    ----------
    rows : pandas.DataFrame
        With `file`, `row`, `animal` and `day`.
    key : sequence of str
    not_compared : collection of str
        Columns in which rows of one key may differ.

    Raises
    ------
    TableError
        When rows of one key contradict each other.
    """
    apart = {*not_compared, *key, *_PLACE}
    said = [name for name in rows.columns if name not in apart]
    repeated = rows.duplicated(list(key), keep=False)
    findings: list[Finding] = []
    mistakes: list[TableMistake] = []
    merged: dict[Any, Row] = {}
    for _, group in rows[repeated].groupby(list(key), sort=False):
        as_written, *others = records_of(group)
        first: Row = as_written
        for other in others:
            differing = [name for name in said if _differ(first[name], other[name])]
            if differing:
                mistakes.append(_contradiction(as_written, other, differing))
                continue
            fact = f"it says the same as {_place(as_written)}"
            findings.append(finding_of(FindingKind.DUPLICATE, other, fact))
            first = _filled(first, other, said)
        merged[group.index[0]] = first
    if mistakes:
        raise TableError(mistakes)
    if not merged:
        return rows, []
    once = rows.loc[list(merged)].copy()
    for name in said:
        once[name] = [row[name] for row in merged.values()]
    return pd.concat([rows[~repeated], once]).sort_index(), findings


def finding_of(kind: FindingKind, row: Row, fact: str) -> Finding:
    """Return a finding about a row."""
    return Finding(kind, row["file"], row_number(row), "", fact)


def row_number(row: Row) -> int | None:
    """Return the number of a row in its file; None of one that has none."""
    number = row["row"]
    return None if _is_empty(number) else int(number)


def _is_empty(value: object) -> bool:
    nothing = value is None or value == ""
    return nothing or (isinstance(value, float) and math.isnan(value))


def _differ(one: object, other: object) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return bool(one) and bool(other) and one != other
    a, b = np.array([one, other], float)
    if np.isnan(a) or np.isnan(b):
        return False
    return not bool(np.isclose(a, b, rtol=_SAME_NUMBER, atol=0.0))


def _filled(first: Row, other: Row, said: Sequence[str]) -> Row:
    lacking = [name for name in said if _is_empty(first[name])]
    return {**first, **{name: other[name] for name in lacking}}


def _contradiction(first: Row, other: Row, differing: Sequence[str]) -> TableMistake:
    more = f" and {len(differing) - 1} more" if len(differing) > 1 else ""
    region = f", region {other['roi']!r}," if "roi" in other else ""
    fact = (
        f"it is of animal {other['animal']} on day {other['day']:g}{region} as "
        f"{_place(first)} is, and differs in {differing[0]}{more}"
    )
    remedy = "Keep the row that holds, or tell them apart by day"
    return TableMistake(other["file"], row_number(other), differing[0], fact, remedy)


def _place(row: Row) -> str:
    number = row_number(row)
    return f"{row['file']}, row {number}" if number is not None else str(row["file"])
