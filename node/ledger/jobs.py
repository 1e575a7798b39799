"""Jobs: pending, running, and what became of them.

Design choice: the latest job of a line stands. An earlier one that has not been
computed yet is set aside when a later one comes; one that is just being computed finds
itself overtaken when it finishes, and its objects are not sent. So no two unrelated
results of one line ever go out.

Design choice: a job that was set aside before it had a result comes back when it is
asked for again, unless a later one stands: a change that is taken back loses nothing,
and two cases that are both complete do not replace each other in turns.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from node.fault_points import FaultPoint, Passing, pass_by
from node.ledger.database import Database, insert_unless_there
from node.ledger.happenings import record_event
from node.ledger.job_changes import (
    aside_last,
    change_job,
    has_result,
    is_overtaken,
    job_row,
    report_went,
    show_studies,
)
from node.ledger.rows import AnyRow, job_of, select_jobs, study_number
from node.ledger.withheld import is_withheld
from node.records.jobs import Job
from node.records.states import JobState
from node.records.withheld import INVALID_OBJECT
from node.tables import JOBS

_UNFINISHED = (JobState.PENDING, JobState.HELD, JobState.FAILED)


class JobRows(Database):
    """The jobs."""

    def add_job(
        self,
        job: Job,
        at: datetime,
        *,
        instead_of: str = "",
        passing: Passing = pass_by,
    ) -> bool:
        """Queue a computation, and return whether it is to be computed.

        Parameters
        ----------
        job : Job
            Of studies that the ledger knows. It is entered as PENDING.
        at : datetime
        instead_of : str
            Key of a job whose settings are gone. It is set aside in the same
            transaction, so that a kill loses neither.
        passing : callable
            What happens before the commit.

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
            row = job_row(connection, job.key)
            if not added:
                return _revived(connection, row, at)
            earlier = select_jobs().where(
                JOBS.c.line == job.line,
                JOBS.c.id < row.id,
                JOBS.c.state.in_(_UNFINISHED),
            )
            for old in connection.execute(earlier).all():
                words = f"superseded by {job.key} before it had a result"
                change_job(connection, old, JobState.SUPERSEDED, words, at)
            record_event(
                connection, at, "job", job.study_instance_uid, f"{job.key} pending"
            )
            show_studies(connection, row, at)
            passing(FaultPoint.INDEX_JOINED)
        return True

    def set_aside_but(self, line: str, keep: Collection[str], at: datetime) -> None:
        """Set the jobs of a line aside that await a result of animals of other names.

        Parameters
        ----------
        line : str
            From `node.identity.case_line`, of the case of the whole bed.
        keep : collection of str
            Lines of the animals that the bed is known to hold now.
        at : datetime
        """
        split = JOBS.c.line.startswith(f"{line}/", autoescape=True)
        stale = select_jobs().where(
            or_(JOBS.c.line == line, split),
            JOBS.c.line.not_in(sorted(keep)),
            JOBS.c.state.in_((*_UNFINISHED, JobState.RUNNING)),
        )
        with self._reading() as connection:
            if connection.execute(stale.limit(1)).first() is None:
                return
        with self._writing() as connection:
            for row in connection.execute(stale.with_for_update(of=JOBS)).all():
                words = "superseded: something else is known of its animals"
                change_job(connection, row, JobState.SUPERSEDED, words, at)

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
        stays as it is; one that is done without a result, as damage may leave it, is
        computed, and so is one whose objects were at fault, until it is released.
        """
        with self._writing() as connection:
            row = job_row(connection, key)
            died = row.state == JobState.RUNNING
            empty = row.state == JobState.DONE and not has_result(connection, row)
            stopped = row.state in (JobState.HELD, JobState.FAILED)
            faulty = is_withheld(row) and row.reason == INVALID_OBJECT
            if not any((died, stopped, empty, faulty)):
                return False
            attempts = row.attempts if died else 0
            changes = {
                "attempts": attempts,
                "reason": None,
                "detail": None,
                "faults": None,
            }
            change_job(
                connection, row, JobState.PENDING, "pending again", at, **changes
            )
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
        query = select_jobs().where(JOBS.c.line == line)
        with self._reading() as connection:
            latest = query.order_by(aside_last(), JOBS.c.id.desc()).limit(1)
            row = connection.execute(latest).one_or_none()
        return None if row is None else job_of(row)

    def has_whole_result(self, key: str) -> bool:
        """Return whether all objects of a job were entered, not its report alone."""
        query = select(JOBS.c.finished_at).where(JOBS.c.key == key)
        with self._reading() as connection:
            return connection.execute(query).scalar_one_or_none() is not None

    def _end(
        self, key: str, state: JobState, reason: str, detail: str, at: datetime
    ) -> None:
        with self._writing() as connection:
            row = job_row(connection, key)
            if row.state not in (JobState.PENDING, JobState.RUNNING):
                return
            detail += report_went(connection, row)
            words = f"{state}: {reason}: {detail}"
            change_job(connection, row, state, words, at, reason=reason, detail=detail)


def _new_job(connection: Connection, job: Job, at: datetime) -> dict[str, Any]:
    contours = job.contours_study_instance_uid
    return {
        "key": job.key,
        "study_id": study_number(connection, job.study_instance_uid),
        "contours_study_id": contours and study_number(connection, contours),
        "line": job.line,
        "case_json": job.case_json,
        "animal_id": job.animal_id,
        "state": JobState.PENDING,
        "created_at": job.created_at,
        "updated_at": at,
        "attempts": 0,
    }


def _abandon(connection: Connection, key: str, at: datetime) -> None:
    row = job_row(connection, key)
    if row.state in (*_UNFINISHED, JobState.RUNNING):
        words = "superseded: the settings changed before it was computed"
        change_job(connection, row, JobState.SUPERSEDED, words, at)


def _revived(connection: Connection, row: AnyRow, at: datetime) -> bool:
    """Make a job pending again that was set aside without a result, if it may.

    One whose report alone was ready has still to make the rest of its result.
    """
    if row.state != JobState.SUPERSEDED or is_overtaken(connection, row):
        return False
    if row.finished_at is not None:
        return False
    changes = {"attempts": 0, "reason": None, "detail": None}
    change_job(connection, row, JobState.PENDING, "pending again", at, **changes)
    return True
