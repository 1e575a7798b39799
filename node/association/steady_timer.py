"""pynetdicom's timer by a clock that nobody sets.

Design choice: pynetdicom's own goes by the time of day, and would end every association
when that jumps forward.
"""

import time

from pynetdicom.timer import Timer


class SteadyTimer(Timer):
    """pynetdicom's timer, by the monotonic clock."""

    @property
    def remaining(self) -> float:
        """Seconds until the timer expires; 1 when it never does."""
        if self.timeout is None:
            return 1
        if self._start_time is None:
            return self.timeout
        until = time.monotonic() if self._end_time is None else self._end_time
        return self.timeout - (until - self._start_time)

    @property
    def runs(self) -> bool:
        """Whether it was started, not stopped, and can expire."""
        started = self._start_time is not None and self._end_time is None
        return started and self.timeout is not None

    def start(self) -> None:
        """Start anew."""
        self._start_time = time.monotonic()
        self._end_time = None

    def stop(self) -> None:
        """Stop, so that it does not expire any more."""
        self._end_time = time.monotonic()
