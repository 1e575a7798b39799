"""Results on their way to one destination.

Design choice: each destination has a task, and so a thread, of its own; a peer that is
stuck delays only itself.
"""

import logging
import random
from collections.abc import Callable
from datetime import datetime

from node.association.sender import Deferred, Delivered, Destination, Outcome, send
from node.fault_points import FaultPoint, Passing, pass_by
from node.ledger import Ledger
from node.records import Delivery
from node.retry import RetryPolicy, alarming, next_attempt

_log = logging.getLogger(__name__)

_BATCH = 200


class Delivering:
    """Sends what is due to one destination and books each answer.

    Parameters
    ----------
    ledger : Ledger
    destination : Destination
    policy : RetryPolicy
    now : callable
        The clock.
    passing : callable
        What happens at the fault points.
    """

    def __init__(
        self,
        ledger: Ledger,
        destination: Destination,
        policy: RetryPolicy,
        now: Callable[[], datetime],
        passing: Passing = pass_by,
    ) -> None:
        self._ledger = ledger
        self.destination = destination
        self._policy = policy
        self._now = now
        self._passing = passing
        # Jitter only spreads retries; nothing depends on it.
        self._random = random.Random(destination.name)  # noqa: S311

    def sweep(self) -> None:
        """Send until nothing is due."""
        while due := self._ledger.due_deliveries(
            self.destination.name,
            self._now(),
            _BATCH,
            longest_delay=self._policy.longest_delay,
        ):
            self._passing(FaultPoint.DELIVER_BEGUN)
            outcomes = send(self.destination, [delivery.object for delivery in due])
            # Each answer is booked as it comes: a crash repeats one object at most.
            for delivery, outcome in zip(due, outcomes, strict=True):
                self._passing(FaultPoint.DELIVER_SENT)
                self._book(delivery, outcome)

    def _book(self, delivery: Delivery, outcome: Outcome) -> None:
        at = self._now()
        if isinstance(outcome, Delivered):
            self._ledger.delivered(
                delivery.identifier, outcome.status, at, self._passing
            )
            self._passing(FaultPoint.DELIVER_COMMITTED)
        elif isinstance(outcome, Deferred):
            attempts = delivery.attempts + 1
            due = next_attempt(self._policy, attempts, at, self._random.random())
            self._ledger.defer(delivery.identifier, outcome.why, due, at)
            self._tell(delivery, attempts, outcome.why)
        else:
            self._ledger.refuse(delivery.identifier, outcome.status, at)
            _log.error(
                "%s refuses %s: %s",
                self.destination.name,
                delivery.object.sop_instance_uid,
                outcome.status,
            )

    def _tell(self, delivery: Delivery, attempts: int, why: str) -> None:
        alarm = alarming(self._policy, attempts)
        _log.log(
            logging.ERROR if alarm else logging.WARNING,
            "%s did not take %s (attempt %d): %s; it is tried again",
            self.destination.name,
            delivery.object.sop_instance_uid,
            attempts,
            why,
        )
