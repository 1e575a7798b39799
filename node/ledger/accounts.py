"""Rows for reconciliation, a batch at a time, and what is put right in them.

Design choice: each batch is a transaction of its own, found by the number of the last
row before it. So a ledger of any size is gone through in little memory, and a node that
runs beside is never kept waiting.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import PurePosixPath

from sqlalchemy import Connection, func, select, update

from node.ledger.database import Database
from node.ledger.happenings import record_event
from node.ledger.links import in_batches
from node.ledger.retirement import leave_series
from node.ledger.rows import AnyRow, AnySelect
from node.records.audited import (
    AuditedInstance,
    AuditedJob,
    AuditedResult,
    AuditedStudy,
)
from node.records.states import DeliveryState, InstanceState, JobState, StudyState
from node.tables import (
    DELIVERIES,
    INSTANCES,
    JOBS,
    REFUSALS,
    RESULTS,
    SERIES,
    STUDIES,
)

_STANDING = (InstanceState.INDEXED, InstanceState.RETIRED)


class AccountRows(Database):
    """What reconciliation reads and repairs."""

    def audited_instances(self, limit: int, *, after: int = 0) -> list[AuditedInstance]:
        """Return received objects, by number."""
        query = _instances().where(INSTANCES.c.id > after)
        with self._reading() as connection:
            rows = connection.execute(query.order_by(INSTANCES.c.id).limit(limit))
            return [_instance(row) for row in rows]

    def audited_instance(self, identifier: int) -> AuditedInstance:
        """Return a received object as it is now."""
        query = _instances().where(INSTANCES.c.id == identifier)
        with self._reading() as connection:
            return _instance(connection.execute(query).one())

    def known_objects(self, named: Iterable[tuple[str, str]]) -> dict[str, int]:
        """Return the numbers of objects, by digest, among some.

        Parameters
        ----------
        named : iterable of (str, str)
            SOP Instance UID and digest. What is neither indexed nor deleted after its
            time is not among those returned.
        """
        wanted = dict(named)
        found: dict[str, int] = {}
        with self._reading() as connection:
            for some in in_batches(wanted):
                # The state is not asked for: nearly every object is indexed, and a
                # planner without statistics may begin with all of them.
                query = select(
                    INSTANCES.c.sop_instance_uid,
                    INSTANCES.c.sha256,
                    INSTANCES.c.state,
                    INSTANCES.c.id,
                ).where(INSTANCES.c.sop_instance_uid.in_(some))
                for row in connection.execute(query):
                    same = wanted[row.sop_instance_uid] == row.sha256
                    if same and row.state in _STANDING:
                        found[row.sha256] = row.id
        return found

    def audited_results(self, limit: int, *, after: int = 0) -> list[AuditedResult]:
        """Return objects of results, by number."""
        query = (
            select(RESULTS, JOBS.c.key)
            .join(JOBS, JOBS.c.id == RESULTS.c.job_id)
            .where(RESULTS.c.id > after)
            .order_by(RESULTS.c.id)
            .limit(limit)
        )
        with self._reading() as connection:
            return [_result(row) for row in connection.execute(query)]

    def results_of(self, key: str) -> list[AuditedResult]:
        """Return the objects of one job's result."""
        query = (
            select(RESULTS, JOBS.c.key)
            .join(JOBS, JOBS.c.id == RESULTS.c.job_id)
            .where(JOBS.c.key == key)
            .order_by(RESULTS.c.id)
        )
        with self._reading() as connection:
            return [_result(row) for row in connection.execute(query)]

    def audited_jobs(self, limit: int, *, after: int = 0) -> list[AuditedJob]:
        """Return jobs, by number."""
        made = (
            select(func.count())
            .where(RESULTS.c.job_id == JOBS.c.id)
            .scalar_subquery()
            .label("made")
        )
        query = (
            select(JOBS, STUDIES.c.study_instance_uid, made)
            .join(STUDIES, STUDIES.c.id == JOBS.c.study_id)
            .where(JOBS.c.id > after)
            .order_by(JOBS.c.id)
            .limit(limit)
        )
        with self._reading() as connection:
            return [
                AuditedJob(
                    identifier=row.id,
                    key=row.key,
                    study_instance_uid=row.study_instance_uid,
                    state=JobState(row.state),
                    case_json=row.case_json,
                    results=row.made,
                )
                for row in connection.execute(query)
            ]

    def audited_studies(self, limit: int, *, after: int = 0) -> list[AuditedStudy]:
        """Return studies, by number."""
        query = select(STUDIES).where(STUDIES.c.id > after)
        with self._reading() as connection:
            page = query.order_by(STUDIES.c.id).limit(limit)
            rows = connection.execute(page).all()
            wrong = _miscounted(connection, rows)
        return [
            AuditedStudy(
                identifier=row.id,
                study_instance_uid=row.study_instance_uid,
                state=StudyState(row.state),
                reason=row.reason,
                detail=row.detail,
                touched=row.touched,
                touched_at=row.touched_at,
                miscounted=row.id in wrong,
            )
            for row in rows
        ]

    def delivery_numbers(self) -> dict[tuple[str, DeliveryState], int]:
        """Return how many deliveries there are, by destination and state."""
        keys = (DELIVERIES.c.destination, DELIVERIES.c.state)
        query = select(*keys, func.count().label("number")).group_by(*keys)
        with self._reading() as connection:
            return {
                (row.destination, DeliveryState(row.state)): row.number
                for row in connection.execute(query.order_by(*keys))
            }

    def refusal_number(self) -> int:
        """Return how many refusals the ledger remembers."""
        with self._reading() as connection:
            count = select(func.count()).select_from(REFUSALS)
            return int(connection.execute(count).scalar_one())

    def set_damaged(self, identifier: int, why: str, at: datetime) -> bool:
        """Take an object out of use whose file is damaged or missing.

        The same object takes its place when it is sent again. Its study is decided on
        again.

        Returns
        -------
        bool
            False when it is not in use any more.
        """
        used = (InstanceState.RECEIVED, InstanceState.INDEXED)
        waits = (*used, InstanceState.CONFLICTING)
        query = (
            select(INSTANCES)
            .where(INSTANCES.c.id == identifier, INSTANCES.c.state.in_(waits))
            .with_for_update()
        )
        with self._writing() as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                return False
            study = _study_of(connection, row)
            leave_series(connection, [row])
            this = update(INSTANCES).where(INSTANCES.c.id == identifier)
            connection.execute(this.values(state=InstanceState.UNREADABLE))
            if study is not None:
                _touch(connection, study.id)
            uid = None if study is None else study.study_instance_uid
            words = f"object {row.sop_instance_uid} is not used any more: {why}"
            record_event(connection, at, "object", uid, words)
        return True

    def recount(self, identifier: int) -> None:
        """Set the numbers of objects of a study and its series to those of its rows."""
        with self._writing() as connection:
            mine = select(SERIES.c.id).where(SERIES.c.study_id == identifier)
            rows = select(func.count()).where(INSTANCES.c.series_id == SERIES.c.id)
            series = update(SERIES).where(SERIES.c.study_id == identifier)
            connection.execute(series.values(instances=rows.scalar_subquery()))
            there = select(func.count()).where(INSTANCES.c.series_id.in_(mine))
            study = update(STUDIES).where(STUDIES.c.id == identifier)
            connection.execute(study.values(instances=there.scalar_subquery()))


