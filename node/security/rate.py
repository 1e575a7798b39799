"""How fast a peer may send: it waits for its answer, and nothing is lost.

Design choice: back-pressure instead of refusal. A sender that is answered later sends
later; one that is refused may drop the object. The wait is in the thread of the peer's
own association, so that it costs nobody else anything.
"""

import threading
import time
from collections.abc import Callable

from node.security.access import AccessRules, Peer


class Bucket:
    """Tokens that come at a steady rate; who takes one too many waits for it.

    Parameters
    ----------
    per_second : float
    clock : callable
        Seconds that never go back.
    """

    def __init__(self, per_second: float, clock: Callable[[], float]) -> None:
        self._per_second = per_second
        self._clock = clock
        self._turn = threading.Lock()
        self._tokens = per_second
        self._at_s = clock()

    def take(self) -> float:
        """Take a token, and return the seconds until it is there.

        The second's worth that may come at once is the only burst; a token that is
        taken before it is there is owed by all who take after it.
        """
        with self._turn:
            now_s = self._clock()
            earned = (now_s - self._at_s) * self._per_second
            self._tokens = min(self._per_second, self._tokens + earned) - 1.0
            self._at_s = now_s
            return max(0.0, -self._tokens / self._per_second)


class Pace:
    """Holds peers back that send faster than they may.

    Parameters
    ----------
    rules : AccessRules
    clock : callable
        Seconds that never go back.
    """

    def __init__(
        self, rules: AccessRules, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rules = rules
        self._stopping = threading.Event()
        self._buckets = {
            peer.name: Bucket(peer.objects_per_second, clock)
            for peer in rules.peers
            if peer.objects_per_second
        }

    def hold_back(self, calling: str, address: str) -> float:
        """Wait until a peer's object may be answered; return the seconds.

        Parameters
        ----------
        calling : str
            AE title of the sender.
        address : str
            IP address that it sends from.
        """
        if not self._buckets:
            return 0.0
        wait_s = self._wait_s(self._rules.peer(calling, address))
        if wait_s:
            self._stopping.wait(wait_s)
        return wait_s

    def stop(self) -> None:
        """Hold nobody back any more."""
        self._stopping.set()

    def _wait_s(self, peer: Peer | None) -> float:
        bucket = None if peer is None else self._buckets.get(peer.name)
        return 0.0 if bucket is None else bucket.take()
