"""Lines of jobs that turn out to be one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, or_, update

from node.ledger.database import Database
from node.ledger.happenings import record_event
from node.ledger.job_changes import change_job, job_row, show_studies
from node.ledger.rows import AnyRow, job_of, select_jobs
from node.records.jobs import Job
from node.records.states import JobState
from node.tables import JOBS


class LineRows(Database):
    """The lines of the jobs."""

    def join_lines(self, line: str, others: Sequence[str], at: datetime) -> list[Job]:
        """Bring all jobs of several lines, and of their animals, onto the first.

        Parameters
        ----------
        line : str
            From `node.identity.case_line`, of the case of a whole bed.
        others : sequence of str
        at : datetime

        Returns
        -------
        list of Job
            Those of the line and of its animals, oldest first.
        """
        with self._reading() as connection:
            jobs = _jobs(connection, line)
            elsewhere = [row for other in others for row in _jobs(connection, other)]
        if not elsewhere:
            return [job_of(row) for row in jobs]
        with self._writing() as connection:
            for other in others:
                for row in _jobs(connection, other):
                    _move(connection, row, line + row.line.removeprefix(other), at)
            return [job_of(row) for row in _jobs(connection, line)]

    def set_job_aside(self, key: str, at: datetime) -> None:
        """Set a job aside because other contours stand in the place of its own."""
        with self._writing() as connection:
            row = job_row(connection, key)
            if row.state != JobState.SUPERSEDED:
                words = "superseded: its contours were revised"
                change_job(connection, row, JobState.SUPERSEDED, words, at)


def _jobs(connection: Connection, line: str) -> Sequence[AnyRow]:
    split = JOBS.c.line.startswith(f"{line}/", autoescape=True)
    query = select_jobs().where(or_(JOBS.c.line == line, split)).order_by(JOBS.c.id)
    return connection.execute(query).all()


def _move(connection: Connection, row: AnyRow, line: str, at: datetime) -> None:
    connection.execute(update(JOBS).where(JOBS.c.id == row.id).values(line=line))
    words = (
        f"{row.key} joins the line of contours that its own revise or are revised by"
    )
    record_event(connection, at, "job", row.study_instance_uid, words)
    show_studies(connection, row, at)