def _instances() -> AnySelect:
    return (
        select(
            INSTANCES.c.id,
            INSTANCES.c.sop_instance_uid,
            INSTANCES.c.sha256,
            INSTANCES.c.path,
            INSTANCES.c.size,
            INSTANCES.c.state,
            INSTANCES.c.received_at,
            STUDIES.c.state.label("study_state"),
        )
        .outerjoin(SERIES, SERIES.c.id == INSTANCES.c.series_id)
        .outerjoin(STUDIES, STUDIES.c.id == SERIES.c.study_id)
    )


def _instance(row: AnyRow) -> AuditedInstance:
    return AuditedInstance(
        identifier=row.id,
        sop_instance_uid=row.sop_instance_uid,
        sha256=row.sha256,
        path=PurePosixPath(row.path),
        size=row.size,
        state=InstanceState(row.state),
        received_at=row.received_at,
        study_state=None if row.study_state is None else StudyState(row.study_state),
    )


def _result(row: AnyRow) -> AuditedResult:
    return AuditedResult(
        identifier=row.id,
        job_key=row.key,
        sop_instance_uid=row.sop_instance_uid,
        path=PurePosixPath(row.path),
        sha256=row.sha256,
        retired=row.retired_at is not None,
    )


def _miscounted(connection: Connection, studies: Sequence[AnyRow]) -> set[int]:
    """Return the studies whose numbers are not those of their rows."""
    numbers = {row.id: row.instances for row in studies}
    counted = dict.fromkeys(numbers, 0)
    wrong: set[int] = set()
    for some in in_batches(numbers):
        query = (
            select(
                SERIES.c.study_id,
                SERIES.c.instances,
                func.count(INSTANCES.c.id).label("there"),
            )
            .outerjoin(INSTANCES, INSTANCES.c.series_id == SERIES.c.id)
            .where(SERIES.c.study_id.in_(some))
            .group_by(SERIES.c.id, SERIES.c.study_id, SERIES.c.instances)
        )
        for row in connection.execute(query):
            counted[row.study_id] += row.there
            if row.instances != row.there:
                wrong.add(row.study_id)
    return wrong | {number for number in numbers if numbers[number] != counted[number]}


def _study_of(connection: Connection, row: AnyRow) -> AnyRow | None:
    if row.series_id is None:
        return None
    query = (
        select(STUDIES.c.id, STUDIES.c.study_instance_uid)
        .join(SERIES, SERIES.c.study_id == STUDIES.c.id)
        .where(SERIES.c.id == row.series_id)
    )
    return connection.execute(query).one()


def _touch(connection: Connection, study_id: int) -> None:
    connection.execute(
        update(STUDIES)
        .where(STUDIES.c.id == study_id)
        .values(generation=STUDIES.c.generation + 1, touched=True)
    )
