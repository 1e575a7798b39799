"""Deliveries: due, delivered, deferred, refused."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update

from node.fault_points import FaultPoint, Passing, pass_by
from node.ledger.database import Database
from node.ledger.dueness import is_due
from node.ledger.happenings import record_event
from node.ledger.rows import delivery_of, select_deliveries
from node.ledger.standing import show_standing
from node.records import Delivery
from node.states import DeliveryState
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

    def delivered(
        self,
        identifier: int,
        status: str,
        at: datetime,
        passing: Passing = pass_by,
    ) -> None:
        """Enter that a destination has taken an object.

        Parameters
        ----------
        identifier : int
        status : str
            The answer in words: Success or a warning.
        at : datetime
        passing : callable
            What happens before the commit.
        """
        values = _attempted(DeliveryState.DELIVERED, status)
        with self._writing() as connection:
            _change(connection, identifier, DeliveryState.PENDING, values, at)
            passing(FaultPoint.DELIVER_ENTERED)

    def defer(
        self, identifier: int, status: str, due_at: datetime, at: datetime
    ) -> None:
        """Enter that an attempt failed and when the next one is due."""
        values = _attempted(DeliveryState.PENDING, status) | {"due_at": due_at}
        with self._writing() as connection:
            _change(connection, identifier, DeliveryState.PENDING, values, at)

    def refuse(self, identifier: int, status: str, at: datetime) -> None:
        """Enter that a destination will not take an object; a person must act."""
        values = _attempted(DeliveryState.REFUSED, status)
        with self._writing() as connection:
            _change(connection, identifier, DeliveryState.PENDING, values, at)

    def redeliver(self, identifier: int, at: datetime) -> None:
        """Have an object that was delivered or refused sent again, now."""
        again = {"state": DeliveryState.PENDING, "attempts": 0, "due_at": at}
        with self._writing() as connection:
            for state in (DeliveryState.REFUSED, DeliveryState.DELIVERED):
                _change(connection, identifier, state, again, at)


def _attempted(state: DeliveryState, status: str) -> dict[str, Any]:
    return {"state": state, "status": status, "attempts": DELIVERIES.c.attempts + 1}


def _change(
    connection: Connection,
    identifier: int,
    expected: DeliveryState,
    values: dict[str, Any],
    at: datetime,
) -> None:
    """Change a delivery that is in the expected state, tell it, and show the study."""
    changed = connection.execute(
        update(DELIVERIES)
        .where(DELIVERIES.c.id == identifier, DELIVERIES.c.state == expected)
        .values(**values, updated_at=at)
    )
    if not changed.rowcount:
        return
    row = connection.execute(
        select(
            DELIVERIES.c.destination,
            DELIVERIES.c.state,
            DELIVERIES.c.status,
            RESULTS.c.sop_instance_uid,
            JOBS.c.study_id,
            JOBS.c.contours_study_id,
            STUDIES.c.study_instance_uid,
        )
        .join(RESULTS, RESULTS.c.id == DELIVERIES.c.result_id)
        .join(JOBS, JOBS.c.id == RESULTS.c.job_id)
        .join(STUDIES, STUDIES.c.id == JOBS.c.study_id)
        .where(DELIVERIES.c.id == identifier)
    ).one()
    words = f"{row.sop_instance_uid} to {row.destination}: {row.state}, {row.status}"
    record_event(connection, at, "delivery", row.study_instance_uid, words)
    for study_id in {row.study_id, row.contours_study_id} - {None}:
        show_standing(connection, study_id, at)
