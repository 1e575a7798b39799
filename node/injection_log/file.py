"""The file of an injection log as text.

Design choice: the log is written by people and spreadsheets while it is read. A file
that is missing, locked, empty, larger than any log, or that changes while it is read is
refused as a whole, and whoever asked keeps what was read last.

Design choice: UTF-8, else Windows-1252, which is what spreadsheets write where they do
not write UTF-8; that is said.
"""

from pathlib import Path
from typing import ClassVar

from model.errors import ModelError
from node.spreadsheets.content import UnreadableContentError, read_content

LARGEST_BYTES = 8 << 20
"""Some 50 000 rows; a longer log is no log."""
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_NO_TEXT = "it is no text in UTF-8"
_WINDOWS = (
    "The injection log is not UTF-8 and was read as Windows-1252; save it as CSV UTF-8"
)


def read_log_text(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return the text of a log, and what must be said of the reading.

    Raises
    ------
    UnreadableLogError
    """
    return _decoded(_content(path))


def _content(path: Path) -> bytes:
    try:
        return read_content(path, LARGEST_BYTES)
    except UnreadableContentError as error:
        raise UnreadableLogError(error.fact) from error


def _decoded(content: bytes) -> tuple[str, tuple[str, ...]]:
    if not content.strip():
        fact = "it is empty"
        raise UnreadableLogError(fact)
    if content.startswith(_UTF_16) or b"\0" in content:
        raise UnreadableLogError(_NO_TEXT)
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        if error.end == len(content) and "unexpected end" in error.reason:
            fact = "it ends inside a character"
            raise UnreadableLogError(fact) from error
    try:
        return content.decode("cp1252"), (_WINDOWS,)
    except UnicodeDecodeError as error:
        raise UnreadableLogError(_NO_TEXT) from error


class UnreadableLogError(ModelError):
    """The injection log as a whole cannot be read.

    Parameters
    ----------
    fact : str
        What is so of the file, in a sentence without a full stop.
    """

    reason: ClassVar[str] = "unreadable_log"
    remedy: ClassVar[str] = (
        "Save it as CSV UTF-8 under the path of the configuration; it is then read "
        "again by itself."
    )

    def __init__(self, fact: str) -> None:
        super().__init__(f"the injection log cannot be read: {fact}")
