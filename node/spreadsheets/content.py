"""The bytes of a table that people and spreadsheets may write while it is read."""

import os
import stat
from pathlib import Path


def read_content(path: Path, largest_bytes: int) -> bytes:
    """Return a file's bytes, all from one state of it.

    Raises
    ------
    UnreadableContentError
        When the file cannot be read, is no ordinary file, is larger than allowed, or
        changes while it is read.
    """
    try:
        # A pipe in its place must not stop the node.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor has no path
            before = os.fstat(descriptor)
            if not stat.S_ISREG(before.st_mode):
                fact = "it is no ordinary file"
                raise UnreadableContentError(fact)
            content = file.read(largest_bytes + 1)
            after = os.fstat(descriptor)
    except (OSError, ValueError) as error:
        fact = getattr(error, "strerror", None) or "its path is none"
        raise UnreadableContentError(fact) from error
    if len(content) > largest_bytes:
        fact = f"it is larger than {largest_bytes >> 20} MB"
        raise UnreadableContentError(fact)
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    if not same or len(content) != after.st_size:
        fact = "it changed while it was read"
        raise UnreadableContentError(fact)
    return content


class UnreadableContentError(Exception):
    """A file cannot be read as a whole.

    Attributes
    ----------
    fact : str
        What is so of the file, in a sentence without a full stop.
    """

    def __init__(self, fact: str) -> None:
        super().__init__(fact)
        self.fact = fact
