"""Tables as CSV that any program reads, and that no spreadsheet takes for commands.

RFC 4180: comma, quotes doubled, lines end with CR LF; UTF-8. Numbers have as many
digits as it takes to read the same number again; what is absent is empty.

Design choice: a text that a spreadsheet would calculate (it begins with ``=``, ``+``,
``-``, ``@``, a tab or a carriage return, and is no number) gets an apostrophe before
it, which spreadsheets take as "this is text" (OWASP, "CSV Injection"). A name that came
from somebody's table must not run as a formula on somebody else's computer. Programs
that read such a column find the apostrophe in it; names of animals and groups do not
normally begin like that.
"""

import pandas as pd

_SIGNS = ("=", "+", "-", "@")
_FULL_WIDTH = ("\uff1d", "\uff0b", "\uff0d", "\uff20")
_FORMULA = (*_SIGNS, *_FULL_WIDTH, "\t", "\r")
"""How a formula begins; the full-width signs count in East Asian spreadsheets."""


def as_csv(table: pd.DataFrame) -> str:
    """Return a table as CSV, without its index.

    Parameters
    ----------
    table : pandas.DataFrame
    """
    safe = table.copy()
    for position in range(safe.shape[1]):
        column = safe.iloc[:, position]
        if not pd.api.types.is_numeric_dtype(column.dtype):
            harmless = [_harmless(cell) for cell in column.astype(object)]
            safe.isetitem(position, pd.array(harmless, dtype=object))
    safe.columns = pd.Index([_harmless(str(name)) for name in table.columns])
    return safe.to_csv(index=False, lineterminator="\r\n")


def _harmless(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if text.lstrip(" ").startswith(_FORMULA) and not _is_number(text):
        return f"'{text}"
    return text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
