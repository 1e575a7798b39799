"""Files that are deleted after their time: their rows stay, and say so.

Design choice: the row says that its file is gone before the file goes. What a crash
leaves in between is a file that nobody needs, which `audit` finds; never a row that
promises a file that is not there.

Design choice: a file is removed inside the transaction that made sure once more that no
row needs it. Whoever receives the same object at that moment is entered before, and
the file stays, or after, and finds the file missing and writes it again.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, func, or_, select, text, update

from node.ledger.database import Database
from node.ledger.happenings import record_event
from node.ledger.links import connected_studies, in_batches
from node.ledger.rows import AnyRow
from node.records.kept import KeptObject, KeptStudy, Quiet
from node.records.kinds import ResultKind
from node.records.states import (
    DeliveryState,
    InstanceState,
    JobState,
    RetrievalState,
    StudyState,
)
from node.tables import (
    DELIVERIES,
    INSTANCES,
    JOBS,
    RESULTS,
    RETRIEVALS,
    SERIES,
    STUDIES,
)

_ASIDE = (InstanceState.UNREADABLE, InstanceState.CONFLICTING)
_SET_ASIDE = text("state IN ('unreadable', 'conflicting')")
"""In the words of the index `ix_instances_aside`, or it would not be used."""


class RetirementRows(Database):
    """What may be deleted, and what was."""

    def unchanged_studies(self, before: datetime) -> list[str]:
        """Return studies that may be old enough to lose their files.

        Parameters
        ----------
        before : datetime
            Their state changed last before this.

        Returns
        -------
        list of str
            Study Instance UIDs, the longest unchanged first; without those whose files
            are deleted.
        """
        query = (
            select(STUDIES.c.study_instance_uid)
            .where(STUDIES.c.retired_at.is_(None), STUDIES.c.updated_at < before)
            .order_by(STUDIES.c.updated_at)
        )
        with self._reading() as connection:
            return list(connection.execute(query).scalars())

    def kept_study(self, study_uid: str) -> KeptStudy | None:
        """Return what speaks for and against deleting a study's files."""
        known = select(STUDIES).where(STUDIES.c.study_instance_uid == study_uid)
        with self._reading() as connection:
            study = connection.execute(known).one_or_none()
            if study is None:
                return None
            received = _received(connection, study, self._root)
            around = connected_studies(connection, study.id) - {study.id}
            return KeptStudy(
                quiet=_quiet(study),
                generation=study.generation,
                around=_around(connection, around),
                received=received,
                results=_results(connection, study, self._root),
                jobs=_job_states(connection, study.id),
                conflicts=_conflicts(connection, received),
                fetching=_fetching(connection, study.id),
            )

    def retire(self, study: KeptStudy, words: str, at: datetime) -> bool:
        """Enter that the files of a study are deleted, unless it changed meanwhile.

        Parameters
        ----------
        study : KeptStudy
            As it was when its archives were asked.
        words : str
            Who keeps its objects now.
        at : datetime

        Returns
        -------
        bool
            False when something came or happened since; everything stays then.
        """
        uid = study.quiet.study_instance_uid
        with self._writing() as connection:
            this = STUDIES.c.study_instance_uid == uid
            row = connection.execute(
                select(STUDIES).where(this).with_for_update()
            ).one()
            same = row.generation == study.generation and _quiet(row) == study.quiet
            results = _results(connection, row, self._root)
            jobs = _job_states(connection, row.id)
            if not same or results != study.results or jobs != study.jobs:
                return False
            connection.execute(update(STUDIES).where(this).values(retired_at=at))
            _retire_rows(connection, study, at)
            record_event(connection, at, "retention", uid, words)
        return True

    @contextmanager
    def unneeded(self, identifiers: Iterable[int]) -> Iterator[list[Path]]:
        """Give the files of deleted objects that no row needs, while none can begin to.

        Parameters
        ----------
        identifiers : iterable of int
            Row numbers of received objects.
        """
        with self._writing() as connection:
            deleted: set[Path] = set()
            for some in in_batches(identifiers):
                gone = INSTANCES.c.id.in_(some)
                query = select(INSTANCES.c.path, INSTANCES.c.sha256).where(
                    gone, INSTANCES.c.state == InstanceState.RETIRED
                )
                rows = connection.execute(query.with_for_update()).all()
                others = _needed(connection, {row.sha256 for row in rows})
                deleted.update(
                    self._resolved(row.path) for row in rows if row.path not in others
                )
            yield sorted(deleted)


def leave_series(connection: Connection, rows: Sequence[AnyRow]) -> None:
    """Take objects out of their series and its counts, until they are indexed again.

    Parameters
    ----------
    connection : Connection
    rows : sequence of row
        With `id` and `series_id`, which may be None.
    """
    for series in sorted({row.series_id for row in rows} - {None}):
        members = [row.id for row in rows if row.series_id == series]
        for some in in_batches(members):
            out = update(INSTANCES).where(INSTANCES.c.id.in_(some))
            connection.execute(out.values(series_id=None))
        mine = SERIES.c.id == series
        left = SERIES.c.instances - len(members)
        connection.execute(update(SERIES).where(mine).values(instances=left))
        study = select(SERIES.c.study_id).where(mine).scalar_subquery()
        left = STUDIES.c.instances - len(members)
        connection.execute(
            update(STUDIES).where(STUDIES.c.id == study).values(instances=left)
        )


