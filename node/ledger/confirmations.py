"""What destinations say of objects that they took: kept, not kept, not said.

Design choice: an object that a destination does not have is sent again, a few times;
then a person must act. One of which the destination says nothing, or that it cannot
tell now, is asked about again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from node.ledger.commitments import asked_deliveries, put_off
from node.ledger.database import Database
from node.ledger.delivery_changes import change_delivery, is_withdrawn
from node.ledger.rows import AnyRow
from node.records.commitments import (
    CommitmentItem,
    CommitmentReport,
    Unconfirmed,
    failure_words,
    says_nothing,
)
from node.records.states import CommitmentState, DeliveryState
from node.tables import COMMITMENT_ITEMS, COMMITMENTS

_COMMITTED = "committed"


@dataclass(frozen=True)
class Verdict:
    """What is done with an object that is not kept.

    Attributes
    ----------
    again_at : datetime
        When the destination is asked again, where it has not said that it lacks it.
    most_resends : int
        After which an object is not sent again.
    """

    again_at: datetime
    most_resends: int


class ConfirmationRows(Database):
    """The answers."""

    def confirm(self, objects: Sequence[Unconfirmed], words: str, at: datetime) -> None:
        """Enter that a destination keeps objects.

        Parameters
        ----------
        objects : sequence of Unconfirmed
        words : str
            How it said so.
        at : datetime
        """
        with self._writing() as connection:
            for each in objects:
                _confirm(connection, each, words, at)

    def not_kept(
        self,
        objects: Sequence[Unconfirmed],
        words: str,
        at: datetime,
        *,
        most_resends: int,
    ) -> None:
        """Enter that a destination has not what it took.

        Parameters
        ----------
        objects : sequence of Unconfirmed
        words : str
            How it said so.
        at : datetime
        most_resends : int
            What was sent again so often is refused, for a person to act.
        """
        with self._writing() as connection:
            for each in objects:
                _send_again(connection, each, words, at, most_resends)

    def book_report(
        self, report: CommitmentReport, at: datetime, verdict: Verdict
    ) -> bool:
        """Enter the answer to a question, also one that comes late.

        Parameters
        ----------
        report : CommitmentReport
            Of a sender that was asked.
        at : datetime
        verdict : Verdict

        Returns
        -------
        bool
            False when the question is not known, or has its answer already; nothing
            changes then.
        """
        query = select(COMMITMENTS).where(
            COMMITMENTS.c.transaction_uid == report.transaction_uid
        )
        with self._writing() as connection:
            question = connection.execute(query.with_for_update()).one_or_none()
            if question is None or question.state == CommitmentState.ANSWERED:
                return False
            said = _said(report)
            _book_items(connection, question, said)
            for each in asked_deliveries(connection, question):
                answer = said.get(each.item, "not mentioned")
                words = f"{answer} ({report.transaction_uid})"
                if answer == _COMMITTED:
                    _confirm(connection, each, words, at)
                elif each.item not in said or says_nothing(answer):
                    put_off(connection, [each.identifier], words, verdict.again_at)
                else:
                    _send_again(connection, each, words, at, verdict.most_resends)
        return True


def _said(report: CommitmentReport) -> dict[CommitmentItem, str]:
    """Return the answer to each object; a failure outweighs a commitment."""
    committed = dict.fromkeys(report.committed, _COMMITTED)
    return committed | {
        failed.item: failure_words(failed.reason) for failed in report.failed
    }


def _book_items(
    connection: Connection, question: AnyRow, said: Mapping[CommitmentItem, str]
) -> None:
    connection.execute(
        update(COMMITMENTS)
        .where(COMMITMENTS.c.id == question.id)
        .values(state=CommitmentState.ANSWERED)
    )
    for item, answer in said.items():
        connection.execute(
            update(COMMITMENT_ITEMS)
            .where(
                COMMITMENT_ITEMS.c.commitment_id == question.id,
                COMMITMENT_ITEMS.c.sop_class_uid == item.sop_class_uid,
                COMMITMENT_ITEMS.c.sop_instance_uid == item.sop_instance_uid,
            )
            .values(answer=answer)
        )


def _confirm(
    connection: Connection, item: Unconfirmed, words: str, at: datetime
) -> None:
    values = {
        "state": DeliveryState.COMMITTED,
        "confirmation": words,
        "confirm_at": None,
        "resends": 0,
    }
    change_delivery(connection, item.identifier, DeliveryState.DELIVERED, values, at)


def _send_again(
    connection: Connection,
    item: Unconfirmed,
    words: str,
    at: datetime,
    most_resends: int,
) -> None:
    """Have an object sent again; refuse it when that was done often enough.

    One that was withdrawn since is left as it is: an archive hides it.
    """
    if is_withdrawn(connection, item.identifier):
        return
    said = {"confirmation": words, "confirm_at": None}
    if item.resends < most_resends:
        again = {"state": DeliveryState.PENDING, "attempts": 0, "due_at": at}
        status = f"taken and not kept: {words}"
        values = said | again | {"status": status, "resends": item.resends + 1}
    else:
        status = f"taken {item.resends + 1} times and not kept: {words}"
        refused = {"state": DeliveryState.REFUSED, "status": status}
        values = said | refused | {"resends": 0}
    change_delivery(connection, item.identifier, DeliveryState.DELIVERED, values, at)
