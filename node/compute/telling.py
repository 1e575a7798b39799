"""News from a worker while it still works.

Design choice: one pipe that all workers write to, without a lock. What is written at
once, and is no longer than `PIPE_BUF`, comes whole or not at all (pipe(7)), so that a
worker which dies in the middle of anything leaves nothing behind that another one would
wait for. Pebble's own queue brings a task's return value alone.

Design choice: a worker gets the pipe when it starts, and keeps it in one place of its
process; a connection cannot travel with a task.
"""

import logging
import select
import struct
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext

_log = logging.getLogger(__name__)

_NUMBER = struct.Struct("<Q")
_LENGTH_BYTES = 4
"""Which `multiprocessing` puts before each message."""

LONGEST = select.PIPE_BUF - _LENGTH_BYTES - _NUMBER.size
"""Bytes of one piece of news."""

Tell = Callable[[bytes], None]
"""Given to a task: tells the node something; what is too long is not told."""


class NewsDesk:
    """The node's end: hears all workers and tells who asked. Safe for many threads.

    Parameters
    ----------
    context : SpawnContext
        Of the workers.

    Attributes
    ----------
    line : Connection
        For each worker, at its start.
    """

    def __init__(self, context: SpawnContext) -> None:
        self._ears, self.line = context.Pipe(duplex=False)
        self._readers: dict[int, Tell] = {}
        self._count = 0
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def subscribe(self, reader: Tell) -> int:
        """Return the number under which news comes to a reader from now on.

        Parameters
        ----------
        reader : callable
            Is called in a thread of the desk, and must return soon.
        """
        with self._lock:
            self._count += 1
            self._readers[self._count] = reader
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._listen, name="news", daemon=True
                )
                self._thread.start()
            return self._count

    def unsubscribe(self, number: int) -> None:
        """Drop a reader; what comes late for it is thrown away."""
        with self._lock:
            self._readers.pop(number, None)

    def close(self) -> None:
        """Stop listening, once no worker is left."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            self.line.send_bytes(b"")
            thread.join()
        self._ears.close()
        self.line.close()

    def _listen(self) -> None:
        while message := self._ears.recv_bytes():
            (number,) = _NUMBER.unpack_from(message)
            with self._lock:
                reader = self._readers.get(number)
            if reader is None:
                continue
            try:
                reader(message[_NUMBER.size :])
            except Exception:  # noqa: BLE001 - one reader's, not the end of all
                _log.exception("news of a worker was lost")


class _Worker:
    """What a worker process keeps: the line it got at its start."""

    line: Connection | None = None


def keep_line(line: Connection) -> None:
    """Remember, in a worker, where its news goes."""
    _Worker.line = line


def teller(number: int) -> Tell:
    """Return, in a worker, what tells the reader of that number.

    Where the news is too long, or the node has gone, nothing is told.
    """

    def tell(news: bytes) -> None:
        if _Worker.line is not None and len(news) <= LONGEST:
            _Worker.line.send_bytes(_NUMBER.pack(number) + news)

    return tell
