"""When to try again. Pure: the caller gives the clock's answer and the dice's.

Design choice: retries never end by themselves. A result that no one sends any more
would be lost in silence; instead the delay grows to a cap, and from `alarm_after`
attempts on a person is told.

Design choice: how soon depends on what failed, in shares of what the site has set:

================ ============= =========== =============================================
Kind             First delay   Cap         Why
================ ============= =========== =============================================
UNREACHABLE      1             whole       most are a restart of the archive
BUSY             1             a fifth     it lives; a place will be free soon
OUT_OF_RESOURCES 6             whole       room is not made in seconds, and each attempt
                                           sends a whole object
BROKEN           2             whole       each attempt sends a whole object
OWN_FILE         6             whole       a person is told at once
TRUST            the cap       whole       a person is told at once; nothing changes
                                           before one has acted
================ ============= =========== =============================================
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from node.records.outcome import FailureKind


class _Pace(NamedTuple):
    """How a kind of failure is tried again."""

    first: float
    cap: float = 1.0
    alarm_at_once: bool = False


_PACES = {
    FailureKind.UNREACHABLE: _Pace(1),
    FailureKind.BUSY: _Pace(1, cap=0.2),
    FailureKind.OUT_OF_RESOURCES: _Pace(6),
    FailureKind.BROKEN: _Pace(2),
    FailureKind.OWN_FILE: _Pace(6, alarm_at_once=True),
    FailureKind.TRUST: _Pace(float("inf"), alarm_at_once=True),
}


@dataclass(frozen=True)
class RetryPolicy:
    """Back-off of attempts that failed for a passing reason.

    Attributes
    ----------
    first_delay : timedelta
        After the first failure; positive.
    factor : float
        Growth from one delay to the next; at least 1.
    longest_delay : timedelta
        The cap, jitter included.
    jitter : float
        Share of a delay by which it is drawn out at most, 0 to 1, so that many
        deliveries that failed together do not come back together.
    alarm_after : int
        Failed attempts from which on a person is told.
    """

    first_delay: timedelta = timedelta(seconds=5)
    factor: float = 2.0
    longest_delay: timedelta = timedelta(minutes=10)
    jitter: float = 0.2
    alarm_after: int = 10

    def __post_init__(self) -> None:
        """Refuse a policy that would hammer the peer or go back in time."""
        nothing = timedelta(0)
        possible = {
            "first_delay": nothing < self.first_delay <= self.longest_delay,
            "factor": self.factor >= 1,
            "jitter": 0 <= self.jitter <= 1,
            "alarm_after": self.alarm_after >= 1,
        }
        for name, fits in possible.items():
            if not fits:
                raise ImpossiblePolicyError(name, getattr(self, name))


class ImpossiblePolicyError(ValueError):
    """A value of a retry policy makes no sense."""

    def __init__(self, name: str, value: object) -> None:
        super().__init__(f"a retry policy with {name} = {value} is impossible")
        self.name = name


def next_attempt(
    policy: RetryPolicy,
    attempts: int,
    failed_at: datetime,
    jitter: float,
    kind: FailureKind = FailureKind.UNREACHABLE,
) -> datetime:
    """Return when to try again.

    Parameters
    ----------
    policy : RetryPolicy
    attempts : int
        Failed so far, at least 1.
    failed_at : datetime
        Timezone-aware instant of the last failure.
    jitter : float
        Drawn by the caller from [0, 1).
    kind : FailureKind
        Of the last failure.

    Returns
    -------
    datetime
        Later than `failed_at`, by at most the policy's longest delay.
    """
    pace = _PACES[kind]
    # Never below the first delay, whatever the cap is a share of.
    cap = max(policy.longest_delay * pace.cap, policy.first_delay)
    # Compared as numbers: a share may be too large for a delay.
    at_once_at_cap = pace.first >= cap / policy.first_delay
    delay = cap if at_once_at_cap else policy.first_delay * pace.first
    # A loop, since factor ** attempts overflows long before a peer is given up.
    for _ in range(attempts - 1):
        if delay >= cap or policy.factor == 1:
            break
        delay = min(delay * policy.factor, cap)
    drawn_out = delay * (1 + policy.jitter * jitter)
    return failed_at + min(drawn_out, cap)


def alarming(
    policy: RetryPolicy, attempts: int, kind: FailureKind = FailureKind.UNREACHABLE
) -> bool:
    """Return whether so many failed attempts are a person's business."""
    return _PACES[kind].alarm_at_once or attempts >= policy.alarm_after
