"""What people ask: which studies, what became of one, what happened."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

from dicom_io.header import ObjectKind
from node.ledger.database import Database
from node.ledger.retrievals import retrievals_of
from node.ledger.rows import (
    delivery_of,
    job_of,
    result_of,
    select_deliveries,
    select_jobs,
    summary_of,
    withdrawal_of,
)
from node.ledger.sources import releases_of
from node.records.states import StudyState
from node.records.study_views import Event, SeriesSummary, StudyDetail, StudySummary
from node.records.withdrawal import Withdrawal
from node.tables import EVENTS, JOBS, RESULTS, SERIES, STUDIES, WITHDRAWALS


class ReportRows(Database):
    """Read-only views."""

    def studies(
        self, state: StudyState | None = None, *, limit: int | None = None
    ) -> list[StudySummary]:
        """Return the studies, or those in one state, the last changed first.

        Parameters
        ----------
        state : StudyState or None
        limit : int or None
            None for all.
        """
        last = (STUDIES.c.updated_at.desc(), STUDIES.c.id.desc())
        query = select(STUDIES).order_by(*last).limit(limit)
        if state is not None:
            query = query.where(STUDIES.c.state == state)
        with self._reading() as connection:
            return [summary_of(row) for row in connection.execute(query)]

    def study(self, study_uid: str) -> StudyDetail | None:
        """Return everything about a study, or None when it is unknown."""
        query = select(STUDIES).where(STUDIES.c.study_instance_uid == study_uid)
        with self._reading() as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                return None
            of_study = or_(
                JOBS.c.study_id == row.id, JOBS.c.contours_study_id == row.id
            )
            return StudyDetail(
                summary=summary_of(row),
                series=_series(connection, row.id),
                jobs=tuple(
                    job_of(job)
                    for job in connection.execute(
                        select_jobs().where(of_study).order_by(JOBS.c.id)
                    )
                ),
                results=tuple(
                    result_of(result, self._root)
                    for result in connection.execute(
                        select(RESULTS)
                        .join(JOBS, JOBS.c.id == RESULTS.c.job_id)
                        .where(of_study)
                        .order_by(RESULTS.c.id)
                    )
                ),
                deliveries=tuple(
                    delivery_of(delivery, self._root)
                    for delivery in connection.execute(
                        select_deliveries().where(of_study).order_by(RESULTS.c.id)
                    )
                ),
                events=_events(connection, study_uid, None),
                releases=releases_of(connection, row.id),
                withdrawals=_withdrawals(connection, of_study),
                retrievals=retrievals_of(connection, row.id),
            )

    def events(
        self, study_uid: str | None = None, *, limit: int = 1000
    ) -> tuple[Event, ...]:
        """Return the last events, of one study or of all, oldest first."""
        with self._reading() as connection:
            return _events(connection, study_uid, limit)


def _series(connection: Connection, study_id: int) -> tuple[SeriesSummary, ...]:
    query = select(SERIES).where(SERIES.c.study_id == study_id).order_by(SERIES.c.id)
    return tuple(
        SeriesSummary(
            series_instance_uid=row.series_instance_uid,
            modality=row.modality,
            series_description=row.series_description,
            kind=ObjectKind(row.kind),
            instances=row.instances,
        )
        for row in connection.execute(query)
    )


def _withdrawals(
    connection: Connection, of_study: ColumnElement[bool]
) -> tuple[Withdrawal, ...]:
    query = (
        select(WITHDRAWALS, JOBS.c.key)
        .join(JOBS, JOBS.c.id == WITHDRAWALS.c.job_id)
        .where(of_study)
        .order_by(WITHDRAWALS.c.id)
    )
    return tuple(withdrawal_of(row) for row in connection.execute(query))


def _events(
    connection: Connection, study_uid: str | None, limit: int | None
) -> tuple[Event, ...]:
    query: Any = select(EVENTS).order_by(EVENTS.c.id.desc()).limit(limit)
    if study_uid is not None:
        query = query.where(EVENTS.c.study_instance_uid == study_uid)
    rows = reversed(connection.execute(query).all())
    return tuple(
        Event(row.at, row.kind, row.study_instance_uid, row.text) for row in rows
    )
