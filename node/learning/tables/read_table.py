"""What a reader makes of one file, whatever kind of table it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import pandas as pd

from node.learning.tables.joined import Finding, SourceFile
from node.learning.tables.mistake import TableMistake


@dataclass(frozen=True, eq=False)
class ReadTable:
    """A file that was read.

    Attributes
    ----------
    source : SourceFile
        `used` is 0 until the join has counted.
    frame : pandas.DataFrame
        Its rows, with the columns that were found, and `file` and `row`, where each
        stood. Texts that are not there are empty, numbers NaN.
    findings : tuple of Finding
    statements : tuple of str
        What must be said of the reading.
    mistakes : tuple of TableMistake
        What must be put right before the frame can be used.
    columns : tuple of str
        Columns of the frame that are this kind's own: features, or fractions.
    readings : tuple of str
        Columns of the frame that are scores under other readings.
    chosen : frozenset of str
        Columns that ``--column`` has named and the file has.
    """

    source: SourceFile
    frame: pd.DataFrame
    findings: tuple[Finding, ...] = ()
    statements: tuple[str, ...] = ()
    mistakes: tuple[TableMistake, ...] = ()
    columns: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    chosen: frozenset[str] = frozenset()


def completed(
    frame: pd.DataFrame, texts: Sequence[str], numbers: Sequence[str]
) -> pd.DataFrame:
    """Return a frame that has all of the columns named, empty where they were not.

    Parameters
    ----------
    frame : pandas.DataFrame
    texts, numbers : sequence of str
    """
    # Built once: a frame that grows column by column is copied each time.
    columns = {name: frame[name] for name in frame.columns}
    empty = pd.Series([None] * len(frame), index=frame.index, dtype=object)
    for name in texts:
        column = columns.get(name, empty)
        columns[name] = column.where(column.notna(), "").astype(object)
    for name in numbers:
        columns[name] = pd.to_numeric(columns.get(name, empty)).astype(float)
    return pd.DataFrame(columns, index=frame.index)


def records_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame by the names of its columns."""
    return cast("list[dict[str, Any]]", frame.to_dict("records"))
