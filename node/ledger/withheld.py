"""Results that wait for a person's release, and the release."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from node.ledger.rows import AnyRow
from node.records.kinds import ResultKind
from node.records.states import DeliveryState, JobState
from node.records.withheld import INVALID_OBJECT, WITHHELD_REASONS
from node.tables import DELIVERIES, RESULTS

_PAGES = (ResultKind.PDF, ResultKind.SUMMARY, ResultKind.REPORT)
"""What a person looks at, the best first."""


def is_withheld(row: AnyRow) -> bool:
    """Return whether a job's result is there and waits for its release."""
    return row.state == JobState.DONE and row.reason in WITHHELD_REASONS


def no_longer_withheld(
    connection: Connection, row: AnyRow, state: DeliveryState, at: datetime
) -> None:
    """Give the withheld deliveries of a job another state, due now."""
    objects = select(RESULTS.c.id).where(RESULTS.c.job_id == row.id)
    connection.execute(
        update(DELIVERIES)
        .where(
            DELIVERIES.c.result_id.in_(objects),
            DELIVERIES.c.state == DeliveryState.WITHHELD,
        )
        .values(state=state, due_at=at, updated_at=at)
    )


def withheld_words(
    connection: Connection, study_uid: str, jobs: Sequence[AnyRow]
) -> str:
    """Return what withheld results wait for, and what a person does.

    Parameters
    ----------
    connection : Connection
    study_uid : str
        That shows them.
    jobs : sequence of rows
        Withheld for one reason.
    """
    release = f"`exhaustion-node release {study_uid}`"
    if jobs[0].reason == INVALID_OBJECT:
        faults = "; ".join(dict.fromkeys(filter(None, (job.faults for job in jobs))))
        again = f"`exhaustion-node replay {study_uid}`"
        return f"{faults}. {release} sends it as it is, {again} makes it anew"
    pages = ", ".join(filter(None, (_page(connection, job) for job in jobs)))
    look = f"look at it with `exhaustion-node show {study_uid}`"
    look += f" or in the data folder ({pages})" if pages else ""
    back = f"`exhaustion-node withdraw {study_uid} --why TEXT`"
    return f"{look}; {release} sends it, {back} takes it back"


def _page(connection: Connection, job: AnyRow) -> str:
    """Return where the page of a result lies in the data folder, or nothing."""
    query = select(RESULTS.c.kind, RESULTS.c.path).where(RESULTS.c.job_id == job.id)
    paths: dict[str, str] = {}
    for row in connection.execute(query.order_by(RESULTS.c.id)):
        paths.setdefault(row.kind, row.path)
    return next((paths[kind] for kind in _PAGES if kind in paths), "")
