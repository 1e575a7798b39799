"""Results on their way to one destination.

Design choice: each destination has a task, and so a thread, of its own; a peer that is
stuck delays only itself.

Design choice: a destination that is not there is asked once in a sweep, for all that is
due to it. What failed together is due together again, so that an archive which comes
back after a weekend is not called a thousand times before it does.

Design choice: answers are entered together, ten times a second, since to enter one
takes as long as to send it. A crash has what was sent in the last tenth of a second
sent again, the same bytes under the same UIDs.
"""

import logging
import random
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from node.delivery.soundness import why_not_sent
from node.fault_points import FaultPoint, Passing, pass_by
from node.ledger import Ledger
from node.records.jobs import Delivery
from node.records.outcome import (
    Deferred,
    Delivered,
    FailureKind,
    Refused,
    Sender,
)
from node.retry import RetryPolicy, alarming, next_attempt
from node.security.audit_trail.transfers import Departures, telling

_log = logging.getLogger(__name__)

_BATCH = 500
_BOOKED_WITHIN_S = 0.1
"""Longest time that an answer waits to be entered while others come."""
_NOT_THERE = frozenset({FailureKind.UNREACHABLE, FailureKind.BUSY, FailureKind.TRUST})
"""Failures that are the destination's, whatever is sent to it."""


@dataclass(frozen=True)
class Route:
    """A destination, and how it is reached.

    Attributes
    ----------
    name : str
        Of the destination, in the ledger.
    send : Sender
    """

    name: str
    send: Sender


class _Taken:
    """Answers of an archive that has taken objects, entered several at a time."""

    def __init__(
        self, ledger: Ledger, now: Callable[[], datetime], passing: Passing
    ) -> None:
        self._ledger = ledger
        self._now = now
        self._passing = passing
        self._answers: list[tuple[int, str]] = []
        self._since_s = 0.0

    def add(self, delivery: Delivery, outcome: Delivered) -> None:
        """Remember an answer."""
        if not self._answers:
            self._since_s = time.monotonic()
        self._answers.append((delivery.identifier, outcome.status))

    def enter_when_due(self) -> None:
        """Enter the answers if the first of them has waited long enough."""
        if time.monotonic() - self._since_s >= _BOOKED_WITHIN_S:
            self.enter()

    def enter(self) -> None:
        """Enter the answers."""
        if self._answers:
            self._ledger.all_delivered(self._answers, self._now(), self._passing)
            self._answers = []
            self._passing(FaultPoint.DELIVER_COMMITTED)


