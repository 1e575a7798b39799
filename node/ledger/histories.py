"""An animal's results at other times, and what a job was told of them."""

from sqlalchemy import select, update

from node.ledger.database import Database
from node.ledger.rows import job_of, select_jobs
from node.records.jobs import Job
from node.records.states import JobState
from node.tables import JOBS, STUDIES

MOST_RESULTS = 100
"""Of one animal; no page could show more."""


class HistoryRows(Database):
    """The results of animals over time."""

    def results_of_animal(self, job: Job) -> list[Job]:
        """Return the jobs whose results stand for the animal of a job, oldest first.

        Those of other studies; the latest where there are very many. What is withheld,
        withdrawn or replaced does not stand.
        """
        if not job.animal_id:
            return []
        query = select_jobs().where(
            JOBS.c.animal_id == job.animal_id,
            JOBS.c.state == JobState.DONE,
            JOBS.c.reason.is_(None),
            STUDIES.c.study_instance_uid != job.study_instance_uid,
        )
        latest = query.order_by(JOBS.c.id.desc()).limit(MOST_RESULTS)
        with self._reading() as connection:
            found = [job_of(row) for row in connection.execute(latest)]
        return found[::-1]

    def settle_history(self, key: str, history: str) -> str:
        """Enter what a job is told of the animal's earlier time points, once.

        Parameters
        ----------
        key : str
        history : str
            From `node.records.history.history_to_json`.

        Returns
        -------
        str
            What is entered, which is not `history` where the job was told before.
        """
        this = JOBS.c.key == key
        with self._writing() as connection:
            connection.execute(
                update(JOBS)
                .where(this, JOBS.c.history_json.is_(None))
                .values(history_json=history)
            )
            entered = connection.execute(select(JOBS.c.history_json).where(this))
            return str(entered.scalar_one())
