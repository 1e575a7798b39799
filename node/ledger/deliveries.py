"""Deliveries: due, offered, delivered, deferred, refused.

Design choice: before an object is sent, its row says that the destination may have it
from now on. Who withdraws a result tells each destination that may have a part of it,
also one whose answer was lost, and no other.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, null, select, update

from node.fault_points import FaultPoint, Passing, pass_by
from node.ledger.database import Database
from node.ledger.delivery_changes import (
    change_delivery,
    is_withdrawn,
    take_answers,
    tell_put_off,
)
from node.ledger.dueness import is_due
from node.ledger.rows import delivery_of, select_deliveries
from node.records.jobs import Delivery
from node.records.states import DeliveryState
from node.tables import DELIVERIES, JOBS, RESULTS, STUDIES


class DeliveryRows(Database):
    """The deliveries."""

    def due_deliveries(
        self,
        destination: str,
        at: datetime,
        limit: int,
        *,
        longest_delay: timedelta | None = None,
    ) -> list[Delivery]:
        """Return what is to be sent to a destination now, longest due first.

        Parameters
        ----------
        destination : str
        at : datetime
        limit : int
        longest_delay : timedelta or None
            That is ever set; what is due later than this is due now, since it was
            dated by a clock that was put back since. None believes every date.
        """
        query = (
            select_deliveries()
            .where(
                DELIVERIES.c.destination == destination,
                DELIVERIES.c.state == DeliveryState.PENDING,
                is_due(DELIVERIES.c.due_at, at, longest_delay),
            )
            .order_by(DELIVERIES.c.due_at, DELIVERIES.c.id)
            .limit(limit)
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return [delivery_of(row, self._root) for row in rows]

    def studies_of_deliveries(
        self, identifiers: Collection[int]
    ) -> dict[int, tuple[str, str]]:
        """Return Study Instance UID and Patient ID that objects are of, by row number.

        The Patient ID is for an audit repository alone.
        """
        query = (
            select(DELIVERIES.c.id, STUDIES.c.study_instance_uid, STUDIES.c.patient_id)
            .join(RESULTS, RESULTS.c.id == DELIVERIES.c.result_id)
            .join(JOBS, JOBS.c.id == RESULTS.c.job_id)
            .join(STUDIES, STUDIES.c.id == JOBS.c.study_id)
            .where(DELIVERIES.c.id.in_(identifiers))
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return {row.id: (row.study_instance_uid, row.patient_id) for row in rows}

    def pending_destinations(self) -> dict[str, int]:
        """Return how many objects are to be sent to each destination, by its name."""
        query = (
            select(DELIVERIES.c.destination, func.count().label("number"))
            .where(DELIVERIES.c.state == DeliveryState.PENDING)
            .group_by(DELIVERIES.c.destination)
            .order_by(DELIVERIES.c.destination)
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return {row.destination: row.number for row in rows}

    def offer(self, identifiers: Collection[int], at: datetime) -> None:
        """Enter that objects are about to be sent; their destination may have them."""
        with self._writing() as connection:
            connection.execute(
                update(DELIVERIES)
                .where(
                    DELIVERIES.c.id.in_(identifiers),
                    DELIVERIES.c.state == DeliveryState.PENDING,
                    DELIVERIES.c.offered_at.is_(None),
                )
                .values(offered_at=at)
            )

    def is_pending(self, identifier: int) -> bool:
        """Return whether an object is still to be sent."""
        query = select(DELIVERIES.c.state).where(DELIVERIES.c.id == identifier)
        with self._reading() as connection:
            state = connection.execute(query).scalar_one_or_none()
        return bool(state == DeliveryState.PENDING)

    def delivered(
        self,
        identifier: int,
        status: str,
        at: datetime,
        passing: Passing = pass_by,
    ) -> None:
        """Enter that a destination has taken an object.

        It has it also when the delivery was cancelled while the object was on its way.

        Parameters
        ----------
        identifier : int
        status : str
            The answer in words: Success or a warning.
        at : datetime
        passing : callable
            What happens before the commit.
        """
        self.all_delivered([(identifier, status)], at, passing)

    def all_delivered(
        self,
        answers: Sequence[tuple[int, str]],
        at: datetime,
        passing: Passing = pass_by,
    ) -> None:
        """Enter what `delivered` enters of one, of several and in one transaction.

        Parameters
        ----------
        answers : sequence of tuple of int and str
            Row number, and the answer in words.
        at : datetime
        passing : callable
            What happens before the commit.
        """
        values = [
            (identifier, _attempted(DeliveryState.DELIVERED, status))
            for identifier, status in answers
        ]
        expected = (DeliveryState.PENDING, DeliveryState.CANCELLED)
        with self._writing() as connection:
            take_answers(connection, values, expected, at)
            passing(FaultPoint.DELIVER_ENTERED)

    def defer(
        self,
        identifier: int,
        status: str,
        due_at: datetime,
        at: datetime,
        *,
        offered_at: datetime | None = None,
    ) -> None:
        """Enter that an attempt failed and when the next one is due.

        Parameters
        ----------
        identifier : int
        status : str
            Why, in words.
        due_at, at : datetime
        offered_at : datetime or None
            When the attempt began, if the destination surely has not the object.
        """
        values = _attempted(DeliveryState.PENDING, status) | {"due_at": due_at}
        values |= _not_offered(offered_at)
        with self._writing() as connection:
            change_delivery(connection, identifier, DeliveryState.PENDING, values, at)

    def put_off(
        self,
        destination: str,
        status: str,
        due_at: Callable[[int], datetime],
        at: datetime,
        *,
        offered_at: datetime,
        longest_delay: timedelta | None = None,
    ) -> int:
        """Enter that a destination was not there, for all that was due to it.

        What is the same for each object is asked, and told, once.

        Parameters
        ----------
        destination : str
        status : str
            Why, in words.
        due_at : callable
            When the next attempt is due, by the number of those that failed.
        at : datetime
        offered_at : datetime
            When the attempt began; the destination surely has not what was offered.
        longest_delay : timedelta or None
            As for `due_deliveries`.

        Returns
        -------
        int
            How many were due.
        """
        due = (
            DELIVERIES.c.destination == destination,
            DELIVERIES.c.state == DeliveryState.PENDING,
            is_due(DELIVERIES.c.due_at, at, longest_delay),
        )
        query = select(DELIVERIES.c.id, DELIVERIES.c.attempts, DELIVERIES.c.status)
        with self._writing() as connection:
            rows = connection.execute(query.where(*due)).all()
            for attempts in sorted({row.attempts for row in rows}, reverse=True):
                # Most attempts first, so that no row is counted on twice.
                connection.execute(
                    update(DELIVERIES)
                    .where(*due, DELIVERIES.c.attempts == attempts)
                    .values(
                        **_attempted(DeliveryState.PENDING, status),
                        **_not_offered(offered_at),
                        due_at=due_at(attempts + 1),
                        updated_at=at,
                    )
                )
            news = [row.id for row in rows if row.status != status]
            tell_put_off(connection, news, destination, status, at)
        return len(rows)

    def refuse(
        self,
        identifier: int,
        status: str,
        at: datetime,
        *,
        offered_at: datetime | None = None,
    ) -> None:
        """Enter that a destination will not take an object; a person must act."""
        values = _attempted(DeliveryState.REFUSED, status) | _not_offered(offered_at)
        with self._writing() as connection:
            change_delivery(connection, identifier, DeliveryState.PENDING, values, at)

    def redeliver(self, identifier: int, at: datetime) -> bool:
        """Have an object that was delivered or refused sent again, now.

        One that waits for its next attempt is due now. What its destination said before
        says nothing of what is sent now.

        Returns
        -------
        bool
            False when its result was withdrawn meanwhile; it is not sent again then.
        """
        again = {
            "state": DeliveryState.PENDING,
            "attempts": 0,
            "due_at": at,
            "status": "",
            "confirmation": "",
            "confirm_at": None,
            "resends": 0,
        }
        with self._writing() as connection:
            if is_withdrawn(connection, identifier):
                return False
            for state in (
                DeliveryState.PENDING,
                DeliveryState.REFUSED,
                DeliveryState.DELIVERED,
                DeliveryState.COMMITTED,
            ):
                change_delivery(connection, identifier, state, again, at)
        return True


def _attempted(state: DeliveryState, status: str) -> dict[str, Any]:
    return {"state": state, "status": status, "attempts": DELIVERIES.c.attempts + 1}


def _not_offered(offered_at: datetime | None) -> dict[str, ColumnElement[Any]]:
    """Return what takes an offer back; one of an earlier attempt stands."""
    column = DELIVERIES.c.offered_at
    if offered_at is None:
        return {}
    return {"offered_at": case((column == offered_at, null()), else_=column)}
