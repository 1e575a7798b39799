"""Jobs: pending, running, and what became of them.

Design choice: the latest job of a line stands. An earlier one that has not been
computed yet is set aside when a later one comes; one that is just being computed finds
itself overtaken when it finishes, and its objects are not sent. So no two unrelated
results of one line ever go out.

Design choice: a job that was set aside before it had a result comes back when it is
asked for again, unless a later one stands: a change that is taken back loses nothing,
and two cases that are both complete do not replace each other in turns.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, insert, select, update

from node.ledger.database import Database, insert_unless_there
from node.ledger.happenings import record_event
from node.ledger.rows import AnyRow, job_of, result_of, select_jobs, study_number
from node.ledger.standing import show_standing
from node.records import DeliveryState, Job, JobState, ResultObject
from node.tables import DELIVERIES, JOBS, RESULTS

_UNFINISHED = (JobState.PENDING, JobState.HELD, JobState.FAILED)


class JobRows(Database):
    """The jobs and their result objects."""

    def add_job(self, job: Job, at: datetime, *, instead_of: str = "") -> bool:
        """Queue a computation, and return whether it is to be computed.

        Parameters
        ----------
        job : Job
            Of studies that the ledger knows. It is entered as PENDING.
        at : datetime
        instead_of : str
            Key of a job whose settings are gone. It is set aside in the same
            transaction, so that a kill loses neither.

        Returns
        -------
        bool
            False when the key is known: the same key never makes a second result. One
            that was set aside before it had a result is pending again, unless a later
            one of its line stands.

        Raises
        ------
        UnknownStudyError, UnknownJobError
        """
        with self._writing() as connection:
            if instead_of:
                _abandon(connection, instead_of, at)
            values = _new_job(connection, job, at)
            added = insert_unless_there(connection, JOBS, values)
            row = _row(connection, job.key)
            if not added:
                return _revived(connection, row, at)
            earlier = select_jobs().where(
                JOBS.c.line == job.line,
                JOBS.c.id < row.id,
                JOBS.c.state.in_(_UNFINISHED),
            )
            for old in connection.execute(earlier).all():
                words = f"superseded by {job.key} before it had a result"
                _become(connection, old, JobState.SUPERSEDED, words, at)
            record_event(
                connection, at, "job", job.study_instance_uid, f"{job.key} pending"
            )
            _show(connection, row, at)
        return True

    def claim_job(self, at: datetime) -> Job | None:
        """Take the oldest pending job for computing, or return None."""
        with self._writing() as connection:
            oldest = (
                select(JOBS.c.id)
                .where(JOBS.c.state == JobState.PENDING)
                .order_by(JOBS.c.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            identifier = connection.execute(oldest).scalar_one_or_none()
            if identifier is None:
                return None
            this = JOBS.c.id == identifier
            row = connection.execute(select_jobs().where(this)).one()
            attempts = row.attempts + 1
            words = f"running, attempt {attempts}"
            _become(connection, row, JobState.RUNNING, words, at, attempts=attempts)
            return job_of(connection.execute(select_jobs().where(this)).one())

    def requeue_running(self, at: datetime) -> int:
        """Make jobs pending that were being computed when the node ended.

        Returns
        -------
        int
            How many.
        """
        with self._writing() as connection:
            running = select_jobs().where(JOBS.c.state == JobState.RUNNING)
            rows = connection.execute(running.order_by(JOBS.c.id)).all()
            for row in rows:
                words = "pending again: the node ended while it was running"
                _become(connection, row, JobState.PENDING, words, at)
        return len(rows)

    def finish_job(
        self,
        key: str,
        objects: Sequence[ResultObject],
        destinations: Mapping[str, Sequence[ResultObject]],
        at: datetime,
        *,
        detail: str = "",
    ) -> bool:
        """Enter a result and what is to be sent where, all in one transaction.

        Parameters
        ----------
        key : str
        objects : sequence of ResultObject
            Their files are durable; the SR first.
        destinations : mapping of str to sequence of ResultObject
            What goes where; all of them among `objects`.
        at : datetime
        detail : str
            What the result lacks, in words.

        Returns
        -------
        bool
            False when the result is not wanted: the job is not running (it had its
            result before), or a later one of its line has come. Nothing is sent then.
        """
        with self._writing() as connection:
            row = _row(connection, key)
            if row.state != JobState.RUNNING:
                return False
            if _overtaken(connection, row):
                words = "superseded while it was running; its result is not sent"
                _become(connection, row, JobState.SUPERSEDED, words, at)
                return False
            numbers = {
                item.sop_instance_uid: _add_result(
                    connection, row.id, item, self._stored(item.path)
                )
                for item in objects
            }
            for destination, wanted in destinations.items():
                for item in wanted:
                    number = numbers[item.sop_instance_uid]
                    _add_delivery(connection, number, destination, at)
            for old in _predecessors(connection, row):
                _become(
                    connection, old, JobState.SUPERSEDED, f"superseded by {key}", at
                )
            words = f"done, {len(objects)} objects"
            _become(
                connection, row, JobState.DONE, words, at, reason=None, detail=detail
            )
        return True

    def hold_job(self, key: str, reason: str, detail: str, at: datetime) -> None:
        """Set a job aside because its content is at fault."""
        self._end(key, JobState.HELD, reason, detail, at)

    def fail_job(self, key: str, reason: str, detail: str, at: datetime) -> None:
        """Set a job aside because of a defect of ours; everything is kept."""
        self._end(key, JobState.FAILED, reason, detail, at)

    def retry_job(self, key: str, at: datetime) -> bool:
        """Make a job pending again, and return whether that could be.

        A held or failed job starts with no attempts behind it; one whose worker died
        keeps count. A job that is done, or that a later one of its line overtook,
        stays as it is.
        """
        with self._writing() as connection:
            row = _row(connection, key)
            died = row.state == JobState.RUNNING
            if not died and row.state not in (JobState.HELD, JobState.FAILED):
                return False
            attempts = row.attempts if died else 0
            changes = {"attempts": attempts, "reason": None, "detail": None}
            _become(connection, row, JobState.PENDING, "pending again", at, **changes)
        return True

    def job(self, key: str) -> Job | None:
        """Return a job, or None when the key is unknown."""
        with self._reading() as connection:
            query = select_jobs().where(JOBS.c.key == key)
            row = connection.execute(query).one_or_none()
        return None if row is None else job_of(row)

    def jobs(self, line: str) -> list[Job]:
        """Return the jobs of a line, oldest first."""
        query = select_jobs().where(JOBS.c.line == line).order_by(JOBS.c.id)
        with self._reading() as connection:
            return [job_of(row) for row in connection.execute(query)]

    def latest_job(self, line: str) -> Job | None:
        """Return the job that stands on a line, or None.

        The latest that was not set aside; the latest of all when all were.
        """
        aside = case((JOBS.c.state == JobState.SUPERSEDED, 1), else_=0)
        query = select_jobs().where(JOBS.c.line == line)
        with self._reading() as connection:
            latest = query.order_by(aside, JOBS.c.id.desc()).limit(1)
            row = connection.execute(latest).one_or_none()
        return None if row is None else job_of(row)

    def results(self, key: str) -> list[ResultObject]:
        """Return the objects of a job in the order in which they were entered."""
        query = (
            select(RESULTS)
            .join(JOBS, JOBS.c.id == RESULTS.c.job_id)
            .where(JOBS.c.key == key)
            .order_by(RESULTS.c.id)
        )
        with self._reading() as connection:
            return [result_of(row, self._root) for row in connection.execute(query)]

    def _end(
        self, key: str, state: JobState, reason: str, detail: str, at: datetime
    ) -> None:
        with self._writing() as connection:
            row = _row(connection, key)
            if row.state not in (JobState.PENDING, JobState.RUNNING):
                return
            words = f"{state}: {reason}: {detail}"
            _become(connection, row, state, words, at, reason=reason, detail=detail)


def _row(connection: Connection, key: str) -> AnyRow:
    query = select_jobs().where(JOBS.c.key == key).with_for_update(of=JOBS)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise UnknownJobError(key)
    return row


def _new_job(connection: Connection, job: Job, at: datetime) -> dict[str, Any]:
    contours = job.contours_study_instance_uid
    return {
        "key": job.key,
        "study_id": study_number(connection, job.study_instance_uid),
        "contours_study_id": contours and study_number(connection, contours),
        "line": job.line,
        "case_json": job.case_json,
        "state": JobState.PENDING,
        "created_at": job.created_at,
        "updated_at": at,
        "attempts": 0,
        "predecessor_sr_uid": job.predecessor_sr_uid,
    }


def _become(
    connection: Connection,
    row: AnyRow,
    state: JobState,
    words: str,
    at: datetime,
    **changes: Any,
) -> None:
    connection.execute(
        update(JOBS)
        .where(JOBS.c.id == row.id)
        .values(state=state, updated_at=at, **changes)
    )
    record_event(connection, at, "job", row.study_instance_uid, f"{row.key} {words}")
    _show(connection, row, at)


def _abandon(connection: Connection, key: str, at: datetime) -> None:
    row = _row(connection, key)
    if row.state in (*_UNFINISHED, JobState.RUNNING):
        words = "superseded: the settings changed before it was computed"
        _become(connection, row, JobState.SUPERSEDED, words, at)


def _revived(connection: Connection, row: AnyRow, at: datetime) -> bool:
    """Make a job pending again that was set aside without a result, if it may."""
    if row.state != JobState.SUPERSEDED or _overtaken(connection, row):
        return False
    result = select(RESULTS.c.id).where(RESULTS.c.job_id == row.id).limit(1)
    if connection.execute(result).first() is not None:
        return False
    changes = {"attempts": 0, "reason": None, "detail": None}
    _become(connection, row, JobState.PENDING, "pending again", at, **changes)
    return True


def _show(connection: Connection, row: AnyRow, at: datetime) -> None:
    for study_id in {row.study_id, row.contours_study_id} - {None}:
        show_standing(connection, study_id, at)


def _overtaken(connection: Connection, row: AnyRow) -> bool:
    """Return whether a later job of the line stands; one set aside does not count."""
    later = select(JOBS.c.id).where(
        JOBS.c.line == row.line,
        JOBS.c.id > row.id,
        JOBS.c.state != JobState.SUPERSEDED,
    )
    return connection.execute(later.limit(1)).first() is not None


def _predecessors(connection: Connection, row: AnyRow) -> Sequence[AnyRow]:
    done = select_jobs().where(
        JOBS.c.line == row.line, JOBS.c.id < row.id, JOBS.c.state == JobState.DONE
    )
    return connection.execute(done).all()


def _add_result(
    connection: Connection, job_id: int, item: ResultObject, path: str
) -> int:
    added = (
        insert(RESULTS)
        .values(
            job_id=job_id,
            sop_class_uid=item.sop_class_uid,
            sop_instance_uid=item.sop_instance_uid,
            transfer_syntax_uid=item.transfer_syntax_uid,
            path=path,
        )
        .returning(RESULTS.c.id)
    )
    return int(connection.execute(added).scalar_one())


def _add_delivery(
    connection: Connection, result_id: int, destination: str, at: datetime
) -> None:
    connection.execute(
        insert(DELIVERIES).values(
            result_id=result_id,
            destination=destination,
            state=DeliveryState.PENDING,
            attempts=0,
            due_at=at,
            status="",
            updated_at=at,
        )
    )


class UnknownJobError(LookupError):
    """A job is named that the ledger does not hold."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the ledger holds no job {key}")
        self.key = key
