"""Bytes onto a disk and from it: what the operating system is asked for."""

import mmap
import os
from io import FileIO
from pathlib import Path

Piece = bytes | memoryview | mmap.mmap
Pieces = tuple[Piece, ...]
"""A content, one behind the other; nothing is joined."""

_COMPARED = 1 << 20
"""Bytes of a file that are compared at a time."""


def write_all(descriptor: int, pieces: Pieces) -> None:
    """Write pieces one behind the other."""
    written = os.writev(descriptor, pieces)
    # A call takes 2 GiB at most, and less when the volume is about to be full.
    for piece in pieces:
        rest = memoryview(piece)[min(written, len(piece)) :]
        written = max(written - len(piece), 0)
        while rest:
            rest = rest[os.write(descriptor, rest) :]


def begin_write_back(descriptor: int) -> None:
    """Have the disk begin with what was written; the fsync waits for the rest alone.

    Linux does so on this advice, and drops only pages that are on the disk already.
    """
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def ends_with(file: FileIO, size: int, dataset: Piece) -> bool:
    """Return whether a file of a size ends with a data set."""
    file.seek(max(size - len(dataset), 0))
    return size >= len(dataset) and all(
        file.read(_COMPARED) == bytes(dataset[place : place + _COMPARED])
        for place in range(0, len(dataset), _COMPARED)
    )


def fsync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk when this returns."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
