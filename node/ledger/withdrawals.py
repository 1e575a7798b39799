"""Results that are taken back, and who is told.

Design choice: a result is withdrawn together with those that it had replaced. They were
replaced because they were no better, and would stand again in the archive without it.

Design choice: the note goes to every destination that may have an object of the result,
by what its rows say: that it was taken, or that an attempt got as far as to offer it
and its answer was lost. What was not offered is never sent.
"""

from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    exists,
    insert,
    or_,
    select,
    update,
)

from node.ledger.database import Database
from node.ledger.job_changes import change_job, job_row
from node.ledger.results import add_delivery, add_result
from node.ledger.rows import AnyRow, job_of, select_jobs, withdrawal_of
from node.records.jobs import Job, ResultObject
from node.records.states import DeliveryState, JobState
from node.records.withdrawal import Withdrawal
from node.tables import DELIVERIES, JOBS, RESULTS, STUDIES, WITHDRAWALS

_STANDING = (
    JobState.DONE,
    JobState.SUPERSEDED,
    # Their reports may have been sent before what ended them.
    JobState.HELD,
    JobState.FAILED,
)
"""Of a job that may have a result to withdraw."""
_ON_ITS_WAY = "its sending had begun; it may have arrived"
_UNSENT = (
    DeliveryState.PENDING,
    DeliveryState.REFUSED,
    DeliveryState.WITHHELD,
)
_TAKEN = (DeliveryState.DELIVERED, DeliveryState.COMMITTED)


class WithdrawalRows(Database):
    """The withdrawals."""

    def results_meant(self, uid: str) -> list[Job] | None:
        """Return the jobs whose results a UID means, oldest first.

        Parameters
        ----------
        uid : str
            Of a study, for all its results; or of any object of a result, for that
            result and those that it had replaced.

        Returns
        -------
        list of Job or None
            Withdrawn ones as well. None when the UID is unknown.
        """
        has_result = exists(select(RESULTS.c.id).where(RESULTS.c.job_id == JOBS.c.id))
        with self._reading() as connection:
            meant = _meant(connection, uid)
            if meant is None:
                return None
            query = select_jobs().where(meant, has_result).order_by(JOBS.c.id)
            return [job_of(row) for row in connection.execute(query)]

    def withdraw(
        self, note: ResultObject, withdrawal: Withdrawal
    ) -> frozenset[str] | None:
        """Enter a withdrawal, and who is to get the note, all in one transaction.

        Parameters
        ----------
        note : ResultObject
            Its file is durable.
        withdrawal : Withdrawal

        Returns
        -------
        frozenset of str or None
            Names of the destinations that get the note. None when the result is
            withdrawn already; then nothing is changed.

        Raises
        ------
        node.ledger.job_changes.UnknownJobError
        """
        at = withdrawal.at
        with self._writing() as connection:
            row = job_row(connection, withdrawal.job_key)
            if row.state not in _STANDING:
                return None
            told = _destinations(connection, row)
            _cancel(connection, row, at)
            number = add_result(connection, row.id, note, self._stored(note.path))
            for destination in sorted(told):
                add_delivery(connection, number, destination, at)
            connection.execute(
                insert(WITHDRAWALS).values(
                    job_id=row.id,
                    note_uid=note.sop_instance_uid,
                    at=at,
                    who=withdrawal.who,
                    why=withdrawal.why,
                )
            )
            words = withdrawal.words
            change_job(connection, row, JobState.WITHDRAWN, words, at, reason=None)
        return told

    def withdrawal(self, key: str) -> Withdrawal | None:
        """Return how a job's result was withdrawn, or None."""
        query = (
            select(WITHDRAWALS, JOBS.c.key)
            .join(JOBS, JOBS.c.id == WITHDRAWALS.c.job_id)
            .where(JOBS.c.key == key)
        )
        with self._reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else withdrawal_of(row)

    def send_note_again(self, key: str, at: datetime) -> tuple[str, ...]:
        """Have a note sent again to who refused it, and return their names."""
        with self._writing() as connection:
            row = job_row(connection, key)
            note = (
                select(RESULTS.c.id)
                .join(WITHDRAWALS, WITHDRAWALS.c.note_uid == RESULTS.c.sop_instance_uid)
                .where(WITHDRAWALS.c.job_id == row.id)
            )
            refused = (
                DELIVERIES.c.result_id.in_(note),
                DELIVERIES.c.state == DeliveryState.REFUSED,
            )
            query = select(DELIVERIES.c.destination).where(*refused)
            again = tuple(sorted(connection.execute(query).scalars()))
            connection.execute(
                update(DELIVERIES)
                .where(*refused)
                .values(
                    state=DeliveryState.PENDING, attempts=0, due_at=at, updated_at=at
                )
            )
            if again:
                words = f"withdrawn; its note is sent again to {', '.join(again)}"
                change_job(connection, row, JobState.WITHDRAWN, words, at)
        return again


def _meant(connection: Connection, uid: str) -> ColumnElement[bool] | None:
    """Return the condition on the jobs that a UID means."""
    study = select(STUDIES.c.id).where(STUDIES.c.study_instance_uid == uid)
    number = connection.execute(study).scalar_one_or_none()
    if number is not None:
        return or_(JOBS.c.study_id == number, JOBS.c.contours_study_id == number)
    of_object = (
        select(JOBS.c.line, JOBS.c.id)
        .join(RESULTS, RESULTS.c.job_id == JOBS.c.id)
        .where(RESULTS.c.sop_instance_uid == uid)
    )
    row = connection.execute(of_object).one_or_none()
    if row is None:
        return None
    return and_(JOBS.c.line == row.line, JOBS.c.id <= row.id)


def _destinations(connection: Connection, row: AnyRow) -> frozenset[str]:
    """Return who may have an object of a result."""
    query = (
        select(DELIVERIES.c.destination)
        .join(RESULTS, RESULTS.c.id == DELIVERIES.c.result_id)
        .where(
            RESULTS.c.job_id == row.id,
            or_(DELIVERIES.c.state.in_(_TAKEN), DELIVERIES.c.offered_at.is_not(None)),
        )
    )
    return frozenset(connection.execute(query).scalars())


def _cancel(connection: Connection, row: AnyRow, at: datetime) -> None:
    """Have nothing of a result sent any more, and nobody asked to act for it."""
    objects = select(RESULTS.c.id).where(RESULTS.c.job_id == row.id)
    offered = DELIVERIES.c.offered_at.is_not(None)
    pending = DELIVERIES.c.state == DeliveryState.PENDING
    connection.execute(
        update(DELIVERIES)
        .where(
            DELIVERIES.c.result_id.in_(objects),
            DELIVERIES.c.state.in_(_UNSENT),
        )
        .values(
            state=DeliveryState.CANCELLED,
            status=case((and_(pending, offered), _ON_ITS_WAY), else_=""),
            updated_at=at,
        )
    )
