"""The file of an injection log as text.

Design choice: the log is written by people and spreadsheets while it is read. A file
that is missing, locked, empty, larger than any log, or that changes while it is read is
refused as a whole, and whoever asked keeps what was read last.

Design choice: UTF-8, else Windows-1252, which is what spreadsheets write where they do
not write UTF-8; that is said.
"""

import os
import stat
from pathlib import Path
from typing import ClassVar

from model.errors import ModelError

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
    """Return a file's bytes, all from one state of it."""
    try:
        # A pipe in its place must not stop the node.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor has no path
            before = os.fstat(descriptor)
            if not stat.S_ISREG(before.st_mode):
                fact = "it is no ordinary file"
                raise UnreadableLogError(fact)
            content = file.read(LARGEST_BYTES + 1)
            after = os.fstat(descriptor)
    except (OSError, ValueError) as error:
        fact = getattr(error, "strerror", None) or "its path is none"
        raise UnreadableLogError(fact) from error
    if len(content) > LARGEST_BYTES:
        fact = f"it is larger than {LARGEST_BYTES >> 20} MB"
        raise UnreadableLogError(fact)
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    if not same or len(content) != after.st_size:
        fact = "it changed while it was read"
        raise UnreadableLogError(fact)
    return content


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
