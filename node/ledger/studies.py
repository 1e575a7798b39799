"""Studies: touched, decided, settled."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, Text, bindparam, func, select, update

from node.ledger.database import Database
from node.ledger.links import connected_studies
from node.ledger.retirement import deleted_objects
from node.ledger.rows import stored_of
from node.ledger.standing import show_standing
from node.records.cases import TouchedStudy
from node.records.objects import StoredInstance
from node.records.states import InstanceState, StudyState
from node.tables import INSTANCES, SERIES, STUDIES

_UID = bindparam("uid", type_=Text)
_SERIES_OF = select(SERIES.c.id).where(
    SERIES.c.study_id.in_(bindparam("studies", expanding=True))
)

# Each is put together once: a report waits for them.
_TOUCHED = (
    select(STUDIES.c.study_instance_uid, STUDIES.c.generation)
    .where(STUDIES.c.touched.is_(True))
    .order_by(STUDIES.c.touched_at)
)
_ID = select(STUDIES.c.id).where(STUDIES.c.study_instance_uid == _UID)
_STORED = (
    # What `stored_of` is given, behind the state. That is not asked for: nearly every
    # object is indexed, and a planner without statistics may begin with all of them.
    select(
        INSTANCES.c.state,
        INSTANCES.c.header_json,
        INSTANCES.c.path,
        INSTANCES.c.sha256,
        INSTANCES.c.received_at,
    )
    .where(INSTANCES.c.series_id.in_(_SERIES_OF))
    .order_by(INSTANCES.c.id)
)
_DECIDED = (
    select(STUDIES.c.id, STUDIES.c.generation, STUDIES.c.retired_at)
    .where(STUDIES.c.study_instance_uid == _UID)
    .with_for_update()
)
_UPDATE = update(STUDIES).where(STUDIES.c.study_instance_uid == _UID)


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
        with self._reading() as connection:
            rows = connection.execute(_TOUCHED.limit(limit))
            return [TouchedStudy(*row) for row in rows]

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
        with self._reading() as connection:
            study_id = connection.execute(_ID, {"uid": study_uid}).scalar_one_or_none()
            if study_id is None:
                return []
            together = connected_studies(connection, study_id)
            rows = connection.execute(_STORED, {"studies": sorted(together)}).all()
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
        this = {"uid": study_uid}
        with self._writing() as connection:
            row = connection.execute(_DECIDED, this).one_or_none()
            if row is None:
                return
            if row.retired_at is not None:
                # It was decided on while its files were there.
                connection.execute(_UPDATE, {**this, "touched": False})
                return
            if state is StudyState.WAITING:
                detail = _with_deleted(connection, row.id, detail)
            decided = {
                "decision": state,
                "decision_reason": reason,
                "decision_detail": detail,
                "settles": settles,
                "touched": row.generation != generation,
            }
            connection.execute(_UPDATE, {**this, **decided})
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
