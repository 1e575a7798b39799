"""Objects: received, indexed, unreadable, conflicting.

Design choice: the ordinary way of an object is dated in its own row; only what a person
may want to know of (the first object of a study, what cannot be read, what conflicts)
becomes an event. A million objects would bury the events otherwise.
"""

from datetime import datetime

from sqlalchemy import select

from dicom_io.header import InstanceHeader
from node.fault_points import FaultPoint, Passing, pass_by
from node.ledger.entering import EnteringRows
from node.ledger.indexing import (
    index_objects,
    received_rows,
    set_aside,
)
from node.records.objects import Unindexed
from node.records.states import InstanceState
from node.tables import INSTANCES


class InstanceRows(EnteringRows):
    """The objects."""

    def unindexed(self, limit: int, *, after: int = 0) -> list[Unindexed]:
        """Return objects whose header is to be read, oldest first.

        Parameters
        ----------
        limit : int
        after : int
            Row number; only later ones are returned.
        """
        query = (
            select(INSTANCES.c.id, INSTANCES.c.path, INSTANCES.c.calling_ae)
            .where(INSTANCES.c.state == InstanceState.RECEIVED, INSTANCES.c.id > after)
            .order_by(INSTANCES.c.id)
            .limit(limit)
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return [
            Unindexed(row.id, self._resolved(row.path), row.calling_ae) for row in rows
        ]

    def record_indexed(
        self, identifier: int, header: InstanceHeader, at: datetime
    ) -> None:
        """Enter what an object says of itself; it takes part in readiness from now on.

        An object that names itself otherwise than its sender did is unreadable: nobody
        can say which of the two it is.

        Parameters
        ----------
        identifier : int
            Row number. A row that is not RECEIVED stays as it is.
        header : InstanceHeader
        at : datetime
        """
        self.record_all_indexed([(identifier, header)], at)

    def record_all_indexed(
        self,
        headers: list[tuple[int, InstanceHeader]],
        at: datetime,
        passing: Passing = pass_by,
    ) -> None:
        """Do `record_indexed` for several objects in one transaction."""
        with self._writing() as connection:
            index_objects(connection, self._resolved(""), headers, at)
            passing(FaultPoint.INDEX_ENTERED)

    def record_unreadable(self, identifier: int, why: str, at: datetime) -> None:
        """Set an object aside; another under the same UID may take its place.

        Parameters
        ----------
        identifier : int
        why : str
            Without names of persons.
        at : datetime
        """
        with self._writing() as connection:
            for row in received_rows(connection, [identifier]):
                set_aside(connection, row, why, at)
