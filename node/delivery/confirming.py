"""One destination is asked whether it keeps what it took.

::

    delivered: N-ACTION         --> asked
    asked:     N-EVENT-REPORT   --> committed; or not there, and sent again
               no answer        --> C-FIND or QIDO-RS: committed, asked or sent again

What is sent again a few times and never kept is refused, for a person to act.

Design choice: a destination without storage commitment is queried by itself, which is
said once; after a day it is asked for commitment again, since it may have been set up.

Design choice: an answer counts only from whom was asked. Whoever else sends one under a
transaction of ours is refused and told of: a commitment is what retention rests on.

Design choice: the time between two questions about an object grows with the time since
it was delivered. So no attempts need to be counted, and a restart changes nothing.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from node.association.commitment import (
    Declined,
    NotNow,
    Taken,
    Unanswered,
    ask_commitment,
)
from node.association.requestor import (
    Destination,
    PeerRefusesError,
    PeerUnavailableError,
)
from node.delivery.absence import Absence
from node.delivery.dicomweb import WebDestination
from node.delivery.held import held_at
from node.fault_points import FaultPoint, Passing, pass_by
from node.ledger import Ledger, LedgerUnavailableError
from node.ledger.confirmations import Verdict
from node.records.commitments import CommitmentReport, Unconfirmed
from node.retry import RetryPolicy

_log = logging.getLogger(__name__)

MOST_RESENDS = 3
"""After which an object that is taken and not kept is a person's business."""

_NOT_ASKED = "cannot be asked what it keeps"
_BATCH = 500
_WITHOUT_COMMITMENT = timedelta(days=1)
"""Time in which a destination that declined is queried instead."""
_SUCCESS = 0x0000
_UNKNOWN_TRANSACTION = 0x0115
"""*Invalid argument value* (PS3.7 C.5.9)."""
_NOT_AUTHORISED = 0x0124
_TRY_AGAIN = 0x0213
"""*Resource limitation* (PS3.7 C.5.25)."""


@dataclass(frozen=True)
class ConfirmingOptions:
    """How a destination is asked.

    Attributes
    ----------
    by_commitment : bool
        False for a query alone, as for a destination that is reached by DICOMweb.
    within : timedelta
        Wait for an answer; then the destination is queried. What a query does not find
        after that time is sent again.
    policy : RetryPolicy
    """

    by_commitment: bool
    within: timedelta
    policy: RetryPolicy


