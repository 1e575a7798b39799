"""A table's file as text.

Design choice: UTF-8 with or without a mark at its beginning, UTF-16 with one (what
spreadsheets call Unicode text), else Windows-1252, which is said. Whatever has control
characters in it is no text; a spreadsheet's own file is named as one.
"""

import hashlib
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from node.learning.tables.mistake import TableError
from node.spreadsheets.content import UnreadableContentError, read_content

LARGEST_BYTES = 32 << 20
"""Some 20 000 rows of a whole catalogue; no cohort of animals is larger."""

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How files of spreadsheet programs begin: zip, and compound binary."""
_LINE_ENDS = "\t\n\r\f\x1a"
_SAVE = "Save it as CSV UTF-8"
_WINDOWS = "{} is not UTF-8 and was read as Windows-1252"


@dataclass(frozen=True)
class TextFile:
    """A file that was read.

    Attributes
    ----------
    name : str
        Without its folder.
    sha256 : str
        Of its bytes.
    text : str
    statements : tuple of str
        What must be said of the reading.
    """

    name: str
    sha256: str
    text: str
    statements: tuple[str, ...] = ()


def read_text_file(path: Path) -> TextFile:
    """Return a file's text.

    Raises
    ------
    TableError
        When it cannot be read, is empty, too large or no text.
    """
    try:
        content = read_content(path, LARGEST_BYTES)
    except UnreadableContentError as error:
        remedy = "Name a CSV file that holds one row for each scan or sample"
        fact = f"it cannot be read: {error.fact}"
        raise TableError.of(path.name, fact, remedy) from error
    if not content.strip():
        raise TableError.of(path.name, "it is empty", "Export the table again")
    text, statements = _decoded(path.name, content)
    return TextFile(path.name, hashlib.sha256(content).hexdigest(), text, statements)


def _decoded(name: str, content: bytes) -> tuple[str, tuple[str, ...]]:
    if content.startswith(_SPREADSHEETS):
        fact = "it is a spreadsheet program's own file, or an archive, and no text"
        raise TableError.of(name, fact, _SAVE)
    text, statements = _text(name, content)
    if any(unicodedata.category(c) == "Cc" and c not in _LINE_ENDS for c in set(text)):
        raise TableError.of(name, "it is binary and no text", _SAVE)
    if not text.strip():
        raise TableError.of(name, "it is empty", "Export the table again")
    return text, statements


def _text(name: str, content: bytes) -> tuple[str, tuple[str, ...]]:
    try:
        if content.startswith(_UTF_16):
            return content.decode("utf-16"), ()
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        if content.startswith(_UTF_16) or b"\0" in content:
            raise TableError.of(name, "it is no text", _SAVE) from error
    try:
        return content.decode("cp1252"), (_WINDOWS.format(name),)
    except UnicodeDecodeError as error:
        raise TableError.of(name, "it is no text", _SAVE) from error
