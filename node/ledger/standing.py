"""What people see of a study: the decision, overtaken by what became of its jobs.

Design choice: the decision from the content and the state of the jobs are kept apart,
and the state that is shown follows from both in one place. So a late object that
changes nothing leaves a delivered study delivered, and a job that ends does not hide
that the study waits for more.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BindParameter, Connection, bindparam, or_, select, update

from node.columns import RowNumber
from node.ledger.delivery_words import late_words, withdrawn_words
from node.ledger.happenings import record_event
from node.ledger.rows import AnyRow
from node.ledger.withheld import is_withheld, withheld_words
from node.records.sought import sought_from_json
from node.records.states import DeliveryState, JobState, RetrievalState, StudyState
from node.records.withheld import WITHHELD_REASONS
from node.tables import DELIVERIES, JOBS, RESULTS, RETRIEVALS, STUDIES

_FETCHING_HELPS = frozenset(
    {
        (StudyState.WAITING, ""),
        (StudyState.HELD, "frame_of_reference"),
        (StudyState.HELD, "no_pet"),
    }
)
"""What a study says when it lacks what an archive might have."""


class Standing(NamedTuple):
    """State, reason code and words."""

    state: StudyState
    reason: str
    detail: str


def show_standing(connection: Connection, study_id: int, at: datetime) -> None:
    """Work out what stands for a study, and write it down if it is new."""
    study = connection.execute(_STUDY, {"study": study_id}).one()
    new = _with_given_up(connection, study_id, _standing(connection, study))
    if new == (study.state, study.reason, study.detail):
        return
    shown = {**new._asdict(), "updated_at": at}
    connection.execute(_UPDATE, {"study": study_id, **shown})
    words = ": ".join(part for part in new if part)
    record_event(connection, at, "study", study.study_instance_uid, words)


def _with_given_up(
    connection: Connection, study_id: int, standing: Standing
) -> Standing:
    """Return what stands, and what was sought in vain for a study that lacks it."""
    if standing[:2] not in _FETCHING_HELPS:
        return standing
    rows = connection.execute(
        select(RETRIEVALS.c.sought_json, RETRIEVALS.c.status)
        .where(
            RETRIEVALS.c.study_id == study_id,
            RETRIEVALS.c.state == RetrievalState.GIVEN_UP,
        )
        .order_by(RETRIEVALS.c.id)
    )
    vain = [f"{sought_from_json(row[0]).words}: {row[1]}" for row in rows]
    return standing._replace(detail="; ".join(filter(None, [standing.detail, *vain])))


def _standing(connection: Connection, study: AnyRow) -> Standing:
    decided = Standing(
        StudyState(study.decision), study.decision_reason, study.decision_detail
    )
    jobs = _latest_jobs(connection, study.id)
    states = {job.state for job in jobs}
    if states & {JobState.PENDING, JobState.RUNNING}:
        # The decision's words may be older than the job.
        return _queued(jobs)
    if decided.state in (StudyState.HELD, StudyState.FAILED):
        return decided
    stopped = _stopped(connection, study.study_instance_uid, jobs)
    if stopped is not None or not jobs:
        return stopped or decided
    return _delivery_standing(connection, jobs, decided)


def _queued(jobs: list[AnyRow]) -> Standing:
    """Return what a job waits for, if that is known: space on the volume."""
    for job in jobs:
        if job.state == JobState.PENDING and job.reason:
            return Standing(StudyState.QUEUED, job.reason, job.detail or "")
    return Standing(StudyState.QUEUED, "", "")


def _stopped(
    connection: Connection, study_uid: str, jobs: list[AnyRow]
) -> Standing | None:
    """Return why a job stands still: a person's turn before a defect of ours."""
    by_state = {job.state: job for job in reversed(jobs)}
    if JobState.HELD in by_state:
        return _job_standing(StudyState.HELD, by_state[JobState.HELD])
    # What is at fault before what waits to be looked at.
    for reason in reversed(WITHHELD_REASONS):
        held = [job for job in jobs if is_withheld(job) and job.reason == reason]
        if held:
            words = withheld_words(connection, study_uid, held)
            return Standing(StudyState.HELD, reason, words)
    if JobState.FAILED in by_state:
        return _job_standing(StudyState.FAILED, by_state[JobState.FAILED])
    return None


def _job_standing(state: StudyState, job: AnyRow) -> Standing:
    return Standing(state, job.reason or "", job.detail or "")


def _delivery_standing(
    connection: Connection, jobs: list[AnyRow], decided: Standing
) -> Standing:
    sent = connection.execute(
        select(DELIVERIES.c.state, DELIVERIES.c.destination, DELIVERIES.c.status)
        .join(RESULTS, RESULTS.c.id == DELIVERIES.c.result_id)
        .where(
            RESULTS.c.job_id.in_([job.id for job in jobs]),
            DELIVERIES.c.state != DeliveryState.CANCELLED,
        )
        .order_by(DELIVERIES.c.id)
    ).all()
    for row in sent:
        if row.state == DeliveryState.REFUSED:
            detail = f"{row.destination} refused a result: {row.status}"
            return Standing(StudyState.HELD, "delivery_refused", detail)
    if decided.state is StudyState.WAITING:
        return decided
    stands = [job for job in jobs if job.state != JobState.WITHDRAWN]
    late = late_words(sent)
    told = (
        withdrawn_words(connection, jobs),
        *(job.detail for job in stands),
        decided.detail,
        late,
    )
    detail = "; ".join(filter(None, told))
    if not stands:
        return Standing(StudyState.WITHDRAWN, "", detail)
    state = _delivered_state({row.state for row in sent})
    return Standing(state, "delivery_deferred" if late else "", detail)


def _delivered_state(states: set[str]) -> StudyState:
    """Return how far the deliveries of a study are, all together."""
    # A result that nobody is to receive is not called delivered.
    if not states or states - {DeliveryState.DELIVERED, DeliveryState.COMMITTED}:
        return StudyState.SCORED
    if states == {DeliveryState.COMMITTED}:
        return StudyState.COMMITTED
    return StudyState.DELIVERED


def _latest_jobs(connection: Connection, study_id: int) -> list[AnyRow]:
    """Return the job that stands on each line of a study.

    A job that was set aside before it had a result decides nothing beside one that was
    not.
    """
    rows = connection.execute(_JOBS_OF, {"study": study_id}).all()
    standing = [row for row in rows if row.state != JobState.SUPERSEDED]
    return list({row.line: row for row in (*rows, *standing)}.values())


# Each is put together once: they are asked whenever anything happens to a study.
_STUDY_ID: BindParameter[int] = bindparam("study", type_=RowNumber)
_STUDY = select(STUDIES).where(STUDIES.c.id == _STUDY_ID)
_UPDATE = update(STUDIES).where(STUDIES.c.id == _STUDY_ID)
_JOBS_OF = (
    select(
        JOBS.c.id,
        JOBS.c.line,
        JOBS.c.state,
        JOBS.c.reason,
        JOBS.c.detail,
        JOBS.c.faults,
    )
    .where(or_(JOBS.c.study_id == _STUDY_ID, JOBS.c.contours_study_id == _STUDY_ID))
    .order_by(JOBS.c.id)
)
