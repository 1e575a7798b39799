"""Peers are told which of their objects the node keeps.

Design choice: each peer of which is known where it listens has a task, and so a thread,
of its own; a peer that is stuck delays only itself. One more task answers all others,
on the associations on which they asked.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from node.association.commitment import Declined, NotNow, Taken, Unanswered
from node.delivery.absence import Absence
from node.delivery.answer_ways import PlacedPeer, Way
from node.delivery.wholeness import why_not
from node.ledger import Ledger, LedgerUnavailableError
from node.records.commitments import (
    AskedItem,
    CommitmentItem,
    CommitmentReport,
    DueAnswer,
    FailedItem,
    KeptInstance,
    failure_words,
)
from node.retry import RetryPolicy, next_attempt

_log = logging.getLogger(__name__)

_BATCH = 20
_NOT_TOLD = "cannot be told what is kept"
_MOST_NAMED = 3
"""Objects that are named of those that are not kept, in logs."""


@dataclass(frozen=True)
class AnsweringOptions:
    """How long a peer is tried.

    Attributes
    ----------
    policy : RetryPolicy
    give_up_after : timedelta
        A scanner that has heard nothing for a week keeps its objects or asks again.
    """

    policy: RetryPolicy
    give_up_after: timedelta = timedelta(days=7)


class Answering:
    """Answers what is due to one peer, or to all that are nobody else's.

    Parameters
    ----------
    ledger : Ledger
    way : PlacedPeer or SameAssociation
        Who is answered, and how.
    options : AnsweringOptions
    now : callable
        The clock.
    """

    def __init__(
        self,
        ledger: Ledger,
        way: Way,
        options: AnsweringOptions,
        now: Callable[[], datetime],
    ) -> None:
        self._ledger = ledger
        self._way = way
        self._options = options
        self._now = now
        self._absence = Absence(way.name, _NOT_TOLD, options.policy, now)

    @property
    def name(self) -> str:
        """The peer's name."""
        return self._way.name

    def sweep(self) -> None:
        """Answer all that is due, unless the peer is not there."""
        try:
            if self._absence.is_over():
                self._answer_due()
        except LedgerUnavailableError as failure:
            _log.warning("%s is not answered: %s", self.name, failure)

    def _answer_due(self) -> None:
        while due := self._ledger.due_answers(
            self._now(),
            _BATCH,
            calling_ae=self._way.calling_ae,
            except_for=self._way.except_for,
            longest_delay=self._options.policy.longest_delay,
        ):
            for answer in due:
                if not self._answer(answer):
                    return

    def _answer(self, answer: DueAnswer) -> bool:
        """Answer one question; return whether the next one may be answered."""
        report = CommitmentReport(answer.transaction_uid, *self._judge(answer.items))
        outcome = self._way.send(answer, report)
        if isinstance(outcome, Taken):
            self._absence.end()
            words = _words(report)
            self._ledger.answer_given(answer, words, self._now())
            _log.log(
                logging.WARNING if report.failed else logging.INFO,
                "%s: %s (%s)",
                answer.calling_ae,
                words,
                answer.transaction_uid,
            )
            return True
        return self._put_off(answer, outcome)

    def _put_off(
        self, answer: DueAnswer, outcome: NotNow | Declined | Unanswered
    ) -> bool:
        at, policy = self._now(), self._options.policy
        old = at - answer.asked_at > self._options.give_up_after
        # A clock that is put forward makes a question old, and no attempt of it.
        if old and answer.attempts >= policy.alarm_after:
            words = f"given up, {outcome.why}; it may ask again"
            self._ledger.give_up_answer(answer, words, at)
            _log.error("%s: %s (%s)", answer.calling_ae, words, answer.transaction_uid)
            return True
        if isinstance(outcome, Declined) or not isinstance(self._way, PlacedPeer):
            due = next_attempt(policy, answer.attempts + 1, at, 0.0)
            self._tell_first(answer, outcome.why)
        else:
            due = self._absence.begin(outcome.why)
        self._ledger.defer_answer(answer, outcome.why, due)
        return self._absence.is_over()

    def _tell_first(self, answer: DueAnswer, why: str) -> None:
        """Tell a person once what to do for an answer that does not arrive."""
        if answer.attempts:
            return
        words = (
            f"{answer.calling_ae} at {answer.address} {_NOT_TOLD}: {why}. "
            f"{self._way.remedy} ({answer.transaction_uid})"
        )
        _log.error(words)
        self._ledger.note("commitment", words, self._now())

    def _judge(
        self, items: Sequence[AskedItem]
    ) -> tuple[tuple[CommitmentItem, ...], tuple[FailedItem, ...]]:
        """Return which objects are kept, and which are not."""
        rows: dict[str, list[KeptInstance]] = defaultdict(list)
        for row in self._ledger.kept_instances(
            {each.item.sop_instance_uid for each in items if not each.refused}
        ):
            rows[row.sop_instance_uid].append(row)
        judged = [
            (each.item, each.refused or why_not(each.item, rows)) for each in items
        ]
        kept = tuple(item for item, reason in judged if not reason)
        failed = tuple(FailedItem(*each) for each in judged if each[1])
        return kept, failed


def _words(report: CommitmentReport) -> str:
    words = f"{len(report.committed)} objects are kept, {len(report.failed)} not"
    named = [
        f"{failed.item.sop_instance_uid} {failure_words(failed.reason)}"
        for failed in report.failed[:_MOST_NAMED]
    ]
    more = ["..."] if len(report.failed) > _MOST_NAMED else []
    return ": ".join(filter(None, (words, "; ".join(named + more))))
