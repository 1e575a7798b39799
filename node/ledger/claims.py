"""Jobs that are taken for computing, and given back.

Design choice: an attempt is counted when a job is taken, before anything else happens,
since whoever is ended by a job counts no more. What ended for another reason (an
orderly stop, a full volume) is given back uncounted.

Design choice: the job with the fewest attempts comes first. One that ends its worker,
or the node, every time stands in nobody's way until it is set aside.
"""

from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection

from node.fault_points import FaultPoint, Passing, pass_by
from node.ledger.database import Database
from node.ledger.job_changes import (
    change_job,
    has_result,
    job_row,
    latest_report,
    report_went,
)
from node.ledger.rows import AnyRow, AnySelect, job_of, select_jobs
from node.records.jobs import Job
from node.records.states import JobState
from node.tables import JOBS


class ClaimRows(Database):
    """The jobs, as the node computes them."""

    def claim_job(self, at: datetime, passing: Passing = pass_by) -> Job | None:
        """Take a pending job for computing, or return None.

        The one that was tried least, and of these the oldest. What it revises is
        settled with it: the report that stands on its line now.

        Parameters
        ----------
        at : datetime
        passing : callable
            What happens before the commit.
        """
        with self._writing() as connection:
            row = connection.execute(_oldest()).one_or_none()
            if row is None:
                return None
            changes: dict[str, Any] = {
                "attempts": row.attempts + 1,
                "predecessor_sr_uid": _predecessor(connection, row),
                "reason": None,
                "detail": None,
            }
            words = f"running, attempt {row.attempts + 1}"
            change_job(connection, row, JobState.RUNNING, words, at, **changes)
            passing(FaultPoint.COMPUTE_ENTERED)
        return replace(job_of(row), state=JobState.RUNNING, **changes)

    def give_back(
        self, key: str, why: str, at: datetime, *, reason: str | None = None
    ) -> None:
        """Make a running job pending again as if it had never been taken.

        Parameters
        ----------
        key : str
        why : str
            What ended it, in words; nothing that is known against the job.
        at : datetime
        reason : str or None
            Code of what it waits for, if it does; shown with `why` until it runs again.
        """
        with self._writing() as connection:
            row = job_row(connection, key)
            if row.state != JobState.RUNNING:
                return
            changes = {
                "attempts": max(0, row.attempts - 1),
                "reason": reason,
                "detail": why if reason else None,
            }
            words = ": ".join(filter(None, ["pending again, uncounted", reason, why]))
            change_job(connection, row, JobState.PENDING, words, at, **changes)

    def requeue_running(self, at: datetime, *, attempts: int | None = None) -> int:
        """Make jobs pending that were being computed when the node ended.

        Parameters
        ----------
        at : datetime
        attempts : int or None
            Tries after which a job is set aside: it may be what ends the node. None
            sets no limit.

        Returns
        -------
        int
            How many were being computed.
        """
        with self._writing() as connection:
            running = select_jobs().where(JOBS.c.state == JobState.RUNNING)
            rows = connection.execute(running.order_by(JOBS.c.id)).all()
            for row in rows:
                if attempts is not None and row.attempts >= attempts:
                    _fail_with_the_node(connection, row, at)
                    continue
                words = "pending again: the node ended while it was running"
                change_job(connection, row, JobState.PENDING, words, at)
        return len(rows)


@cache
def _oldest() -> AnySelect:
    """Return the query for the job that is to be computed next."""
    return (
        select_jobs()
        .where(JOBS.c.state == JobState.PENDING)
        .order_by(JOBS.c.attempts, JOBS.c.id)
        .limit(1)
        .with_for_update(of=JOBS, skip_locked=True)
    )


def _predecessor(connection: Connection, row: AnyRow) -> str | None:
    """Return the report that a job revises: what its own one says, if that went out."""
    settled: str | None = row.predecessor_sr_uid
    if settled is not None or has_result(connection, row):
        return settled
    return latest_report(connection, row)


def _fail_with_the_node(connection: Connection, row: AnyRow, at: datetime) -> None:
    why = f"the node ended while it was running, at attempt {row.attempts}"
    why += report_went(connection, row)
    words = f"{JobState.FAILED}: defect: {why}"
    changes = {"reason": "defect", "detail": why}
    change_job(connection, row, JobState.FAILED, words, at, **changes)
