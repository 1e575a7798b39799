"""Studies: touched, decided, settled."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from node.ledger.database import Database
from node.ledger.links import connected_studies
from node.ledger.retirement import deleted_objects
from node.ledger.rows import stored_of
from node.ledger.standing import show_standing
from node.records.cases import TouchedStudy
from node.records.objects import StoredInstance
from node.records.states import InstanceState, StudyState
from node.tables import INSTANCES, SERIES, STUDIES

_STORED = (
    INSTANCES.c.state,
    INSTANCES.c.header_json,
    INSTANCES.c.path,
    INSTANCES.c.sha256,
    INSTANCES.c.received_at,
)
"""What `stored_of` is given, behind the state."""


class StudyRows(Database):
    """The studies."""

    def touched_studies(self, limit: int) -> list[TouchedStudy]:
        """Return studies whose content changed since they were decided on.

        Parameters
        ----------
        limit : int

        Returns
        -------
        list of TouchedStudy
            The longest untouched first.
        """
        query = (
            select(STUDIES.c.study_instance_uid, STUDIES.c.generation)
            .where(STUDIES.c.touched.is_(True))
            .order_by(STUDIES.c.touched_at)
            .limit(limit)
        )
        with self._reading() as connection:
            return [TouchedStudy(*row) for row in connection.execute(query)]

    def count_studies(self, states: Collection[StudyState]) -> dict[StudyState, int]:
        """Return how many studies are in each of some states, as they are shown."""
        query = (
            select(STUDIES.c.state, func.count().label("number"))
            .where(STUDIES.c.state.in_(states))
            .group_by(STUDIES.c.state)
        )
        with self._reading() as connection:
            found = {row.state: row.number for row in connection.execute(query)}
        return {state: found.get(state, 0) for state in states}

    def studies_to_settle(self, before: datetime) -> list[TouchedStudy]:
        """Return studies that silence lets go on, when it lasted long enough.

        Parameters
        ----------
        before : datetime
            The last object of the study and of those connected with it came earlier.
        """
        query = (
            select(STUDIES.c.study_instance_uid, STUDIES.c.generation)
            .where(
                STUDIES.c.settles.is_(True),
                STUDIES.c.touched_at < before,
                STUDIES.c.touched.is_(False),
            )
            .order_by(STUDIES.c.touched_at)
        )
        with self._reading() as connection:
            return [TouchedStudy(*row) for row in connection.execute(query)]

    def neighbourhood(self, study_uid: str) -> list[StoredInstance]:
        """Return the objects of a study and of all that it is connected with.

        Returns
        -------
        list of StoredInstance
            Only indexed ones, in the order of receipt; empty for an unknown study.
        """
        known = select(STUDIES.c.id).where(STUDIES.c.study_instance_uid == study_uid)
        with self._reading() as connection:
            study_id = connection.execute(known).scalar_one_or_none()
            if study_id is None:
                return []
            together = connected_studies(connection, study_id)
            series = select(SERIES.c.id).where(SERIES.c.study_id.in_(sorted(together)))
            # The state is not asked for: nearly every object is indexed, and a planner
            # without statistics may begin with all of them.
            query = select(*_STORED).where(INSTANCES.c.series_id.in_(series))
            rows = connection.execute(query.order_by(INSTANCES.c.id)).all()
        root = self._resolved("")
        return [
            stored_of(root, *stored)
            for state, *stored in rows
            if state == InstanceState.INDEXED
        ]

    def set_study_state(  # noqa: PLR0913 (one decision; the caller names its parts)
        self,
        study_uid: str,
        state: StudyState,
        *,
        reason: str,
        detail: str,
        settles: bool,
        generation: int,
        at: datetime,
    ) -> None:
        """Write down what was decided from a study's content.

        What is shown may differ: see `node.ledger.standing`.

        Parameters
        ----------
        study_uid : str
            An unknown one changes nothing.
        state : StudyState
            WAITING, HELD, QUEUED when all that is there went into jobs, or FAILED when
            deciding ended in a defect.
        reason : str
            Code for HELD and FAILED, else empty.
        detail : str
        settles : bool
            Whether silence would let it go on; see `studies_to_settle`.
        generation : int
            Of the content that was decided on. When more came since, the study stays
            touched.
        at : datetime
        """
        study = STUDIES.c.study_instance_uid == study_uid
        with self._writing() as connection:
            row = connection.execute(
                select(STUDIES.c.id, STUDIES.c.generation, STUDIES.c.retired_at)
                .where(study)
                .with_for_update()
            ).one_or_none()
            if row is None:
                return
            if row.retired_at is not None:
                # It was decided on while its files were there.
                connection.execute(update(STUDIES).where(study).values(touched=False))
                return
            if state is StudyState.WAITING:
                detail = _with_deleted(connection, row.id, detail)
            connection.execute(
                update(STUDIES)
                .where(study)
                .values(
                    decision=state,
                    decision_reason=reason,
                    decision_detail=detail,
                    settles=settles,
                    touched=row.generation != generation,
                )
            )
            show_standing(connection, row.id, at)


def _with_deleted(connection: Connection, study_id: int, detail: str) -> str:
    """Return what a study waits for, and what of it was there before."""
    deleted = deleted_objects(connection, study_id)
    if not deleted:
        return detail
    return (
        f"{detail}; the files of {deleted} of its objects were deleted after their "
        "time: send the study again from the archive that keeps it"
    )