def deleted_objects(connection: Connection, study_id: int) -> int:
    """Return of how many objects of a study the files were deleted."""
    series = select(SERIES.c.id).where(SERIES.c.study_id == study_id)
    query = select(func.count()).where(
        INSTANCES.c.series_id.in_(series), INSTANCES.c.retired_at.is_not(None)
    )
    return int(connection.execute(query).scalar_one())


def _quiet(row: AnyRow) -> Quiet:
    return Quiet(
        study_instance_uid=row.study_instance_uid,
        state=StudyState(row.state),
        touched=row.touched,
        changed_at=max(row.updated_at, row.touched_at),
        retired=row.retired_at is not None,
    )


def _around(connection: Connection, numbers: Collection[int]) -> tuple[Quiet, ...]:
    query = select(STUDIES).where(STUDIES.c.id.in_(sorted(numbers)))
    return tuple(
        _quiet(row) for row in connection.execute(query.order_by(STUDIES.c.id))
    )


def _received(
    connection: Connection, study: AnyRow, root: Path
) -> tuple[KeptObject, ...]:
    query = (
        select(
            INSTANCES.c.id,
            INSTANCES.c.sop_class_uid,
            INSTANCES.c.sop_instance_uid,
            INSTANCES.c.path,
            INSTANCES.c.state,
            SERIES.c.series_instance_uid,
        )
        .join(SERIES, SERIES.c.id == INSTANCES.c.series_id)
        .where(SERIES.c.study_id == study.id)
        .order_by(INSTANCES.c.id)
    )
    return tuple(
        KeptObject(
            identifier=row.id,
            sop_class_uid=row.sop_class_uid,
            sop_instance_uid=row.sop_instance_uid,
            study_instance_uid=study.study_instance_uid,
            series_instance_uid=row.series_instance_uid,
            path=root / row.path,
            deliveries={},
        )
        for row in connection.execute(query)
        if row.state != InstanceState.RETIRED
    )


def _results(
    connection: Connection, study: AnyRow, root: Path
) -> tuple[KeptObject, ...]:
    """Return the results that join a study; those of contours elsewhere do not."""
    query = (
        select(
            RESULTS,
            DELIVERIES.c.destination,
            DELIVERIES.c.state,
            JOBS.c.state.label("job_state"),
        )
        .join(JOBS, JOBS.c.id == RESULTS.c.job_id)
        .outerjoin(DELIVERIES, DELIVERIES.c.result_id == RESULTS.c.id)
        .where(JOBS.c.study_id == study.id)
        .order_by(RESULTS.c.id, DELIVERIES.c.id)
    )
    found: dict[int, AnyRow] = {}
    sent: dict[int, dict[str, DeliveryState]] = {}
    for row in connection.execute(query):
        found[row.id] = row
        mine = sent.setdefault(row.id, {})
        if row.destination is not None:
            mine[row.destination] = DeliveryState(row.state)
    return tuple(
        KeptObject(
            identifier=row.id,
            sop_class_uid=row.sop_class_uid,
            sop_instance_uid=row.sop_instance_uid,
            study_instance_uid=study.study_instance_uid,
            series_instance_uid=row.series_instance_uid,
            path=root / row.path,
            deliveries=sent[number],
            withdrawn=row.job_state == JobState.WITHDRAWN,
            superseded=row.job_state == JobState.SUPERSEDED,
            kind=row.kind and ResultKind(row.kind),
        )
        for number, row in found.items()
    )


def _job_states(connection: Connection, study_id: int) -> frozenset[JobState]:
    """Return the states of the jobs of a study, and of those on its contours."""
    query = select(JOBS.c.state).where(
        or_(JOBS.c.study_id == study_id, JOBS.c.contours_study_id == study_id)
    )
    return frozenset(JobState(state) for state in connection.execute(query).scalars())


def _conflicts(connection: Connection, objects: Sequence[KeptObject]) -> int:
    found = 0
    for some in in_batches(item.sop_instance_uid for item in objects):
        query = select(func.count()).where(
            INSTANCES.c.sop_instance_uid.in_(some), INSTANCES.c.state.in_(_ASIDE)
        )
        found += int(connection.execute(query).scalar_one())
    return found


def _fetching(connection: Connection, study_id: int) -> bool:
    wanted = select(RETRIEVALS.c.id).where(
        RETRIEVALS.c.study_id == study_id, RETRIEVALS.c.state == RetrievalState.WANTED
    )
    return connection.execute(wanted.limit(1)).first() is not None


def _retire_rows(connection: Connection, study: KeptStudy, at: datetime) -> None:
    for some in in_batches(item.identifier for item in study.received):
        received = update(INSTANCES).where(INSTANCES.c.id.in_(some))
        connection.execute(received.values(state=InstanceState.RETIRED, retired_at=at))
    for some in in_batches(item.identifier for item in study.results):
        results = update(RESULTS).where(
            RESULTS.c.id.in_(some), RESULTS.c.retired_at.is_(None)
        )
        connection.execute(results.values(retired_at=at))


def _needed(connection: Connection, digests: Collection[str]) -> set[str]:
    """Return the paths of files that objects which are not deleted have too.

    An object that was indexed is the only one of its content and its own UID; so only
    those that are set aside, or wait to be indexed, can have the same file.
    """
    needed: set[str] = set()
    for some in in_batches(digests):
        for state in (_SET_ASIDE, INSTANCES.c.state == InstanceState.RECEIVED):
            query = select(INSTANCES.c.path).where(INSTANCES.c.sha256.in_(some), state)
            needed.update(connection.execute(query).scalars())
    return needed
