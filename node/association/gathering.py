"""A data set, gathered from its fragments in bounded memory.

Design choice: an ordinary object stays in memory and is joined once. What is larger
lies in a file without a name while it comes, and is mapped when it is whole: the memory
that a hundred senders of large objects take is that of their last few megabytes, and
what a crash leaves of them is nothing.

Design choice: fragments cost memory by their number too. A peer that sends a byte in
each would take a hundred times the memory of its object.
"""

import mmap
import weakref
from io import BufferedRandom
from pathlib import Path
from tempfile import TemporaryFile

Content = bytes | mmap.mmap
"""Bytes that are sliced, hashed and written; not to be changed."""

IN_MEMORY = 8 << 20
"""Bytes of an object that are held in memory while it comes."""
_FRAGMENT_COST = 512
"""Bytes that a fragment takes beside its content."""


class GatheredContent:
    """What came of a data set so far.

    Parameters
    ----------
    folder : Path or None
        Of a file for what is too large for the memory; None for the system's own.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._pieces: list[memoryview] = []
        self._held = 0
        self._file: BufferedRandom | None = None

    def add(self, piece: memoryview) -> None:
        """Take what came next.

        Raises
        ------
        OSError
            It must lie in a file, and the volume does not take it.
        """
        self._pieces.append(piece)
        self._held += len(piece) + _FRAGMENT_COST
        if self._held > IN_MEMORY:
            self._spill()

    def content(self) -> Content:
        """Return all that came.

        Raises
        ------
        OSError
        """
        if self._file is None:
            whole = b"".join(self._pieces)
            self._pieces.clear()
            return whole
        file = self._spill()
        with file:
            file.flush()
            # Nothing cannot be mapped.
            if not file.tell():
                return b""
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def _spill(self) -> BufferedRandom:
        if self._file is None:
            self._file = TemporaryFile(dir=self._folder)  # noqa: SIM115 - see below
            # Whoever gives an object up, such as a peer that leaves, tells nobody.
            weakref.finalize(self, self._file.close)
        self._file.writelines(self._pieces)
        self._pieces.clear()
        self._held = 0
        return self._file
