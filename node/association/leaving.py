"""Who notices that the last peer has left.

Design choice: a hint, no fact. A peer that leaves has sent all that it wanted to send
over this association; whether it comes back at once with more nobody knows.
"""

import threading
from collections.abc import Callable

from pynetdicom import evt

from node.association.service import Service


def leaving(left: Callable[[], object]) -> Service:
    """Return a service that tells when no association is left of those that were.

    Parameters
    ----------
    left : callable
        Is called in a thread of the association that was the last one; returns soon.
    """
    there: set[object] = set()
    lock = threading.Lock()

    def came(event: evt.Event) -> None:
        with lock:
            there.add(event.assoc)

    def went(event: evt.Event) -> None:
        with lock:
            was_last = event.assoc in there and len(there) == 1
            there.discard(event.assoc)
        if was_last:
            left()

    return Service(
        (
            (evt.EVT_ACCEPTED, came),
            # Whichever comes first; one that breaks off comes to the last alone.
            (evt.EVT_RELEASED, went),
            (evt.EVT_ABORTED, went),
            (evt.EVT_CONN_CLOSE, went),
        )
    )
