"""Digests of all received objects, sorted into as many heaps as the store has folders.

Design choice: rows come by number, files by name. Going through the rows once and
writing the little that matters into 256 temporary files brings the two together, folder
by folder, in the memory of one of them: without an index on names, which every object
that is received would have to pay for.
"""

import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, NamedTuple, Self

from node.records.audited import AuditedInstance
from node.records.states import InstanceState

FOLDERS = 256

_ENTRY = struct.Struct("<32sqqB")
_STATES = tuple(InstanceState)


class Shelved(NamedTuple):
    """What is compared with a file.

    Attributes
    ----------
    identifier : int
        Row number.
    size : int
    state : InstanceState
    """

    identifier: int
    size: int
    state: InstanceState


class Shelves:
    """Digests by the folder in which their files lie; a context manager."""

    def __init__(self) -> None:
        self._own = ExitStack()
        self._heaps: list[IO[bytes]] = []

    def __enter__(self) -> Self:
        self._heaps = [self._own.enter_context(_heap()) for _ in range(FOLDERS)]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._own.close()

    def put(self, row: AuditedInstance) -> None:
        """Remember a row."""
        digest = bytes.fromhex(row.sha256)
        entry = (digest, row.identifier, row.size, _STATES.index(row.state))
        self._heaps[digest[0]].write(_ENTRY.pack(*entry))

    def take(self, folder: int) -> Mapping[str, list[Shelved]]:
        """Return what was put on one shelf, by digest."""
        found: dict[str, list[Shelved]] = defaultdict(list)
        for digest, identifier, size, state in self._entries(folder):
            found[digest.hex()].append(Shelved(identifier, size, _STATES[state]))
        return found

    def _entries(self, folder: int) -> Iterator[tuple[bytes, int, int, int]]:
        heap = self._heaps[folder]
        heap.seek(0)
        return _ENTRY.iter_unpack(heap.read())


def _heap() -> IO[bytes]:
    return TemporaryFile()
