"""Where the thread of a requested association rests while a message is under way.

pynetdicom runs a thread beside each association that takes whatever comes. A call such
as C-STORE pauses it first, so that it leaves the answer alone; whether it rests, the
thread says by a flag. Between its leaving the checkpoint and its saying so the flag is
wrong: the call goes on, the thread takes the answer, and the call waits for its whole
timeout. On a busy machine that befell one object in some thousands.

Design choice: the checkpoint itself knows whether the thread rests, under one lock with
the wish that it shall; nothing of pynetdicom's calls is written anew.
"""

import threading

from pynetdicom.association import Association

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
            opened = super().wait(timeout)
            with self._turn:
                # It may have been closed again since.
                if self.is_set() or not opened:
                    self._rests = False
                    return opened

    def clear(self) -> None:
        """Close the checkpoint, and wait until the thread rests there or has ended."""
        with self._turn:
            super().clear()
            if threading.current_thread() is self._thread:
                return
            while not self._rests and self._thread.is_alive():
                self._turn.wait(_POLL_S)


def pause_surely(association: Association) -> None:
    """Let calls of an established association begin only when its thread rests."""
    association._reactor_checkpoint = Pause(association)  # noqa: SLF001 - see above
