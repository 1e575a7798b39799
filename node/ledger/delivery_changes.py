"""A change of a delivery: the row, its event and what its study shows, together."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from node.ledger.happenings import record_event
from node.ledger.links import in_batches
from node.ledger.rows import AnyRow
from node.ledger.standing import show_standing
from node.records.states import DeliveryState, JobState
from node.tables import DELIVERIES, JOBS, RESULTS, STUDIES

_OF_JOB = (JOBS.c.study_id, JOBS.c.contours_study_id, STUDIES.c.study_instance_uid)


def change_delivery(
    connection: Connection,
    identifier: int,
    expected: DeliveryState,
    values: dict[str, Any],
    at: datetime,
) -> None:
    """Change a delivery that is in the expected state, tell it, and show the study."""
    row = _changed(connection, identifier, expected, values, at)
    if row is not None:
        _show(connection, [row], at)


def take_answers(
    connection: Connection,
    answers: Sequence[tuple[int, dict[str, Any]]],
    expected: Collection[DeliveryState],
    at: datetime,
) -> None:
    """Change deliveries that are in one of the states, each to values of its own.

    Their studies are shown once, when all are changed.
    """
    changed = (
        _changed(connection, identifier, state, values, at)
        for identifier, values in answers
        for state in expected
    )
    _show(connection, [row for row in changed if row is not None], at)


def _changed(
    connection: Connection,
    identifier: int,
    expected: DeliveryState,
    values: dict[str, Any],
    at: datetime,
) -> AnyRow | None:
    """Change a delivery and tell it; return its row, None in another state."""
    changed = connection.execute(
        update(DELIVERIES)
        .where(DELIVERIES.c.id == identifier, DELIVERIES.c.state == expected)
        .values(**values, updated_at=at)
    )
    if not changed.rowcount:
        return None
    row = connection.execute(
        select(
            DELIVERIES.c.destination,
            DELIVERIES.c.state,
            DELIVERIES.c.status,
            DELIVERIES.c.confirmation,
            RESULTS.c.sop_instance_uid,
            *_OF_JOB,
        )
        .join(RESULTS, RESULTS.c.id == DELIVERIES.c.result_id)
        .join(JOBS, JOBS.c.id == RESULTS.c.job_id)
        .join(STUDIES, STUDIES.c.id == JOBS.c.study_id)
        .where(DELIVERIES.c.id == identifier)
    ).one()
    said = row.confirmation if "confirmation" in values else row.status
    became = ", ".join(filter(None, (row.state, said)))
    words = f"{row.sop_instance_uid} to {row.destination}: {became}"
    record_event(connection, at, "delivery", row.study_instance_uid, words)
    return row


def is_withdrawn(connection: Connection, identifier: int) -> bool:
    """Return whether the result that a delivery is of was taken back.

    Asked in the transaction that would have it sent again: who decided so read it
    before, and a command beside the node may have withdrawn it since.
    """
    query = (
        select(JOBS.c.state)
        .join(RESULTS, RESULTS.c.job_id == JOBS.c.id)
        .join(DELIVERIES, DELIVERIES.c.result_id == RESULTS.c.id)
        .where(DELIVERIES.c.id == identifier)
    )
    state = connection.execute(query).scalar_one_or_none()
    return bool(state == JobState.WITHDRAWN)


def tell_put_off(
    connection: Connection,
    identifiers: Sequence[int],
    destination: str,
    status: str,
    at: datetime,
) -> None:
    """Tell each study once that what goes out of it is put off, and show it."""
    counts: dict[AnyRow, int] = {}
    for some in in_batches(identifiers):
        query = (
            select(*_OF_JOB)
            .select_from(DELIVERIES)
            .join(RESULTS, RESULTS.c.id == DELIVERIES.c.result_id)
            .join(JOBS, JOBS.c.id == RESULTS.c.job_id)
            .join(STUDIES, STUDIES.c.id == JOBS.c.study_id)
            .where(DELIVERIES.c.id.in_(some))
        )
        for row in connection.execute(query):
            counts[row] = counts.get(row, 0) + 1
    for row, number in counts.items():
        words = f"{number} objects to {destination}: {DeliveryState.PENDING}, {status}"
        record_event(connection, at, "delivery", row.study_instance_uid, words)
    _show(connection, counts, at)


def _show(connection: Connection, rows: Iterable[AnyRow], at: datetime) -> None:
    studies = {each for row in rows for each in (row.study_id, row.contours_study_id)}
    for study_id in sorted(studies - {None}):
        show_standing(connection, study_id, at)
