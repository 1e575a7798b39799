"""How long a peer that is not there is left alone."""

import logging
import random
from collections.abc import Callable
from datetime import datetime, timedelta

from node.records.outcome import FailureKind
from node.retry import RetryPolicy, alarming, next_attempt

_log = logging.getLogger(__name__)


class Absence:
    """Begins with a failure, grows with each one, and ends with a success.

    Kept in memory alone: after a restart a peer is tried at once.

    Parameters
    ----------
    name : str
        Of the peer, in logs.
    lack : str
        What cannot be done meanwhile, in logs.
    policy : RetryPolicy
    now : callable
        The clock.
    """

    def __init__(
        self, name: str, lack: str, policy: RetryPolicy, now: Callable[[], datetime]
    ) -> None:
        self._name = name
        self._lack = lack
        self._policy = policy
        self._now = now
        # Jitter only spreads retries; nothing depends on it.
        self._random = random.Random(name)  # noqa: S311
        self._failed_in_a_row = 0
        self._until: datetime | None = None

    def is_over(self) -> bool:
        """Return whether the peer is to be tried, by a clock that may be put back."""
        if self._until is None:
            return True
        left = self._until - self._now()
        return not timedelta(0) < left <= self._policy.longest_delay

    def begin(self, why: str, kind: FailureKind = FailureKind.UNREACHABLE) -> datetime:
        """Note and tell a failure; return until when the peer is left alone."""
        self._failed_in_a_row += 1
        self._until = next_attempt(
            self._policy,
            self._failed_in_a_row,
            self._now(),
            self._random.random(),
            kind,
        )
        alarm = alarming(self._policy, self._failed_in_a_row, kind)
        level = logging.ERROR if alarm else logging.WARNING
        _log.log(level, "%s %s: %s", self._name, self._lack, why)
        return self._until

    def end(self) -> None:
        """Note a success."""
        self._failed_in_a_row = 0
        self._until = None
