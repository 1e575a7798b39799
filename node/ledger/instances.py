"""Objects: received, indexed, unreadable, conflicting.

Design choice: the ordinary way of an object is dated in its own row; only what a person
may want to know of (the first object of a study, what cannot be read, what conflicts)
becomes an event. A million objects would bury the events otherwise.
"""

from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from dicom_io.header import InstanceHeader
from node.fault_points import FaultPoint, Passing, pass_by
from node.ledger.database import Database
from node.ledger.indexing import (
    index_objects,
    received_rows,
    report_conflict,
    set_aside,
)
from node.records import ReceivedInstance, Unindexed
from node.states import InstanceState, ReceiveOutcome
from node.tables import INSTANCES, SERIES, STUDIES

_STANDING = (InstanceState.RECEIVED, InstanceState.INDEXED)
_INSERTS = {
    "sqlite": sqlite.insert(INSTANCES).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(INSTANCES).on_conflict_do_nothing(),
}
"""Put together once: to do it for each object costs more than to carry it out."""


class InstanceRows(Database):
    """The objects."""

    def record_received(
        self, instance: ReceivedInstance, at: datetime
    ) -> ReceiveOutcome:
        """Enter an object whose bytes are durable, and return what it is.

        Parameters
        ----------
        instance : ReceivedInstance
        at : datetime

        Returns
        -------
        ReceiveOutcome
            Durable when this returns; only then may Success be answered.
        """
        path = self._stored(instance.path)
        with self._writing() as connection:
            # Nearly every object is new, and the unique indexes say so in one go.
            if _enter(connection, instance, path, ReceiveOutcome.NEW, at):
                return ReceiveOutcome.NEW
            while True:
                outcome = _outcome(connection, instance)
                if outcome is ReceiveOutcome.DUPLICATE:
                    _take_up_again(connection, instance)
                    return outcome
                # Another node process may have entered it in between: look again.
                if _enter(connection, instance, path, outcome, at):
                    break
            if outcome is ReceiveOutcome.CONFLICT:
                study_uid = _study_of(connection, instance.sop_instance_uid)
                report_conflict(connection, instance.sop_instance_uid, study_uid, at)
        return outcome

    def unindexed(self, limit: int, *, after: int = 0) -> list[Unindexed]:
        """Return objects whose header is to be read, oldest first.

        Parameters
        ----------
        limit : int
        after : int
            Row number; only later ones are returned.
        """
        query = (
            select(INSTANCES.c.id, INSTANCES.c.path)
            .where(INSTANCES.c.state == InstanceState.RECEIVED, INSTANCES.c.id > after)
            .order_by(INSTANCES.c.id)
            .limit(limit)
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return [Unindexed(row.id, self._resolved(row.path)) for row in rows]

    def record_indexed(
        self, identifier: int, header: InstanceHeader, at: datetime
    ) -> None:
        """Enter what an object says of itself; it takes part in readiness from now on.

        An object that names itself otherwise than its sender did is unreadable: nobody
        can say which of the two it is.

        Parameters
        ----------
        identifier : int
            Row number. A row that is not RECEIVED stays as it is.
        header : InstanceHeader
        at : datetime
        """
        self.record_all_indexed([(identifier, header)], at)

    def record_all_indexed(
        self,
        headers: list[tuple[int, InstanceHeader]],
        at: datetime,
        passing: Passing = pass_by,
    ) -> None:
        """Do `record_indexed` for several objects in one transaction."""
        with self._writing() as connection:
            index_objects(connection, headers, at)
            passing(FaultPoint.INDEX_ENTERED)

    def record_unreadable(self, identifier: int, why: str, at: datetime) -> None:
        """Set an object aside; another under the same UID may take its place.

        Parameters
        ----------
        identifier : int
        why : str
            Without names of persons.
        at : datetime
        """
        with self._writing() as connection:
            for row in received_rows(connection, [identifier]):
                set_aside(connection, row, why, at)


def _outcome(connection: Connection, instance: ReceivedInstance) -> ReceiveOutcome:
    known = connection.execute(
        select(INSTANCES.c.sha256, INSTANCES.c.state).where(
            INSTANCES.c.sop_instance_uid == instance.sop_instance_uid
        )
    ).all()
    if any(row.sha256 == instance.sha256 for row in known):
        return ReceiveOutcome.DUPLICATE
    if any(row.state in _STANDING for row in known):
        return ReceiveOutcome.CONFLICT
    return ReceiveOutcome.NEW


def _take_up_again(connection: Connection, instance: ReceivedInstance) -> None:
    """Have an object indexed anew that was set aside and came again, bytes and all.

    Its file may have been lost or damaged; it lies in the store again now. Where
    another object took its place meanwhile, that one stays.
    """
    same_uid = INSTANCES.c.sop_instance_uid == instance.sop_instance_uid
    standing = select(INSTANCES.c.id).where(same_uid, INSTANCES.c.state.in_(_STANDING))
    if connection.execute(standing.limit(1)).first() is not None:
        return
    connection.execute(
        update(INSTANCES)
        .where(
            same_uid,
            INSTANCES.c.sha256 == instance.sha256,
            INSTANCES.c.state == InstanceState.UNREADABLE,
        )
        .values(state=InstanceState.RECEIVED)
    )


def _enter(
    connection: Connection,
    instance: ReceivedInstance,
    path: str,
    outcome: ReceiveOutcome,
    at: datetime,
) -> bool:
    new = outcome is ReceiveOutcome.NEW
    values = {
        "sop_instance_uid": instance.sop_instance_uid,
        "sop_class_uid": instance.sop_class_uid,
        "transfer_syntax_uid": instance.transfer_syntax_uid,
        "sha256": instance.sha256,
        "path": path,
        "size": instance.size,
        "calling_ae": instance.calling_ae,
        "received_at": at,
        "state": InstanceState.RECEIVED if new else InstanceState.CONFLICTING,
    }
    added = connection.execute(_INSERTS[connection.dialect.name], values)
    return bool(added.rowcount)


def _study_of(connection: Connection, sop_instance_uid: str) -> str | None:
    query = (
        select(STUDIES.c.study_instance_uid)
        .join(SERIES, SERIES.c.study_id == STUDIES.c.id)
        .join(INSTANCES, INSTANCES.c.series_id == SERIES.c.id)
        .where(INSTANCES.c.sop_instance_uid == sop_instance_uid)
    )
    return connection.execute(query).scalars().first()
