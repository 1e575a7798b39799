"""What is wrong in a table, and the refusal that tells all of it at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from config.refusal import RefusalError

MOST_TOLD = 12
"""Mistakes that a message lists; a slip of columns makes one of every row."""


@dataclass(frozen=True)
class TableMistake:
    """Something in a table that must be put right.

    Attributes
    ----------
    file : str
        Name of the file, without its folder; empty where it is about no file.
    row : int or None
        As a spreadsheet counts it, the header being row 1.
    column : str
        As the file names it; empty where it is not about one.
    what : str
        What is so, in a sentence without a full stop.
    remedy : str
        The same for what to do.
    """

    file: str
    row: int | None
    column: str
    what: str
    remedy: str

    def __str__(self) -> str:
        where = [self.file] if self.file else []
        if self.row is not None:
            where.append(f"row {self.row}")
        if self.column:
            where.append(f"column {self.column!r}")
        place = f"{', '.join(where)}: " if where else ""
        return f"{place}{self.what}. {self.remedy}."


class TableError(RefusalError):
    """Tables cannot be used as they are.

    Attributes
    ----------
    mistakes : tuple of TableMistake
        All that were found; the message lists the first `MOST_TOLD`.
    """

    def __init__(self, mistakes: Sequence[TableMistake]) -> None:
        self.mistakes = tuple(mistakes)
        told = [str(mistake) for mistake in self.mistakes[:MOST_TOLD]]
        more = len(self.mistakes) - len(told)
        if more:
            told.append(f"and {more} more")
        super().__init__("\n".join(told))

    @classmethod
    def of(
        cls,
        file: str,
        what: str,
        remedy: str,
        *,
        row: int | None = None,
        column: str = "",
    ) -> Self:
        """Return the error of a single mistake."""
        return cls([TableMistake(file, row, column, what, remedy)])
