"""How a job's row changes: one way for all that happens to it."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    bindparam,
    case,
    select,
    update,
)

from node.columns import RowNumber
from node.ledger.happenings import record_event
from node.ledger.rows import AnyRow, AnySelect, select_jobs
from node.ledger.standing import show_standing
from node.records.states import JobState
from node.tables import JOBS, RESULTS


def job_row(connection: Connection, key: str) -> AnyRow:
    """Return a job's row, locked for this transaction.

    Raises
    ------
    UnknownJobError
    """
    row = connection.execute(_by_key(), {"key": key}).one_or_none()
    if row is None:
        raise UnknownJobError(key)
    return row


def change_job(
    connection: Connection,
    row: AnyRow,
    state: JobState,
    words: str,
    at: datetime,
    **changes: Any,
) -> None:
    """Change the state of a job, tell it, and show its studies."""
    changed = {"state": state, "updated_at": at, **changes}
    connection.execute(_UPDATE, {"job": row.id, **changed})
    record_event(connection, at, "job", row.study_instance_uid, f"{row.key} {words}")
    show_studies(connection, row, at)


def show_studies(connection: Connection, row: AnyRow, at: datetime) -> None:
    """Work out what stands for the studies of a job."""
    for study_id in {row.study_id, row.contours_study_id} - {None}:
        show_standing(connection, study_id, at)


def has_result(connection: Connection, row: AnyRow) -> bool:
    """Return whether any object of a job is entered, be it its report alone."""
    return connection.execute(_ONE_RESULT, {"job": row.id}).first() is not None


def report_went(connection: Connection, row: AnyRow) -> str:
    """Return what to add on a job that ends without the rest of its result."""
    if row.finished_at is not None or not has_result(connection, row):
        return ""
    return "; its report was ready before, and is sent: withdraw it if it is wrong"


def is_overtaken(connection: Connection, row: AnyRow) -> bool:
    """Return whether a later job of the line stands; one set aside does not count."""
    later = select(JOBS.c.id).where(
        JOBS.c.line == row.line, JOBS.c.id > row.id, JOBS.c.state != JobState.SUPERSEDED
    )
    return connection.execute(later.limit(1)).first() is not None


def aside_last() -> ColumnElement[int]:
    """Return what puts jobs that were set aside behind all others."""
    return case((JOBS.c.state == JobState.SUPERSEDED, 1), else_=0)


def latest_report(connection: Connection, row: AnyRow) -> str | None:
    """Return the UID of the first object of the result that stands on a job's line.

    The last that was not set aside; the last of all when all were.
    """
    here = {"line": row.line, "job": row.id}
    return connection.execute(_LATEST_REPORT, here).scalar_one_or_none()


@cache
def _by_key() -> AnySelect:
    """Return the query for a job by its key, which locks it."""
    by_key = select_jobs().where(JOBS.c.key == bindparam("key"))
    return by_key.with_for_update(of=JOBS)


# Each is put together once: a report waits for them.
_JOB: BindParameter[int] = bindparam("job", type_=RowNumber)
_UPDATE = update(JOBS).where(JOBS.c.id == _JOB)
_ONE_RESULT = select(RESULTS.c.id).where(RESULTS.c.job_id == _JOB).limit(1)
_LATEST_REPORT = (
    select(RESULTS.c.sop_instance_uid)
    .join(JOBS, JOBS.c.id == RESULTS.c.job_id)
    .where(JOBS.c.line == bindparam("line"), JOBS.c.id != _JOB)
    .order_by(aside_last(), JOBS.c.id.desc(), RESULTS.c.id)
    .limit(1)
)


class UnknownJobError(LookupError):
    """A job is named that the ledger does not hold."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the ledger holds no job {key}")
        self.key = key
