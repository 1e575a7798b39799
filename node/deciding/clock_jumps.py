"""Clocks that are put forward or back while the node runs.

Design choice: what must not depend on the wall clock does not use it: tasks wake by the
monotonic clock, a due time that is too far away counts as due (`node.ledger.dueness`),
UIDs follow from contents. What is left is silence after the last object of a study,
which is looked after here.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from node.ledger import Ledger

_log = logging.getLogger(__name__)

_TOLERATED = timedelta(seconds=2)
"""More than a clock is slewed by between sweeps, and less than studies settle in."""


class ClockJumps:
    """Notices that the clock was moved, and has silence counted anew.

    Parameters
    ----------
    ledger : Ledger
    now : callable
        The clock.
    steady_s : callable
        Seconds of a clock that nobody sets, such as `time.monotonic`. One that stands
        still while the machine sleeps is right: senders sleep with the network.
    """

    def __init__(
        self,
        ledger: Ledger,
        now: Callable[[], datetime],
        steady_s: Callable[[], float],
    ) -> None:
        self._ledger = ledger
        self._now = now
        self._steady_s = steady_s
        self._offset = self._difference()

    def sweep(self) -> None:
        """Look at both clocks; before studies are decided on, not after."""
        offset = self._difference()
        moved = offset - self._offset
        jumped = abs(moved) > _TOLERATED
        if jumped:
            _log.warning("the clock was moved by %+.0f s", moved.total_seconds())
        self._ledger.restart_silence(self._now(), of_all=jumped)
        # Only now: a ledger that is away must not make this forgotten.
        self._offset = offset

    def _difference(self) -> timedelta:
        # The instant that the wall clock would have shown at second 0.
        return (self._now() - _ANY_INSTANT) - timedelta(seconds=self._steady_s())


_ANY_INSTANT = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