class Delivering:
    """Sends what is due to one destination and books each answer.

    Parameters
    ----------
    ledger : Ledger
    destination : Route
    policy : RetryPolicy
    now : callable
        The clock.
    passing : callable
        What happens at the fault points.
    departures : Departures or None
        Tells an audit repository what goes out; None where there is none.
    """

    def __init__(
        self,
        ledger: Ledger,
        destination: Route,
        policy: RetryPolicy,
        now: Callable[[], datetime],
        passing: Passing = pass_by,
        departures: Departures | None = None,
    ) -> None:
        self._ledger = ledger
        self._departures = departures
        self.destination = destination
        self._policy = policy
        self._now = now
        self._passing = passing
        # Jitter only spreads retries; nothing depends on it.
        self._random = random.Random(destination.name)  # noqa: S311
        self._failed_in_a_row = 0

    def sweep(self) -> None:
        """Send until nothing is due, or the destination is not there."""
        while due := self._ledger.due_deliveries(
            self.destination.name,
            self._now(),
            _BATCH,
            longest_delay=self._policy.longest_delay,
        ):
            self._passing(FaultPoint.DELIVER_BEGUN)
            if not self._send(due):
                return

    def _send(self, due: list[Delivery]) -> bool:
        """Send and book, and return whether the destination is there."""
        due = self._sound(due)
        offered_at = self._now()
        self._ledger.offer([delivery.identifier for delivery in due], offered_at)
        objects = [delivery.object for delivery in due]
        with (
            closing(self.destination.send(objects)) as outcomes,
            telling(self._departures, due) as told,
        ):
            taken = _Taken(self._ledger, self._now, self._passing)
            for delivery in due:
                taken.enter_when_due()
                if not self._ledger.is_pending(delivery.identifier):
                    # Withdrawn meanwhile. What is still to be sent is read again.
                    taken.enter()
                    return True
                told.begins(delivery)
                outcome = next(outcomes)
                self._passing(FaultPoint.DELIVER_SENT)
                told.ended(delivery, outcome)
                if isinstance(outcome, Delivered):
                    taken.add(delivery, outcome)
                    self._failed_in_a_row = 0
                    continue
                taken.enter()
                if isinstance(outcome, Deferred) and outcome.kind in _NOT_THERE:
                    self._put_off(outcome, offered_at)
                    return False
                self._failed_in_a_row = 0
                self._book(delivery, outcome, offered_at)
            taken.enter()
        return True

    def _sound(self, due: list[Delivery]) -> list[Delivery]:
        """Return what may be sent; the rest waits until its file is whole again."""
        sound = []
        for delivery in due:
            wrong = why_not_sent(delivery.object)
            if wrong is None:
                sound.append(delivery)
            else:
                self._defer(delivery, wrong, None)
        return sound

    def _book(
        self, delivery: Delivery, outcome: Deferred | Refused, offered_at: datetime
    ) -> None:
        if isinstance(outcome, Deferred):
            self._defer(delivery, outcome, offered_at)
        else:
            self._refuse(delivery, outcome, offered_at)

    def _defer(
        self, delivery: Delivery, outcome: Deferred, offered_at: datetime | None
    ) -> None:
        at = self._now()
        attempts = delivery.attempts + 1
        due = self._due(outcome, at, self._random.random())(attempts)
        # An object whose answer was lost may have arrived.
        surely_not = outcome.kind is not FailureKind.BROKEN
        self._ledger.defer(
            delivery.identifier,
            outcome.why,
            due,
            at,
            offered_at=offered_at if surely_not else None,
        )
        self._tell(delivery.object.sop_instance_uid, attempts, outcome)

    def _put_off(self, outcome: Deferred, offered_at: datetime) -> None:
        """Book that nobody was there, for all that is due."""
        at = self._now()
        number = self._ledger.put_off(
            self.destination.name,
            outcome.why,
            self._due(outcome, at, self._random.random()),
            at,
            offered_at=offered_at,
            longest_delay=self._policy.longest_delay,
        )
        self._failed_in_a_row += 1
        self._tell(f"{number} objects", self._failed_in_a_row, outcome)

    def _refuse(
        self, delivery: Delivery, outcome: Refused, offered_at: datetime
    ) -> None:
        self._ledger.refuse(
            delivery.identifier, outcome.status, self._now(), offered_at=offered_at
        )
        _log.error(
            "%s refuses %s: %s",
            self.destination.name,
            delivery.object.sop_instance_uid,
            outcome.status,
        )

    def _due(
        self, outcome: Deferred, at: datetime, jitter: float
    ) -> Callable[[int], datetime]:
        """Return when the next attempt is due, by the number of those that failed."""
        asked = timedelta(seconds=outcome.wait_s)
        earliest = at + min(asked, self._policy.longest_delay)

        def due(attempts: int) -> datetime:
            by_policy = next_attempt(self._policy, attempts, at, jitter, outcome.kind)
            return max(by_policy, earliest)

        return due

    def _tell(self, what: str, attempts: int, outcome: Deferred) -> None:
        alarm = alarming(self._policy, attempts, outcome.kind)
        _log.log(
            logging.ERROR if alarm else logging.WARNING,
            "%s did not take %s (attempt %d): %s; it is tried again",
            self.destination.name,
            what,
            attempts,
            outcome.why,
        )
