"""What peers ask the node to keep: durable before they are told that it was taken.

Design choice: an answer goes out on an association of the node's own to where the
peer's `[[peers]]` entry says that it listens; Orthanc takes it there and nowhere else.
PS3.4 J.3.3 lets the answer come on the association of the question as well, which is
all that can be done for a peer of which no port is known. So that way is remembered for
such a peer, as long as its association is open.
"""

import logging
import threading
from collections.abc import Callable, Collection
from datetime import datetime

from node.association.commitment import AnswerHere
from node.ledger import Ledger, LedgerUnavailableError
from node.records.commitments import CommitmentRequest

_log = logging.getLogger(__name__)

_SUCCESS = 0x0000
_NO_RESOURCES = 0x0213
_MOST_WAYS = 1000


class OpenAssociations:
    """Ways to answer on the association of a question; kept in memory alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ways: dict[tuple[str, str], AnswerHere] = {}

    def remember(self, request: CommitmentRequest, way: AnswerHere) -> None:
        """Keep the way to answer a question; the oldest goes when there are many."""
        with self._lock:
            self._ways[request.calling_ae, request.transaction_uid] = way
            while len(self._ways) > _MOST_WAYS:
                del self._ways[next(iter(self._ways))]

    def take(self, calling_ae: str, transaction_uid: str) -> AnswerHere | None:
        """Return the way to answer a question, once."""
        with self._lock:
            return self._ways.pop((calling_ae, transaction_uid), None)


class Questions:
    """Takes what peers ask, for the listener.

    Parameters
    ----------
    ledger : Ledger
    open_associations : OpenAssociations
    placed : collection of str
        AE titles of peers of which is known where they listen.
    now : callable
        The clock.
    """

    def __init__(
        self,
        ledger: Ledger,
        open_associations: OpenAssociations,
        placed: Collection[str],
        now: Callable[[], datetime],
    ) -> None:
        self._ledger = ledger
        self._open = open_associations
        self._placed = frozenset(placed)
        self._now = now

    def __call__(self, request: CommitmentRequest, way: AnswerHere) -> int:
        """Enter a question, and return the status of N-ACTION."""
        if request.calling_ae not in self._placed:
            self._open.remember(request, way)
        try:
            entered = self._ledger.record_question(request, self._now())
        except LedgerUnavailableError as failure:
            # The peer asks again.
            _log.error("%s is not entered: %s", request.transaction_uid, failure)
            entered = False
        if entered:
            return _SUCCESS
        self._open.take(request.calling_ae, request.transaction_uid)
        _log.warning(
            "%s asks for commitment and is put off (%s)",
            request.calling_ae,
            request.transaction_uid,
        )
        return _NO_RESOURCES
