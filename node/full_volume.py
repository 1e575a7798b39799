"""A volume, or its quota, that is full, told from other failures of a disk."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class StorageFullError(Exception):
    """The volume or its quota is full; what was being written is not there.

    Attributes
    ----------
    root : Path
        Folder of the store.
    """

    reason: ClassVar[str] = "storage_full"
    remedy: ClassVar[str] = "Free space on the data volume; the node goes on by itself."

    def __init__(self, root: Path) -> None:
        super().__init__(f"no space is left for {root}. {self.remedy}")
        self.root = root


@contextmanager
def space_watched(root: Path) -> Iterator[None]:
    """Have what is written below a folder fail by `StorageFullError` for want of space.

    Raises
    ------
    StorageFullError
    """
    try:
        yield
    except OSError as failure:
        if failure.errno in _FULL:
            raise StorageFullError(root) from failure
        raise
