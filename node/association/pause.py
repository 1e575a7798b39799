"""Where the thread of an association rests while a message of ours is under way.

pynetdicom runs a thread beside each association that takes whatever comes. A call such
as C-STORE pauses it first, so that it leaves the answer alone; whether it rests, the
thread says by a flag. Between its leaving the checkpoint and its saying so the flag is
wrong: the call goes on, the thread takes the answer, and the call waits for its whole
timeout. On a busy machine that befell one object in some thousands.

Design choice: the checkpoint itself knows whether the thread rests, under one lock with
the wish that it shall; nothing of pynetdicom's calls is written anew.
"""

import threading

_POLL_S = 0.05


class Pause(threading.Event):
    """A checkpoint that is closed only when the association's thread rests there.

    Parameters
    ----------
    thread : threading.Thread
        That of the association. It may close the checkpoint itself.
    """

    def __init__(self, thread: threading.Thread) -> None:
        super().__init__()
        self._thread = thread
        self._turn = threading.Condition()
        self._rests = False
        self.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Rest until the checkpoint is open; return whether it is."""
        with self._turn:
            self._rests = True
            self._turn.notify_all()
        while True:
            self._await_cause()
            opened = self._await_opening(timeout)
            with self._turn:
                # It may have been closed again since, and the cause may be gone.
                if not opened or (self.is_set() and self._has_cause()):
                    self._rests = False
                    return opened

    def _await_opening(self, timeout: float | None) -> bool:
        """Wait until the checkpoint is open; return whether it is."""
        return super().wait(timeout)

    def _has_cause(self) -> bool:
        """Return whether there is something to go on for; here there always is."""
        return True

    def _await_cause(self) -> None:
        """Wait until there is."""

    def clear(self) -> None:
        """Close the checkpoint, and wait until the thread rests there or has ended."""
        with self._turn:
            super().clear()
            if threading.current_thread() is self._thread:
                return
            while not self._rests and self._thread.is_alive():
                self._turn.wait(_POLL_S)
