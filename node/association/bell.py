"""What wakes a thread that waits for a socket, or for another thread."""

import os
import queue
import threading
from collections.abc import Callable
from typing import Any

_PIPE_SIZE = 4096


class TellingQueue(queue.Queue[Any]):
    """A queue that tells when something was put into it."""

    def __init__(self, tell: Callable[[], object]) -> None:
        super().__init__()
        self._tell = tell

    def _put(self, item: Any) -> None:
        super()._put(item)
        self._tell()


class Bell:
    """Wakes a thread that waits for a socket."""

    def __init__(self) -> None:
        self.descriptor, self._rope = os.pipe()
        os.set_blocking(self.descriptor, False)
        os.set_blocking(self._rope, False)
        self._lock = threading.Lock()
        self._open = True

    def ring(self) -> None:
        """Wake whoever waits, now or the next time."""
        with self._lock:
            if self._open:
                try:
                    os.write(self._rope, b"!")
                except BlockingIOError:
                    return  # it has not been heard yet, and rings already

    def silence(self) -> None:
        """Hear all that was rung."""
        try:
            while len(os.read(self.descriptor, _PIPE_SIZE)) == _PIPE_SIZE:
                pass
        except BlockingIOError:
            return

    def close(self) -> None:
        """Give the descriptors back."""
        with self._lock:
            if self._open:
                self._open = False
                os.close(self.descriptor)
                os.close(self._rope)
