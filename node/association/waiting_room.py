"""Where connections wait until they have said enough to be let in."""

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class NotAdmittedError(Exception):
    """A connection ends here.

    Attributes
    ----------
    why : str
        In words; empty for one that left by itself, of which nobody is told.
    answer : bytes
        What the peer can read.
    """

    def __init__(self, why: str = "", answer: bytes = b"") -> None:
        super().__init__(why)
        self.why = why
        self.answer = answer


class WaitingRoom:
    """The connections that have not said enough yet; each address has its share.

    Parameters
    ----------
    places : int
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._share = max(1, places // 2)
        self._held: set[socket.socket] = set()
        self._by_address: Counter[str] = Counter()
        self._turn = threading.Lock()
        self._closed = False

    @contextmanager
    def place(self, connection: socket.socket, address: str) -> Iterator[None]:
        """Give a place for as long as the context lasts.

        Raises
        ------
        NotAdmittedError
            When there is none.
        """
        with self._turn:
            full = len(self._held) >= self._places
            if full or self._by_address[address] >= self._share:
                why = "too many connections wait for their first message"
                raise NotAdmittedError(why)
            if self._closed:
                raise NotAdmittedError
            self._held.add(connection)
            self._by_address[address] += 1
        try:
            yield
        finally:
            with self._turn:
                self._held.discard(connection)
                self._by_address[address] -= 1
                if not self._by_address[address]:
                    del self._by_address[address]

    def close(self) -> None:
        """Cut who waits."""
        with self._turn:
            self._closed = True
            for connection in self._held:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
