"""What is sought at the archive: wanted, come, given up."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, select, update

from node.ledger.database import Database, insert_unless_there
from node.ledger.dueness import is_due
from node.ledger.happenings import record_event
from node.ledger.links import in_batches
from node.ledger.rows import AnyRow, AnySelect, study_number
from node.ledger.standing import show_standing
from node.records.cases import TouchedStudy
from node.records.sought import Retrieval, Sought, sought_from_json, sought_to_json
from node.records.states import RetrievalState
from node.tables import INSTANCES, RESULTS, RETRIEVALS, STUDIES


class RetrievalRows(Database):
    """The retrievals."""

    def studies_changed(
        self, since: datetime, until: datetime
    ) -> list[tuple[TouchedStudy, datetime]]:
        """Return decided studies to which objects came in an interval, and when.

        Parameters
        ----------
        since, until : datetime
            Both included.

        Returns
        -------
        list of (TouchedStudy, datetime)
            The longest unchanged first. Those with nothing left but rows are left out.
        """
        query = (
            select(
                STUDIES.c.study_instance_uid,
                STUDIES.c.generation,
                STUDIES.c.touched_at,
            )
            .where(
                STUDIES.c.touched.is_(False),
                STUDIES.c.touched_at >= since,
                STUDIES.c.touched_at <= until,
                STUDIES.c.retired_at.is_(None),
            )
            .order_by(STUDIES.c.touched_at)
        )
        with self._reading() as connection:
            return [
                (TouchedStudy(row[0], row[1]), row[2])
                for row in connection.execute(query)
            ]

    def want(
        self, study_uid: str, sought: Iterable[Sought], due_at: datetime, at: datetime
    ) -> int:
        """Enter what is sought for a study, and return how much of it is new.

        What was given up or came is sought again when objects came to the study since.

        Parameters
        ----------
        study_uid : str
        sought : iterable of Sought
        due_at : datetime
            When it is first asked for.
        at : datetime

        Raises
        ------
        UnknownStudyError
        """
        new = 0
        with self._writing() as connection:
            number = study_number(connection, study_uid)
            for each in sought:
                if _want(connection, number, each, due_at, at):
                    new += 1
                    words = f"sought: {each.words}"
                    record_event(connection, at, "retrieval", study_uid, words)
        return new

    def mark_fetched(self, study_uid: str, fetched: Sought, at: datetime) -> None:
        """Remember that objects of another study are fetched for one.

        Raises
        ------
        UnknownStudyError
        """
        with self._writing() as connection:
            values = {
                "study_id": study_number(connection, study_uid),
                "sought_json": sought_to_json(fetched),
                "state": RetrievalState.CAME,
                "attempts": 0,
                "wanted_at": at,
                "due_at": at,
                "status": "",
            }
            insert_unless_there(connection, RETRIEVALS, values)

    def is_fetched(self, fetched: Sought) -> bool:
        """Return whether `mark_fetched` was told so, for any study."""
        query = select(RETRIEVALS.c.id).where(
            RETRIEVALS.c.sought_json == sought_to_json(fetched)
        )
        with self._reading() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def due_retrievals(
        self, at: datetime, limit: int, *, longest_delay: timedelta | None = None
    ) -> list[Retrieval]:
        """Return what is to be asked for now, longest due first.

        Parameters
        ----------
        at : datetime
        limit : int
        longest_delay : timedelta or None
            As for `due_deliveries`.
        """
        query = (
            _select_retrievals()
            .where(
                RETRIEVALS.c.state == RetrievalState.WANTED,
                is_due(RETRIEVALS.c.due_at, at, longest_delay),
            )
            .order_by(RETRIEVALS.c.due_at, RETRIEVALS.c.id)
            .limit(limit)
        )
        with self._reading() as connection:
            return [_retrieval_of(row) for row in connection.execute(query)]

    def seek_again(
        self,
        retrieval: Retrieval,
        status: str,
        due_at: datetime,
        at: datetime,
        *,
        attempts: int,
    ) -> None:
        """Enter what an attempt gave, and when the next one is due.

        Parameters
        ----------
        retrieval : Retrieval
        status : str
            An event tells it when it is not what the attempt before gave.
        due_at, at : datetime
        attempts : int
            In a row that brought nothing.
        """
        values = {"status": status, "due_at": due_at, "attempts": attempts}
        self._book(retrieval, values, status, at)

    def end_retrieval(
        self, retrieval: Retrieval, state: RetrievalState, status: str, at: datetime
    ) -> None:
        """Enter that nothing is sought any more, and why; the study shows it.

        Parameters
        ----------
        retrieval : Retrieval
        state : RetrievalState
            CAME or GIVEN_UP.
        status : str
        at : datetime
        """
        values = {"status": status, "due_at": at, "state": state}
        self._book(retrieval, values, status, at)

    def here(self, uids: Iterable[str]) -> frozenset[str]:
        """Return which SOP Instance UIDs name an object that was received or made.

        Also those whose file was deleted after its time: its archive keeps it.
        """
        found: set[str] = set()
        with self._reading() as connection:
            for some in in_batches(set(uids)):
                for table in (INSTANCES, RESULTS):
                    found.update(_named(connection, table, some))
        return frozenset(found)

    def _book(
        self, retrieval: Retrieval, values: dict[str, Any], status: str, at: datetime
    ) -> None:
        with self._writing() as connection:
            changed = connection.execute(
                update(RETRIEVALS)
                .where(
                    RETRIEVALS.c.id == retrieval.identifier,
                    RETRIEVALS.c.state == RetrievalState.WANTED,
                )
                .values(**values)
            )
            if not changed.rowcount:
                return
            uid = retrieval.study_instance_uid
            if status != retrieval.status:
                words = f"{retrieval.sought.words}: {status}"
                record_event(connection, at, "retrieval", uid, words)
            if "state" in values:
                show_standing(connection, study_number(connection, uid), at)


def retrievals_of(connection: Connection, study_id: int) -> tuple[Retrieval, ...]:
    """Return what is and was sought for a study, oldest first."""
    query = (
        _select_retrievals()
        .where(RETRIEVALS.c.study_id == study_id)
        .order_by(RETRIEVALS.c.id)
    )
    return tuple(_retrieval_of(row) for row in connection.execute(query))


def _want(
    connection: Connection,
    study_id: int,
    sought: Sought,
    due_at: datetime,
    at: datetime,
) -> bool:
    text = sought_to_json(sought)
    again = {
        "state": RetrievalState.WANTED,
        "attempts": 0,
        "wanted_at": at,
        "due_at": due_at,
        "status": "",
    }
    new = {"study_id": study_id, "sought_json": text, **again}
    if insert_unless_there(connection, RETRIEVALS, new):
        return True
    changed_at = (
        select(STUDIES.c.touched_at).where(STUDIES.c.id == study_id).scalar_subquery()
    )
    changed = connection.execute(
        update(RETRIEVALS)
        .where(
            RETRIEVALS.c.study_id == study_id,
            RETRIEVALS.c.sought_json == text,
            RETRIEVALS.c.state != RetrievalState.WANTED,
            # Of an ended one, when it ended.
            RETRIEVALS.c.due_at < changed_at,
        )
        .values(**again)
    )
    return bool(changed.rowcount)


def _named(connection: Connection, table: Table, uids: Sequence[str]) -> Iterable[str]:
    query = select(table.c.sop_instance_uid).where(table.c.sop_instance_uid.in_(uids))
    return connection.execute(query).scalars()


def _select_retrievals() -> AnySelect:
    return select(
        RETRIEVALS,
        STUDIES.c.study_instance_uid,
        STUDIES.c.patient_id,
        STUDIES.c.study_date,
        STUDIES.c.touched_at,
    ).join(STUDIES, STUDIES.c.id == RETRIEVALS.c.study_id)


def _retrieval_of(row: AnyRow) -> Retrieval:
    return Retrieval(
        identifier=row.id,
        study_instance_uid=row.study_instance_uid,
        patient_id=row.patient_id,
        study_date=row.study_date,
        sought=sought_from_json(row.sought_json),
        state=RetrievalState(row.state),
        attempts=row.attempts,
        wanted_at=row.wanted_at,
        due_at=row.due_at,
        status=row.status,
        changed_at=row.touched_at,
    )
