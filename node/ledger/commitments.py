"""Questions to destinations whether they keep what they took, and their answers.

Design choice: a question is a row before it is asked. A kill in between leaves one that
nobody answers; when its time is over the destination is queried, and asked again.

Design choice: whether a delivery is to be asked about stands in its own row
(`confirm_at`), so that it costs the same to find with a million others that are
committed. A question that is open puts that off until its own time is over.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, or_, select, update

from dicom_io.source_reference import SourceReference
from node.ledger.database import Database
from node.ledger.dueness import is_due
from node.ledger.links import in_batches
from node.ledger.rows import AnyRow, AnySelect
from node.records.commitments import Unconfirmed
from node.records.states import CommitmentState, DeliveryState, JobState
from node.tables import (
    COMMITMENT_ITEMS,
    COMMITMENTS,
    DELIVERIES,
    JOBS,
    RESULTS,
    STUDIES,
)


class OpenQuestion(NamedTuple):
    """A question whose time is over.

    Attributes
    ----------
    transaction_uid : str
    objects : tuple of Unconfirmed
        What is still not confirmed of what was asked.
    """

    transaction_uid: str
    objects: tuple[Unconfirmed, ...]


class CommitmentRows(Database):
    """What destinations are asked, and what they say."""

    def unconfirmed(
        self,
        destination: str,
        at: datetime,
        limit: int,
        *,
        longest_delay: timedelta | None = None,
    ) -> list[Unconfirmed]:
        """Return what a destination took and is to be asked about now, oldest first.

        Parameters
        ----------
        destination : str
        at : datetime
        limit : int
        longest_delay : timedelta or None
            As for `due_deliveries`.
        """
        due = or_(
            DELIVERIES.c.confirm_at.is_(None),
            is_due(DELIVERIES.c.confirm_at, at, longest_delay),
        )
        query = (
            _select_unconfirmed()
            .where(
                DELIVERIES.c.destination == destination,
                DELIVERIES.c.state == DeliveryState.DELIVERED,
                due,
            )
            .order_by(DELIVERIES.c.id)
            .limit(limit)
        )
        with self._reading() as connection:
            return [_unconfirmed(row) for row in connection.execute(query)]

    def ask(
        self,
        transaction_uid: str,
        destination: str,
        objects: Sequence[Unconfirmed],
        at: datetime,
        due_at: datetime,
    ) -> None:
        """Enter a question that is about to be asked.

        Parameters
        ----------
        transaction_uid, destination : str
        objects : sequence of Unconfirmed
        at : datetime
        due_at : datetime
            When its answer is overdue.
        """
        with self._writing() as connection:
            added = insert(COMMITMENTS).values(
                transaction_uid=transaction_uid,
                destination=destination,
                state=CommitmentState.ASKED,
                asked_at=at,
                due_at=due_at,
            )
            number = connection.execute(added.returning(COMMITMENTS.c.id)).scalar_one()
            items = [
                {
                    "commitment_id": number,
                    "sop_class_uid": each.item.sop_class_uid,
                    "sop_instance_uid": each.item.sop_instance_uid,
                    "answer": "",
                }
                for each in objects
            ]
            connection.execute(insert(COMMITMENT_ITEMS), items)
            words = f"asked {transaction_uid}"
            put_off(connection, numbers_of(objects), words, due_at)

    def unask(
        self,
        transaction_uid: str,
        objects: Sequence[Unconfirmed],
        why: str,
        at: datetime,
    ) -> None:
        """Forget a question that the destination surely did not take.

        Parameters
        ----------
        transaction_uid : str
        objects : sequence of Unconfirmed
            Of the question.
        why : str
        at : datetime
            When they are due again.
        """
        with self._writing() as connection:
            number = _open_question(connection, transaction_uid)
            if number is None:
                return
            items = COMMITMENT_ITEMS.c.commitment_id == number
            connection.execute(delete(COMMITMENT_ITEMS).where(items))
            connection.execute(delete(COMMITMENTS).where(COMMITMENTS.c.id == number))
            put_off(connection, numbers_of(objects), why, at)

    def overdue_question(
        self, destination: str, at: datetime, *, longest_delay: timedelta | None = None
    ) -> OpenQuestion | None:
        """Return the question that waits longest beyond its time for an answer."""
        query = (
            select(COMMITMENTS)
            .where(
                COMMITMENTS.c.destination == destination,
                COMMITMENTS.c.state == CommitmentState.ASKED,
                is_due(COMMITMENTS.c.due_at, at, longest_delay),
            )
            .order_by(COMMITMENTS.c.due_at, COMMITMENTS.c.id)
            .limit(1)
        )
        with self._reading() as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                return None
            found = asked_deliveries(connection, row)
        return OpenQuestion(row.transaction_uid, tuple(found))

    def give_up_question(self, transaction_uid: str) -> None:
        """Enter that no answer came in time; one that comes late is booked still."""
        with self._writing() as connection:
            connection.execute(
                update(COMMITMENTS)
                .where(
                    COMMITMENTS.c.transaction_uid == transaction_uid,
                    COMMITMENTS.c.state == CommitmentState.ASKED,
                )
                .values(state=CommitmentState.OVERDUE)
            )

    def asked_destination(self, transaction_uid: str) -> str | None:
        """Return who was asked under a transaction UID; None where none was."""
        query = select(COMMITMENTS.c.destination).where(
            COMMITMENTS.c.transaction_uid == transaction_uid
        )
        with self._reading() as connection:
            return connection.execute(query).scalar_one_or_none()

    def put_off_confirmation(
        self, objects: Sequence[Unconfirmed], words: str, until: datetime
    ) -> None:
        """Have a destination asked about objects again at a later time."""
        with self._writing() as connection:
            put_off(connection, numbers_of(objects), words, until)


def numbers_of(objects: Collection[Unconfirmed]) -> list[int]:
    """Return the deliveries that objects are."""
    return [each.identifier for each in objects]


def asked_deliveries(connection: Connection, question: AnyRow) -> list[Unconfirmed]:
    """Return what a question is about and its destination has not confirmed.

    Also what was sent again since: an object has the same bytes each time, and one that
    is sent once more than it must be harms nobody.
    """
    asked = (
        _select_unconfirmed()
        .join(
            COMMITMENT_ITEMS,
            COMMITMENT_ITEMS.c.sop_instance_uid == RESULTS.c.sop_instance_uid,
        )
        .where(
            COMMITMENT_ITEMS.c.commitment_id == question.id,
            DELIVERIES.c.destination == question.destination,
            DELIVERIES.c.state == DeliveryState.DELIVERED,
        )
        .order_by(DELIVERIES.c.id)
    )
    return [_unconfirmed(row) for row in connection.execute(asked)]


def put_off(
    connection: Connection, identifiers: Collection[int], words: str, until: datetime
) -> None:
    """Have a destination asked about deliveries at a later time; no event."""
    for some in in_batches(identifiers):
        connection.execute(
            update(DELIVERIES)
            .where(
                DELIVERIES.c.id.in_(some), DELIVERIES.c.state == DeliveryState.DELIVERED
            )
            .values(confirm_at=until, confirmation=words)
        )


def _open_question(connection: Connection, transaction_uid: str) -> int | None:
    query = select(COMMITMENTS.c.id).where(
        COMMITMENTS.c.transaction_uid == transaction_uid,
        COMMITMENTS.c.state == CommitmentState.ASKED,
    )
    return connection.execute(query).scalar_one_or_none()


def _select_unconfirmed() -> AnySelect:
    return (
        select(
            DELIVERIES.c.id,
            DELIVERIES.c.updated_at,
            DELIVERIES.c.resends,
            RESULTS.c.sop_class_uid,
            RESULTS.c.sop_instance_uid,
            RESULTS.c.series_instance_uid,
            STUDIES.c.study_instance_uid,
        )
        .join(RESULTS, RESULTS.c.id == DELIVERIES.c.result_id)
        .join(JOBS, JOBS.c.id == RESULTS.c.job_id)
        .join(STUDIES, STUDIES.c.id == JOBS.c.study_id)
        # An archive hides what is withdrawn; it must not be sent again for that.
        .where(JOBS.c.state != JobState.WITHDRAWN)
    )


def _unconfirmed(row: AnyRow) -> Unconfirmed:
    return Unconfirmed(
        identifier=row.id,
        reference=SourceReference(
            sop_class_uid=row.sop_class_uid,
            sop_instance_uid=row.sop_instance_uid,
            study_instance_uid=row.study_instance_uid,
            series_instance_uid=row.series_instance_uid,
        ),
        delivered_at=row.updated_at,
        resends=row.resends or 0,
    )
