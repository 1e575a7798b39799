"""Refusals on their way to the ledger: many at a time, and never in a peer's way.

Design choice: who is refused decides how often, so a refusal costs a place in memory
and no transaction; a task writes what has come. A kill loses what waits, a second's
worth, of something that the peer was told anyway. When more comes than is written, the
latest are kept and the others counted.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime

from node.ledger import Ledger, LedgerUnavailableError
from node.records.refused import KeptRefusal, Refusal

_log = logging.getLogger(__name__)

_WAITING = 10_000
"""Refusals that wait in memory."""
_TOLD = 20
"""Refusals of a sweep that are logged one by one."""


def _tell_nobody(_kept: KeptRefusal) -> None:
    """Do nothing: where there is no audit trail."""


class RefusalLog:
    """Takes refusals, and enters them with the next sweep.

    Parameters
    ----------
    ledger : Ledger
    keep : int
        How many the ledger remembers.
    now : callable
    alarm : callable
        Is told of each refusal that was entered, such as for an audit trail.
    """

    def __init__(
        self,
        ledger: Ledger,
        keep: int,
        now: Callable[[], datetime],
        alarm: Callable[[KeptRefusal], None] = _tell_nobody,
    ) -> None:
        self._ledger = ledger
        self._keep = keep
        self._now = now
        self._alarm = alarm
        self._turn = threading.Lock()
        self._waiting: deque[KeptRefusal] = deque(maxlen=_WAITING)
        self._given_up = 0

    def tell(self, refusal: Refusal) -> None:
        """Take a refusal; returns at once."""
        with self._turn:
            self._given_up += len(self._waiting) == _WAITING
            self._waiting.append(KeptRefusal(refusal, self._now()))

    def sweep(self) -> None:
        """Enter what waits, and log it; what cannot be entered waits on."""
        with self._turn:
            batch, given_up = list(self._waiting), self._given_up
            self._waiting.clear()
            self._given_up = 0
        if not batch:
            return
        try:
            self._ledger.record_refusals(batch, keep=self._keep)
        except LedgerUnavailableError as failure:
            _log.error("%d refusals are not entered yet: %s", len(batch), failure)
            self._put_back(batch, given_up)
            return
        for kept in batch:
            self._alarm(kept)
        for kept in batch[:_TOLD]:
            _log.warning("%s", words_of(kept.refusal))
        left = len(batch) - _TOLD
        if left > 0 or given_up:
            message = "%d more were refused, of which %d are not in the ledger"
            _log.warning(message, max(left, 0) + given_up, given_up)

    def _put_back(self, batch: list[KeptRefusal], given_up: int) -> None:
        with self._turn:
            both = [*batch, *self._waiting]
            self._given_up += given_up + max(0, len(both) - _WAITING)
            self._waiting = deque(both, maxlen=_WAITING)


def words_of(refusal: Refusal) -> str:
    """Return a refusal as a line for people."""
    who = " at ".join(part for part in (refusal.calling_ae, refusal.address) if part)
    what = refusal.sop_instance_uid or refusal.sop_class_uid or "an association"
    status = f" ({refusal.status})" if refusal.status else ""
    return f"{what} of {who or 'an unknown peer'} is refused{status}: {refusal.why}"
