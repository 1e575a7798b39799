"""Rows of a text whose columns are parted by comma, semicolon or tab.

Design choice: the separator is the one under which the header names most columns that
are known, then most columns at all, unless a first line ``sep=;`` names it.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence

from node.spreadsheets.cells import is_empty

SEPARATORS = ",;\t"
_ANNOUNCED = "sep="

Row = tuple[int, list[str]]
"""Its number as a spreadsheet counts it, and its cells."""


def separated_rows(
    text: str, known_among: Callable[[Sequence[str]], int]
) -> tuple[str, Iterator[Row]]:
    """Return the separator, and the rows in which something stands.

    Parameters
    ----------
    text : str
    known_among : callable
        How many names of a header are those of known columns.

    Raises
    ------
    SeparationError
        By the iterator, at a row that cannot be parsed.
    """
    announced, body = _announced(text)
    first = body.lstrip("\r\n ")
    separator = announced or max(
        SEPARATORS, key=lambda each: _fitness(first, each, known_among)
    )
    return separator, _numbered(body, separator, 1 if announced else 0)


def _announced(text: str) -> tuple[str, str]:
    """Return the separator of a first line ``sep=;``, and what follows that line."""
    line, _, rest = text.partition("\n")
    named = line.strip("\r").strip('"')
    if named[:-1].casefold() == _ANNOUNCED and named[-1] in SEPARATORS:
        return named[-1], rest
    return "", text


def _fitness(
    text: str, separator: str, known_among: Callable[[Sequence[str]], int]
) -> tuple[int, int]:
    """Return how many columns the header has that are known, and how many at all."""
    try:
        header = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except (csv.Error, StopIteration):
        return 0, 0
    return known_among(header), len(header)


def _numbered(text: str, separator: str, offset: int) -> Iterator[Row]:
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=separator, strict=True)
    number = offset
    try:
        for number, cells in enumerate(reader, 1 + offset):
            if not all(is_empty(cell) for cell in cells):
                yield number, cells
    except csv.Error as error:
        # The parser shows the separator as it is, which may be a tab.
        raise SeparationError(number + 1, str(error).replace("\t", "tab")) from error


class SeparationError(Exception):
    """A row cannot be parted into cells.

    Attributes
    ----------
    row : int
    why : str
    """

    def __init__(self, row: int, why: str) -> None:
        super().__init__(f"row {row} cannot be parsed ({why})")
        self.row = row
        self.why = why