class Confirming:
    """Asks one destination, and books what it says.

    Parameters
    ----------
    ledger : Ledger
    destination : Destination or WebDestination
    options : ConfirmingOptions
    now : callable
        The clock.
    new_uid : callable
        A UID from names that tell one question from all others.
    passing : callable
        What happens at the fault points.
    """

    def __init__(
        self,
        ledger: Ledger,
        destination: Destination | WebDestination,
        options: ConfirmingOptions,
        now: Callable[[], datetime],
        new_uid: Callable[..., str],
        passing: Passing = pass_by,
    ) -> None:
        self._ledger = ledger
        self.destination = destination
        self._options = options
        self._now = now
        self._new_uid = new_uid
        self._passing = passing
        self._absence = Absence(destination.name, _NOT_ASKED, options.policy, now)
        self._queried_until: datetime | None = None
        self._declined = False
        self._asked = ""
        self._answered = threading.Event()

    @property
    def name(self) -> str:
        """The destination's name."""
        return self.destination.name

    def sweep(self) -> None:
        """Ask what is to be asked, and look after what was not answered."""
        try:
            if self._absence.is_over() and self._query_overdue():
                self._confirm_due()
        except LedgerUnavailableError as failure:
            _log.warning("%s is not asked what it keeps: %s", self.name, failure)

    def take(self, report: CommitmentReport) -> int:
        """Book an answer that came on an association of its own; return the status."""
        status = self._book(report)
        if status == _SUCCESS and report.transaction_uid == self._asked:
            self._answered.set()
        return status

    def _book(self, report: CommitmentReport) -> int:
        """Book an answer that came, and return the status of N-EVENT-REPORT."""
        sender, asked = report.calling_ae, self._ae_title
        if sender != asked:
            self._tell(
                f"{sender} answered {report.transaction_uid}, which {asked} was asked; "
                "its answer is refused"
            )
            return _NOT_AUTHORISED
        self._passing(FaultPoint.COMMIT_ANSWERED)
        at = self._now()
        verdict = Verdict(at + self._options.within, MOST_RESENDS)
        if self._ledger.book_report(report, at, verdict):
            _log.info(
                "%s keeps %d objects and not %d others (%s)",
                self.name,
                len(report.committed),
                len(report.failed),
                report.transaction_uid,
            )
        self._passing(FaultPoint.COMMIT_BOOKED)
        return _SUCCESS

    @property
    def _ae_title(self) -> str:
        found = self.destination
        return "" if isinstance(found, WebDestination) else found.ae_title

    @property
    def _longest(self) -> timedelta:
        """The longest time that is ever between two questions."""
        return max(self._options.within, self._options.policy.longest_delay)

    def _query_overdue(self) -> bool:
        """Query what was not answered in time; return whether anyone is there."""
        while question := self._ledger.overdue_question(
            self.name, self._now(), longest_delay=self._longest
        ):
            _log.warning(
                "%s did not answer %s in time; it is queried",
                self.name,
                question.transaction_uid,
            )
            if question.objects and not self._query(question.objects):
                return False
            self._ledger.give_up_question(question.transaction_uid)
        return True

    def _confirm_due(self) -> None:
        while due := self._ledger.unconfirmed(
            self.name, self._now(), _BATCH, longest_delay=self._longest
        ):
            self._passing(FaultPoint.COMMIT_BEGUN)
            if not (self._ask(due) if self._asks() else self._query(due)):
                return

    def _ask(self, objects: Sequence[Unconfirmed]) -> bool:
        """Ask by storage commitment; return whether the destination is there."""
        if isinstance(self.destination, WebDestination):
            raise NoAssociationsError(self.name)
        at = self._now()
        first = objects[0]
        names = (at.isoformat(), first.item.sop_instance_uid, str(first.resends))
        transaction = self._new_uid("commitment", self.name, *names)
        self._ledger.ask(transaction, self.name, objects, at, at + self._options.within)
        self._passing(FaultPoint.COMMIT_ENTERED)
        items = [each.item for each in objects]
        self._answered.clear()
        self._asked = transaction
        outcome = ask_commitment(
            self.destination, transaction, items, self._take_here, self._answered
        )
        self._passing(FaultPoint.COMMIT_ASKED)
        match outcome:
            case Taken():
                self._absence.end()
            case Unanswered(why):
                # The question may have been taken; its answer is waited for.
                self._absence.begin(why)
            case NotNow(why):
                until = self._absence.begin(why)
                self._ledger.unask(transaction, objects, why, until)
            case Declined(why):
                self._absence.end()
                self._query_instead(why)
                self._ledger.unask(transaction, objects, why, self._now())
        return isinstance(outcome, Taken | Declined)

    def _take_here(self, report: CommitmentReport) -> int:
        """Book an answer that comes on the association of the question."""
        try:
            asked = self._ledger.asked_destination(report.transaction_uid)
            return self._book(report) if asked == self.name else _UNKNOWN_TRANSACTION
        except LedgerUnavailableError as failure:
            _log.error("%s is not booked: %s", report.transaction_uid, failure)
            return _TRY_AGAIN

    def _query(self, objects: Sequence[Unconfirmed]) -> bool:
        """Ask by a query; return whether the destination is there."""
        try:
            held = held_at(self.destination, [each.reference for each in objects])
        except PeerUnavailableError as failure:
            until = self._absence.begin(str(failure), failure.kind)
            self._ledger.put_off_confirmation(objects, str(failure), until)
            return False
        except PeerRefusesError as refusal:
            words = f"{_NOT_ASKED}: {refusal}"
            _log.error("%s %s", self.name, words)
            self._ask_later(objects, words)
            return True
        self._passing(FaultPoint.COMMIT_ANSWERED)
        self._book_query(objects, held)
        self._passing(FaultPoint.COMMIT_BOOKED)
        self._absence.end()
        return True

    def _book_query(self, objects: Sequence[Unconfirmed], held: frozenset[str]) -> None:
        at = self._now()
        kept = [each for each in objects if each.item.sop_instance_uid in held]
        lacking = [each for each in objects if each not in kept]
        lost = [
            each for each in lacking if at - each.delivered_at >= self._options.within
        ]
        self._ledger.confirm(kept, "found by a query", at)
        words = "not found by a query"
        self._ledger.not_kept(lost, words, at, most_resends=MOST_RESENDS)
        self._ask_later([each for each in lacking if each not in lost], words)
        for each in lost:
            _log.warning(
                "%s took %s and does not have it", self.name, each.item.sop_instance_uid
            )

    def _ask_later(self, objects: Sequence[Unconfirmed], words: str) -> None:
        """Have each asked about again, the later the longer it was delivered."""
        at = self._now()
        policy = self._options.policy
        for each in objects:
            grown = (at - each.delivered_at) * (policy.factor - 1)
            delay = max(policy.first_delay, min(grown, policy.longest_delay))
            self._ledger.put_off_confirmation([each], words, at + delay)

    def _query_instead(self, why: str) -> None:
        self._queried_until = self._now() + _WITHOUT_COMMITMENT
        if not self._declined:
            self._tell(
                f"{self.name} offers no storage commitment ({why}); it is queried"
            )
        self._declined = True

    def _asks(self) -> bool:
        """Return whether commitment is asked for, or was declined a while ago."""
        until = self._queried_until
        declined = until is not None and (
            timedelta(0) < until - self._now() <= _WITHOUT_COMMITMENT
        )
        return self._options.by_commitment and not declined

    def _tell(self, words: str) -> None:
        _log.warning(words)
        self._ledger.note("commitment", words, self._now())


class NoAssociationsError(TypeError):
    """Storage commitment is asked of a destination that has no associations."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is reached by DICOMweb, which has no commitment")
