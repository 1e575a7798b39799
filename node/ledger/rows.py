"""Rows into records."""

from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from dicom_io.header import header_from_json
from node.records.jobs import Delivery, Job, ResultObject
from node.records.kinds import ResultKind
from node.records.objects import StoredInstance
from node.records.states import DeliveryState, JobState, StudyState
from node.records.study_views import StudySummary
from node.records.withdrawal import Withdrawal
from node.tables import DELIVERIES, JOBS, RESULTS, STUDIES

AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]

REMEMBERED = 8192
"""Objects. A study on its way has some hundreds, and is read several times until it is
computed; to understand a header takes longer than to read its row."""

_CONTOURS_STUDY = STUDIES.alias("contours_study")


@lru_cache(maxsize=REMEMBERED)
def stored_of(
    root: Path, header_json: str, path: str, sha256: str, received_at: datetime
) -> StoredInstance:
    """Return an object from its row; the same row gives the same object.

    Parameters
    ----------
    root : Path
        Data folder.
    header_json, path, sha256 : str
    received_at : datetime

    Raises
    ------
    dicom_io.header.HeaderTextError
    """
    return StoredInstance(
        header=header_from_json(header_json),
        path=root / path,
        sha256=sha256,
        received_at=received_at,
    )


@cache
def select_jobs() -> AnySelect:
    """Return the query for jobs; what is selected is what `job_of` reads."""
    return (
        select(
            JOBS,
            STUDIES.c.study_instance_uid,
            _CONTOURS_STUDY.c.study_instance_uid.label("contours_study_instance_uid"),
        )
        .join(STUDIES, STUDIES.c.id == JOBS.c.study_id)
        .outerjoin(_CONTOURS_STUDY, _CONTOURS_STUDY.c.id == JOBS.c.contours_study_id)
    )


def job_of(row: AnyRow) -> Job:
    """Return a job from `select_jobs`."""
    return Job(
        key=row.key,
        study_instance_uid=row.study_instance_uid,
        line=row.line,
        case_json=row.case_json,
        state=JobState(row.state),
        created_at=row.created_at,
        attempts=row.attempts,
        predecessor_sr_uid=row.predecessor_sr_uid,
        reason=row.reason,
        detail=row.detail,
        contours_study_instance_uid=row.contours_study_instance_uid,
        animal_id=row.animal_id,
        history_json=row.history_json,
        faults=row.faults or "",
        released_at=row.released_at,
        released_by=row.released_by or "",
    )


def result_of(row: AnyRow, root: Path) -> ResultObject:
    """Return a result object from a row of its table or a join with it."""
    return ResultObject(
        sop_class_uid=row.sop_class_uid,
        sop_instance_uid=row.sop_instance_uid,
        transfer_syntax_uid=row.transfer_syntax_uid,
        path=root / row.path,
        series_instance_uid=row.series_instance_uid,
        sha256=row.sha256,
        kind=ResultKind(row.kind) if row.kind else None,
    )


@cache
def select_deliveries() -> AnySelect:
    """Return the query for deliveries; what is selected is what `delivery_of` reads."""
    return (
        select(
            DELIVERIES,
            JOBS.c.key,
            RESULTS.c.sop_class_uid,
            RESULTS.c.sop_instance_uid,
            RESULTS.c.series_instance_uid,
            RESULTS.c.transfer_syntax_uid,
            RESULTS.c.path,
            RESULTS.c.sha256,
            RESULTS.c.kind,
        )
        .join(RESULTS, RESULTS.c.id == DELIVERIES.c.result_id)
        .join(JOBS, JOBS.c.id == RESULTS.c.job_id)
    )


def delivery_of(row: AnyRow, root: Path) -> Delivery:
    """Return a delivery from `select_deliveries`."""
    return Delivery(
        identifier=row.id,
        job_key=row.key,
        destination=row.destination,
        object=result_of(row, root),
        state=DeliveryState(row.state),
        attempts=row.attempts,
        due_at=row.due_at,
        status=row.status,
        confirmation=row.confirmation or "",
    )


def withdrawal_of(row: AnyRow) -> Withdrawal:
    """Return a withdrawal from a row of its table joined with its job."""
    return Withdrawal(row.key, row.note_uid, row.at, row.who, row.why)


def summary_of(row: AnyRow) -> StudySummary:
    """Return a study from a row of its table."""
    return StudySummary(
        study_instance_uid=row.study_instance_uid,
        patient_id=row.patient_id,
        state=StudyState(row.state),
        reason=row.reason,
        detail=row.detail,
        instances=row.instances,
        updated_at=row.updated_at,
        retired_at=row.retired_at,
    )


def study_number(connection: Connection, uid: str) -> int:
    """Return the row number of a study.

    Raises
    ------
    UnknownStudyError
    """
    query = select(STUDIES.c.id).where(STUDIES.c.study_instance_uid == uid)
    identifier = connection.execute(query).scalar_one_or_none()
    if identifier is None:
        raise UnknownStudyError(uid)
    return int(identifier)


class UnknownStudyError(LookupError):
    """A study is named that the ledger does not hold."""

    def __init__(self, study_instance_uid: str) -> None:
        super().__init__(f"the ledger holds no study {study_instance_uid}")
        self.study_instance_uid = study_instance_uid
