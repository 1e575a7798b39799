"""When to try again. Pure: the caller gives the clock's answer and the dice's.

Design choice: retries never end by themselves. A result that no one sends any more
would be lost in silence; instead the delay grows to a cap, and from `alarm_after`
attempts on a person is told.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta


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
    policy: RetryPolicy, attempts: int, failed_at: datetime, jitter: float
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

    Returns
    -------
    datetime
        Later than `failed_at`, by at most the policy's longest delay.
    """
    delay = policy.first_delay
    # A loop, since factor ** attempts overflows long before a peer is given up.
    for _ in range(attempts - 1):
        if delay >= policy.longest_delay or policy.factor == 1:
            break
        delay = min(delay * policy.factor, policy.longest_delay)
    drawn_out = delay * (1 + policy.jitter * jitter)
    return failed_at + min(drawn_out, policy.longest_delay)


def alarming(policy: RetryPolicy, attempts: int) -> bool:
    """Return whether so many failed attempts are a person's business."""
    return attempts >= policy.alarm_after
