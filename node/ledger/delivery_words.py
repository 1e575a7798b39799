"""What is told of a study's deliveries and withdrawals, in words."""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, select

from node.ledger.rows import AnyRow, withdrawal_of
from node.records.states import DeliveryState, JobState
from node.tables import JOBS, WITHDRAWALS


def withdrawn_words(connection: Connection, jobs: Collection[AnyRow]) -> str:
    """Return by whom and why results were withdrawn; empty when none was.

    Parameters
    ----------
    connection : Connection
    jobs : collection of rows
        The jobs that stand.
    """
    gone = [job.id for job in jobs if job.state == JobState.WITHDRAWN]
    query = (
        select(WITHDRAWALS, JOBS.c.key)
        .join(JOBS, JOBS.c.id == WITHDRAWALS.c.job_id)
        .where(WITHDRAWALS.c.job_id.in_(gone))
        .order_by(WITHDRAWALS.c.id)
    )
    rows = connection.execute(query).all() if gone else []
    words = "; ".join(dict.fromkeys(withdrawal_of(row).words for row in rows))
    if len(gone) == len(jobs) or not gone:
        return words
    return f"{len(gone)} of {len(jobs)} results {words}"


def late_words(sent: Iterable[AnyRow]) -> str:
    """Return what destinations did not take yet, and why; empty when nothing is late.

    Parameters
    ----------
    sent : iterable of rows
        Deliveries with their state, destination and status.
    """
    late: dict[str, str] = {}
    for row in sent:
        if row.state == DeliveryState.PENDING and row.status:
            late.setdefault(row.destination, row.status)
    return "; ".join(
        f"{name} does not take it yet: {why}" for name, why in sorted(late.items())
    )
