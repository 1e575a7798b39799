"""Objects: received, indexed, unreadable, conflicting.

Design choice: the ordinary way of an object is dated in its own row; only what a person
may want to know of (the first object of a study, what cannot be read, what conflicts)
becomes an event. A million objects would bury the events otherwise.
"""

from datetime import datetime

from sqlalchemy import Connection, select, update

from dicom_io.header import InstanceHeader, ObjectKind, header_to_json
from node.ledger.database import Database, insert_unless_there
from node.ledger.happenings import record_event
from node.ledger.links import link_study, studies_around
from node.ledger.rows import AnyRow
from node.records import (
    InstanceState,
    ReceivedInstance,
    ReceiveOutcome,
    StudyState,
    Unindexed,
)
from node.tables import INSTANCES, SERIES, STUDIES

_STANDING = (InstanceState.RECEIVED, InstanceState.INDEXED)


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
            while True:
                outcome = _outcome(connection, instance)
                if outcome is ReceiveOutcome.DUPLICATE:
                    return outcome
                # Another node process may have entered it in between: look again.
                if _enter(connection, instance, path, outcome, at):
                    break
            if outcome is ReceiveOutcome.CONFLICT:
                study_uid = _study_of(connection, instance.sop_instance_uid)
                _report_conflict(connection, instance.sop_instance_uid, study_uid, at)
        return outcome

    def unindexed(self, limit: int) -> list[Unindexed]:
        """Return objects whose header is to be read, oldest first."""
        query = (
            select(INSTANCES.c.id, INSTANCES.c.path)
            .where(INSTANCES.c.state == InstanceState.RECEIVED)
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
        self, headers: list[tuple[int, InstanceHeader]], at: datetime
    ) -> None:
        """Do `record_indexed` for several objects in one transaction."""
        with self._writing() as connection:
            for identifier, header in headers:
                row = _received_row(connection, identifier)
                if row is None:
                    continue
                if row.sop_instance_uid == header.sop_instance_uid:
                    _index(connection, row, header, at)
                else:
                    why = f"the object names itself {header.sop_instance_uid}"
                    _set_aside(connection, row, why, at)

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
            row = _received_row(connection, identifier)
            if row is not None:
                _set_aside(connection, row, why, at)


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
    return insert_unless_there(connection, INSTANCES, values)


def _received_row(connection: Connection, identifier: int) -> AnyRow | None:
    query = select(INSTANCES.c.id, INSTANCES.c.sop_instance_uid).where(
        INSTANCES.c.id == identifier, INSTANCES.c.state == InstanceState.RECEIVED
    )
    return connection.execute(query.with_for_update()).one_or_none()


def _index(
    connection: Connection, row: AnyRow, header: InstanceHeader, at: datetime
) -> None:
    study_id = _study(connection, header, at)
    series_id = _series(connection, study_id, header)
    link_study(connection, study_id, header)
    connection.execute(
        update(INSTANCES)
        .where(INSTANCES.c.id == row.id)
        .values(
            state=InstanceState.INDEXED,
            series_id=series_id,
            indexed_at=at,
            header_json=header_to_json(header),
        )
    )
    for table, identifier in ((SERIES, series_id), (STUDIES, study_id)):
        connection.execute(
            update(table)
            .where(table.c.id == identifier)
            .values(instances=table.c.instances + 1)
        )
    _touch(connection, header, at)
    if _conflicting(connection, header.sop_instance_uid) is not None:
        _report_conflict(
            connection, header.sop_instance_uid, header.study_instance_uid, at
        )


def _study(connection: Connection, header: InstanceHeader, at: datetime) -> int:
    uid = header.study_instance_uid
    query = select(STUDIES.c.id).where(STUDIES.c.study_instance_uid == uid)
    identifier = connection.execute(query).scalar_one_or_none()
    if identifier is not None:
        return int(identifier)
    undecided = "not decided yet"
    new = {
        "study_instance_uid": uid,
        "patient_id": header.patient_id,
        "study_date": header.study_date,
        "instances": 0,
        "state": StudyState.WAITING,
        "reason": "",
        "detail": undecided,
        "updated_at": at,
        "decision": StudyState.WAITING,
        "decision_reason": "",
        "decision_detail": undecided,
        "settles": False,
        "generation": 0,
        "touched": False,
        "touched_at": at,
    }
    if insert_unless_there(connection, STUDIES, new):
        record_event(connection, at, "study", uid, "the first object came")
    return int(connection.execute(query).scalar_one())


def _series(connection: Connection, study_id: int, header: InstanceHeader) -> int:
    query = select(SERIES.c.id).where(
        SERIES.c.study_id == study_id,
        SERIES.c.series_instance_uid == header.series_instance_uid,
    )
    identifier = connection.execute(query).scalar_one_or_none()
    if identifier is not None:
        return int(identifier)
    new = {
        "study_id": study_id,
        "series_instance_uid": header.series_instance_uid,
        "modality": header.modality,
        "series_description": header.series_description,
        "kind": header.kind,
        "instances": 0,
    }
    insert_unless_there(connection, SERIES, new)
    return int(connection.execute(query).scalar_one())


def _touch(connection: Connection, header: InstanceHeader, at: datetime) -> None:
    """Have every study decided on again that the object may change."""
    if header.kind is ObjectKind.OWN_RESULT:
        return
    around = studies_around(connection, header)
    own = STUDIES.c.study_instance_uid == header.study_instance_uid
    connection.execute(
        update(STUDIES)
        .where(own | STUDIES.c.id.in_(sorted(around)))
        .values(generation=STUDIES.c.generation + 1, touched=True, touched_at=at)
    )


def _set_aside(connection: Connection, row: AnyRow, why: str, at: datetime) -> None:
    connection.execute(
        update(INSTANCES)
        .where(INSTANCES.c.id == row.id)
        .values(state=InstanceState.UNREADABLE)
    )
    text = f"object {row.sop_instance_uid} is kept and not used: {why}"
    record_event(connection, at, "object", None, text)
    successor = _conflicting(connection, row.sop_instance_uid)
    if successor is not None:
        connection.execute(
            update(INSTANCES)
            .where(INSTANCES.c.id == successor)
            .values(state=InstanceState.RECEIVED)
        )


def _conflicting(connection: Connection, sop_instance_uid: str) -> int | None:
    """Return the oldest object that lies beside the one that stands."""
    query = (
        select(INSTANCES.c.id)
        .where(
            INSTANCES.c.sop_instance_uid == sop_instance_uid,
            INSTANCES.c.state == InstanceState.CONFLICTING,
        )
        .order_by(INSTANCES.c.id)
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()


def _study_of(connection: Connection, sop_instance_uid: str) -> str | None:
    query = (
        select(STUDIES.c.study_instance_uid)
        .join(SERIES, SERIES.c.study_id == STUDIES.c.id)
        .join(INSTANCES, INSTANCES.c.series_id == SERIES.c.id)
        .where(INSTANCES.c.sop_instance_uid == sop_instance_uid)
    )
    return connection.execute(query).scalars().first()


def _report_conflict(
    connection: Connection, sop_instance_uid: str, study_uid: str | None, at: datetime
) -> None:
    text = (
        f"another object came under SOP Instance UID {sop_instance_uid}; "
        "the first one stands, the other is kept beside it and not used"
    )
    record_event(connection, at, "object", study_uid, text)
